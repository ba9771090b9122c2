/* test_outage.c - an outage of the store, as its workers see it. */
#include "shm/outage.h"

#include "tests/unit/unit.h"

static void
is_told_by_the_first_and_the_last(void **state)
{
	struct outage o = { 0 };

	(void)state;
	assert_true(outage_begin(&o, 3, 100));
	assert_false(outage_begin(&o, 3, 110));
	assert_false(outage_begin(&o, 63, 120));
	assert_int_equal(outage_end(&o, 3, 130), -1);
	assert_int_equal(outage_end(&o, 63, 150), 50);
}

static void
has_no_end_without_a_beginning(void **state)
{
	struct outage o = { 0 };

	(void)state;
	assert_int_equal(outage_end(&o, 0, 100), -1);
	assert_true(outage_begin(&o, 1, 100));
	assert_int_equal(outage_end(&o, 0, 110), -1);
	assert_int_equal(outage_end(&o, 1, 110), 10);
	assert_true(outage_begin(&o, 0, 120));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_told_by_the_first_and_the_last),
		cmocka_unit_test(has_no_end_without_a_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
