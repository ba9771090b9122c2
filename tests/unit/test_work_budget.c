/* test_work_budget.c - steps until the time is over, and behind it. */
#include "tests/unit/work_fixture.h"

#include "tests/unit/unit.h"

static void
steps_are_free_until_the_time_is_over(void **state)
{
	struct work_budget *budget = plenty();
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < 5 * WORK_SLICE; i++)
		assert_true(work_steps(budget, i % 3));
	assert_true(work_steps(budget, SIZE_MAX));
	assert_int_equal(work_check(budget, &error), OK);
}

static void
the_clock_is_looked_at_once_in_a_slice(void **state)
{
	struct work_budget *budget = only_steps(WORK_SLICE);
	size_t steps = 0;

	(void)state;
	while (work_steps(budget, 1))
		steps++;
	assert_int_equal(steps, WORK_SLICE);
}

static void
a_budget_that_is_over_stays_so(void **state)
{
	struct work_budget *budget = only_steps(0);
	struct error error = { 0 };

	(void)state;
	assert_false(work_steps(budget, 1));
	budget->deadline_us = INT64_MAX;
	assert_false(work_steps(budget, 0));
	assert_false(work_look(budget));
	assert_int_equal(work_check(budget, &error), ERR_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_free_until_the_time_is_over),
		cmocka_unit_test(the_clock_is_looked_at_once_in_a_slice),
		cmocka_unit_test(a_budget_that_is_over_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
