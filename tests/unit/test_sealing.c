/* test_sealing.c - a sealed text comes back for what it belongs to alone. */
#include "catalog/sealing.h"

#include "tests/unit/unit.h"

#define KEY "0123456789abcdef0123456789abcdef"

#define assert_ok(expr) assert_int_equal((expr), OK)

static struct arena *a;
static struct error e;

static int
begin(void **state)
{
	(void)state;
	a = arena_new();
	return (int)sealing_set_keys(STR(KEY), &e);
}

static int
end(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static enum err
unseal(struct str about, struct str sealed, struct str *ret)
{
	return sealing_open(a, "f", about, sealed, ret, &e);
}

static struct str
sealed_text(const char *text)
{
	struct str sealed = { 0 };

	assert_ok(
	    sealing_seal(a, "f", STR("w/f"), str_from(text), &sealed, &e));
	return sealed;
}

static void
opens_what_it_sealed(void **state)
{
	struct str got, sealed = sealed_text("hunter2");

	(void)state;
	assert_true(str_starts_with(sealed, STR("sealed:1:")));
	assert_null(memmem(sealed.ptr, sealed.len, "hunter2", 7));
	assert_ok(unseal(STR("w/f"), sealed, &got));
	assert_str(got, STR("hunter2"));
	assert_false(str_eq(sealed, sealed_text("hunter2")));
	assert_ok(unseal(STR("w/f"), sealed_text(""), &got));
	assert_int_equal(got.len, 0);
	assert_ok(unseal(STR("w/f"), STR("of an old release"), &got));
	assert_str(got, STR("of an old release"));
}

static void
refuses_another_place_and_every_changed_byte(void **state)
{
	struct str got, sealed = sealed_text("hunter2");

	(void)state;
	assert_int_equal(unseal(STR("x/f"), sealed, &got), ERR_UNAVAILABLE);
	for (size_t i = STR("sealed:1:").len; i < sealed.len; i++) {
		struct str copy = arena_copy(a, sealed);
		char *at = (char *)(uintptr_t)copy.ptr + i;

		*at = *at == 'b' ? 'c' : 'b';
		if (unseal(STR("w/f"), copy, &got) == OK)
			fail_msg("byte %zu may be changed", i);
	}
}

static void
names_the_key_that_is_missing(void **state)
{
	struct str got, sealed = sealed_text("hunter2");
	struct str id = sealed;

	(void)state;
	assert_ok(sealing_set_keys(
	    STR("another key of thirty-two letters, " KEY), &e));
	assert_ok(unseal(STR("w/f"), sealed, &got));
	assert_false(sealing_is_current(sealed));
	assert_true(sealing_is_current(sealed_text("x")));
	assert_ok(
	    sealing_set_keys(STR("another key of thirty-two letters"), &e));
	assert_int_equal(unseal(STR("w/f"), sealed, &got), ERR_UNAVAILABLE);
	id = str_skip(id, STR("sealed:1:").len);
	id = str_cut(&id, ':');
	assert_non_null(strstr(e.message, arena_cstr(a, id)));
	assert_non_null(strstr(e.message, "warehouse.sealing_key"));
}

static void
refuses_keys_that_are_short(void **state)
{
	(void)state;
	assert_int_equal(
	    sealing_set_keys(STR(KEY ",short"), &e), ERR_VALIDATION);
	assert_null(strstr(e.message, "short,"));
	assert_ok(sealing_set_keys(STR(","), &e));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_what_it_sealed),
		TEST(refuses_another_place_and_every_changed_byte),
		TEST(names_the_key_that_is_missing),
		TEST(refuses_keys_that_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
