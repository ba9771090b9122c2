/* test_merges.c - merges as units: how large, how often, and what is left. */
#include "versions/merges.h"

#include "tests/unit/plan_fixture.h"

#define MANY 10000

static struct branch
in_sales(void)
{
	struct branch b;

	assert_ok(branch_open(&call, acme, sales.name, &b));
	return b;
}

static struct version
table_of(int number)
{
	struct version v = version_of(0, number);

	v.key.name = arena_printf(call.arena, "t%d", number);
	memcpy(v.object.b + 8, &number, sizeof(number));
	return v;
}

static void
put_many(int64_t branch, int from, int count)
{
	struct version *puts =
	    ARENA_NEW(call.arena, struct version, (size_t)count);
	struct unit unit = { .puts = puts, .put_count = (size_t)count };

	for (int i = 0; i < count; i++)
		puts[i] = table_of(from + i);
	apply(branch, &unit);
}

static struct merge_operation
merge_dev(void)
{
	const struct merge_ask ask = { .source = STR("dev"),
		.target = STR("main") };
	const struct branch in = in_sales();
	struct merge_operation op;

	assert_ok(merges_start(&call, &in, &ask, &op));
	return op;
}

static int64_t
head_of(int64_t branch)
{
	struct point head = { branch, 0 };

	assert_ok(store_heads(&call, &head, 1));
	return head.seq;
}

static void
ten_thousand_tables_are_one_commit(void **state)
{
	int64_t dev;

	(void)state;
	new_sales(1);
	put_many(sales.main_branch, 0, 1);
	dev = fork_of("dev", (struct point){ sales.main_branch, SEQ_HEAD }).id;
	put_many(dev, 1, MANY);

	struct merge_operation op = merge_dev();
	struct versions changed;

	assert_int_equal(op.status, STATUS_COMPLETED);
	assert_int_equal(head_of(sales.main_branch), 2);
	assert_ok(store_changes(
	    &call, (struct point){ sales.main_branch, 1 }, 2, 1, &changed));
	assert_int_equal(changed.count, MANY);
	for (size_t i = 0; i < changed.count; i++)
		assert_int_equal(changed.at[i].origin.branch, dev);
	op = merge_dev();
	assert_int_equal(op.revision, 0); /* nothing new: nothing is stored */
	assert_int_equal(head_of(sales.main_branch), 2);
}

static void
more_than_a_unit_holds_is_refused(void **state)
{
	const struct merge_ask ask = { .source = STR("dev"),
		.target = STR("main") };
	struct merge_operation op;
	struct branch in;
	int64_t dev;

	(void)state;
	new_sales(1);
	put_many(sales.main_branch, 0, 1);
	dev = fork_of("dev", (struct point){ sales.main_branch, SEQ_HEAD }).id;
	for (int i = 0; i < 6; i++)
		put_many(dev, 1 + i * MANY, MANY);
	in = in_sales();
	assert_fails(merges_start(&call, &in, &ask, &op), ERR_BAD_REQUEST,
	    "More than 50000 tables, views and namespaces have changed: merge "
	    "an earlier commit of the branch first");
	assert_int_equal(head_of(sales.main_branch), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_thousand_tables_are_one_commit),
		TEST(more_than_a_unit_holds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
