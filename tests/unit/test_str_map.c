/* test_str_map.c - pointers by text, many of them. */
#include "base/str_map.h"

#include "tests/unit/unit.h"

static void
finds_what_was_put(void **state)
{
	struct arena *a = arena_new();
	struct str_map map = str_map_in(a);
	int one, two;

	(void)state;
	assert_null(str_map_find(&map, STR("a")));
	*str_map_slot(&map, STR("a")) = &one;
	assert_ptr_equal(str_map_find(&map, STR("a")), &one);
	assert_null(str_map_find(&map, STR("b")));
	*str_map_slot(&map, STR("a")) = &two;
	assert_ptr_equal(str_map_find(&map, STR("a")), &two);
	assert_int_equal(map.count, 1);
	arena_free(a);
}

static void
takes_the_empty_text_and_any_bytes(void **state)
{
	struct arena *a = arena_new();
	struct str_map map = str_map_in(a);
	int empty, zero;

	(void)state;
	*str_map_slot(&map, (struct str){ 0 }) = &empty;
	*str_map_slot(&map, STR("\0")) = &zero;
	assert_ptr_equal(str_map_find(&map, STR("")), &empty);
	assert_ptr_equal(str_map_find(&map, STR("\0")), &zero);
	assert_int_equal(map.count, 2);
	arena_free(a);
}

static void
keeps_all_while_it_grows(void **state)
{
	enum { COUNT = 100000 };
	struct arena *a = arena_new();
	struct str_map map = str_map_in(a);
	struct str *texts = ARENA_NEW(a, struct str, COUNT);

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		texts[i] = arena_printf(a, "name%d", i);
		*str_map_slot(&map, texts[i]) = &texts[i];
	}
	assert_int_equal(map.count, COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(
		    str_map_find(&map, arena_copy(a, texts[i])), &texts[i]);
	assert_null(str_map_find(&map, STR("name")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_put),
		cmocka_unit_test(takes_the_empty_text_and_any_bytes),
		cmocka_unit_test(keeps_all_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
