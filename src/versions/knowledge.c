/*
 * knowledge.c - the walk goes level by level: the refs of a level are one call.
 *
 * A unit does not know its position before it is applied, so the row of a
 * merge gets it afterwards; a row that has none yet is looked up by its commit.
 */
#include "versions/knowledge.h"

#include <stdlib.h>

#include "base/list.h"

#define EDGE_PAGE 1000

struct edge {
	int64_t seq; /* where it was merged; 0: it was forked so */
	struct point from;
};

/* The edges that lead to a branch. */
struct log_edges {
	int64_t branch;
	bool is_partial;
	struct point fork; /* branch 0: none */
	struct edge *at;   /* ascending */
	size_t count, room;
};

struct point_list {
	struct point *at;
	size_t count, room;
};

static void
add_point(struct arena *a, struct point_list *l, struct point p)
{
	LIST_RESERVE(a, l->at, l->count, l->room, 1);
	l->at[l->count++] = p;
}

static void
add_edge(struct arena *a, struct log_edges *l, struct edge e)
{
	LIST_RESERVE(a, l->at, l->count, l->room, 1);
	l->at[l->count++] = e;
}

/* ---- reading edges */
static enum err
commit_seq(struct call *c, struct id commit, int64_t *ret)
{
	const struct test same = { COMMIT_ID, TEST_EQ, value_id(commit) };
	const struct value *row;

	TRY(record_find(c, ENTITY_COMMITS, COMMITS_BY_ID, &same, 1, &row));
	if (row == NULL)
		return fail(c->error, ERR_INTERNAL,
		    "The store has the row of a merge, but not its commit");
	*ret = value_int_or(row[COMMIT_SEQ], 0);
	return OK;
}

static enum err
take_merges(struct call *c, struct log_edges *l, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *row = rows->row[i];
		struct edge e = { value_int_or(row[MERGE_SEQ], 0),
			{ value_int_or(row[MERGE_FROM], 0),
			    value_int_or(row[MERGE_FROM_SEQ], 0) } };

		if (row[MERGE_SEQ].type == VALUE_NULL)
			TRY(commit_seq(
			    c, value_id_or_nil(row[MERGE_COMMIT]), &e.seq));
		add_edge(c->arena, l, e);
	}
	return arena_check(c->arena, c->error);
}

static enum err
fetch_merges(struct call *c, struct log_edges *l)
{
	const struct test into = { MERGE_INTO, TEST_EQ, value_int(l->branch) };
	struct scan scan = { .entity = ENTITY_MERGES,
		.index = MERGES_BY_INTO,
		.limit = EDGE_PAGE,
		.where = &into,
		.where_count = 1 };
	struct rows rows;

	do {
		TRY(store_scan(c, &scan, &rows));
		TRY(take_merges(c, l, &rows));
		scan.after = rows.next;
	} while (rows.next.ptr != NULL);
	return OK;
}

static enum err
fetch_refs(struct call *c, struct log_edges **logs, size_t count)
{
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, count);
	struct value *ids = ARENA_NEW(c->arena, struct value, count);
	struct rows rows;

	for (size_t i = 0; i < count; i++) {
		ids[i] = value_int(logs[i]->branch);
		keys[i] = &ids[i];
	}
	TRY(store_get(c, ENTITY_REFS, keys, count, &rows));
	for (size_t i = 0; i < count; i++) {
		const struct value *row = rows.row[i];

		if (row == NULL || value_int_or(row[REF_FORKED_FROM], 0) == 0)
			continue;
		logs[i]->is_partial = value_int_or(row[REF_PARTIAL], 0) != 0;
		logs[i]->fork = (struct point){ row[REF_FORKED_FROM].as.i,
			value_int_or(row[REF_FORKED_SEQ], 0) };
		add_edge(c->arena, logs[i], (struct edge){ 0, logs[i]->fork });
	}
	return OK;
}

static int
by_seq(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* The edges of all branches of a level that are not there yet. */
static enum err
fetch(struct lineage *l, const struct point_list *level)
{
	struct call *c = l->call;
	struct log_edges **new =
	    ARENA_NEW(c->arena, struct log_edges *, level->count);
	size_t count = 0;

	for (size_t i = 0; i < level->count; i++) {
		int64_t branch = level->at[i].branch;
		void **slot = int_map_slot(&l->logs, branch, c->arena);

		if (*slot != NULL)
			continue;
		new[count] = ARENA_NEW(c->arena, struct log_edges, 1);
		new[count]->branch = branch;
		LIST_RESERVE(c->arena, l->at, l->count, l->room, 1);
		l->at[l->count++] = *slot = new[count++];
	}
	if (count == 0)
		return OK;
	TRY(fetch_refs(c, new, count));
	for (size_t i = 0; i < count; i++) {
		TRY(fetch_merges(c, new[i]));
		if (new[i]->count != 0)
			qsort(new[i]->at, new[i]->count, sizeof(struct edge),
			    by_seq);
	}
	return OK;
}

/* ---- walking */
int64_t
known_upto(const struct knowledge *k, int64_t branch)
{
	const struct point *p = int_map_find(&k->map, branch);

	return p != NULL ? p->seq : -1;
}

/* Two branches that were merged to and fro lead to each other by all of their
 * merges: each edge is looked at once. */
static size_t
first_above(const struct log_edges *log, int64_t seq)
{
	size_t low = 0, high = log->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (log->at[middle].seq > seq)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Learns a point; what newly leads to it comes into the next level. */
static void
learn(struct lineage *l, struct knowledge *k, struct point p,
    struct point_list *next)
{
	struct arena *a = l->call->arena;
	const struct log_edges *log = int_map_find(&l->logs, p.branch);
	void **slot = int_map_slot(&k->map, p.branch, a);
	struct point *known = *slot;
	int64_t before = known != NULL ? known->seq : -1;

	if (before >= p.seq)
		return;
	if (known == NULL) {
		known = ARENA_NEW(a, struct point, 1);
		*slot = known;
		LIST_RESERVE(a, k->at, k->count, k->room, 1);
		k->at[k->count++] = known;
	}
	*known = p;
	for (size_t i = first_above(log, before);
	     i < log->count && log->at[i].seq <= p.seq; i++)
		add_point(a, next, log->at[i].from);
}

enum err
knowledge_of(struct lineage *l, struct point from, struct knowledge *ret)
{
	struct call *c = l->call;
	struct point_list level = { 0 };
	struct knowledge k = { 0 };

	add_point(c->arena, &level, from);
	while (level.count != 0) {
		struct point_list next = { 0 };

		TRY(fetch(l, &level));
		for (size_t i = 0; i < level.count; i++)
			learn(l, &k, level.at[i], &next);
		level = next;
		TRY(arena_check(c->arena, c->error));
	}
	*ret = k;
	return OK;
}

struct chain
knowledge_links(struct arena *a, const struct knowledge *k)
{
	struct point *link = ARENA_NEW(a, struct point, k->count + 1);

	for (size_t i = 0; i < k->count; i++)
		link[i] = *k->at[i];
	return (struct chain){ link, k->count };
}

bool
knows_other_part(const struct lineage *l, const struct knowledge *one,
    const struct knowledge *other)
{
	for (size_t i = 0; i < one->count; i++) {
		int64_t branch = one->at[i]->branch;
		const struct log_edges *log = int_map_find(&l->logs, branch);

		if (log->is_partial && known_upto(other, branch) < 0)
			return true;
	}
	return false;
}

/* ---- what two know */
static void
cover(struct arena *a, struct int_map *covered, struct point p)
{
	void **slot = int_map_slot(covered, p.branch, a);
	int64_t *upto = *slot;

	if (upto == NULL) {
		*slot = upto = ARENA_NEW(a, int64_t, 1);
		*upto = -1;
	}
	if (p.seq > *upto)
		*upto = p.seq;
}

/* All that leads to a point, one step back. */
static void
cover_before(struct lineage *l, struct int_map *covered, struct point p)
{
	const struct log_edges *log = int_map_find(&l->logs, p.branch);

	for (size_t i = 0; i < log->count; i++)
		if (log->at[i].seq <= p.seq)
			cover(l->call->arena, covered, log->at[i].from);
}

/* Marks what leads to a point, among those that both know. */
static void
reach(struct lineage *l, const struct point_list *common,
    const struct int_map *index, bool *io_reached, size_t from)
{
	size_t *next = ARENA_NEW(l->call->arena, size_t, common->count);
	size_t count = 0;

	next[count++] = from;
	io_reached[from] = true;
	while (count != 0) {
		struct point p = common->at[next[--count]];
		const struct log_edges *log = int_map_find(&l->logs, p.branch);

		for (size_t i = 0; i < log->count && log->at[i].seq <= p.seq;
		     i++) {
			struct point before = log->at[i].from;
			const struct point *at =
			    int_map_find(index, before.branch);

			if (at == NULL || before.seq < at->seq ||
			    io_reached[at - common->at])
				continue;
			io_reached[at - common->at] = true;
			next[count++] = (size_t)(at - common->at);
		}
	}
}

/* A merge that puts nothing adds an edge to a point that is there, which may
 * have led to its source: of points that know each other the first stands for
 * all. */
static void
find_latest(struct lineage *l, const struct point_list *common,
    const struct int_map *covered, struct point_list *ret)
{
	struct arena *a = l->call->arena;
	bool *reached = ARENA_NEW(a, bool, common->count + 1);
	struct int_map index = { 0 };

	for (size_t i = 0; i < common->count; i++)
		*int_map_slot(&index, common->at[i].branch, a) = &common->at[i];
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < common->count; i++) {
			struct point p = common->at[i];
			const int64_t *upto = int_map_find(covered, p.branch);

			if (reached[i] ||
			    (round == 0 && upto != NULL && *upto >= p.seq))
				continue;
			add_point(a, ret, p);
			reach(l, common, &index, reached, i);
		}
}

enum err
common_points(struct lineage *l, const struct knowledge *one,
    const struct knowledge *other, struct points *ret)
{
	struct arena *a = l->call->arena;
	struct point_list common = { 0 }, latest = { 0 };
	struct int_map covered = { 0 };

	for (size_t i = 0; i < one->count; i++) {
		struct point p = *one->at[i];
		int64_t upto = known_upto(other, p.branch);

		if (upto < 0)
			continue;
		if (upto < p.seq)
			p.seq = upto;
		add_point(a, &common, p);
		cover_before(l, &covered, p);
	}
	find_latest(l, &common, &covered, &latest);
	*ret = (struct points){ latest.at, latest.count };
	return arena_check(a, l->call->error);
}

/* ---- what was read */
enum err
states_before_merges(struct lineage *l, struct point above, struct points *ret)
{
	struct arena *a = l->call->arena;
	struct point_list level = { 0 }, found = { 0 };
	const struct log_edges *log;

	add_point(a, &level, above);
	TRY(fetch(l, &level));
	log = int_map_find(&l->logs, above.branch);
	for (size_t i = first_above(log, above.seq); i < log->count; i++)
		if (log->at[i].seq != 0)
			add_point(a, &found,
			    (struct point){ above.branch, log->at[i].seq - 1 });
	*ret = (struct points){ found.at, found.count };
	return arena_check(a, l->call->error);
}

struct points
lineage_sources(const struct lineage *l)
{
	struct arena *a = l->call->arena;
	struct point_list found = { 0 };

	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->at[i]->count; k++)
			add_point(a, &found, l->at[i]->at[k].from);
	return (struct points){ found.at, found.count };
}

/* ---- writing edges */
void
merge_edge_put(struct batch *b, const struct merge_edge *e)
{
	struct value *row = batch_insert(b, ENTITY_MERGES);

	row[MERGE_COMMIT] = value_id(e->commit);
	row[MERGE_INTO] = value_int(e->into);
	if (e->seq >= 0)
		row[MERGE_SEQ] = value_int(e->seq);
	row[MERGE_FROM] = value_int(e->from.branch);
	row[MERGE_FROM_SEQ] = value_int(e->from.seq);
}

void
merge_edge_found(struct call *c, struct id commit, int64_t seq)
{
	struct error ignored = { OK, "" };
	struct call call = *c;
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	call.error = &ignored;
	update_set(batch_update(&b, ENTITY_MERGES, value_id(commit),
		       (struct test){ MERGE_SEQ, TEST_EQ, value_null() }),
	    MERGE_SEQ, value_int(seq));
	if (batch_apply(&b, 0, &verdict, &failed) != OK)
		return; /* it is looked up by its commit, then */
}
