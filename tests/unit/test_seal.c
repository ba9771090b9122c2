/* test_seal.c - text that comes back as it was, or not at all. */
#include "identity/seal.h"

#include "tests/unit/unit.h"

static const uint8_t secrets[TOKEN_KEY_BYTES] = { 1 };
static struct keys keys;
static struct arena *a;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	keys_init(&keys, secrets, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static bool
opens(struct str about, struct str sealed)
{
	struct str text;

	return unseal(a, &keys, about, sealed, &text);
}

static void
opens_what_it_sealed(void **state)
{
	static const struct str texts[] = { STR_INIT(""), STR_INIT("x"),
		STR_INIT("17:\xf0\x9f\xa6\x86\n\0z") };
	struct str got;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str sealed = seal(a, &keys, STR("list"), texts[i]);

		assert_true(unseal(a, &keys, STR("list"), sealed, &got));
		assert_true(str_eq(got, texts[i]));
	}
}

static void
refuses_every_changed_byte(void **state)
{
	struct str sealed = seal(a, &keys, STR("list"), STR("12:name"));

	(void)state;
	for (size_t i = 0; i < sealed.len; i++) {
		struct str copy = arena_copy(a, sealed);
		char *at = (char *)(uintptr_t)copy.ptr + i;

		*at = *at == 'A' ? 'B' : 'A';
		assert_false(opens(STR("list"), copy));
		assert_false(opens(STR("list"), (struct str){ sealed.ptr, i }));
	}
	assert_false(opens(STR("list"), STR("no base64")));
	assert_false(
	    opens(STR("list"), arena_printf(a, STR_FMT "A", STR_ARG(sealed))));
}

static void
knows_what_it_is_about(void **state)
{
	struct str sealed = seal(a, &keys, STR("list"), STR("s:1"));

	(void)state;
	assert_false(opens(STR("lists"), sealed));
	assert_false(opens(STR("lis"), sealed));
	/* the same bytes, cut elsewhere */
	assert_false(
	    opens(STR("lists"), seal(a, &keys, STR("list"), STR("s"))));
}

static void
opens_with_an_older_key(void **state)
{
	struct str old = seal(a, &keys, STR("list"), STR("x"));
	static const uint8_t both[2 * TOKEN_KEY_BYTES] = {
		2, [TOKEN_KEY_BYTES] = 1
	};

	(void)state;
	keys_init(&keys, both, 2);
	assert_true(opens(STR("list"), old));
	keys_init(&keys, both, 1);
	assert_false(opens(STR("list"), old));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(opens_what_it_sealed),
		TEST(refuses_every_changed_byte),
		TEST(knows_what_it_is_about),
		TEST(opens_with_an_older_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
