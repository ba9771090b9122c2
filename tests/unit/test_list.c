/* test_list.c - what stays when a list grows, and how often it moves. */
#include "base/list.h"
#include "tests/unit/unit.h"

static struct arena *arena;

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

static void
elements_stay_when_the_list_grows(void **state)
{
	int *at = NULL;
	size_t count = 0, room = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		LIST_RESERVE(arena, at, count, room, 1);
		at[count++] = i;
		(void)ARENA_NEW(arena, char, 1); /* in the list's way */
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(at[i], i);
}

/* Many a list was as long as what was added to it, and moved each time. */
static void
a_list_doubles_whatever_is_added(void **state)
{
	long *at = NULL;
	size_t count = 0, room = 0, moves = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		size_t before = room;

		LIST_RESERVE(arena, at, count, room, 3);
		for (int j = 0; j < 3; j++)
			at[count++] = j;
		moves += room != before;
	}
	assert_int_equal(count, 30000);
	assert_true(moves <= 14);
}

static void
much_at_once_takes_what_it_needs(void **state)
{
	char *at = NULL;
	size_t count = 0, room = 0;

	(void)state;
	LIST_RESERVE(arena, at, count, room, 100000);
	assert_int_equal(room, 100000);
	count = room;
	LIST_RESERVE(arena, at, count, room, 0);
	assert_int_equal(room, 100000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    elements_stay_when_the_list_grows, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_list_doubles_whatever_is_added, begin, end),
		cmocka_unit_test_setup_teardown(
		    much_at_once_takes_what_it_needs, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
