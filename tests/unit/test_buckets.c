/* test_buckets.c - token buckets of requests. */
#include "shm/buckets.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

#define LIMIT 10
#define SECOND_NS (1000 * CLOCK_SECOND)

static struct shm *shm;
static struct buckets *buckets;
static int64_t wait_us;

/* A token in each 6 s. */
static const struct bucket_rule rule = { LIMIT, 60 * CLOCK_SECOND };

static int
begin(void **state)
{
	struct error e;

	(void)state;
	assert_int_equal(shm_new(buckets_size(), &shm, &e), OK);
	buckets = buckets_new(shm);
	return 0;
}

static bool
take(uint64_t key, int64_t now_ns)
{
	return buckets_take(buckets, key, &rule, now_ns, &wait_us);
}

static int
take_all(uint64_t key, int64_t now_ns)
{
	int taken = 0;

	while (take(key, now_ns))
		taken++;
	return taken;
}

static void
holds_as_many_as_the_limit(void **state)
{
	uint64_t key = buckets_key(buckets, 'r', STR("bob"));

	(void)state;
	assert_int_equal(take_all(key, 100 * SECOND_NS), LIMIT);
	assert_int_equal(wait_us, 6 * CLOCK_SECOND);
	assert_int_equal(
	    take_all(buckets_key(buckets, 'w', STR("bob")), 100 * SECOND_NS),
	    LIMIT);
	assert_int_equal(
	    take_all(buckets_key(buckets, 'r', STR("eve")), 100 * SECOND_NS),
	    LIMIT);
}

static void
fills_up_one_by_one(void **state)
{
	uint64_t key = buckets_key(buckets, 'r', STR("bob"));

	(void)state;
	assert_int_equal(take_all(key, 100 * SECOND_NS), LIMIT);
	assert_false(take(key, 105 * SECOND_NS));
	assert_int_equal(wait_us, CLOCK_SECOND);
	assert_int_equal(take_all(key, 106 * SECOND_NS), 1);
	assert_int_equal(take_all(key, 124 * SECOND_NS), 3);
	assert_int_equal(take_all(key, 1000 * SECOND_NS), LIMIT);
}

static void
a_limit_that_was_raised_lets_in_soon(void **state)
{
	const struct bucket_rule raised = { LIMIT, CLOCK_SECOND };
	uint64_t key = buckets_key(buckets, 'r', STR("bob"));

	(void)state;
	assert_int_equal(take_all(key, 100 * SECOND_NS), LIMIT);
	assert_false(
	    buckets_take(buckets, key, &raised, 101 * SECOND_NS, &wait_us));
	assert_int_equal(wait_us, CLOCK_SECOND / LIMIT);
	assert_true(
	    buckets_take(buckets, key, &raised, 102 * SECOND_NS, &wait_us));
}

/* Many principals take the places of buckets that are nearly full. */
static void
remembers_an_empty_one(void **state)
{
	uint64_t key = buckets_key(buckets, 'r', STR("bob"));
	char name[16];

	(void)state;
	assert_int_equal(take_all(key, SECOND_NS), LIMIT);
	for (int i = 0; i < 4 * BUCKETS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "x%d", i);
		assert_true(
		    take(buckets_key(buckets, 'r', str_from(name)), SECOND_NS));
	}
	assert_false(take(key, SECOND_NS));
}

static _Atomic int taken;

static void *
take_many(void *arg)
{
	uint64_t key = buckets_key(buckets, 'r', STR("bob"));
	const struct bucket_rule many = { 50000, 60 * CLOCK_SECOND };
	int64_t ignored;

	(void)arg;
	for (int i = 0; i < 50000; i++)
		taken += buckets_take(buckets, key, &many, SECOND_NS, &ignored);
	return NULL;
}

static void
is_exact_over_threads(void **state)
{
	pthread_t other;

	(void)state;
	taken = 0;
	assert_int_equal(pthread_create(&other, NULL, take_many, NULL), 0);
	(void)take_many(NULL);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(taken, 50000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(holds_as_many_as_the_limit, begin),
		cmocka_unit_test_setup(fills_up_one_by_one, begin),
		cmocka_unit_test_setup(
		    a_limit_that_was_raised_lets_in_soon, begin),
		cmocka_unit_test_setup(remembers_an_empty_one, begin),
		cmocka_unit_test_setup(is_exact_over_threads, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
