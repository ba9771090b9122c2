/* test_hot_files.c - the list of what is asked for most. */
#include "shm/hot_files.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct hot_files *hot;

static int
begin(void **state)
{
	struct error error;
	struct shm *shm = NULL;

	(void)state;
	arena = arena_new();
	assert_int_equal(shm_new(hot_files_size(), &shm, &error), OK);
	hot = hot_files_new(shm);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

static struct str
location(int number)
{
	return arena_printf(arena, "file:///w/t/metadata/%05d.json", number);
}

static void
ask(int number, int times)
{
	while (times-- > 0)
		hot_files_note(hot, location(number));
}

static void
lists_what_is_asked_for_most_first(void **state)
{
	struct hot_list list;

	(void)state;
	ask(1, 2);
	ask(2, 9);
	ask(3, 5);
	list = hot_files_list(hot, arena);
	assert_int_equal(list.count, 3);
	assert_str(list.at[0], location(2));
	assert_str(list.at[1], location(3));
	assert_str(list.at[2], location(1));
}

static void
keeps_the_hot_among_many_that_are_asked_for_once(void **state)
{
	struct hot_list list;

	(void)state;
	ask(0, 10000);
	for (int i = 1; i <= 5000; i++)
		ask(i, 1);
	list = hot_files_list(hot, arena);
	assert_str(list.at[0], location(0));
	assert_true(list.count <= HOT_FILES_MAX);
}

static void
gives_a_place_to_what_has_become_hot(void **state)
{
	struct hot_list list;

	(void)state;
	for (int i = 1; i <= 5000; i++)
		ask(i, 1);
	ask(9999, 100);
	list = hot_files_list(hot, arena);
	assert_str(list.at[0], location(9999));
}

static void
counts_nothing_that_is_too_long(void **state)
{
	char text[HOT_LOCATION_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	hot_files_note(hot, (struct str){ text, sizeof(text) });
	hot_files_note(hot, (struct str){ 0 });
	hot_files_note(NULL, location(1));
	assert_int_equal(hot_files_list(hot, arena).count, 0);
	hot_files_note(hot, (struct str){ text, HOT_LOCATION_MAX });
	assert_int_equal(hot_files_list(hot, arena).count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_what_is_asked_for_most_first),
		TEST(keeps_the_hot_among_many_that_are_asked_for_once),
		TEST(gives_a_place_to_what_has_become_hot),
		TEST(counts_nothing_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
