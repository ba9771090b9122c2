/* test_sts_failures.c - which failures of STS are known, and how long. */
#include "catalog/sts_failures.h"

#include "tests/unit/unit.h"

#define SLOW STS_FAILURE_SLOW_US

static struct error error;

static struct id
warehouse(uint8_t n)
{
	return (struct id){ { [15] = n } };
}

static void
note(uint8_t n, int64_t began_us, int64_t now_us)
{
	const struct error why = { ERR_UNAVAILABLE, "no answer" };

	sts_failures_note(warehouse(n), 1, &why, began_us, now_us);
}

static enum err
check(uint8_t n, int64_t revision, int64_t now_us)
{
	error = (struct error){ 0 };
	return sts_failures_check(warehouse(n), revision, now_us, &error);
}

static void
loads_do_not_wait_for_a_silent_sts_one_after_the_other(void **state)
{
	(void)state;
	note(1, 0, SLOW);
	assert_int_equal(
	    check(1, 1, SLOW + STS_FAILURE_US - 1), ERR_UNAVAILABLE);
	assert_string_equal(error.message, "no answer");
	assert_int_equal(check(1, 1, SLOW + STS_FAILURE_US), OK);
	assert_int_equal(check(2, 1, SLOW), OK);
	/* the settings are other ones */
	assert_int_equal(check(1, 2, SLOW), OK);
}

static void
a_refusal_at_once_is_asked_for_again(void **state)
{
	(void)state;
	note(3, 0, SLOW - 1);
	assert_int_equal(check(3, 1, SLOW - 1), OK);
}

static void
of_too_many_the_one_that_ends_first_is_forgotten(void **state)
{
	(void)state;
	for (int64_t i = 0; i <= STS_FAILURES_MAX; i++) {
		const struct error why = { ERR_UNAVAILABLE, "no answer" };

		sts_failures_note(
		    warehouse(4), i, &why, 100 * SLOW + i, 101 * SLOW + i);
	}
	assert_int_equal(check(4, 0, 102 * SLOW), OK);
	assert_int_equal(check(4, 1, 102 * SLOW), ERR_UNAVAILABLE);
	assert_int_equal(
	    check(4, STS_FAILURES_MAX, 102 * SLOW), ERR_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    loads_do_not_wait_for_a_silent_sts_one_after_the_other),
		cmocka_unit_test(a_refusal_at_once_is_asked_for_again),
		cmocka_unit_test(
		    of_too_many_the_one_that_ends_first_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
