/* test_log_text.c - lines of the log for people. */
#include "base/log_text.h"

#include "tests/unit/unit.h"

#define HEAD                                                                   \
	"{\"time\":\"2026-11-22T12:00:01.123456Z\",\"level\":\"info\","        \
	"\"pid\":7,\"message\":"

static void
check(const char *json, const char *expected)
{
	struct arena *a = arena_new();
	struct buf b = buf_in(a);
	struct str given = str_from(json);

	log_text_add(&b, given);
	assert_string_equal(arena_cstr(a, buf_str(&b)), expected);
	arena_free(a);
}

static void
time_level_and_message_come_first(void **state)
{
	(void)state;
	check(HEAD "\"first start\"}\n",
	    "2026-11-22T12:00:01Z info  first start\n");
}

static void
members_are_named_but_for_null_ones(void **state)
{
	(void)state;
	check(HEAD "\"request\",\"path\":\"/v1/a,b}\",\"status\":200,"
		   "\"tenant\":null,\"duration_us\":12}\n",
	    "2026-11-22T12:00:01Z info  request path=/v1/a,b} status=200 "
	    "duration_us=12\n");
}

static void
quotes_are_bare_and_control_characters_stay_escaped(void **state)
{
	(void)state;
	check(HEAD "\"a \\\"b\\\" \\\\ \\u001b[2J\\n\"}\n",
	    "2026-11-22T12:00:01Z info  a \"b\" \\ \\u001b[2J\\n\n");
	check(HEAD "\"\\\\u001b\"}\n", "2026-11-22T12:00:01Z info  \\u001b\n");
}

static void
a_line_that_was_cut_ends(void **state)
{
	(void)state;
	check("", "\n");
	check("{", "\n");
	check("{\"message\":\"a", "a\n");
	check("{\"message\":\"a\\", "a\\\n");
	check("{\"message\"", "\n");
	check("{\"message\":", "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_level_and_message_come_first),
		cmocka_unit_test(members_are_named_but_for_null_ones),
		cmocka_unit_test(
		    quotes_are_bare_and_control_characters_stay_escaped),
		cmocka_unit_test(a_line_that_was_cut_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
