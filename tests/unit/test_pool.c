/* test_pool.c - jobs through threads; under TSan in CI. */
#include "http/pool.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

#define JOBS 2000

struct work {
	struct job job;
	int runs;
	bool signals_blocked;
};

static sem_t begun, may_end;

static bool
count(struct job *job)
{
	((struct work *)(void *)job)->runs++;
	return true;
}

static bool
block(struct job *job)
{
	(void)count(job);
	(void)sem_post(&begun);
	(void)sem_wait(&may_end);
	return true;
}

static bool
look_at_signals(struct job *job)
{
	sigset_t blocked;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	((struct work *)(void *)job)->signals_blocked =
	    sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGALRM);
	return true;
}

static struct pool *
pool_of(unsigned threads)
{
	struct error e = { 0 };
	struct pool *p;

	assert_int_equal(pool_new(threads, &p, &e), OK);
	return p;
}

static void
submit(struct pool *p, struct work *w, bool (*run)(struct job *))
{
	w->job.run = run;
	pool_submit(p, &w->job);
}

/* Collects until `wanted` jobs are back. */
static void
collect(struct pool *p, int wanted)
{
	struct pollfd fd = { .fd = pool_fd(p), .events = POLLIN };

	while (wanted > 0) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		for (struct job *j = pool_collect(p); j != NULL; j = j->next)
			wanted--;
	}
	assert_int_equal(wanted, 0);
}

static void
runs_every_job_once(void **state)
{
	static struct work work[JOBS];
	struct pool *p = pool_of(4);

	(void)state;
	for (int i = 0; i < JOBS; i++)
		submit(p, &work[i], count);
	collect(p, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(work[i].runs, 1);
	assert_null(pool_collect(p));
	pool_free(p);
}

static void
returns_jobs_in_the_order_they_finished(void **state)
{
	struct work work[3] = { 0 };
	struct pool *p = pool_of(1);

	(void)state;
	submit(p, &work[0], block);
	submit(p, &work[1], count);
	submit(p, &work[2], block);
	(void)sem_post(&may_end);
	(void)sem_wait(&begun);
	(void)sem_wait(&begun); /* the third runs: two have finished */

	struct job *first = pool_collect(p);

	assert_ptr_equal(first, &work[0].job);
	assert_ptr_equal(first->next, &work[1].job);
	assert_null(first->next->next);
	(void)sem_post(&may_end);
	collect(p, 1);
	pool_free(p);
}

static void
expires_what_waits_and_not_what_runs(void **state)
{
	struct work running = { 0 }, waiting = { 0 }, later = { 0 };
	struct pool *p = pool_of(1);

	(void)state;
	submit(p, &running, block);
	(void)sem_wait(&begun);
	submit(p, &waiting, count);
	pool_expire(p, clock_mono_us() + 1);
	collect(p, 1);
	assert_true(waiting.job.expired);
	assert_int_equal(waiting.runs, 0);

	submit(p, &later, count);
	pool_expire(p, later.job.submitted_us);
	(void)sem_post(&may_end);
	collect(p, 2);
	assert_false(running.job.expired);
	assert_int_equal(running.runs, 1);
	assert_int_equal(later.runs, 1);
	pool_free(p);
}

static void
keeps_signals_out_of_its_threads(void **state)
{
	struct work work = { 0 };
	struct pool *p = pool_of(1);
	sigset_t mine;

	(void)state;
	submit(p, &work, look_at_signals);
	collect(p, 1);
	assert_true(work.signals_blocked);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mine);
	assert_false(sigismember(&mine, SIGTERM));
	pool_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_every_job_once),
		cmocka_unit_test(returns_jobs_in_the_order_they_finished),
		cmocka_unit_test(expires_what_waits_and_not_what_runs),
		cmocka_unit_test(keeps_signals_out_of_its_threads),
	};

	(void)sem_init(&begun, 0, 0);
	(void)sem_init(&may_end, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
