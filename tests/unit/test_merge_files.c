/* test_merge_files.c - files of a merge: whole or not at all, and where. */
#include "catalog/merge_files.h"

#include "object/object.h"
#include "tests/unit/memory_store.h"
#include "tests/unit/scratch.h"

static struct branch b;

static int
begin(void **state)
{
	(void)open_store(state);
	make_scratch();
	b = (struct branch){ .id = 7 };
	b.catalog.location = arena_printf(call.arena, "file://%s", scratch);
	return 0;
}

static int
end(void **state)
{
	remove_scratch();
	return close_store(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

static struct str
place(const char *name)
{
	return arena_printf(call.arena, "file://%s/%s", scratch, name);
}

static bool
is_there(struct str location)
{
	bool there = false;

	assert_ok(object_exists(&call, location, &there));
	return there;
}

static void
files_are_written_and_read(void **state)
{
	struct new_file all[] = { { place("m.avro"), STR("manifest") },
		{ place("l.avro"), STR("list") } };
	struct new_files files = { all, 2 };
	struct merge_reading reading = { &call, &b };
	struct file_reader reader = merge_reader(&reading);
	struct str bytes;
	struct error e;

	(void)state;
	assert_ok(merge_files_write(&call, &b, &files));
	for (size_t i = 0; i < files.count; i++) {
		assert_int_equal(
		    reader.read(reader.self, all[i].location, &bytes, &e), OK);
		assert_str(bytes, all[i].bytes);
	}
	merge_files_discard(&call, &files);
	for (size_t i = 0; i < files.count; i++)
		assert_false(is_there(all[i].location));
}

static void
a_file_that_fails_takes_the_others_with_it(void **state)
{
	struct new_file all[] = { { place("m.avro"), STR("manifest") },
		{ place("l.avro"), STR("list") } };
	struct new_files files = { all, 2 };

	(void)state;
	assert_ok(object_create(&call, all[1].location, STR("another's")));
	assert_int_equal(
	    merge_files_write(&call, &b, &files), ERR_ALREADY_EXISTS);
	assert_false(is_there(all[0].location));
	assert_true(is_there(all[1].location)); /* it is not ours */
}

static void
places_of_others_are_neither_read_nor_written(void **state)
{
	struct new_file all[] = { { place("m.avro"), STR("manifest") },
		{ STR("file:///elsewhere/l.avro"), STR("list") } };
	struct new_files files = { all, 2 };
	struct merge_reading reading = { &call, &b };
	struct file_reader reader = merge_reader(&reading);
	struct str bytes;
	struct error e;

	(void)state;
	assert_int_equal(merge_files_write(&call, &b, &files), ERR_BAD_REQUEST);
	assert_false(is_there(all[0].location));
	assert_int_equal(reader.read(reader.self, all[1].location, &bytes, &e),
	    ERR_BAD_REQUEST);
	assert_non_null(strstr(e.message, "outside the catalog's place"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_written_and_read),
		TEST(a_file_that_fails_takes_the_others_with_it),
		TEST(places_of_others_are_neither_read_nor_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
