/* test_sqlite_tails.c - positions that are asked for without waiting. */
#include "record/control.h"
#include "tests/unit/both_stores.h"

static struct call prompt; /* as `call`, on the loop */

static int
begin(void **state)
{
	(void)open_named(state);
	prompt = call;
	prompt.nowait = true;
	return 0;
}

static struct id
tenant_number(int n)
{
	return (struct id){ { (uint8_t)n, (uint8_t)(n >> 8), 1 } };
}

static void
write_to(struct call *c, int n)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	control_name(&b, CONTROL_CATALOG, STR("x"));
	assert_ok(control_apply(&b, tenant_number(n), &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

/* Of the first `count` logs; the last one's position. */
static int64_t
last_of(int count)
{
	struct point at[4];

	for (int i = 0; i < count; i++)
		at[i].branch = control_log(tenant_number(i));
	assert_ok(store_heads(&prompt, at, (size_t)count));
	return at[count - 1].seq;
}

static void
what_was_written_is_told(void **state)
{
	(void)state;
	assert_int_equal(last_of(1), 0);
	assert_int_equal(last_of(1), 0);
	for (int i = 1; i <= 3; i++) {
		write_to(&call, 0);
		assert_int_equal(last_of(1), i);
		assert_int_equal(last_of(1), i);
	}
}

static void
what_another_process_wrote_is_told(void **state)
{
	struct store *own = call.store;

	open_with_schema(*state, &record_schema);

	struct call other = call;

	call.store = own;
	for (int i = 1; i <= 3; i++) {
		write_to(&other, 0);
		assert_int_equal(last_of(1), i);
	}
	other.store->ops->close(other.store);
}

static void
a_log_that_was_not_asked_for_before_is(void **state)
{
	(void)state;
	write_to(&call, 0);
	write_to(&call, 1);
	write_to(&call, 1);
	assert_int_equal(last_of(1), 1);
	assert_int_equal(last_of(2), 2);
	assert_int_equal(last_of(1), 1);
}

int
main(void)
{
#define TEST(name)                                                             \
	{                                                                      \
#name, name, begin, close_named, (void *)"sqlite"              \
	}
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_told),
		TEST(what_another_process_wrote_is_told),
		TEST(a_log_that_was_not_asked_for_before_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
