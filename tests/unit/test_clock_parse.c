/* test_clock_parse.c - RFC 3339 times. */
#include "base/clock.h"

#include "tests/unit/unit.h"

static void
reads_every_form(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00.000001z", 1 },
		{ "1970-01-01 00:00:00.1234569Z", 123456 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T23:30:00-00:30", 0 },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2000-02-29T12:34:56Z", 951827696 * CLOCK_SECOND },
		{ "2024-03-01T00:00:00Z", 1709251200 * CLOCK_SECOND },
		{ "2016-12-31T23:59:60Z", 1483228800 * CLOCK_SECOND },
		{ "0000-01-01T00:00:00Z", -62167219200 * CLOCK_SECOND },
		{ "9999-12-31T23:59:59Z", 253402300799 * CLOCK_SECOND },
	};
	int64_t us = -2;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(clock_parse(str_from(cases[i].text), &us));
		assert_true(us == cases[i].us);
	}
}

static void
refuses_the_rest(void **state)
{
	static const char *const cases[] = { "", "1970-01-01",
		"1970-01-01T00:00:00", "1970-01-01T00:00Z",
		"1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
		"1970-04-31T00:00:00Z", "1900-02-29T00:00:00Z",
		"1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
		"1970-01-01T00:00:61Z", "1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00+0100", "1970-01-01T00:00:00+24:00",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z",
		"1970-01-01T00:00:00Z ", "1970-1-1T00:00:00Z", "now" };
	int64_t us = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(clock_parse(str_from(cases[i]), &us));
}

static void
reads_what_clock_format_writes(void **state)
{
	char text[CLOCK_TEXT];
	int64_t back = 0;

	(void)state;
	for (int64_t us = -62167219200000000; us < 253402300800000000;
	     us += 123456789012345) {
		clock_format(us, text);
		assert_true(clock_parse(str_from(text), &back));
		assert_true(back == us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_the_rest),
		cmocka_unit_test(reads_what_clock_format_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
