/* test_merge_reads.c - a merge that lost a race reads what has moved since. */
#include "versions/merge_reads.h"

#include "tests/unit/plan_fixture.h"

#define TABLES 40

static const struct store_ops *real_ops;
static size_t keys_read;

static enum err
count_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	keys_read += count;
	return real_ops->read(c, chain, keys, count, ret);
}

static void
count_reads(struct store *store)
{
	static struct store_ops ops;

	real_ops = store->ops;
	ops = *store->ops;
	ops.read = count_read;
	store->ops = &ops;
}

static struct point
put(int64_t branch, int table, int content)
{
	struct version v = version_of(table, content);
	struct unit unit = { .puts = &v, .put_count = 1 };

	apply(branch, &unit);
	return (struct point){ branch, unit.seq };
}

/* A try, and how many keys it has read. */
static size_t
try_plan(struct point source, struct point target, struct merge_reads *reads,
    struct merge_plan *ret)
{
	struct merge_sides *sides =
	    ARENA_NEW(call.arena, struct merge_sides, 1);

	*sides = (struct merge_sides){ .catalog = &sales,
		.source = source,
		.target = target,
		.reads = reads };
	keys_read = 0;
	assert_ok(merge_plan_make(&call, sides, ret));
	return keys_read;
}

static void
assert_same_plan(const struct merge_plan *a, const struct merge_plan *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_str(a->at[i]->key.name, b->at[i]->key.name);
		assert_int_equal(a->at[i]->outcome, b->at[i]->outcome);
		assert_int_equal(
		    a->at[i]->there.at.seq, b->at[i]->there.at.seq);
	}
}

static struct point trunk, dev;

static void
begin_branches(int run)
{
	new_sales(run);
	for (int k = 0; k < TABLES; k++)
		trunk = put(sales.main_branch, k, 100 + k);
	dev = (struct point){ fork_of("dev", trunk).id, 0 };
	for (int k = 0; k < TABLES; k++)
		dev = put(dev.branch, k, 200 + k);
}

static void
a_later_try_reads_what_the_target_has_changed(void **state)
{
	struct merge_reads reads = { 0 };
	struct merge_plan first, again, fresh;
	size_t all, fewer;

	(void)state;
	begin_branches(1);
	count_reads(call.store);
	all = try_plan(dev, trunk, &reads, &first);
	assert_true(all >= (size_t)2 * TABLES);
	trunk = put(trunk.branch, 7, 300);
	trunk = put(trunk.branch, TABLES + 1, 301);
	fewer = try_plan(dev, trunk, &reads, &again);
	assert_true(fewer < 10);
	(void)try_plan(dev, trunk, NULL, &fresh);
	assert_same_plan(&again, &fresh);
	assert_int_equal(merge_plan_count(&again, MERGE_CONFLICT), 1);
	trunk = put(trunk.branch, 8, 302);
	(void)try_plan(dev, trunk, &reads, &again);
	(void)try_plan(dev, trunk, NULL, &fresh);
	assert_same_plan(&again, &fresh);
	assert_int_equal(merge_plan_count(&again, MERGE_CONFLICT), 2);
}

static void
a_source_that_has_moved_is_read_again(void **state)
{
	struct merge_reads reads = { 0 };
	struct merge_plan first, again;

	(void)state;
	begin_branches(2);
	(void)try_plan(dev, trunk, &reads, &first);
	dev = put(dev.branch, TABLES + 1, 300);
	(void)try_plan(dev, trunk, &reads, &again);
	assert_int_equal(again.count, TABLES + 1);
}

/* A commit of the target that merges all of the source but `less` commits. */
static void
learn(int64_t less)
{
	struct batch b = batch_of(&call);
	struct merge_edge edge = { .commit = id_v4(),
		.into = trunk.branch,
		.from = { dev.branch, dev.seq - less } };
	enum verdict verdict;
	size_t failed;

	trunk = put(trunk.branch, TABLES + 1, (int)(300 + less));
	edge.seq = trunk.seq;
	merge_edge_put(&b, &edge);
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
}

static void
what_the_target_has_learned_is_not_planned_again(void **state)
{
	struct merge_reads reads = { 0 };
	struct merge_plan first, again, fresh;

	(void)state;
	begin_branches(3);
	learn(TABLES - 1);
	(void)try_plan(dev, trunk, &reads, &first);
	assert_int_equal(merge_plan_count(&first, MERGE_TAKE), TABLES - 1);
	learn(1);
	(void)try_plan(dev, trunk, &reads, &again);
	(void)try_plan(dev, trunk, NULL, &fresh);
	assert_same_plan(&again, &fresh);
	assert_int_equal(merge_plan_count(&again, MERGE_TAKE), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_later_try_reads_what_the_target_has_changed, begin,
		    close_store),
		cmocka_unit_test_setup_teardown(
		    a_source_that_has_moved_is_read_again, begin, close_store),
		cmocka_unit_test_setup_teardown(
		    what_the_target_has_learned_is_not_planned_again, begin,
		    close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
