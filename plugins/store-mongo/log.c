/* log.c - reads the logs of branches. */
#include "base/list.h"
#include "calls.h"
#include "plugins/contract/check.h"
#include "plugins/contract/value.h"
#include "rows.h"

/* ---- heads() */

static enum err
read_heads(struct engine *g, const struct point *points, size_t count,
    struct rows *ret)
{
	const struct scan last = { .index = INDEX_KEY, .descending = true };
	struct question *q = ARENA_NEW(g->arena, struct question, count);
	struct test *of_branch = ARENA_NEW(g->arena, struct test, count);

	for (size_t i = 0; i < count; i++) {
		of_branch[i] = (struct test){ COMMIT_BRANCH, TEST_EQ,
			of_int(points[i].branch) };
		q[i] = (struct question){ &of_branch[i], 1 };
	}
	return mongo_firsts(
	    g, &g->schema->entities[ENTITY_COMMITS], &last, q, count, ret);
}

enum err
mongo_heads(struct call *c, struct point *io, size_t count)
{
	struct engine *g;
	struct rows heads;
	enum err err;

	TRY(mongo_read_begin(c, &g));
	err = read_heads(g, io, count, &heads);
	mongo_read_end(g);
	if (err != OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		io[i].seq = 0;
		for (size_t k = 0; k < heads.count; k++)
			if (heads.row[k][COMMIT_BRANCH].as.i == io[i].branch)
				io[i].seq = heads.row[k][COMMIT_SEQ].as.i;
	}
	return OK;
}

/* ---- the newest versions of many keys */

static bool
same_key(const struct key *k, const struct value *row)
{
	return row[VERSION_SPACE].as.i == (int64_t)k->space &&
	       str_eq(row[VERSION_NS].as.s, k->ns) &&
	       str_eq(row[VERSION_NAME].as.s, k->name);
}

#define NEWEST_TESTS 5

/* The newest version of each key at or below a position, in no order. */
static void
ask_newest(struct point at, const struct key *k, struct test *where,
    struct question *ret)
{
	const struct test tests[NEWEST_TESTS] = {
		{ VERSION_BRANCH, TEST_EQ, of_int(at.branch) },
		{ VERSION_SPACE, TEST_EQ, of_int(k->space) },
		{ VERSION_NS, TEST_EQ,
		    of_text(k->ns.len != 0 ? k->ns : STR("")) },
		{ VERSION_NAME, TEST_EQ, of_text(k->name) },
		{ VERSION_SEQ, TEST_LE, of_int(at.seq) },
	};

	memcpy(where, tests, sizeof(tests));
	*ret = (struct question){ where, NEWEST_TESTS };
}

static const struct scan newest_first = { .index = VERSIONS_BY_KEY,
	.descending = true };

/* ---- read() */

static enum err
read_links(struct engine *g, struct chain chain, const struct key *keys,
    size_t count, struct rows *ret)
{
	size_t n = 0, all = count * chain.count;
	struct question *q = ARENA_NEW(g->arena, struct question, all);
	struct test *where =
	    ARENA_NEW(g->arena, struct test, all * NEWEST_TESTS);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < chain.count; k++, n++)
			ask_newest(chain.link[k], &keys[i],
			    &where[n * NEWEST_TESTS], &q[n]);
	return mongo_firsts(g, ROWLOG_VERSIONS, &newest_first, q, all, ret);
}

/* The first link of the chain that has the key. */
static struct version
shown(struct chain chain, const struct key *k, const struct rows *rows)
{
	for (size_t i = 0; i < chain.count; i++)
		for (size_t n = 0; n < rows->count; n++)
			if (rows->row[n][VERSION_BRANCH].as.i ==
				chain.link[i].branch &&
			    same_key(k, rows->row[n]))
				return version_of(rows->row[n]);
	return (struct version){ .key = *k };
}

enum err
mongo_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct engine *g;
	struct rows rows;
	enum err err;

	TRY(check_chain(&chain, 1, c->error));
	TRY(mongo_read_begin(c, &g));
	err = read_links(g, chain, keys, count, &rows);
	mongo_read_end(g);
	if (err != OK)
		return err;
	for (size_t i = 0; i < count; i++)
		ret[i] = shown(chain, &keys[i], &rows);
	return OK;
}

/* ---- list() */

static struct key
entry_key(const struct value *entry)
{
	return (struct key){
		.space = (enum space)entry[ENTRY_SPACE].as.i,
		.ns = entry[ENTRY_NS].as.s,
		.name = entry[ENTRY_NAME].as.s,
	};
}

/* Which of the sorted entries a version belongs to. */
static void
place(const struct rows *entries, const struct rows *rows, struct version *ret)
{
	const struct order order = { { ENTRY_SPACE, ENTRY_NS, ENTRY_NAME }, 3 };

	for (size_t i = 0; i < rows->count; i++) {
		const struct version v = version_of(rows->row[i]);
		struct value key[ENTRY_FIELDS];
		size_t low = 0, high = entries->count;

		entry_to_key(v.at.branch, &v.key, key);
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (order_compare(&order, order.count,
				entries->row[middle], key) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < entries->count)
			ret[low] = v;
	}
}

/* An entry names the newest version, which mostly is the one that is wanted;
 * of younger entries the position decides. */
enum err
mongo_versions_of(struct engine *g, struct point link,
    const struct rows *entries, struct version *ret)
{
	size_t exact = 0, younger = 0, n = entries->count;
	const struct value **keys =
	    ARENA_NEW(g->arena, const struct value *, n);
	struct question *q = ARENA_NEW(g->arena, struct question, n);
	struct rows rows;

	for (size_t i = 0; i < n; i++) {
		const struct value *entry = entries->row[i];
		struct version v = { .key = entry_key(entry) };
		struct point at = { link.branch, entry[ENTRY_SEQ].as.i };

		ret[i] = v;
		if (at.seq <= link.seq) {
			struct value *row =
			    ARENA_NEW(g->arena, struct value, VERSION_FIELDS);

			version_to_row(&v, at, row);
			keys[exact++] = row;
		} else {
			ask_newest(link, &v.key,
			    ARENA_NEW(g->arena, struct test, NEWEST_TESTS),
			    &q[younger++]);
		}
	}
	TRY(mongo_find_keys(g, ROWLOG_VERSIONS, keys, exact, &rows));
	place(entries, &rows, ret);
	TRY(mongo_firsts(g, ROWLOG_VERSIONS, &newest_first, q, younger, &rows));
	place(entries, &rows, ret);
	return OK;
}

struct found {
	struct version *at; /* room for `limit` of each link */
	size_t count;
};

static enum err
next_entries(struct engine *g, int64_t branch, const struct key *after,
    uint32_t limit, struct rows *ret)
{
	const struct test where[] = {
		{ ENTRY_BRANCH, TEST_EQ, of_int(branch) },
		{ ENTRY_SPACE, TEST_EQ, of_int(after->space) },
		{ ENTRY_NS, TEST_EQ,
		    of_text(after->ns.len != 0 ? after->ns : STR("")) },
		{ ENTRY_NAME, TEST_GT,
		    of_text(after->name.len != 0 ? after->name : STR("")) },
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
    struct versions *ret)
{
	struct version *found = NULL;
	size_t count = 0, room = 0;
	struct rows page;
	uint32_t want;

	do {
		want = limit - (uint32_t)count;
		TRY(next_entries(g, link.branch, &k, want, &page));

		struct version *v =
		    ARENA_NEW(g->arena, struct version, page.count);

		TRY(mongo_versions_of(g, link, &page, v));
		LIST_RESERVE(g->arena, found, count, room, page.count);
		for (size_t i = 0; i < page.count; i++)
			if (v[i].kind != 0)
				found[count++] = v[i];
		if (page.count != 0)
			k.name = v[page.count - 1].key.name;
	} while (page.count == want && count < limit);
	*ret = (struct versions){ found, count, count == limit };
	return OK;
}

static enum err
list_chain(struct engine *g, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct version *all = NULL;
	size_t count = 0, room = 0;
	bool more = false;

	for (size_t i = 0; i < chain.count; i++) {
		struct versions of_link;

		TRY(list_link(g, chain.link[i], after, limit, &of_link));
		LIST_RESERVE(g->arena, all, count, room, of_link.count);
		if (of_link.count != 0)
			memcpy(all + count, of_link.at,
			    of_link.count * sizeof(*all));
		count += of_link.count;
		more = more || of_link.more;
	}
	*ret = (struct versions){ all, count, more };
	return OK;
}

enum err
mongo_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	struct engine *g;
	enum err err;

	TRY(check_chain(&chain, limit, c->error));
	TRY(mongo_read_begin(c, &g));
	err = list_chain(g, chain, after, limit, ret);
	mongo_read_end(g);
	return err;
}
