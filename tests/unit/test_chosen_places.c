/* test_chosen_places.c - the server knows the places again that it chose. */
#include "catalog/chosen_places.h"

#include "tests/unit/memory_store.h"

static struct str
name_of(struct id catalog, struct id object, const char *name)
{
	struct str location;

	assert_ok(chosen_place_name(
	    &call, catalog, object, str_from(name), &location));
	return location;
}

static bool
is_chosen(struct id catalog, struct id object, struct str location)
{
	bool is;

	assert_ok(chosen_place_is(&call, catalog, object, location, &is));
	return is;
}

static void
a_place_is_known_again_in_any_spelling(void **state)
{
	struct id catalog = id_v4(), object = id_v4();
	struct str location = name_of(catalog, object, "file:///w/c/a/t");
	struct str path = str_skip(location, strlen("file://"));

	(void)state;
	assert_int_equal(path.len, strlen("/w/c/a/t-12345678"));
	assert_true(is_chosen(catalog, object, location));
	assert_true(is_chosen(catalog, object,
	    arena_printf(call.arena, "file:" STR_FMT, STR_ARG(path))));
	location = name_of(catalog, object, "s3://bucket/c/a/t");
	assert_true(is_chosen(catalog, object, location));
}

static void
a_place_is_chosen_for_one_table_of_one_catalog(void **state)
{
	struct id catalog = id_v4(), object = id_v4();
	struct str location = name_of(catalog, object, "file:///w/c/a/t");
	struct str digits = str_skip(location, location.len - 8);

	(void)state;
	assert_false(is_chosen(id_v4(), object, location));
	assert_false(is_chosen(catalog, id_v4(), location));
	assert_false(is_chosen(catalog, object,
	    arena_printf(
		call.arena, "file:///w/c/a/u-" STR_FMT, STR_ARG(digits))));
	assert_false(is_chosen(catalog, object,
	    arena_printf(
		call.arena, "file:///w/c/a/t_" STR_FMT, STR_ARG(digits))));
	location.len--;
	assert_false(is_chosen(catalog, object, location));
	assert_false(is_chosen(catalog, object, STR("file:///t")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_place_is_known_again_in_any_spelling, open_store,
		    close_store),
		cmocka_unit_test_setup_teardown(
		    a_place_is_chosen_for_one_table_of_one_catalog, open_store,
		    close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
