#include "tasks/audit_requests.h"

#include <string.h>

#include "base/clock.h"
#include "base/str_map.h"

struct group {
	const struct request_note *first;
	int64_t count;
};

static struct value
text_or_null(const char *text)
{
	return text[0] != '\0' ? value_text(str_from(text)) : value_null();
}

static struct str
metadata_of(struct arena *a, const struct group *g)
{
	const char *wanted = audit_action_word(g->first->wanted);

	return arena_printf(a, "{\"status\":%d,\"count\":%lld%s%s%s}",
	    g->first->status, (long long)g->count,
	    wanted != NULL ? ",\"action\":\"" : "",
	    wanted != NULL ? wanted : "", wanted != NULL ? "\"" : "");
}

static void
put_row(struct batch *b, const struct group *g)
{
	const struct request_note *n = g->first;
	struct value *row = batch_insert(b, ENTITY_AUDIT_LOGS);

	row[ENTRY_ID] = value_id(id_v7());
	row[ENTRY_TENANT] = value_id_or_null(n->tenant);
	row[ENTRY_USER] = value_id_or_null(n->user);
	row[ENTRY_USERNAME] = value_text(str_from(n->username));
	row[ENTRY_ACTION] = value_int(n->action);
	row[ENTRY_RESOURCE_TYPE] = value_int(audit_resource_of(n->action));
	row[ENTRY_RESOURCE_NAME] = value_text(str_from(n->name));
	row[ENTRY_AT_US] = value_int(n->at_us);
	row[ENTRY_ADDRESS] = text_or_null(n->address);
	row[ENTRY_AGENT] = text_or_null(n->agent);
	row[ENTRY_RESULT] = value_int(n->result);
	row[ENTRY_ERROR] = text_or_null(n->error);
	row[ENTRY_METADATA] = value_text(metadata_of(b->call->arena, g));
}

static struct str
text_of(struct arena *a, const struct request_note *n)
{
	struct request_note *same = ARENA_NEW(a, struct request_note, 1);

	*same = *n;
	same->at_us = 0;
	return (struct str){ (const char *)same, sizeof(*same) };
}

enum err
audit_write_lost(struct call *c, int64_t lost)
{
	const struct request_note note = { .action = DEED_PERMISSION_DENIED,
		.result = DEED_FAILED,
		.at_us = clock_now_us(),
		.error =
		    "Refusals that were too many to be written one by one" };
	const struct group all = { &note, lost };
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	put_row(&b, &all);
	return batch_apply(&b, 0, &verdict, &failed);
}

static bool
has_room(struct refusal_room *io, const struct request_note *n)
{
	if (n->result == DEED_SUCCEEDED)
		return true;
	if (id_is_nil(n->user) && io->strangers-- <= 0)
		return false;
	return io->refusals-- > 0;
}

enum err
audit_write_requests(struct call *c, const struct request_note *notes,
    size_t count, struct refusal_room *io_room, int64_t *io_lost)
{
	struct group *groups = ARENA_NEW(c->arena, struct group, count);
	struct str_map known = str_map_in(c->arena);
	struct batch b = batch_of(c);
	enum verdict verdict;
	int64_t lost = 0;
	size_t n = 0, failed;

	for (size_t i = 0; i < count; i++) {
		void **slot =
		    str_map_slot(&known, text_of(c->arena, &notes[i]));
		struct group *g = *slot;

		if (g == NULL && has_room(io_room, &notes[i])) {
			g = *slot = &groups[n++];
			*g = (struct group){ .first = &notes[i] };
		}
		if (g != NULL)
			g->count++;
		else
			lost++;
	}
	for (size_t i = 0; i < n; i++)
		put_row(&b, &groups[i]);
	if (n != 0)
		TRY(batch_apply(&b, 0, &verdict, &failed));
	*io_lost += lost;
	return OK;
}
