/* test_private_file.c - small files of the server's own. */
#include "base/private_file.h"
#include "tests/unit/scratch.h"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	make_scratch();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	remove_scratch();
	arena_free(arena);
	return 0;
}

static struct str
read_back(size_t max)
{
	return private_file_read(arena, str_from(scratch), "f", max);
}

static bool
put(const char *text)
{
	return private_file_replace(str_from(scratch), "f", str_from(text));
}

static void
is_replaced_whole_and_for_its_owner(void **state)
{
	struct str path = arena_printf(arena, "%s/f", scratch);
	struct stat st;

	(void)state;
	assert_null(read_back(9).ptr);
	assert_true(put("first"));
	assert_int_equal(chmod(path.ptr, 0666), 0);
	assert_true(put("second"));
	assert_str(read_back(6), STR("second"));
	assert_null(read_back(5).ptr);
	assert_int_equal(stat(path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
follows_no_link(void **state)
{
	struct str path = arena_printf(arena, "%s/f", scratch);
	struct str draft = arena_printf(arena, "%s/f.new", scratch);
	struct str other = arena_printf(arena, "%s/other", scratch);

	(void)state;
	assert_true(put("secret"));
	assert_int_equal(rename(path.ptr, other.ptr), 0);
	assert_int_equal(symlink("other", path.ptr), 0);
	assert_null(read_back(9).ptr);
	assert_int_equal(symlink("other", draft.ptr), 0);
	assert_false(put("changed"));
	assert_str(private_file_read(arena, str_from(scratch), "other", 9),
	    STR("secret"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    is_replaced_whole_and_for_its_owner, begin, end),
		cmocka_unit_test_setup_teardown(follows_no_link, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
