/*
 * pool.c - a queue under one mutex, a list of finished jobs without a lock.
 *
 * Threads push finished jobs on a stack by compare-and-swap; only the push
 * that finds it empty writes to the eventfd, so a busy loop is woken once for
 * many jobs.
 */
#include "http/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

/* Measured need: 20 KiB, for name look-ups; argon2, SQLite and yyjson take
 * less. */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job *first, **last;      /* under lock: waiting, oldest first */
	unsigned idle;                  /* under lock: threads that wait */
	bool stopping;                  /* under lock */
	_Atomic(struct job *) finished; /* newest first */
	int event;
	unsigned count;
	pthread_t thread[];
};

/* The oldest waiting job; waits for one.  NULL: the pool is being freed. */
static struct job *
take(struct pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->idle++;
	while (p->first == NULL && !p->stopping)
		(void)pthread_cond_wait(&p->work, &p->lock);
	p->idle--;

	struct job *job = p->stopping ? NULL : p->first;

	if (job != NULL) {
		p->first = job->next;
		if (p->first == NULL)
			p->last = &p->first;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return job;
}

void
pool_ring(struct pool *p)
{
	if (eventfd_write(p->event, 1) != 0)
		abort();
}

static void
finish(struct pool *p, struct job *job)
{
	struct job *head =
	    atomic_load_explicit(&p->finished, memory_order_relaxed);

	do
		job->next = head;
	while (!atomic_compare_exchange_weak_explicit(&p->finished, &head, job,
	    memory_order_release, memory_order_relaxed));
	if (head == NULL)
		pool_ring(p);
}

static void *
thread_main(void *arg)
{
	struct pool *p = arg;
	struct job *job;

	while ((job = take(p)) != NULL) {
		if (job->run(job))
			finish(p, job);
	}
	return NULL;
}

/* Threads inherit the mask of the thread that makes them. */
static int
start_threads(struct pool *p, unsigned count)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int failed = pthread_attr_init(&attr);

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (failed == 0)
		failed = pthread_attr_setstacksize(&attr, POOL_STACK_BYTES);
	while (failed == 0 && p->count < count) {
		failed =
		    pthread_create(&p->thread[p->count], &attr, thread_main, p);
		if (failed == 0)
			p->count++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return failed;
}

enum err
pool_new(unsigned threads, struct pool **ret, struct error *e)
{
	struct pool *p = calloc(1, sizeof(*p) + threads * sizeof(p->thread[0]));

	if (p == NULL)
		abort();
	p->last = &p->first;
	p->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	if (p->event == -1 || start_threads(p, threads) != 0) {
		pool_free(p);
		return fail(e, ERR_INTERNAL,
		    "Cannot start %u threads; check the limits on processes "
		    "and open files.",
		    threads);
	}
	*ret = p;
	return OK;
}

int
pool_fd(const struct pool *p)
{
	return p->event;
}

void
pool_submit(struct pool *p, struct job *job)
{
	job->next = NULL;
	job->expired = false;
	job->submitted_us = clock_mono_us();
	(void)pthread_mutex_lock(&p->lock);
	*p->last = job;
	p->last = &job->next;

	bool wake = p->idle != 0;

	(void)pthread_mutex_unlock(&p->lock);
	if (wake)
		(void)pthread_cond_signal(&p->work);
}

void
pool_expire(struct pool *p, int64_t before_us)
{
	(void)pthread_mutex_lock(&p->lock);
	while (p->first != NULL && p->first->submitted_us < before_us) {
		struct job *job = p->first;

		p->first = job->next;
		if (p->first == NULL)
			p->last = &p->first;
		job->expired = true;
		finish(p, job);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

struct job *
pool_collect(struct pool *p)
{
	eventfd_t ignored;
	struct job *newest, *oldest = NULL;

	/* first the descriptor: a job that comes later sets it again */
	(void)eventfd_read(p->event, &ignored);
	newest =
	    atomic_exchange_explicit(&p->finished, NULL, memory_order_acquire);
	while (newest != NULL) {
		struct job *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	return oldest;
}

void
pool_free(struct pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->stopping = true;
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_cond_broadcast(&p->work);
	for (unsigned i = 0; i < p->count; i++)
		(void)pthread_join(p->thread[i], NULL);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_mutex_destroy(&p->lock);
	if (p->event != -1)
		(void)close(p->event);
	free(p);
}
