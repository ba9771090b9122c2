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

static void
put_rest(struct batch *b, int64_t count)
{
	struct request_note *rest =
	    ARENA_NEW(b->call->arena, struct request_note, 1);

	*rest = (struct request_note){ .action = DEED_PERMISSION_DENIED,
		.result = DEED_FAILED,
		.at_us = clock_now_us(),
		.error =
		    "Refusals that were too many to be written one by one" };
	put_row(b, &(struct group){ rest, count });
}

/* Rows that a batch may still have. */
struct room {
	int refusals, strangers;
};

static bool
has_room(struct room *io, const struct request_note *n)
{
	if (n->result == DEED_SUCCEEDED)
		return true;
	if (id_is_nil(n->user) && io->strangers-- <= 0)
		return false;
	return io->refusals-- > 0;
}

enum err
audit_write_requests(struct call *c, const struct request_note *notes,
    size_t count, int64_t lost)
{
	struct group *groups = ARENA_NEW(c->arena, struct group, count);
	struct str_map known = str_map_in(c->arena);
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct room room = { REFUSAL_ROWS, STRANGER_ROWS };
	size_t n = 0, failed;

	for (size_t i = 0; i < count; i++) {
		void **slot =
		    str_map_slot(&known, text_of(c->arena, &notes[i]));
		struct group *g = *slot;

		if (g == NULL && has_room(&room, &notes[i])) {
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
	if (lost != 0)
		put_rest(&b, lost);
	return b.count != 0 ? batch_apply(&b, 0, &verdict, &failed) : OK;
}
