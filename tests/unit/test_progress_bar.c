/* test_progress_bar.c - what is drawn of counts that do not fit together. */
#include "cli/progress_bar.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* What a terminal is shown of one step. */
static struct str
shown(int64_t done, int64_t total)
{
	static char text[512];
	struct progress_bar bar = { .terminal = true, .step = "backup" };
	int before = dup(STDERR_FILENO), file = memfd_create("stderr", 0);
	ssize_t size;

	assert_int_not_equal(dup2(file, STDERR_FILENO), -1);
	progress_bar_moved(&bar, "backup", done, total);
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	size = pread(file, text, sizeof(text), 0);
	assert_true(size > 0);
	(void)close(before);
	(void)close(file);
	return (struct str){ text, (size_t)size };
}

static void
assert_shows(struct str text, const char *wanted)
{
	if (memmem(text.ptr, text.len, wanted, strlen(wanted)) == NULL)
		fail_msg("\"" STR_FMT "\" lacks \"%s\"", STR_ARG(text), wanted);
}

static void
draws_what_is_done(void **state)
{
	struct str text = shown(1, 3);

	(void)state;
	assert_shows(text, " [##########                    ]");
	assert_shows(text, " 33 %");
}

static void
holds_every_count_within_the_bar(void **state)
{
	static const char empty[] = "[                              ]";
	static const char full[] = "[##############################]";

	(void)state;
	assert_shows(shown(-1, 3), empty);
	assert_shows(shown(INT64_MIN, INT64_MAX), empty);
	assert_shows(shown(3, -1), empty);
	assert_shows(shown(7, 0), empty);
	assert_shows(shown(7, 3), full);
	assert_shows(shown(INT64_MAX, 1), full);
	assert_shows(shown(INT64_MAX, INT64_MAX), full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_what_is_done),
		cmocka_unit_test(holds_every_count_within_the_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
