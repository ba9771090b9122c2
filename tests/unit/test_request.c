/* test_request.c - decoding, query arguments and headers. */
#include "http/request.h"

#include "tests/unit/unit.h"

static int
set_up(void **state)
{
	static const struct header headers[] = {
		{ { "Host", sizeof("Host") - 1 }, { "x", sizeof("x") - 1 } },
		{ { "X-Twice", sizeof("X-Twice") - 1 },
		    { "1", sizeof("1") - 1 } },
		{ { "x-twice", sizeof("x-twice") - 1 },
		    { "2", sizeof("2") - 1 } },
		{ { "Empty", sizeof("Empty") - 1 }, { "", sizeof("") - 1 } },
	};
	struct arena *a = arena_new();
	struct request *r = ARENA_NEW(a, struct request, 1);

	r->arena = a;
	r->headers.at = headers;
	r->headers.count = sizeof(headers) / sizeof(headers[0]);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct request *)*state)->arena);
	return 0;
}

static void
decodes_once(void **state)
{
	/* clang-format off */
	static const struct { const char *encoded, *text; } cases[] = {
		{ "",             "" },
		{ "abc",          "abc" },
		{ "a%2Fb",        "a/b" },
		{ "a%252Fb",      "a%2Fb" },
		{ "a%1Fb",        "a\x1f" "b" },
		{ "a%1fb",        "a\x1f" "b" },
		{ "a+b",          "a b" },
		{ "a%2Bb",        "a+b" },
		{ "%C3%A9",       "\xc3\xa9" },
	};
	/* clang-format on */
	struct request *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text;

		assert_int_equal(
		    request_decode(r->arena, str_from(cases[i].encoded),
			"The name", &text, &r->error),
		    OK);
		assert_str(text, str_from(cases[i].text));
	}
}

static void
refuses_bad_escapes_nul_and_what_is_not_utf8(void **state)
{
	static const char *const bad[] = { "%", "%1", "a%1", "%G0", "%0G",
		"%00", "a%00b", "%C3", "%ED%A0%80", "%FF", "%\xff\xfe" };
	struct request *r = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str text;

		assert_int_equal(request_decode(r->arena, str_from(bad[i]),
				     "The name", &text, &r->error),
		    ERR_BAD_REQUEST);
		assert_non_null(strstr(r->error.message, "The name"));
		assert_true(str_is_utf8(str_from(r->error.message)));
	}
}

static void
finds_query_arguments(void **state)
{
	/* clang-format off */
	static const struct { const char *query, *value; } cases[] = {
		{ NULL,                   NULL },
		{ "",                     NULL },
		{ "b=1",                  NULL },
		{ "parent",               "" },
		{ "parent=",              "" },
		{ "parent=a%1Fb",         "a\x1f" "b" },
		{ "x=1&parent=a+b&y",     "a b" },
		{ "parent=1&parent=2",    "1" },
		{ "%70arent=1",           "1" },
		{ "parents=2&parent=a=b", "a=b" },
		{ "&&parent=1",           "1" },
	};
	/* clang-format on */
	struct request *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str value;

		r->query = str_from(cases[i].query);
		assert_int_equal(request_query(r, "parent", &value), OK);
		assert_str(value, str_from(cases[i].value));
		assert_int_equal(value.ptr == NULL, cases[i].value == NULL);
	}
}

static void
names_the_query_argument_that_is_wrong(void **state)
{
	struct request *r = *state;
	struct str value;

	r->query = STR("parent=%ZZ");
	assert_int_equal(request_query(r, "parent", &value), ERR_BAD_REQUEST);
	assert_non_null(strstr(r->error.message, "'parent'"));
}

static void
finds_headers_in_any_case_of_letters(void **state)
{
	const struct request *r = *state;

	assert_str(request_header(r, STR("hOST")), STR("x"));
	assert_str(request_header(r, STR("X-Twice")), STR("1"));
	assert_non_null(request_header(r, STR("Empty")).ptr);
	assert_null(request_header(r, STR("Hos")).ptr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_once),
		cmocka_unit_test(refuses_bad_escapes_nul_and_what_is_not_utf8),
		cmocka_unit_test(finds_query_arguments),
		cmocka_unit_test(names_the_query_argument_that_is_wrong),
		cmocka_unit_test(finds_headers_in_any_case_of_letters),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
