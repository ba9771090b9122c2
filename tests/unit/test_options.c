/* test_options.c - what the configuration says to a plugin. */
#include "plugin/options.h"
#include "tests/unit/scratch.h"

static const struct plugin_option table[] = {
	{ "url", NULL, true, "where" },
	{ "size", "7", false, "how large" },
	{ NULL, NULL, false, NULL },
};
static const struct plugin plugin = { .name = "test", .options = table };

static enum err
read_two(struct arena *a, const char *name, const char *value,
    const struct str **ret, struct error *e)
{
	struct option at[] = {
		{ .name = str_from(name),
		    .value = str_from(value),
		    .where = STR("here") },
	};
	const struct options given = { .at = at, .count = 1 };

	return plugin_options(a, &plugin, &given, ret, e);
}

static void
gives_values_in_the_order_of_the_table(void **state)
{
	struct arena *a = arena_new();
	const struct str *value = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_two(a, "url", "u", &value, &e), OK);
	assert_true(str_eq(value[0], STR("u")) && str_eq(value[1], STR("7")));
	arena_free(a);
}

static void
reads_a_secret_from_a_file(void **state)
{
	struct arena *a = arena_new();
	const struct str *value = NULL;
	struct error e = { 0 };
	char path[96];
	FILE *f;

	(void)state;
	make_scratch();
	(void)snprintf(path, sizeof(path), "%s/secret", scratch);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("the url\r\n", f);
	(void)fclose(f);
	assert_int_equal(read_two(a, "url_file", path, &value, &e), OK);
	assert_true(str_eq(value[0], STR("the url")));
	assert_int_equal(
	    read_two(a, "url_file", "/nowhere", &value, &e), ERR_VALIDATION);
	assert_non_null(strstr(e.message, "here: cannot read /nowhere"));
	remove_scratch();
	arena_free(a);
}

static void
refuses_what_the_plugin_does_not_have(void **state)
{
	struct arena *a = arena_new();
	const struct str *value = NULL;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(read_two(a, "urll", "u", &value, &e), ERR_VALIDATION);
	assert_non_null(strstr(e.message, "did you mean \"url\""));
	/* only secrets are read from files */
	assert_int_equal(
	    read_two(a, "size_file", "/x", &value, &e), ERR_VALIDATION);
	assert_int_equal(read_two(a, "size", "8", &value, &e), ERR_VALIDATION);
	assert_non_null(strstr(e.message, "needs the option \"url\""));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_values_in_the_order_of_the_table),
		cmocka_unit_test(reads_a_secret_from_a_file),
		cmocka_unit_test(refuses_what_the_plugin_does_not_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
