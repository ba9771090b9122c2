/* test_attempts.c - counts of failed sign-ins. */
#include "shm/attempts.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

#define LIMIT 10
#define WINDOW (60 * CLOCK_SECOND)

static struct shm *shm;
static struct attempts *attempts;

static int
begin(void **state)
{
	struct error e;

	(void)state;
	assert_int_equal(shm_new(attempts_size(), &shm, &e), OK);
	attempts = attempts_new(shm);
	return 0;
}

static const struct attempts_rule rule = { LIMIT, WINDOW, 5 * WINDOW };

/* Of the last charge. */
static struct attempt last;
static int64_t wait_us;

static bool
charge(uint64_t key, int64_t now)
{
	return attempts_charge(attempts, key, &rule, now, &last, &wait_us);
}

static void
takes_as_many_as_the_limit(void **state)
{
	uint64_t key = attempts_key(attempts, 'a', STR("bob"), STR(""));

	(void)state;
	for (int i = 0; i < LIMIT; i++)
		assert_true(charge(key, CLOCK_SECOND));
	assert_false(charge(key, 21 * CLOCK_SECOND));
	assert_int_equal(wait_us, 40 * CLOCK_SECOND);
	assert_int_equal(
	    attempts_wait_us(attempts, key, LIMIT, 31 * CLOCK_SECOND),
	    30 * CLOCK_SECOND);
	assert_true(charge(key, 61 * CLOCK_SECOND));
}

static void
gives_back_what_was_right(void **state)
{
	uint64_t key = attempts_key(attempts, 'a', STR("bob"), STR(""));
	const struct attempt nothing = { 0 };

	(void)state;
	for (int i = 0; i < 5 * LIMIT; i++) {
		assert_true(charge(key, CLOCK_SECOND));
		attempts_give_back(attempts, last);
	}
	attempts_give_back(attempts, nothing);
	for (int i = 0; i < LIMIT; i++)
		assert_true(charge(key, CLOCK_SECOND));
	assert_false(charge(key, CLOCK_SECOND));
}

/* A password that took long to verify. */
static void
gives_nothing_back_in_the_next_window(void **state)
{
	uint64_t key = attempts_key(attempts, 'a', STR("bob"), STR(""));
	struct attempt old;

	(void)state;
	assert_true(charge(key, CLOCK_SECOND));
	old = last;
	for (int i = 0; i < LIMIT; i++)
		assert_true(charge(key, 90 * CLOCK_SECOND));
	attempts_give_back(attempts, old);
	assert_false(charge(key, 90 * CLOCK_SECOND));
}

static void
tells_kinds_and_names_apart(void **state)
{
	const struct str bob = STR("bob"), none = STR("");

	(void)state;
	assert_int_not_equal(attempts_key(attempts, 'a', bob, none),
	    attempts_key(attempts, 'i', bob, none));
	assert_int_not_equal(attempts_key(attempts, 'k', bob, STR("1")),
	    attempts_key(attempts, 'k', STR("bob1"), none));
}

/* Many names push out such as have failed once. */
static void
remembers_an_account_under_attack(void **state)
{
	uint64_t key = attempts_key(attempts, 'a', STR("bob"), STR(""));
	char name[16];

	(void)state;
	for (int i = 0; i < LIMIT; i++)
		assert_true(charge(key, CLOCK_SECOND));
	for (int i = 0; i < 20 * ATTEMPTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "x%d", i);
		(void)charge(
		    attempts_key(attempts, 'a', str_from(name), STR("")),
		    CLOCK_SECOND);
	}
	assert_false(charge(key, 2 * CLOCK_SECOND));
}

static void
marks_last_as_long_as_they_are_meant_to(void **state)
{
	uint64_t key = attempts_key(attempts, 'k', STR("bob"), STR("1"));

	(void)state;
	assert_false(attempts_is_marked(attempts, key, CLOCK_SECOND));
	attempts_mark(attempts, key, WINDOW, CLOCK_SECOND);
	assert_true(attempts_is_marked(attempts, key, 60 * CLOCK_SECOND));
	assert_false(attempts_is_marked(attempts, key, 62 * CLOCK_SECOND));
}

/* A stranger would lock the owner out then. */
static void
keeps_marks_while_many_names_fail(void **state)
{
	uint64_t key = attempts_key(attempts, 'k', STR("bob"), STR("1"));
	char name[16];

	(void)state;
	attempts_mark(attempts, key, WINDOW, CLOCK_SECOND);
	for (int i = 0; i < 8 * ATTEMPTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "x%d", i);
		(void)charge(
		    attempts_key(attempts, 'a', str_from(name), STR("")),
		    CLOCK_SECOND);
	}
	assert_true(attempts_is_marked(attempts, key, 2 * CLOCK_SECOND));
}

/* Of one pause: seconds until an attempt is taken again. */
static int64_t
fill(uint64_t key, int64_t now)
{
	for (int i = 0; i < LIMIT; i++)
		assert_true(charge(key, now));
	assert_false(charge(key, now));
	return wait_us / CLOCK_SECOND;
}

static void
makes_each_pause_longer_up_to_the_longest(void **state)
{
	static const int64_t expected[] = { 60, 120, 240, 300, 300 };
	uint64_t key = attempts_key(attempts, 'a', STR("bob"), STR(""));
	int64_t now = CLOCK_SECOND;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		assert_int_equal(fill(key, now), expected[i]);
		now += (expected[i] + 1) * CLOCK_SECOND;
	}
	now += 600 * CLOCK_SECOND; /* it was quiet for long enough */
	assert_int_equal(fill(key, now), 60);
	attempts_forget(attempts, key);
	assert_int_equal(fill(key, now), 60);
}

#define ROUNDS 20
#define KEYS 400 /* that no group has no room for */

static _Atomic int charged[KEYS], arrived;

/* Both begin each count at the same moment. */
static void *
try_all(void *arg)
{
	char name[16];

	(void)arg;
	for (int i = 0; i < KEYS; i++) {
		uint64_t key;
		struct attempt ignored;
		int64_t wait;

		(void)snprintf(name, sizeof(name), "eve%d", i);
		key = attempts_key(attempts, 'a', str_from(name), STR(""));
		arrived++;
		while (arrived < 2 * (i + 1))
			continue;
		for (int k = 0; k < LIMIT; k++)
			charged[i] += attempts_charge(attempts, key, &rule,
			    CLOCK_SECOND, &ignored, &wait);
	}
	return NULL;
}

static void
is_exact_over_threads(void **state)
{
	pthread_t other;

	for (int round = 0; round < ROUNDS; round++) {
		(void)begin(state);
		memset(charged, 0, sizeof(charged));
		arrived = 0;
		assert_int_equal(
		    pthread_create(&other, NULL, try_all, NULL), 0);
		(void)try_all(NULL);
		assert_int_equal(pthread_join(other, NULL), 0);
		for (int i = 0; i < KEYS; i++)
			assert_int_equal(charged[i], LIMIT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(takes_as_many_as_the_limit, begin),
		cmocka_unit_test_setup(gives_back_what_was_right, begin),
		cmocka_unit_test_setup(tells_kinds_and_names_apart, begin),
		cmocka_unit_test_setup(
		    remembers_an_account_under_attack, begin),
		cmocka_unit_test_setup(
		    gives_nothing_back_in_the_next_window, begin),
		cmocka_unit_test_setup(
		    marks_last_as_long_as_they_are_meant_to, begin),
		cmocka_unit_test_setup(
		    keeps_marks_while_many_names_fail, begin),
		cmocka_unit_test_setup(
		    makes_each_pause_longer_up_to_the_longest, begin),
		cmocka_unit_test_setup(is_exact_over_threads, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
