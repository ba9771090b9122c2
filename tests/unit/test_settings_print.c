/*
 * test_settings_print.c - what is printed of the settings can be read back.
 */
#include "settings_fixture.h"

#include "config/settings_table.h"

static void
print_sample(FILE *f, const void *unused)
{
	(void)unused;
	settings_print_sample(f);
}

static void
print_man(FILE *f, const void *unused)
{
	(void)unused;
	settings_print_man(f);
}

/* ---- printing */

static void
prints_what_it_can_read_back(void **state)
{
	struct settings s, again;

	(void)state;
	s = load("[server]\nworkers = 2\nlisten = \"[::1]:1\"\n"
		 "[cache]\nlevels = [\"a\", \"b\\\"c\"]\n"
		 "[limits]\nidle_time = \"1500ms\"\nhead_bytes = 3000\n"
		 "target_bytes = 2048\n[log]\nlevel = \"debug\"\n"
		 "[cache.options]\na.x = 1\nb.x = 2\na.y = 3\n");

	struct str text = printed(print_settings, &s);

	again = load(text.ptr);
	assert_non_null(strstr(text.ptr, "idle_time = \"1500ms\"\n"));
	assert_non_null(strstr(text.ptr, "head_bytes = \"3000B\"\n"));
	assert_non_null(strstr(text.ptr, "target_bytes = \"2KiB\"\n"));
	assert_string_equal(printed(print_settings, &again).ptr, text.ptr);
}

/* "#key = value" without the #; other lines as they are. */
static struct str
uncommented(struct str sample)
{
	char *copy = (char *)(uintptr_t)arena_cstr(arena, sample);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '#' && (p == copy || p[-1] == '\n') && p[1] != ' ' &&
		    p[1] != '[')
			*p = ' ';
	return (struct str){ copy, sample.len };
}

static void
shows_the_defaults_in_the_sample(void **state)
{
	struct str sample = printed(print_sample, NULL);
	struct settings s = load(NULL), commented = load(sample.ptr);
	struct settings given = load(uncommented(sample).ptr);
	struct str expected = printed(print_settings, &s);

	(void)state;
	assert_string_equal(
	    printed(print_settings, &commented).ptr, expected.ptr);
	assert_string_equal(printed(print_settings, &given).ptr, expected.ptr);
}

static void
documents_every_setting(void **state)
{
	const char *sample = uncommented(printed(print_sample, NULL)).ptr;
	const char *man = printed(print_man, NULL).ptr;
	char line[128], env[SETTING_ENV];

	(void)state;
	for (const struct setting *row = settings_table; row->key; row++) {
		(void)snprintf(line, sizeof(line), "\n %s = ",
		    strrchr(row->key, '.') != NULL ? strrchr(row->key, '.') + 1
						   : row->key);
		assert_non_null(strstr(sample, line));
		(void)snprintf(
		    line, sizeof(line), "\n.It Ic %s No = Ar ", row->key);
		assert_non_null(strstr(man, line));
		setting_env(row, env);
		(void)snprintf(line, sizeof(line), "\n.Ev %s ", env);
		assert_non_null(strstr(man, line));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prints_what_it_can_read_back),
		TEST(shows_the_defaults_in_the_sample),
		TEST(documents_every_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
