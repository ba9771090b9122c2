/* test_object.c - locations and files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/file.h"
#include "object/object.h"
#include "plugin/lanes.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct error error;
static struct call call = { .error = &error };
static char place[64];

static struct str
at(const char *name)
{
	return arena_printf(arena, "file://%s/%s", place, name);
}

static void
refuses_locations_that_climb_or_hide(void **state)
{
	static const char *const bad[] = { "", "file:", "file:/", "file:x",
		"file:///a/../b", "file:///a/./b", "file:///a//b", "file:///a/",
		"file:///a/b?c", "file:///a/b#c", "file:///a/\x01",
		"file:///a/\xff", "s3://bucket/a", "/a/b", "http://x/y",
		"file:///..", "file://host/a" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (object_location_check(str_from(bad[i]), &error) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted \"%s\"", bad[i]);
	assert_int_equal(
	    object_location_check(STR("file:///a/b c/\xc3\xa9"), &error), OK);
	assert_int_equal(object_location_check(STR("file:/a/b"), &error), OK);
}

static void
knows_what_is_below_in_every_spelling(void **state)
{
	static const struct {
		const char *location, *root;
		bool below;
	} cases[] = {
		{ "file:///w/t", "file:///w", true },
		{ "file:/w/t", "file:///w", true },
		{ "file://localhost/w/t", "file:/w", true },
		{ "file:///w", "file:///w", false },
		{ "file:///wide/t", "file:///w", false },
		{ "s3://w/t", "file:///w", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (object_location_is_below(str_from(cases[i].location),
			str_from(cases[i].root)) != cases[i].below)
			fail_msg(
			    "%s below %s", cases[i].location, cases[i].root);
}

static void
creates_whole_files_and_their_directories(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    object_create(&call, at("a/b/c.json"), STR("hello")), OK);
	assert_int_equal(object_read(&call, at("a/b/c.json"), &back), OK);
	assert_str(back, STR("hello"));
}

static void
never_overwrites_and_leaves_no_temporary_file(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(object_create(&call, at("once"), STR("1")), OK);
	assert_int_equal(
	    object_create(&call, at("once"), STR("2")), ERR_ALREADY_EXISTS);
	assert_int_equal(object_read(&call, at("once"), &back), OK);
	assert_str(back, STR("1"));

	struct str count = arena_printf(
	    arena, "test $(ls -A %s | grep -c '\\.tmp$') -eq 0", place);

	assert_int_equal(system(count.ptr), 0);
}

static void
says_what_is_not_there(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    object_read(&call, at("nothing"), &back), ERR_NOT_FOUND);
	assert_int_equal(object_delete(&call, at("nothing")), OK);
	assert_int_equal(object_read(&call, at("."), &back), ERR_BAD_REQUEST);
}

/* Whoever may write into a warehouse must not be able to hang a thread. */
static void
reads_nothing_that_is_no_file(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    mkfifo(arena_printf(arena, "%s/pipe", place).ptr, 0600), 0);
	assert_int_equal(
	    object_read(&call, at("pipe"), &back), ERR_BAD_REQUEST);
}

static void
reads_on_the_loop_what_is_known_to_be_near(void **state)
{
	static char big[LOOP_BYTES + 1];
	struct str back;
	bool there;

	(void)state;
	assert_int_equal(object_create(&call, at("n/a"), STR("near")), OK);
	assert_int_equal(
	    object_create(&call, at("n/big"), (struct str){ big, sizeof(big) }),
	    OK);
	call.nowait = true;
	assert_int_equal(object_read(&call, at("n/a"), &back), ERR_WOULD_BLOCK);
	assert_int_equal(
	    object_exists(&call, at("n/a"), &there), ERR_WOULD_BLOCK);
	call.nowait = false;
	assert_int_equal(object_exists(&call, at("n/a"), &there), OK);
	call.nowait = true;
	assert_int_equal(object_read(&call, at("n/a"), &back), OK);
	assert_str(back, STR("near"));
	assert_int_equal(object_exists(&call, at("n/b"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("n/a"), &there), OK);
	assert_true(there);
	assert_int_equal(
	    object_read(&call, at("n/big"), &back), ERR_WOULD_BLOCK);
	call.nowait = false;
}

static void
prepares_directories_that_engines_open_files_in(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(object_prepare_table(&call, at("ns/t-1")), OK);
	assert_int_equal(object_prepare_table(&call, at("ns/t-1")), OK);
	assert_int_equal(
	    stat(arena_printf(arena, "%s/ns/t-1/data", place).ptr, &st), 0);
	assert_int_equal(
	    stat(arena_printf(arena, "%s/ns/t-1/metadata", place).ptr, &st), 0);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	call.arena = arena;
	(void)snprintf(place, sizeof(place), "/tmp/pangolin-object-XXXXXX");
	return mkdtemp(place) == NULL;
}

static void
tells_whether_a_file_is_there(void **state)
{
	bool there = false;

	(void)state;
	assert_int_equal(object_create(&call, at("e/f"), STR("x")), OK);
	assert_int_equal(object_exists(&call, at("e/f"), &there), OK);
	assert_true(there);
	assert_int_equal(object_exists(&call, at("e/g"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("e/f/g"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("e"), &there), OK);
	assert_false(there);
	assert_int_equal(
	    object_exists(&call, STR("s3://b/k"), &there), ERR_BAD_REQUEST);
}

static int
end(void **state)
{
	int status = system(arena_printf(arena, "rm -rf %s", place).ptr);

	(void)state;
	arena_free(arena);
	return status;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_locations_that_climb_or_hide),
		cmocka_unit_test(knows_what_is_below_in_every_spelling),
		cmocka_unit_test(creates_whole_files_and_their_directories),
		cmocka_unit_test(never_overwrites_and_leaves_no_temporary_file),
		cmocka_unit_test(says_what_is_not_there),
		cmocka_unit_test(tells_whether_a_file_is_there),
		cmocka_unit_test(reads_nothing_that_is_no_file),
		cmocka_unit_test(reads_on_the_loop_what_is_known_to_be_near),
		cmocka_unit_test(
		    prepares_directories_that_engines_open_files_in),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
