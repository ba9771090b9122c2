/* test_arena.c - blocks, ceilings, and what the process counts of them. */
#include "base/arena.h"
#include "base/json.h"
#include "tests/unit/unit.h"

#define MIB ((size_t)1 << 20)

static struct arena *arena;
static int64_t before;
static struct error error;

static int
begin(void **state)
{
	(void)state;
	before = budget_held(&process_budget);
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	budget_set_limit(&process_budget, 0);
	arena_free(arena);
	assert_int_equal(budget_held(&process_budget), before);
	return 0;
}

static void
a_large_allocation_grows_and_leaves_nothing_behind(void **state)
{
	char *p = arena_grow(arena, NULL, 0, MIB);

	(void)state;
	memset(p, 'x', MIB);
	for (size_t room = MIB; room < 8 * MIB; room += MIB) {
		p = arena_grow(arena, p, room, room + MIB);
		(void)ARENA_NEW(arena, char, 30000); /* in its way */
	}
	for (size_t i = 0; i < MIB; i++)
		assert_int_equal(p[i], 'x');
	assert_in_range(arena_held(arena), 8 * MIB, 9 * MIB);
}

static void
all_that_is_allocated_is_zeroed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		for (size_t size = 1; size < 4 * MIB; size *= 3) {
			char *p = ARENA_NEW(arena, char, size);

			for (size_t at = 0; at < size; at++)
				assert_int_equal(p[at], 0);
			memset(p, 0xFF, size);
		}
		arena_reset(arena);
	}
}

static void
cutting_back_keeps_what_was_before(void **state)
{
	char *small = ARENA_NEW(arena, char, 10);
	char *large = ARENA_NEW(arena, char, MIB);
	size_t held = arena_held(arena);

	(void)state;
	memset(small, 's', 10);
	memset(large, 'l', MIB);

	struct arena_mark mark = arena_mark(arena);

	for (int i = 0; i < 10; i++) {
		(void)ARENA_NEW(arena, char, MIB);
		(void)ARENA_NEW(arena, char, 10000);
	}
	arena_cut(arena, mark);
	assert_int_equal(arena_held(arena), held);
	assert_int_equal(budget_held(&process_budget) - before, held);
	large = arena_grow(arena, large, MIB, 2 * MIB);
	assert_int_equal(small[9], 's');
	assert_int_equal(large[MIB - 1], 'l');
}

static void
the_process_knows_what_its_arenas_hold(void **state)
{
	struct arena *other = arena_new();

	(void)state;
	(void)ARENA_NEW(arena, char, 3 * MIB);
	(void)ARENA_NEW(other, char, 2 * MIB);
	assert_int_equal(budget_held(&process_budget) - before,
	    arena_held(arena) + arena_held(other));
	arena_free(other);
	assert_int_equal(
	    budget_held(&process_budget) - before, arena_held(arena));
	arena_reset(arena);
	assert_in_range(budget_held(&process_budget) - before, 0, 20000);
}

static void
beyond_its_ceiling_an_arena_fails_and_does_not_abort(void **state)
{
	(void)state;
	arena_set_ceiling(arena, MIB);
	assert_int_equal(arena_check(arena, &error), OK);
	for (int i = 0; i < 200; i++)
		memset(ARENA_NEW(arena, char, 10000), 1, 10000);
	assert_int_equal(arena_check(arena, &error), ERR_MEMORY);
	assert_int_equal(arena_room(arena), 0);
	arena_reset(arena);
	assert_int_equal(arena_check(arena, &error), OK);
}

static void
a_size_that_an_input_names_may_be_refused(void **state)
{
	(void)state;
	arena_set_ceiling(arena, MIB);
	assert_non_null(arena_try(arena, MIB / 2));
	assert_null(arena_try(arena, SIZE_MAX / 2));
	assert_int_equal(arena_check(arena, &error), ERR_MEMORY);
	assert_in_range(arena_held(arena), MIB / 2, MIB);
}

static void
json_ends_at_the_ceiling(void **state)
{
	size_t len = MIB;
	char *text = malloc(len);
	yyjson_val *v = NULL;

	(void)state;
	memset(text, ',', len);
	text[0] = '[';
	for (size_t i = 1; i < len; i += 2)
		text[i] = '1';
	text[len - 1] = ']';
	text[len - 2] = '1';
	text[len - 3] = '1';
	arena_set_ceiling(arena, 4 * MIB);

	enum err err = json_parse(arena, (struct str){ text, len }, &v, &error);

	assert_int_equal(err, ERR_MEMORY);
	arena_set_ceiling(arena, 64 * MIB);
	arena_reset(arena);
	err = json_parse(arena, (struct str){ text, len }, &v, &error);
	free(text);
	assert_int_equal(err, OK);
}

/* A value takes 24 bytes there, of a text that has two for it. */
static void
a_copy_of_json_ends_at_the_ceiling(void **state)
{
	enum { COUNT = 100000 };
	char text[2 * COUNT + 1];
	yyjson_mut_val *v = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		memcpy(text + 2 * i, "1,", 2);
	text[0] = '[';
	text[1] = '1';
	text[2 * COUNT - 1] = ']';
	arena_set_ceiling(arena, 7 * MIB / 2);
	assert_int_equal(
	    json_parse_copy(arena, (struct str){ text, (size_t)2 * COUNT },
		json_new(arena), &v, &error),
	    ERR_MEMORY);
	assert_true(arena_held(arena) < 7 * MIB / 2);
}

/* Each was written to be compared, and what that took was kept. */
static void
numbers_as_they_were_written_take_no_room(void **state)
{
	size_t count = 100000, len = 0;
	char *text = malloc(4 * count + 2);
	yyjson_mut_val *v = NULL;

	(void)state;
	for (size_t i = 0; i < count; i++, len += 4)
		memcpy(text + len, ",1.5", 4);
	text[0] = '[';
	text[len++] = ']';

	enum err err = json_parse_copy(
	    arena, (struct str){ text, len }, json_new(arena), &v, &error);

	free(text);
	assert_int_equal(err, OK);
	assert_in_range(arena_held(arena), 0, 8 * MIB);
}

static void
what_is_reserved_counts_before_it_is_held(void **state)
{
	(void)state;
	budget_set_limit(&process_budget, before + 80 * (int64_t)MIB);
	arena_set_ceiling(arena, 60 * MIB);
	assert_true(arena_reserve(arena, 50 * MIB));
	assert_int_equal(budget_held(&process_budget) - before, 50 * MIB);
	(void)ARENA_NEW(arena, char, 40 * MIB);
	assert_int_equal(budget_held(&process_budget) - before, 50 * MIB);

	struct arena *other = arena_new();

	assert_false(arena_reserve(other, 30 * MIB));
	assert_int_equal(budget_held(&process_budget) - before, 50 * MIB);
	arena_unreserve(arena);
	assert_true(arena_reserve(other, 20 * MIB));
	arena_free(other);
}

static void
when_budget_is_exceeded_what_was_not_reserved_fails(void **state)
{
	struct arena *greedy = arena_new(), *small = arena_new();

	(void)state;
	budget_set_limit(&process_budget, before + 8 * (int64_t)MIB);
	arena_set_ceiling(arena, 100 * MIB);
	arena_set_ceiling(small, 100 * MIB);
	assert_true(arena_reserve(arena, 4 * MIB));
	(void)ARENA_NEW(greedy, char, 10 * MIB);
	(void)ARENA_NEW(small, char, 100);
	assert_int_equal(arena_check(small, &error), OK);
	(void)ARENA_NEW(small, char, MIB);
	assert_int_equal(arena_check(small, &error), ERR_UNAVAILABLE);
	(void)ARENA_NEW(arena, char, 3 * MIB);
	assert_int_equal(arena_check(arena, &error), OK);
	(void)ARENA_NEW(arena, char, 3 * MIB);
	assert_int_equal(arena_check(arena, &error), ERR_UNAVAILABLE);
	arena_free(greedy);
	arena_free(small);
}

static void
a_size_that_an_input_names_is_within_the_budget(void **state)
{
	(void)state;
	budget_set_limit(&process_budget, before + 8 * (int64_t)MIB);
	arena_set_ceiling(arena, 100 * MIB);
	assert_true(arena_reserve(arena, 4 * MIB));
	assert_non_null(arena_try(arena, 3 * MIB));
	budget_add(&process_budget, 4 * MIB);
	assert_non_null(arena_try(arena, 1000));
	assert_null(arena_try(arena, 2 * MIB));
	budget_add(&process_budget, -4 * (int64_t)MIB);
	assert_int_equal(arena_check(arena, &error), ERR_UNAVAILABLE);
	assert_in_range(arena_held(arena), 3 * MIB, 4 * MIB);
}

static void
a_wiped_arena_zeroes_what_is_cut_and_reset(void **state)
{
	struct arena_mark mark;
	char *first, *second;

	(void)state;
	first = (char *)arena_copy(arena, STR("secret")).ptr;
	mark = arena_mark(arena);
	second = (char *)arena_copy(arena, STR("another")).ptr;
	arena_wipe(arena);
	arena_cut(arena, mark);
	assert_memory_equal(first, "secret", 6);
	assert_memory_equal(second, "\0\0\0\0\0\0\0", 7);
	arena_reset(arena);
	assert_memory_equal(first, "\0\0\0\0\0\0", 6);

	(void)arena_copy(arena, STR("public"));
	arena_reset(arena);
	assert_memory_equal(first, "public", 6);
}

static void
a_hidden_arena_grows_like_any_other(void **state)
{
	struct arena *hidden = arena_new_hidden();
	char *p = arena_alloc(hidden, 1, MIB);

	(void)state;
	memset(p, 'x', MIB);
	p = arena_grow(hidden, p, MIB, 3 * MIB);
	assert_int_equal(p[MIB - 1], 'x');
	assert_in_range(arena_held(hidden), 3 * MIB, 4 * MIB);
	arena_free(hidden);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_large_allocation_grows_and_leaves_nothing_behind),
		TEST(all_that_is_allocated_is_zeroed),
		TEST(cutting_back_keeps_what_was_before),
		TEST(the_process_knows_what_its_arenas_hold),
		TEST(beyond_its_ceiling_an_arena_fails_and_does_not_abort),
		TEST(a_size_that_an_input_names_may_be_refused),
		TEST(json_ends_at_the_ceiling),
		TEST(a_copy_of_json_ends_at_the_ceiling),
		TEST(numbers_as_they_were_written_take_no_room),
		TEST(what_is_reserved_counts_before_it_is_held),
		TEST(when_budget_is_exceeded_what_was_not_reserved_fails),
		TEST(a_size_that_an_input_names_is_within_the_budget),
		TEST(a_wiped_arena_zeroes_what_is_cut_and_reset),
		TEST(a_hidden_arena_grows_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
