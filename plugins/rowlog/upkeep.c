/* upkeep.c - fold(), prune() and erase(): the bulk work on logs, row by row. */
#include "plugins/contract/value.h"
#include "plugins/rowlog/steps.h"

/* The first key of a branch behind `after`, whatever its space and ns. */
static enum err
next_entry(struct engine *g, int64_t branch, const struct key *after,
    const struct value **ret)
{
	const struct test of_branch = { ENTRY_BRANCH, TEST_EQ,
		{ VALUE_INT, { .i = branch } } };
	const struct scan next = { .index = INDEX_KEY,
		.limit = 1,
		.where = &of_branch,
		.where_count = 1 };
	struct value key[ENTRY_FIELDS];
	struct rows rows;

	entry_to_key(branch, after, key);
	TRY(g->ops->scan(g, ROWLOG_ENTRIES, &next, key, &rows));
	*ret = rows.count != 0 ? rows.row[0] : NULL;
	return OK;
}

/* The first key of any link behind `after`; *ret NULL: there is none. */
static enum err
next_key(struct engine *g, struct chain chain, const struct key *after,
    const struct value **ret)
{
	const struct order order = order_of(ROWLOG_ENTRIES, INDEX_KEY);
	const struct value *first = NULL;

	for (size_t i = 0; i < chain.count; i++) {
		struct value same_branch[ENTRY_FIELDS];
		const struct value *row;

		TRY(next_entry(g, chain.link[i].branch, after, &row));
		if (row == NULL)
			continue;
		memcpy(same_branch, row, sizeof(same_branch));
		if (first != NULL)
			same_branch[ENTRY_BRANCH] = first[ENTRY_BRANCH];
		if (first == NULL ||
		    order_compare(&order, order.count, same_branch, first) < 0)
			first = row;
	}
	*ret = first;
	return OK;
}

/* Old chains go on to read the base image of keys that the branch changed
 * itself; only where it did not is the image its newest version. */
static enum err
put_base(struct engine *g, int64_t to, const struct version *v)
{
	struct value row[VERSION_FIELDS], entry[ENTRY_FIELDS];
	enum verdict verdict;

	version_to_row(v, (struct point){ to, 0 }, row);
	entry_to_key(to, &v->key, entry);
	entry[ENTRY_SEQ] = row[VERSION_SEQ];
	entry[ENTRY_DELETED] = row[VERSION_DELETED];
	TRY(rowlog_put(g, ROWLOG_VERSIONS, row, true, &verdict));
	return rowlog_put(g, ROWLOG_ENTRIES, entry, true, &verdict);
}

static enum err
fold_keys(struct engine *g, struct chain chain, int64_t to,
    struct key *io_after, uint32_t limit)
{
	for (uint32_t i = 0; i < limit; i++) {
		const struct value *entry;
		struct version v;

		TRY(next_key(g, chain, io_after, &entry));
		if (entry == NULL) {
			*io_after = (struct key){ .name = STR("") };
			return OK;
		}
		*io_after = (struct key){
			.space = (enum space)entry[ENTRY_SPACE].as.i,
			.ns = entry[ENTRY_NS].as.s,
			.name = entry[ENTRY_NAME].as.s,
		};
		TRY(rowlog_read(g, chain, io_after, 1, &v));
		if (v.kind != 0)
			TRY(put_base(g, to, &v));
	}
	return OK;
}

enum err
rowlog_fold(struct engine *g, struct chain chain, int64_t to,
    struct key *io_after, uint32_t limit)
{
	TRY(g->ops->mark(g));

	enum err err = fold_keys(g, chain, to, io_after, limit);

	TRY(g->ops->settle(g, err == OK));
	return err;
}

/* Where the next version of the key is; 0: there is none. */
static enum err
next_position(struct engine *g, const struct version *v, int64_t *ret)
{
	struct value row[VERSION_FIELDS];
	const struct value *next;

	version_to_row(v, v->at, row);

	const struct test where[] = {
		{ VERSION_BRANCH, TEST_EQ, row[VERSION_BRANCH] },
		{ VERSION_SPACE, TEST_EQ, row[VERSION_SPACE] },
		{ VERSION_NS, TEST_EQ, row[VERSION_NS] },
		{ VERSION_NAME, TEST_EQ, row[VERSION_NAME] },
		{ VERSION_SEQ, TEST_GT, row[VERSION_SEQ] },
	};
	const struct scan scan = { .index = VERSIONS_BY_KEY,
		.limit = 1,
		.where = where,
		.where_count = 5 };

	TRY(rowlog_first(g, ROWLOG_VERSIONS, &scan, &next));
	*ret = next != NULL ? next[VERSION_SEQ].as.i : 0;
	return OK;
}

/* A pin sees the newest version at or below it. */
static bool
is_pinned(int64_t from, int64_t to, const int64_t *pins, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pins[i] >= from && pins[i] < to)
			return true;
	return false;
}

static enum err
drop(struct engine *g, const struct version *v)
{
	struct value key[VERSION_FIELDS];
	const struct write w = { .op = WRITE_DELETE, .row = key };
	enum verdict verdict;

	version_to_row(v, v->at, key);
	return g->ops->write(g, ROWLOG_VERSIONS, &w, &verdict);
}

/* The newest version of a key goes with what says where it is. */
static enum err
drop_newest(struct engine *g, const struct version *v)
{
	struct value key[ENTRY_FIELDS];
	const struct write w = { .op = WRITE_DELETE, .row = key };
	enum verdict verdict;

	entry_to_key(v->at.branch, &v->key, key);
	TRY(g->ops->write(g, ROWLOG_ENTRIES, &w, &verdict));
	return drop(g, v);
}

static enum err
drop_unseen(struct engine *g, struct versions page, const int64_t *pins,
    size_t count, struct versions *ret)
{
	struct version *dropped =
	    ARENA_NEW(g->arena, struct version, page.count);
	size_t n = 0;

	for (size_t i = 0; i < page.count; i++) {
		const struct version *v = &page.at[i];
		int64_t next;

		TRY(next_position(g, v, &next));
		if (count != 0 &&
		    (next == 0 || is_pinned(v->at.seq, next, pins, count)))
			continue;
		TRY(next == 0 ? drop_newest(g, v) : drop(g, v));
		dropped[n++] = *v;
	}
	*ret = (struct versions){ dropped, n, page.more };
	return OK;
}

enum err
rowlog_prune(struct engine *g, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	int64_t last = count != 0 ? pins[count - 1] : INT64_MAX;
	struct versions page;

	TRY(rowlog_changes(g, *io_above, last, limit, &page));
	TRY(g->ops->mark(g));

	enum err err = drop_unseen(g, page, pins, count, ret);

	TRY(g->ops->settle(g, err == OK));
	if (err == OK)
		io_above->seq =
		    page.more ? page.at[page.count - 1].at.seq : last;
	return err;
}

/* The newest version of a key goes with what says that it lives. */
static enum err
erase_one(struct engine *g, const struct version *v, bool newest)
{
	struct value row[VERSION_FIELDS], entry[ENTRY_FIELDS];
	struct version erased = { .key = v->key,
		.origin = v->origin,
		.kind = v->kind,
		.deleted = true,
		.location = STR(""),
		.body = STR("") };
	enum verdict verdict;

	version_to_row(&erased, v->at, row);
	TRY(rowlog_put(g, ROWLOG_VERSIONS, row, false, &verdict));
	if (!newest || v->deleted)
		return OK;
	entry_to_key(v->at.branch, &v->key, entry);
	entry[ENTRY_SEQ] = row[VERSION_SEQ];
	entry[ENTRY_DELETED] = row[VERSION_DELETED];
	return rowlog_put(g, ROWLOG_ENTRIES, entry, false, &verdict);
}

static enum err
erase_page(struct engine *g, struct versions page, struct id object, bool live,
    struct versions *ret)
{
	struct version *erased =
	    ARENA_NEW(g->arena, struct version, page.count);
	size_t n = 0;

	for (size_t i = 0; i < page.count; i++) {
		const struct version *v = &page.at[i];
		int64_t next;

		if (!id_eq(v->object, object))
			continue;
		TRY(next_position(g, v, &next));
		if (next == 0 && !v->deleted && !live)
			continue;
		TRY(erase_one(g, v, next == 0));
		erased[n++] = *v;
	}
	*ret = (struct versions){ erased, n, page.more };
	return OK;
}

enum err
rowlog_erase(struct engine *g, struct point *io_above, struct id object,
    bool live, uint32_t limit, struct versions *ret)
{
	struct versions page;

	TRY(rowlog_changes(g, *io_above, INT64_MAX, limit, &page));
	TRY(g->ops->mark(g));

	enum err err = erase_page(g, page, object, live, ret);

	TRY(g->ops->settle(g, err == OK));
	if (err == OK)
		io_above->seq =
		    page.more ? page.at[page.count - 1].at.seq : INT64_MAX;
	return err;
}
