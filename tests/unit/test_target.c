/* test_target.c - request-targets taken apart. */
#include "http/target.h"

#include "tests/unit/unit.h"

static void
takes_path_and_query_apart(void **state)
{
	/* clang-format off */
	static const struct { const char *target, *path, *query; } cases[] = {
		{ "/",                       "/",      NULL },
		{ "/a/b",                    "/a/b",   NULL },
		{ "/a?",                     "/a",     "" },
		{ "/a?b=c?d",                "/a",     "b=c?d" },
		{ "//a",                     "//a",    NULL },
		{ "/%3Fa",                   "/%3Fa",  NULL },
		{ "http://x/a?b",            "/a",     "b" },
		{ "HTTPS://x:1/a",           "/a",     NULL },
		{ "http://x",                "/",      NULL },
		{ "http://x?b",              "/",      "b" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str path, query;

		assert_true(
		    target_split(str_from(cases[i].target), &path, &query));
		assert_str(path, str_from(cases[i].path));
		assert_str(query, str_from(cases[i].query));
		assert_int_equal(query.ptr == NULL, cases[i].query == NULL);
	}
}

static void
refuses_other_forms(void **state)
{
	static const char *const targets[] = { "", "*", "x:443", "a/b",
		"http:/a", "http://", "http:///a", "ftp://x/a", "/a#b",
		"http://me@x/a", "http://x:y/a" };

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct str path, query;

		if (target_split(str_from(targets[i]), &path, &query))
			fail_msg("took \"%s\"", targets[i]);
	}
}

static void
tells_authorities_from_other_text(void **state)
{
	static const char *const good[] = { "", "x", "a-b.example:8181",
		"x:", "[::1]", "[fe80::1]:80", "127.0.0.1:80", "a_b" };
	static const char *const bad[] = { "x:y", "x:80:81", "[::1", "::1",
		"[::1]80", "[::1]:x", "[a/b]", "me@x", "a b", "a,b", "a/b",
		"x]", "\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!authority_is_valid(str_from(good[i])))
			fail_msg("refused \"%s\"", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (authority_is_valid(str_from(bad[i])))
			fail_msg("took \"%s\"", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_path_and_query_apart),
		cmocka_unit_test(refuses_other_forms),
		cmocka_unit_test(tells_authorities_from_other_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
