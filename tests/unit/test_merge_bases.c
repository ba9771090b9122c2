/* test_merge_bases.c - what a later merge begins at outlives a prune. */
#include "tests/unit/plan_fixture.h"
#include "versions/merges.h"
#include "versions/pins.h"

static struct version
properties_of(const char *body)
{
	return (struct version){ .key = { SPACE_NAMESPACE, STR_INIT(""),
				     STR_INIT("a") },
		.kind = KIND_NAMESPACE,
		.body = str_from(body) };
}

static struct point
set(int64_t branch, const char *body)
{
	const struct version v = properties_of(body);
	struct unit unit = { .puts = &v, .put_count = 1 };

	apply(branch, &unit);
	return (struct point){ branch, unit.seq };
}

static struct merge_operation
merge(const char *source, const char *target)
{
	const struct merge_ask ask = { .source = str_from(source),
		.target = str_from(target) };
	struct merge_operation op;
	struct branch in;

	assert_ok(branch_open(&call, acme, sales.name, &in));
	assert_ok(merges_start(&call, &in, &ask, &op));
	return op;
}

static struct str
properties(int64_t branch)
{
	const struct key key = properties_of("").key;
	struct version v;
	struct chain chain;

	assert_ok(chain_of(
	    &call, &sales, (struct point){ branch, SEQ_HEAD }, &chain));
	assert_ok(store_read(&call, chain, &key, 1, &v));
	return v.body;
}

static void
raise_horizon(int64_t branch, int64_t horizon)
{
	struct batch b = batch_of(&call);
	enum verdict verdict;
	struct ref ref;
	size_t failed;

	assert_ok(ref_get_by_id(&call, &sales, branch, &ref));
	update_set(
	    ref_update(&b, &ref, (struct str){ 0 },
		(struct test){ REF_HORIZON, TEST_LE, value_int(horizon) }),
	    REF_HORIZON, value_int(horizon));
	assert_ok(control_apply(&b, acme, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

/* As the task does it, for one branch. */
static void
prune(int64_t branch, int64_t horizon)
{
	struct point above = { branch, -1 };
	struct versions dropped = { .more = true };
	struct positions at;
	struct pins pins;

	raise_horizon(branch, horizon);
	assert_ok(pins_read(&call, &sales, &pins));
	at = pins_of(&pins, branch, horizon);
	while (dropped.more)
		assert_ok(
		    store_prune(&call, &above, at.at, at.count, 100, &dropped));
}

/*
 * dev merges main twice and forgets nothing; main forgets what it was at the
 * first of them, and has taken back since what it had then.  A branch made from
 * dev as it was in between knows that first state only: had it gone, an older
 * one would look as if the new branch had set p.
 */
static void
merge_behind_a_prune(int others)
{
	const int64_t trunk = sales.main_branch;
	int64_t dev, late;
	struct point between;

	(void)set(trunk, "{\"p\":\"1\"}");
	dev = fork_of("dev", (struct point){ trunk, 1 }).id;
	(void)set(trunk, "{\"p\":\"5\"}");
	assert_int_equal(merge("main", "dev").status, STATUS_COMPLETED);
	between = set(dev, "{\"p\":\"5\",\"q\":\"1\"}");
	(void)set(trunk, "{\"p\":\"1\"}");
	assert_int_equal(merge("main", "dev").status, STATUS_COMPLETED);
	(void)set(trunk, "{\"p\":\"1\",\"s\":\"1\"}");
	for (int i = 0; i < others; i++)
		(void)fork_of(arena_printf(call.arena, "other%d", i).ptr,
		    (struct point){ trunk, 4 });
	prune(trunk, 4);

	late = fork_of("late", between).id;
	(void)set(late, "{\"p\":\"5\",\"q\":\"1\",\"r\":\"1\"}");
	assert_int_equal(merge("late", "main").status, STATUS_COMPLETED);
	assert_str(properties(trunk),
	    STR("{\"p\":\"1\",\"s\":\"1\",\"q\":\"1\",\"r\":\"1\"}"));
}

static void
a_branch_of_an_old_state_finds_its_base(void **state)
{
	(void)state;
	new_sales(1);
	merge_behind_a_prune(0);
}

static void
many_branches_change_nothing_of_it(void **state)
{
	(void)state;
	new_sales(1);
	merge_behind_a_prune(100);
}

/* An earlier build may have forgotten it. */
static void
a_base_that_was_forgotten_is_a_conflict(void **state)
{
	struct conflict_list found;
	struct merge_operation op;
	int64_t dev, one;

	(void)state;
	new_sales(1);
	(void)set(sales.main_branch, "{\"p\":\"1\"}");
	dev = fork_of("dev", (struct point){ sales.main_branch, 1 }).id;
	one = fork_of("one", (struct point){ sales.main_branch, 1 }).id;
	(void)set(dev, "{\"p\":\"5\"}");
	assert_int_equal(merge("dev", "main").status, STATUS_COMPLETED);
	assert_int_equal(merge("dev", "one").status, STATUS_COMPLETED);
	(void)set(sales.main_branch, "{\"p\":\"1\"}");
	(void)set(one, "{\"p\":\"5\",\"r\":\"1\"}");
	raise_horizon(dev, HORIZON_NONE);
	op = merge("one", "main");
	assert_int_equal(op.status, STATUS_CONFLICTED);
	assert_ok(conflicts_all(&call, op.id, &found));
	assert_int_equal(found.count, 1);
	assert_int_equal(found.at[0].kind, CONFLICT_OF_METADATA);
	assert_str(found.at[0].reason,
	    STR("Both have changed namespace a since a state that is older "
		"than history.retention and was forgotten"));
	assert_str(properties(sales.main_branch), STR("{\"p\":\"1\"}"));
}

/* A merge that was decided late put nothing: its edge is at a point that has
 * led to its source. */
static void
points_that_know_each_other_are_a_base(void **state)
{
	struct batch b = batch_of(&call);
	struct merge_edge edge = { .commit = id_v4() };
	struct point from, late;
	int64_t one, two;
	enum verdict verdict;
	size_t failed;

	(void)state;
	new_sales(4);
	from = set(sales.main_branch, "{\"p\":\"0\"}");
	late.branch = fork_of("dev", from).id;
	late = set(late.branch, "{\"p\":\"1\"}");
	assert_int_equal(merge("dev", "main").status, STATUS_COMPLETED);
	edge.into = late.branch;
	edge.seq = late.seq;
	edge.from = (struct point){ sales.main_branch, from.seq + 1 };
	merge_edge_put(&b, &edge);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	one = fork_of("one", late).id;
	two = fork_of("two", late).id;
	(void)set(one, "{\"p\":\"2\"}");
	(void)set(two, "{\"p\":\"1\",\"q\":\"1\"}");
	assert_int_equal(merge("one", "two").status, STATUS_COMPLETED);
	assert_str(properties(two), STR("{\"p\":\"2\",\"q\":\"1\"}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_branch_of_an_old_state_finds_its_base),
		TEST(a_base_that_was_forgotten_is_a_conflict),
		TEST(points_that_know_each_other_are_a_base),
		TEST(many_branches_change_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
