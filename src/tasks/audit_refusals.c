#include "tasks/audit_refusals.h"

#include <string.h>

#include "base/clock.h"
#include "base/str_map.h"

struct group {
	const struct refusal_note *first;
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
	const struct refusal_note *n = g->first;
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
	row[ENTRY_RESULT] = value_int(DEED_FAILED);
	row[ENTRY_ERROR] = text_or_null(n->error);
	row[ENTRY_METADATA] = value_text(metadata_of(b->call->arena, g));
}

static struct str
text_of(struct arena *a, const struct refusal_note *n)
{
	struct refusal_note *same = ARENA_NEW(a, struct refusal_note, 1);

	*same = *n;
	same->at_us = 0;
	return (struct str){ (const char *)same, sizeof(*same) };
}

static void
put_rest(struct batch *b, int64_t count)
{
	struct refusal_note *rest =
	    ARENA_NEW(b->call->arena, struct refusal_note, 1);

	*rest = (struct refusal_note){ .action = DEED_PERMISSION_DENIED,
		.at_us = clock_now_us(),
		.error =
		    "Refusals that were too many to be written one by one" };
	put_row(b, &(struct group){ rest, count });
}

static bool
is_stranger(const struct refusal_note *n)
{
	return id_is_nil(n->user);
}

enum err
audit_write_refusals(struct call *c, const struct refusal_note *notes,
    size_t count, int64_t lost)
{
	struct group *groups = ARENA_NEW(c->arena, struct group, REFUSAL_ROWS);
	struct str_map known = str_map_in(c->arena);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t n = 0, strangers = 0, failed;

	for (size_t i = 0; i < count; i++) {
		void **slot =
		    str_map_slot(&known, text_of(c->arena, &notes[i]));
		struct group *g = *slot;

		if (g == NULL && n < REFUSAL_ROWS &&
		    (!is_stranger(&notes[i]) || strangers++ < STRANGER_ROWS)) {
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
