/* load.c - load(): rows are inserted where they are missing, and each entry
 * is raised to the newest version of its key. */
#include <stdlib.h>

#include "calls.h"
#include "plugins/contract/check.h"
#include "rows.h"

static const struct order by_key = { { ENTRY_SPACE, ENTRY_NS, ENTRY_NAME }, 3 };

static int
compare_keys(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;

	return order_compare(&by_key, by_key.count, *x, *y);
}

static int
compare_newest_first(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;
	int order = compare_keys(a, b);

	return order != 0 ? order
			  : value_compare(&(*y)[ENTRY_SEQ], &(*x)[ENTRY_SEQ]);
}

/* The entries that these versions make, sorted by key, one for each. */
static struct rows
entries_of(struct arena *a, const struct history *h)
{
	const struct value **all =
	    ARENA_NEW(a, const struct value *, h->version_count);
	size_t kept = 0;

	for (size_t i = 0; i < h->version_count; i++) {
		const struct version *v = &h->versions[i];
		struct value *entry = ARENA_NEW(a, struct value, ENTRY_FIELDS);

		entry_to_key(v->at.branch, &v->key, entry);
		entry[ENTRY_SEQ] = of_int(v->at.seq);
		entry[ENTRY_DELETED] = of_int(v->deleted);
		all[i] = entry;
	}
	if (h->version_count != 0)
		qsort(
		    all, h->version_count, sizeof(*all), compare_newest_first);
	for (size_t i = 0; i < h->version_count; i++)
		if (kept == 0 || compare_keys(&all[i], &all[kept - 1]) != 0)
			all[kept++] = all[i];
	return (struct rows){ .row = all, .count = kept };
}

static enum err
raise_entry(struct bulk *bulk, const struct value *entry)
{
	DOCUMENT d = BSON_INITIALIZER;
	bson_t part, set;

	bson_append_document_begin(&d, "q", -1, &part);
	add_key(&part, ROWLOG_ENTRIES, entry);
	bson_append_document_end(&d, &part);
	bson_append_document_begin(&d, "u", -1, &part);
	bson_append_document_begin(&part, "$set", -1, &set);
	for (uint16_t i = ENTRY_SEQ; i < ENTRY_FIELDS; i++)
		add_value(&set, field_path(ROWLOG_ENTRIES, i), &entry[i]);
	bson_append_document_end(&part, &set);
	bson_append_document_end(&d, &part);
	bson_append_bool(&d, "upsert", -1, true);
	return bulk_add(bulk, &d);
}

/* Those that are missing or name an older version. */
static enum err
raise_entries(struct engine *g, const struct rows *entries)
{
	BULK bulk = bulk_of(g, "update", "updates", ROWLOG_ENTRIES);
	struct rows old;

	TRY(mongo_find_keys(
	    g, ROWLOG_ENTRIES, entries->row, entries->count, &old));
	if (old.count != 0)
		qsort(old.row, old.count, sizeof(*old.row), compare_keys);
	for (size_t i = 0; i < entries->count; i++) {
		const struct value *entry = entries->row[i];
		const struct value **there =
		    old.count == 0 ? NULL
				   : bsearch(&entry, old.row, old.count,
					 sizeof(*old.row), compare_keys);

		if (there == NULL ||
		    (*there)[ENTRY_SEQ].as.i < entry[ENTRY_SEQ].as.i)
			TRY(raise_entry(&bulk, entry));
	}
	return bulk_flush(&bulk);
}

static enum err
load_work(struct engine *g, void *arg, bool *ret_keep)
{
	const struct history *h = arg;
	const struct entity *t = &g->schema->entities[ENTITY_COMMITS];
	BULK commits = bulk_of(g, "update", "updates", t);
	BULK versions = bulk_of(g, "update", "updates", ROWLOG_VERSIONS);
	const struct rows entries = entries_of(g->arena, h);

	for (size_t i = 0; i < h->commit_count; i++)
		TRY(bulk_add_missing(&commits, t, h->commits[i]));
	for (size_t i = 0; i < h->version_count; i++) {
		struct value row[VERSION_FIELDS];

		version_to_row(&h->versions[i], h->versions[i].at, row);
		TRY(bulk_add_missing(&versions, ROWLOG_VERSIONS, row));
	}
	TRY(bulk_flush(&commits));
	TRY(bulk_flush(&versions));
	TRY(raise_entries(g, &entries));
	*ret_keep = true;
	return OK;
}

enum err
mongo_load(struct call *c, int64_t branch, const struct history *history)
{
	const struct rowlog_store *s = (const struct rowlog_store *)c->store;
	struct history h = *history;

	TRY(check_history(s->schema, branch, history, c->error));
	return transact(c, load_work, &h);
}
