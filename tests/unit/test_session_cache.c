/* test_session_cache.c - a session is handed out for what it is for, while it
 * lives. */
#include "catalog/session_cache.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

static struct arena *a;

static int
begin(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct session_key
key_of(int64_t revision, const char *policy)
{
	return (struct session_key){ .revision = revision,
		.policy = str_from(policy) };
}

static void
put(struct session_key key, const char *secret, int64_t expires_us)
{
	struct sts_session s = { .credentials = { STR("AK"), str_from(secret),
				     STR("token") },
		.expires_us = expires_us };

	session_cache_put(&key, &s);
}

static bool
finds(struct session_key key, int64_t until_us, const char *secret)
{
	struct sts_session got;

	return session_cache_find(a, &key, until_us, &got) &&
	       str_eq(got.credentials.access_key, STR("AK")) &&
	       str_eq(got.credentials.secret_key, str_from(secret)) &&
	       str_eq(got.credentials.session_token, STR("token"));
}

static void
hands_out_what_lives_long_enough(void **state)
{
	(void)state;
	put(key_of(1, "p"), "one", 100);
	assert_true(finds(key_of(1, "p"), 99, "one"));
	assert_false(finds(key_of(1, "p"), 100, "one"));
	assert_false(finds(key_of(2, "p"), 0, "one"));
	assert_false(finds(key_of(1, "q"), 0, "one"));
	put(key_of(1, "p"), "two", 200);
	assert_true(finds(key_of(1, "p"), 150, "two"));
}

static void
lets_go_of_the_one_that_ends_first(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 600; i++)
		put(key_of(1000 + i, "p"), "s", 1000 + i);
	assert_true(finds(key_of(1599, "p"), 0, "s"));
	assert_false(finds(key_of(1000, "p"), 0, "s"));
}

/* The STS is the tenant's own server, and says what it likes. */
static void
sessions_for_ages_leave_room_for_others(void **state)
{
	const int64_t year_9999 = 253370764800 * CLOCK_SECOND;
	struct sts_session told = { .expires_us = year_9999 };
	struct session_key key = key_of(1, "told");

	(void)state;
	for (int64_t i = 0; i < 600; i++)
		put(key_of(5000 + i, "p"), "s", year_9999);
	put(key_of(1, "mine"), "one", year_9999);
	put(key_of(2, "mine"), "two", year_9999);
	assert_true(finds(key_of(1, "mine"), 0, "one"));
	assert_true(finds(key_of(2, "mine"), 0, "two"));
	session_cache_put(&key, &told);
	assert_true(
	    told.expires_us <= clock_now_us() + SESSION_S * CLOCK_SECOND);
}

static void
keeps_nothing_that_is_too_long(void **state)
{
	char *secret = ARENA_NEW(a, char, 8192);

	(void)state;
	memset(secret, 'x', 8191);
	put(key_of(1, "long"), secret, 1 << 30);
	assert_false(finds(key_of(1, "long"), 0, secret));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hands_out_what_lives_long_enough),
		TEST(lets_go_of_the_one_that_ends_first),
		TEST(sessions_for_ages_leave_room_for_others),
		TEST(keeps_nothing_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
