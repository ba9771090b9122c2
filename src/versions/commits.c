#include "versions/commits.h"

#include "base/list.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "versions/operations.h"

/* Forks of forks of forks: more than anybody makes. */
#define LINEAGE_MAX 10000

struct walk {
	struct call *call;
	const struct catalog *catalog;
	const struct commit_filter *filter;
	struct point at; /* what comes next; branch 0: nothing */
	size_t limit;
	int64_t offset;
	const struct value **row;
	size_t count;
};

/* Commits rise in time along a branch and through its forks. */
static enum err
go_to_parent(struct walk *w)
{
	struct ref ref;

	TRY(ref_get_by_id(w->call, w->catalog, w->at.branch, &ref));
	w->at = ref.forked;
	if (w->filter->since_us != 0 && ref.fork_us < w->filter->since_us)
		w->at.branch = 0;
	return OK;
}

/* ---- by author and time: a range of the log */
static size_t
tests_of(const struct walk *w, struct test *ret)
{
	const struct commit_filter *f = w->filter;
	size_t n = 0;

	ret[n++] =
	    (struct test){ COMMIT_BRANCH, TEST_EQ, value_int(w->at.branch) };
	ret[n++] = (struct test){ COMMIT_SEQ, TEST_LE, value_int(w->at.seq) };
	if (f->author.ptr != NULL)
		ret[n++] = (struct test){ COMMIT_AUTHOR, TEST_EQ,
			value_text(f->author) };
	if (f->since_us != 0)
		ret[n++] = (struct test){ COMMIT_AT_US, TEST_GE,
			value_int(f->since_us) };
	if (f->until_us != 0)
		ret[n++] = (struct test){ COMMIT_AT_US, TEST_LE,
			value_int(f->until_us) };
	return n;
}

/* Positions are dense: without a filter nothing has to be counted. */
static bool
is_unfiltered(const struct commit_filter *f)
{
	return f->author.ptr == NULL && f->since_us == 0 && f->until_us == 0;
}

static enum err
leave_out(struct walk *w, const struct scan *scan, bool *ret_all)
{
	int64_t there = w->at.seq;

	*ret_all = false;
	if (w->offset == 0)
		return OK;
	if (!is_unfiltered(w->filter))
		TRY(store_count(w->call, scan, &there));
	*ret_all = w->offset >= there;
	if (*ret_all)
		w->offset -= there;
	return OK;
}

static enum err
take_link(struct walk *w)
{
	struct test where[5];
	struct scan scan = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.descending = true,
		.limit = (uint32_t)(w->limit - w->count),
		.where = where,
		.where_count = tests_of(w, where) };
	struct rows rows;
	bool all;

	TRY(leave_out(w, &scan, &all));
	if (all)
		return go_to_parent(w);
	scan.skip = (uint32_t)w->offset;
	w->offset = 0;
	TRY(store_scan(w->call, &scan, &rows));
	for (size_t i = 0; i < rows.count; i++)
		w->row[w->count++] = rows.row[i];
	if (rows.next.ptr == NULL)
		return go_to_parent(w);
	w->at.seq = rows.row[rows.count - 1][COMMIT_SEQ].as.i - 1;
	return OK;
}

/* ---- by key: from version to version */
static enum err
get_row(struct walk *w, struct point at, const struct value **ret)
{
	const struct value key[] = { value_int(at.branch), value_int(at.seq) };
	const struct value *keys[] = { key };
	struct rows rows;

	TRY(store_get(w->call, ENTITY_COMMITS, keys, 1, &rows));
	*ret = rows.row[0];
	return OK;
}

static bool
passes(const struct commit_filter *f, const struct value *row)
{
	int64_t at_us = value_int_or(row[COMMIT_AT_US], 0);

	if (f->author.ptr != NULL &&
	    !str_eq(f->author, value_str_or_absent(row[COMMIT_AUTHOR])))
		return false;
	return (f->since_us == 0 || at_us >= f->since_us) &&
	       (f->until_us == 0 || at_us <= f->until_us);
}

static enum err
take_version(struct walk *w)
{
	const struct chain own = { &w->at, 1 };
	const struct value *row;
	struct version v;

	TRY(store_read(w->call, own, &w->filter->key, 1, &v));
	if (v.kind == 0 || v.at.seq == 0)
		return go_to_parent(w);
	w->at.seq = v.at.seq;
	TRY(get_row(w, w->at, &row));
	w->at.seq--;
	if (row == NULL || !passes(w->filter, row))
		return OK;
	if (w->offset != 0)
		w->offset--;
	else
		w->row[w->count++] = row;
	return OK;
}

static enum err
find_rows(struct walk *w)
{
	bool by_key = w->filter->key.name.ptr != NULL;
	int64_t steps = LINEAGE_MAX;

	while (w->count < w->limit && w->at.branch != 0) {
		TRY(arena_check(w->call->arena, w->call->error));
		if (w->at.seq == 0)
			TRY(go_to_parent(w));
		else if (by_key)
			TRY(take_version(w));
		else
			TRY(take_link(w));
		if (steps-- == 0)
			break; /* a short page; the next one goes on */
	}
	return OK;
}

/* ---- commits of rows */
static struct commit
commit_of_row(const struct value *row)
{
	return (struct commit){
		.at = { row[COMMIT_BRANCH].as.i, row[COMMIT_SEQ].as.i },
		.id = value_id_or_nil(row[COMMIT_ID]),
		.parent = value_id_or_nil(row[COMMIT_PARENT]),
		.author = value_str_or_absent(row[COMMIT_AUTHOR]),
		.message = value_str_or_absent(row[COMMIT_MESSAGE]),
		.at_us = value_int_or(row[COMMIT_AT_US], 0),
	};
}

/* The ids of what merges brought. */
static enum err
find_merged(struct walk *w, struct commit *io)
{
	const struct value **keys =
	    ARENA_NEW(w->call->arena, const struct value *, w->count + 1);
	size_t *whose = ARENA_NEW(w->call->arena, size_t, w->count + 1);
	struct rows rows;
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (w->row[i][COMMIT_MERGED_BRANCH].type != VALUE_INT)
			continue;
		keys[n] = &w->row[i][COMMIT_MERGED_BRANCH];
		whose[n++] = i; /* branch and seq stand side by side */
	}
	if (n == 0)
		return OK;
	TRY(store_get(w->call, ENTITY_COMMITS, keys, n, &rows));
	for (size_t i = 0; i < n; i++)
		if (rows.row[i] != NULL)
			io[whose[i]].merged =
			    value_id_or_nil(rows.row[i][COMMIT_ID]);
	return OK;
}

static enum err
name_branches(struct walk *w, struct commit *io)
{
	struct ref ref = { 0 };

	for (size_t i = 0; i < w->count; i++) {
		if (ref.id != io[i].at.branch)
			TRY(ref_get_by_id(
			    w->call, w->catalog, io[i].at.branch, &ref));
		io[i].branch = ref.name;
	}
	return OK;
}

enum err
commits_list(struct call *c, const struct catalog *catalog, struct point from,
    const struct commit_filter *filter, int64_t limit, int64_t offset,
    struct commit_page *ret)
{
	struct walk w = { .call = c,
		.catalog = catalog,
		.filter = filter,
		.at = from,
		.limit = (size_t)limit,
		.offset = offset };
	struct commit *commits = ARENA_NEW(c->arena, struct commit, w.limit);
	size_t done;

	w.row = ARENA_NEW(c->arena, const struct value *, w.limit);
	TRY(find_rows(&w));
	for (size_t i = 0; i < w.count; i++)
		commits[i] = commit_of_row(w.row[i]);
	TRY(find_merged(&w, commits));
	TRY(name_branches(&w, commits));
	TRY(operations_find(c, catalog, commits, w.count, &done));
	if (done < w.count)
		w.at = commits[done].at;
	*ret = (struct commit_page){ commits, done, w.at };
	return OK;
}
