/* test_password_hash.c - hashes of passwords. */
#include "base/clock.h"
#include "calls/bulkheads.h"
#include "identity/password_hash.h"
#include "tests/unit/unit.h"

static struct error error;
static struct call call;

static int
begin(void **state)
{
	(void)state;
	call = (struct call){ .arena = arena_new(),
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(call.arena);
	return 0;
}

static bool
opens(struct str hash, const char *password)
{
	bool same = false;

	assert_int_equal(
	    password_verify(&call, hash, str_from(password), &same), OK);
	return same;
}

static void
tells_the_password_from_others(void **state)
{
	struct str hash, again;

	(void)state;
	assert_int_equal(password_hash(&call, STR("swordfish"), &hash), OK);
	assert_int_equal(password_hash(&call, STR("swordfish"), &again), OK);
	assert_true(
	    str_starts_with(hash, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_false(str_eq(hash, again));
	assert_true(opens(hash, "swordfish"));
	assert_false(opens(hash, "Swordfish"));
	assert_false(opens(hash, ""));
	assert_false(opens(STR("not a hash"), "swordfish"));
}

static void
matches_nothing_without_a_hash(void **state)
{
	struct str none = { 0 };

	(void)state;
	assert_false(opens(none, "swordfish"));
	assert_false(opens(none, ""));
}

static void
takes_as_long_for_nobody(void **state)
{
	struct str hash, none = { 0 };
	int64_t start, known, unknown;

	(void)state;
	assert_int_equal(password_hash(&call, STR("swordfish"), &hash), OK);
	start = clock_mono_us();
	(void)opens(hash, "guess");
	known = clock_mono_us() - start;
	start = clock_mono_us();
	(void)opens(none, "guess");
	unknown = clock_mono_us() - start;
	/* a skipped hash is a thousand times faster */
	assert_true(unknown > known / 20);
}

static void
bounds_the_length(void **state)
{
	char text[PASSWORD_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    password_check((struct str){ text, 7 }, &error), ERR_BAD_REQUEST);
	assert_int_equal(password_check((struct str){ text, 8 }, &error), OK);
	assert_int_equal(
	    password_check((struct str){ text, PASSWORD_MAX }, &error), OK);
	assert_int_equal(
	    password_check((struct str){ text, sizeof(text) }, &error),
	    ERR_BAD_REQUEST);
}

static void
asks_to_hash_weaker_ones_again(void **state)
{
	struct str hash;

	(void)state;
	assert_int_equal(password_hash(&call, STR("swordfish"), &hash), OK);
	assert_false(password_needs_rehash(call.arena, hash));
	assert_true(password_needs_rehash(call.arena,
	    STR("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")));
}

static void
does_not_hash_where_none_may_wait(void **state)
{
	struct str hash = { 0 };
	bool same;

	(void)state;
	call.nowait = true;
	assert_int_equal(
	    password_hash(&call, STR("swordfish"), &hash), ERR_WOULD_BLOCK);
	assert_int_equal(
	    password_verify(&call, hash, STR("x"), &same), ERR_WOULD_BLOCK);
}

static void
hashes_in_a_bulkhead_of_its_own(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = { [BULKHEAD_PASSWORD] =
							      1 };
	struct bulkheads bulkheads = { .store_is_prompt = false };
	struct usage usage = { .bulkheads = &bulkheads };
	struct str hash;

	(void)state;
	bulkheads_init(&bulkheads, permits);
	call.usage = &usage;
	assert_int_equal(bulkhead_enter(&call, BULKHEAD_PASSWORD), OK);
	assert_int_equal(
	    password_hash(&call, STR("swordfish"), &hash), ERR_WOULD_BLOCK);
	(void)bulkhead_leave(&call, BULKHEAD_PASSWORD, OK);
	assert_int_equal(password_hash(&call, STR("swordfish"), &hash), OK);
	assert_true(opens(hash, "swordfish"));
	assert_int_equal(bulkhead_enter(&call, BULKHEAD_PASSWORD), OK);
	bulkheads_clear(&bulkheads);
}

static void
makes_passwords_that_are_hard_to_guess(void **state)
{
	struct str one = password_random(call.arena);
	struct str two = password_random(call.arena);

	(void)state;
	assert_int_equal(one.len, 24);
	assert_false(str_eq(one, two));
	for (size_t i = 0; i < one.len; i++)
		assert_true((one.ptr[i] >= '0' && one.ptr[i] <= '9') ||
			    (one.ptr[i] >= 'A' && one.ptr[i] <= 'Z') ||
			    (one.ptr[i] >= 'a' && one.ptr[i] <= 'z'));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_the_password_from_others),
		TEST(matches_nothing_without_a_hash),
		TEST(takes_as_long_for_nobody),
		TEST(bounds_the_length),
		TEST(asks_to_hash_weaker_ones_again),
		TEST(does_not_hash_where_none_may_wait),
		TEST(hashes_in_a_bulkhead_of_its_own),
		TEST(makes_passwords_that_are_hard_to_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
