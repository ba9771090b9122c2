/* test_names.c - names of namespaces and tables. */
#include "base/json.h"
#include "catalog/names.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct error error;

static void
refuses_names_that_no_store_or_url_can_carry(void **state)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("."),
		STR_INIT(".."), STR_INIT("a\x1f"), STR_INIT("a\n"),
		STR_INIT("\x7f"), STR_INIT("\xc3"), STR_INIT("\xed\xa0\x80") };
	char longer[NAME_MAX_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_check(bad[i], "Table", &error) != ERR_BAD_REQUEST)
			fail_msg("accepted number %zu", i);
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(
	    name_check((struct str){ longer, sizeof(longer) }, "Table", &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(
	    name_check((struct str){ longer, NAME_MAX_BYTES }, "Table", &error),
	    OK);
	assert_int_equal(name_check(STR("A b.c/d%\xc3\xa9\xf0\x9f\xa6\x94"),
			     "Table", &error),
	    OK);
}

static void
joins_levels_and_finds_the_key(void **state)
{
	const struct str levels[] = { STR("a"), STR("b.c"), STR("d") };
	struct str path;

	(void)state;
	assert_int_equal(path_of_levels(arena, levels, 3, &path, &error), OK);
	assert_str(path, STR("a\x1f"
			     "b.c\x1f"
			     "d"));
	assert_str(path_shown(arena, path), STR("a.b.c.d"));
	assert_str(path_key(path).ns, STR("a\x1f"
					  "b.c"));
	assert_str(path_key(path).name, STR("d"));
	assert_str(path_key(STR("top")).ns, STR(""));
	assert_str(path_key(STR("top")).name, STR("top"));
}

static void
checks_every_level_of_a_path(void **state)
{
	char longer[PATH_MAX_BYTES];

	(void)state;
	assert_int_equal(path_check(STR("a\x1f"
					"b"),
			     &error),
	    OK);
	assert_int_equal(path_check(STR("a\x1f\x1f"
					"b"),
			     &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(path_check(STR("a\x1f"), &error), ERR_BAD_REQUEST);
	assert_int_equal(path_check(STR(""), &error), ERR_BAD_REQUEST);
	for (size_t i = 0; i < sizeof(longer); i++)
		longer[i] = i % 2 == 0 ? 'x' : LEVEL_SEPARATOR;
	assert_int_equal(
	    path_check((struct str){ longer, sizeof(longer) - 1 }, &error),
	    ERR_BAD_REQUEST);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_names_that_no_store_or_url_can_carry),
		cmocka_unit_test(joins_levels_and_finds_the_key),
		cmocka_unit_test(checks_every_level_of_a_path),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
