/* reads.c - reads the logs of branches. */
#include "plugins/rowlog/steps.h"

#include "base/list.h"

static struct value
of_int(int64_t n)
{
	return (struct value){ VALUE_INT, { .i = n } };
}

static struct value
of_text(struct str s)
{
	return (struct value){ VALUE_TEXT, { .s = s } };
}

enum err
rowlog_newest(
    struct engine *g, struct point at, const struct key *k, struct version *ret)
{
	const struct test where[] = {
		{ VERSION_BRANCH, TEST_EQ, of_int(at.branch) },
		{ VERSION_SPACE, TEST_EQ, of_int(k->space) },
		{ VERSION_NS, TEST_EQ, of_text(k->ns) },
		{ VERSION_NAME, TEST_EQ, of_text(k->name) },
		{ VERSION_SEQ, TEST_LE, of_int(at.seq) },
	};
	const struct scan newest = { .index = VERSIONS_BY_KEY,
		.descending = true,
		.limit = 1,
		.where = where,
		.where_count = 5 };
	const struct value *row;

	TRY(rowlog_first(g, ROWLOG_VERSIONS, &newest, &row));
	*ret = row != NULL ? version_of(row) : (struct version){ .key = *k };
	return OK;
}

static enum err
read_key(struct engine *g, struct chain chain, const struct key *k,
    struct version *ret)
{
	*ret = (struct version){ .key = *k };
	for (size_t i = 0; i < chain.count && ret->kind == 0; i++)
		TRY(rowlog_newest(g, chain.link[i], k, ret));
	return OK;
}

enum err
rowlog_read(struct engine *g, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct version *found = ARENA_NEW(g->arena, struct version, count);

	for (size_t i = 0; i < count; i++)
		TRY(read_key(g, chain, &keys[i], &found[i]));
	if (count != 0)
		memcpy(ret, found, count * sizeof(*ret));
	return OK;
}

/* A list of versions that grows in the arena of the call. */
struct found {
	struct arena *arena;
	struct version *at;
	size_t count, room;
};

static void
found_add(struct found *f, const struct version *v)
{
	LIST_RESERVE(f->arena, f->at, f->count, f->room, 1);
	f->at[f->count++] = *v;
}

/* The names of a namespace that are behind after->name. */
static enum err
next_entries(struct engine *g, int64_t branch, const struct key *after,
    uint32_t limit, struct rows *ret)
{
	const struct test where[] = {
		{ ENTRY_BRANCH, TEST_EQ, of_int(branch) },
		{ ENTRY_SPACE, TEST_EQ, of_int(after->space) },
		{ ENTRY_NS, TEST_EQ, of_text(after->ns) },
		{ ENTRY_NAME, TEST_GT, of_text(after->name) },
	};
	const struct scan scan = { .index = INDEX_KEY,
		.limit = limit,
		.where = where,
		.where_count = 4 };

	return g->ops->scan(g, ROWLOG_ENTRIES, &scan, NULL, ret);
}

/* A key that is younger than the position does not count towards the limit,
 * or a link with more to show could look exhausted. */
static enum err
list_link(struct engine *g, struct point link, struct key k, uint32_t limit,
    struct found *f)
{
	size_t full = f->count + limit;
	struct rows page;

	do {
		uint32_t want = (uint32_t)(full - f->count);

		TRY(next_entries(g, link.branch, &k, want, &page));
		for (size_t i = 0; i < page.count; i++) {
			struct version v;

			k.name = page.row[i][ENTRY_NAME].as.s;
			TRY(rowlog_newest(g, link, &k, &v));
			if (v.kind != 0)
				found_add(f, &v);
		}
		if (page.count < want)
			break;
	} while (f->count < full);
	return OK;
}

enum err
rowlog_list(struct engine *g, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct found f = { .arena = g->arena };
	bool more = false;

	for (size_t i = 0; i < chain.count; i++) {
		size_t before = f.count;

		TRY(list_link(g, chain.link[i], after, limit, &f));
		more = more || f.count - before == limit;
	}
	*ret = (struct versions){ f.at, f.count, more };
	return OK;
}

static enum err
versions_between(struct engine *g, struct point above, int64_t upto,
    uint32_t limit, struct rows *ret)
{
	const struct test where[] = {
		{ VERSION_BRANCH, TEST_EQ, of_int(above.branch) },
		{ VERSION_SEQ, TEST_GT, of_int(above.seq) },
		{ VERSION_SEQ, TEST_LE, of_int(upto) },
	};
	const struct scan scan = { .index = INDEX_KEY,
		.limit = limit,
		.where = where,
		.where_count = 3 };

	return g->ops->scan(g, ROWLOG_VERSIONS, &scan, NULL, ret);
}

static int64_t
seq_of(const struct rows *rows, size_t i)
{
	return rows->row[i][VERSION_SEQ].as.i;
}

/* Whole commits: a reader that goes on behind a position must not miss the
 * rest of it.  Only the first may exceed the limit. */
enum err
rowlog_changes(struct engine *g, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret)
{
	struct found f = { .arena = g->arena };
	struct rows rows;
	size_t count;
	bool more;

	if (limit == UINT32_MAX)
		limit--;
	TRY(versions_between(g, above, upto, limit + 1, &rows));
	more = rows.count > limit;
	count = rows.count;
	if (more) {
		int64_t cut = seq_of(&rows, limit);

		while (count != 0 && seq_of(&rows, count - 1) == cut)
			count--;
		if (count == 0) {
			TRY(versions_between(g, above, cut, UINT32_MAX, &rows));
			count = rows.count;
			more = cut < upto;
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct version v = version_of(rows.row[i]);

		found_add(&f, &v);
	}
	*ret = (struct versions){ f.at, f.count, more };
	return OK;
}

enum err
rowlog_heads(struct engine *g, struct point *io, size_t count)
{
	int64_t *seq = ARENA_NEW(g->arena, int64_t, count);

	for (size_t i = 0; i < count; i++) {
		const struct value *head;

		TRY(rowlog_head(g, io[i].branch, &head));
		seq[i] = head != NULL ? head[COMMIT_SEQ].as.i : 0;
	}
	for (size_t i = 0; i < count; i++)
		io[i].seq = seq[i];
	return OK;
}
