/*
 * apply.c - apply(): each unit is written as it is judged, after a savepoint,
 * so that a unit that fails leaves nothing behind.
 */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "plugins/rowlog/steps.h"

struct step {
	struct engine *engine;
	int64_t branch;
	const struct unit *unit;
	struct unit_result *ret;
};

static struct value
of_int(int64_t n)
{
	return (struct value){ VALUE_INT, { .i = n } };
}

static struct value
of_text(enum value_type type, struct str s)
{
	struct value v = { .type = VALUE_NULL };

	if (s.ptr != NULL)
		v = (struct value){ type, { .s = s } };
	return v;
}

static struct str
never_null(struct str s)
{
	return s.len != 0 ? s : STR("");
}

static void
decide(struct step *j, enum verdict verdict, size_t failed)
{
	j->ret->verdict = verdict;
	j->ret->failed = failed;
}

static bool
decided(const struct step *j)
{
	return j->ret->verdict != VERDICT_NONE;
}

/* EXPECT_SEQ and EXPECT_LIVE */
static enum err
test_key(struct step *j, const struct expect *x, bool *ret_holds)
{
	struct value key[ENTRY_FIELDS];
	const struct value *entry;

	entry_to_key(j->branch, &x->key, key);
	TRY(rowlog_find(j->engine, ROWLOG_ENTRIES, key, &entry));

	int64_t seq = entry != NULL ? entry[ENTRY_SEQ].as.i : 0;
	bool live = entry != NULL && entry[ENTRY_DELETED].as.i == 0;

	*ret_holds = seq == x->seq || (x->op == EXPECT_LIVE && live);
	return OK;
}

/* EXPECT_EMPTY, when the unit's own versions are written */
static enum err
test_empty(struct step *j, const struct expect *x, bool *ret_holds)
{
	static const enum space spaces[] = { SPACE_NAMESPACE, SPACE_RELATION };
	const struct value *live = NULL;

	for (size_t i = 0; i < 2 && live == NULL; i++) {
		const struct test where[] = {
			{ ENTRY_BRANCH, TEST_EQ, of_int(j->branch) },
			{ ENTRY_SPACE, TEST_EQ, of_int(spaces[i]) },
			{ ENTRY_NS, TEST_EQ,
			    of_text(VALUE_TEXT, never_null(x->key.ns)) },
			{ ENTRY_DELETED, TEST_EQ, of_int(0) },
		};
		const struct scan scan = { .index = INDEX_KEY,
			.limit = 1,
			.where = where,
			.where_count = 4 };

		TRY(rowlog_first(j->engine, ROWLOG_ENTRIES, &scan, &live));
	}
	*ret_holds = live == NULL;
	return OK;
}

static enum err
test_expects(struct step *j, bool empty)
{
	const struct unit *u = j->unit;

	for (size_t i = 0; i < u->expect_count && !decided(j); i++) {
		const struct expect *x = &u->expects[i];
		bool holds = true;

		if ((x->op == EXPECT_EMPTY) != empty)
			continue;
		TRY(empty ? test_empty(j, x, &holds) : test_key(j, x, &holds));
		if (!holds)
			decide(j, VERDICT_CONFLICT, i);
	}
	return OK;
}

static enum err
put_version(struct step *j, const struct version *v)
{
	struct version stored = *v;
	struct point at = { j->branch, j->ret->seq };
	struct value row[VERSION_FIELDS], entry[ENTRY_FIELDS];
	enum verdict verdict;

	if (v->origin.branch == 0)
		stored.origin = at;
	version_to_row(&stored, at, row);
	entry_to_key(j->branch, &v->key, entry);
	entry[ENTRY_SEQ] = of_int(at.seq);
	entry[ENTRY_DELETED] = of_int(v->deleted);
	TRY(rowlog_put(j->engine, ROWLOG_VERSIONS, row, true, &verdict));
	if (verdict == VERDICT_NONE)
		TRY(rowlog_put(
		    j->engine, ROWLOG_ENTRIES, entry, false, &verdict));
	if (verdict != VERDICT_NONE) /* too big, or twice in one unit */
		decide(j, VERDICT_INVALID, 0);
	return OK;
}

static int64_t
time_behind(const struct value *before)
{
	int64_t now = clock_now_us();

	if (before->type == VALUE_INT && now <= before->as.i)
		now = before->as.i + 1;
	return now;
}

/* The first commit of a fork continues where the parent was left. */
static enum err
put_commit(struct step *j, const struct value *ref)
{
	const struct unit *u = j->unit;
	const struct entity *t = &j->engine->schema->entities[ENTITY_COMMITS];
	const struct value *last;
	enum verdict verdict;

	TRY(rowlog_head(j->engine, j->branch, &last));
	j->ret->seq = (last != NULL ? last[COMMIT_SEQ].as.i : 0) + 1;

	struct value row[ENTITY_FIELDS_MAX] = {
		[COMMIT_BRANCH] = of_int(j->branch),
		[COMMIT_SEQ] = of_int(j->ret->seq),
		[COMMIT_ID] = { VALUE_ID, { .id = u->id } },
		[COMMIT_PARENT] =
		    last != NULL ? last[COMMIT_ID] : ref[REF_FORK_COMMIT],
		[COMMIT_AUTHOR] = of_text(VALUE_TEXT, u->author),
		[COMMIT_MESSAGE] = of_text(VALUE_TEXT, u->message),
		[COMMIT_AT_US] = of_int(time_behind(
		    last != NULL ? &last[COMMIT_AT_US] : &ref[REF_FORK_US])),
		[COMMIT_HASH] = of_text(VALUE_BYTES, u->request_hash),
	};

	if (u->merged.branch != 0) {
		row[COMMIT_MERGED_BRANCH] = of_int(u->merged.branch);
		row[COMMIT_MERGED_SEQ] = of_int(u->merged.seq);
	}
	TRY(rowlog_put(j->engine, t, row, true, &verdict));
	if (verdict != VERDICT_NONE)
		decide(j, verdict, 0);
	return OK;
}

/* Is a commit of this id in the log? */
static enum err
look_for_commit(struct step *j)
{
	const struct test same_id = { COMMIT_ID, TEST_EQ,
		{ VALUE_ID, { .id = j->unit->id } } };
	const struct scan by_id = {
		.index = schema_commit_by_id(j->engine->schema),
		.limit = 1,
		.where = &same_id,
		.where_count = 1,
	};
	const struct value *first;

	TRY(rowlog_first(j->engine,
	    &j->engine->schema->entities[ENTITY_COMMITS], &by_id, &first));
	if (first == NULL)
		return OK;
	decide(j, VERDICT_ALREADY, 0);
	j->ret->seq = first[COMMIT_SEQ].as.i;
	if (first[COMMIT_HASH].type == VALUE_BYTES)
		j->ret->first_hash = first[COMMIT_HASH].as.s;
	return OK;
}

static enum err
apply_log(struct step *j)
{
	const struct entity *refs = &j->engine->schema->entities[ENTITY_REFS];
	const struct unit *u = j->unit;
	const struct value key = of_int(j->branch), *ref;

	if (u->put_count != 0)
		TRY(look_for_commit(j));
	if (decided(j))
		return OK;
	TRY(rowlog_find(j->engine, refs, &key, &ref));
	decide(j, branch_verdict(ref, u), 0);
	if (decided(j))
		return OK;
	TRY(test_expects(j, false));
	if (u->put_count != 0 && !decided(j))
		TRY(put_commit(j, ref));
	for (size_t i = 0; i < u->put_count && !decided(j); i++)
		TRY(put_version(j, &u->puts[i]));
	return test_expects(j, true);
}

static enum err
apply_one(struct step *j)
{
	const struct schema *schema = j->engine->schema;
	const struct unit *u = j->unit;

	if (!unit_is_storable(schema, u))
		decide(j, VERDICT_INVALID, 0);
	else if (j->branch != 0)
		TRY(apply_log(j));
	for (size_t i = 0; i < u->write_count && !decided(j); i++) {
		const struct write *w = &u->writes[i];
		enum verdict verdict;

		TRY(j->engine->ops->write(
		    j->engine, &schema->entities[w->entity], w, &verdict));
		if (verdict != VERDICT_NONE)
			decide(j, verdict,
			    verdict == VERDICT_CONFLICT ? u->expect_count + i
							: 0);
	}
	if (!decided(j))
		decide(j, VERDICT_APPLIED, 0);
	else if (j->ret->verdict != VERDICT_ALREADY)
		j->ret->seq = 0;
	return OK;
}

enum err
rowlog_apply(struct engine *g, int64_t branch, const struct unit *units,
    size_t count, struct unit_result **ret)
{
	struct unit_result *all =
	    ARENA_NEW(g->arena, struct unit_result, count);

	for (size_t i = 0; i < count; i++) {
		struct step j = { g, branch, &units[i], &all[i] };

		TRY(g->ops->mark(g));
		TRY(apply_one(&j));
		TRY(g->ops->settle(g, all[i].verdict == VERDICT_APPLIED));
	}
	*ret = all;
	return OK;
}
