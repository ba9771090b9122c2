/* test_niced.c - work on threads of low priority; under TSan in CI. */
#include "base/niced.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "tests/unit/unit.h"

#define CALLERS 8
#define RUNS 200

struct seen {
	pthread_t by;
	int nice, runs;
};

static void
look(void *arg)
{
	struct seen *seen = arg;

	seen->by = pthread_self();
	seen->nice = getpriority(PRIO_PROCESS, 0);
	seen->runs++;
}

static void
runs_where_it_is_when_there_are_no_threads(void **state)
{
	struct seen seen = { .runs = 0 };

	(void)state;
	niced_run(look, &seen);
	assert_int_equal(seen.runs, 1);
	assert_true(pthread_equal(seen.by, pthread_self()));
}

static void
runs_on_a_thread_that_others_go_before(void **state)
{
	struct seen here = { .runs = 0 }, there = { .runs = 0 };

	(void)state;
	look(&here);
	niced_start(1);
	niced_run(look, &there);
	niced_stop();
	assert_int_equal(there.runs, 1);
	assert_false(pthread_equal(there.by, pthread_self()));
	assert_true(there.nice > here.nice || here.nice >= 15);
}

static void *
call_often(void *arg)
{
	for (int i = 0; i < RUNS; i++)
		niced_run(look, arg);
	return NULL;
}

static void
serves_more_callers_than_it_has_threads(void **state)
{
	pthread_t callers[CALLERS];
	struct seen seen[CALLERS] = { { .runs = 0 } };

	(void)state;
	niced_start(3);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(
		    pthread_create(&callers[i], NULL, call_often, &seen[i]), 0);
	for (int i = 0; i < CALLERS; i++)
		(void)pthread_join(callers[i], NULL);
	niced_stop();
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(seen[i].runs, RUNS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_where_it_is_when_there_are_no_threads),
		cmocka_unit_test(runs_on_a_thread_that_others_go_before),
		cmocka_unit_test(serves_more_callers_than_it_has_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
