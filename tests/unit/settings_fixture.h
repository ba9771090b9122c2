/*
 * settings_fixture.h - what the tests of settings begin with.
 *
 * Each test runs in a folder of its own with an environment that says nothing
 * to us, and may leave both as it likes.  Included once in each test program.
 */
#ifndef PANGOLIN_SETTINGS_FIXTURE_H
#define PANGOLIN_SETTINGS_FIXTURE_H

#include "config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "pangolin.toml"
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct arena *arena;
static char *folder; /* a new one, and the working directory */

static inline void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

static inline int
setup(void **state)
{
	static char template[32];

	(void)state;
	if (clearenv() != 0 || setenv("HOME", "/home/ann", 1) != 0)
		return -1;
	(void)snprintf(template, sizeof(template), "/tmp/settings.XXXXXX");
	folder = mkdtemp(template);
	if (folder == NULL || chdir(folder) != 0)
		return -1;
	arena = arena_new();
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	(void)unlink(FILE_NAME);
	(void)unlink("secret");
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

/* ---- loading */

static inline enum err
try_load(const char *text, struct settings *ret, struct error *e)
{
	if (text != NULL)
		write_file(FILE_NAME, text);
	*e = (struct error){ 0 };
	return settings_load(
	    arena, text != NULL ? FILE_NAME : NULL, NULL, 0, ret, e);
}

static inline struct settings
load(const char *text)
{
	struct settings s = { 0 };
	struct error e;

	if (try_load(text, &s, &e) != OK)
		fail_msg("refused: %s", e.message);
	return s;
}

static inline void
assert_refused(const char *text, const char *message)
{
	struct settings s;
	struct error e;

	assert_int_equal(try_load(text, &s, &e), ERR_VALIDATION);
	assert_string_equal(e.message, message);
}

static inline void
assert_text(struct str s, const char *expected)
{
	assert_string_equal(arena_cstr(arena, s), expected);
}

static inline void
give(const char *variable, const char *value)
{
	assert_int_equal(setenv(variable, value, 1), 0);
}

/* What a printer wrote. */
static inline struct str
printed(void (*print)(FILE *, const void *), const void *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	print(f, what);
	assert_int_equal(fclose(f), 0);

	struct str copy = arena_copy(arena, (struct str){ text, len });

	free(text);
	return copy;
}

static inline void
print_settings(FILE *f, const void *settings)
{
	settings_print(f, settings);
}

#endif
