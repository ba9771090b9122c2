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
		STR_INIT(".."), STR_INIT("a\x1f"), { "a\0b", 3 },
		STR_INIT("\xc3"), STR_INIT("\xed\xa0\x80") };
	char longer[PATH_MAX_BYTES + 1];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (relation_name_check(bad[i], "Table", &error) == OK ||
		    name_check(bad[i], "User", &error) == OK)
			fail_msg("accepted number %zu", i);
	}
	assert_int_equal(
	    relation_name_check(
		(struct str){ longer, sizeof(longer) }, "Table", &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(
	    relation_name_check(
		STR("A b.c/d%\n\x7f\xc3\xa9\xf0\x9f\xa6\x94"), "Table", &error),
	    OK);
}

static void
wants_names_of_users_short_and_without_controls(void **state)
{
	char longer[NAME_MAX_BYTES + 1];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(
	    name_check((struct str){ longer, sizeof(longer) }, "User", &error),
	    ERR_BAD_REQUEST);
	assert_int_equal(
	    name_check((struct str){ longer, NAME_MAX_BYTES }, "User", &error),
	    OK);
	assert_int_equal(
	    name_check(STR("a\n"), "User", &error), ERR_BAD_REQUEST);
	assert_int_equal(
	    name_check(STR("\x7f"), "User", &error), ERR_BAD_REQUEST);
}

static void
wants_what_is_new_as_short_as_the_settings_say(void **state)
{
	static const struct limits limits = { .name_bytes = 4,
		.path_bytes = 8 };
	static const struct {
		const char *ns, *name;
		bool fits;
	} cases[] = { { "", "abcd", true }, { "", "abcde", false },
		{ "abc", "abcd", true }, { "abcd", "abcd", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key key = { SPACE_RELATION, str_from(cases[i].ns),
			str_from(cases[i].name) };

		assert_int_equal(key_fits(&limits, key, &error),
		    cases[i].fits ? OK : ERR_BAD_REQUEST);
		assert_int_equal(key_fits(NULL, key, &error), OK);
	}
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
	char longer[PATH_MAX_BYTES + 2];

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
		cmocka_unit_test(
		    wants_names_of_users_short_and_without_controls),
		cmocka_unit_test(
		    wants_what_is_new_as_short_as_the_settings_say),
		cmocka_unit_test(joins_levels_and_finds_the_key),
		cmocka_unit_test(checks_every_level_of_a_path),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
