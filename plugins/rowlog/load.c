/* load.c - load(): puts rows of commits and versions back as they were. */
#include "plugins/rowlog/steps.h"

/* A row that is there already stays. */
static enum err
put_missing(struct engine *g, const struct entity *t, const struct value *row)
{
	enum verdict verdict;

	TRY(rowlog_put(g, t, row, true, &verdict));
	if (verdict == VERDICT_INVALID)
		return fail(g->error, ERR_BAD_REQUEST,
		    "Store call: a row of %s cannot be loaded.", t->name);
	return OK;
}

/* An entry names the newest version of its key, whichever came first. */
static enum err
raise_entry(struct engine *g, const struct version *v)
{
	struct value entry[ENTRY_FIELDS];
	const struct value *old;
	enum verdict verdict;

	entry_to_key(v->at.branch, &v->key, entry);
	TRY(rowlog_find(g, ROWLOG_ENTRIES, entry, &old));
	if (old != NULL && old[ENTRY_SEQ].as.i >= v->at.seq)
		return OK;
	entry[ENTRY_SEQ] = (struct value){ VALUE_INT, { .i = v->at.seq } };
	entry[ENTRY_DELETED] = (struct value){ VALUE_INT, { .i = v->deleted } };
	return rowlog_put(g, ROWLOG_ENTRIES, entry, false, &verdict);
}

static enum err
load_rows(struct engine *g, const struct history *h)
{
	const struct entity *commits = &g->schema->entities[ENTITY_COMMITS];

	for (size_t i = 0; i < h->commit_count; i++)
		TRY(put_missing(g, commits, h->commits[i]));
	for (size_t i = 0; i < h->version_count; i++) {
		const struct version *v = &h->versions[i];
		struct value row[VERSION_FIELDS];

		version_to_row(v, v->at, row);
		TRY(put_missing(g, ROWLOG_VERSIONS, row));
		TRY(raise_entry(g, v));
	}
	return OK;
}

enum err
rowlog_load(struct engine *g, const struct history *history)
{
	TRY(g->ops->mark(g));

	enum err err = load_rows(g, history);

	TRY(g->ops->settle(g, err == OK));
	return err;
}
