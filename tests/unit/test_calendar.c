/* test_calendar.c - days and dates. */
#include "base/calendar.h"
#include "tests/unit/unit.h"

static void
counts_days_from_1970(void **state)
{
	static const struct {
		struct date date;
		int64_t days;
	} cases[] = {
		{ { 1970, 1, 1 }, 0 },
		{ { 1969, 12, 31 }, -1 },
		{ { 2000, 2, 29 }, 11016 },
		{ { 2000, 3, 1 }, 11017 },
		{ { 2017, 11, 16 }, 17486 },
		{ { 0, 1, 1 }, -719528 },
		{ { -1, 12, 31 }, -719529 },
		{ { 9999, 12, 31 }, 2932896 },
		{ { 5881580, 7, 11 }, INT32_MAX },
		{ { -5877641, 6, 23 }, INT32_MIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct date date = date_of_days(cases[i].days);

		assert_int_equal(date_days(cases[i].date), cases[i].days);
		assert_int_equal(date.year, cases[i].date.year);
		assert_int_equal(date.month, cases[i].date.month);
		assert_int_equal(date.day, cases[i].date.day);
	}
}

static void
follows_each_day_with_the_next(void **state)
{
	struct date last = date_of_days(-400000);

	(void)state;
	for (int64_t days = -399999; days < 400000; days++) {
		struct date date = date_of_days(days);

		assert_true(date_exists(date));
		assert_int_equal(date_days(date), days);
		last.day++;
		if (!date_exists(last)) {
			last.day = 1;
			last.month++;
		}
		if (last.month == 13) {
			last.month = 1;
			last.year++;
		}
		assert_int_equal(date.year, last.year);
		assert_int_equal(date.month, last.month);
		assert_int_equal(date.day, last.day);
	}
}

static void
knows_leap_years(void **state)
{
	(void)state;
	assert_true(date_exists((struct date){ 2000, 2, 29 }));
	assert_true(date_exists((struct date){ -4, 2, 29 }));
	assert_false(date_exists((struct date){ 1900, 2, 29 }));
	assert_false(date_exists((struct date){ 2023, 2, 29 }));
	assert_false(date_exists((struct date){ 2023, 4, 31 }));
	assert_false(date_exists((struct date){ 2023, 0, 1 }));
	assert_false(date_exists((struct date){ 2023, 13, 1 }));
	assert_false(date_exists((struct date){ 2023, 1, 0 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_days_from_1970),
		cmocka_unit_test(follows_each_day_with_the_next),
		cmocka_unit_test(knows_leap_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
