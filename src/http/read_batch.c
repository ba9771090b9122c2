/*
 * read_batch.c - decides which exchanges a poll has covered.
 *
 * Exchanges are numbered in the order in which they came.  A poll covers every
 * exchange that had come when the poll began: the thread that begins it notes
 * the last number.
 */
#include "http/read_batch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "http/exchange_threads.h"
#include "http/stages.h"

/* A turn serves reads for no longer than this, so that accepting, reading and
 * the worker's beat get their time.  One request more may come on top of it. */
#define TURN_US (4 * CLOCK_MS)

struct read_batch {
	struct front *front;
	struct exchanges waiting; /* in the order of their numbers */
	_Atomic uint64_t count;   /* the number of the last */
	uint64_t covered;         /* exchanges up to this number may run */
	int64_t turn_ends_us;

	/* a poll that has to wait runs on a thread of the pool */
	bool asking;
	struct job job;
	int64_t last_us; /* when the last one began */
	uint64_t asked;  /* the last number when this poll began */
	struct error error;
};

struct read_batch *
read_batch_new(struct front *front)
{
	struct read_batch *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->front = front;
	TAILQ_INIT(&p->waiting);
	return p;
}

void
read_batch_free(struct read_batch *p)
{
	struct exchange *x;

	while ((x = TAILQ_FIRST(&p->waiting)) != NULL) {
		TAILQ_REMOVE(&p->waiting, x, list);
		exchange_free(x);
	}
	free(p);
}

void
read_batch_add(struct read_batch *p, struct exchange *x)
{
	x->batch_number =
	    atomic_load_explicit(&p->count, memory_order_relaxed) + 1;
	TAILQ_INSERT_TAIL(&p->waiting, x, list);
	atomic_store_explicit(&p->count, x->batch_number, memory_order_release);
}

static enum err
refresh(struct read_batch *p, bool may_block)
{
	const struct server_settings *settings = p->front->settings;

	return settings->freshness.refresh(settings->app, may_block, &p->error);
}

/* ---- on a thread */

/* Polls on threads begin at least freshness.lag_us apart. */
static void
keep_lag(struct read_batch *p)
{
	int64_t lag = p->front->settings->freshness.lag_us;
	int64_t wait = p->last_us + lag - clock_mono_us();
	const struct timespec t = { .tv_sec = wait / CLOCK_SECOND,
		.tv_nsec = wait % CLOCK_SECOND * 1000 };

	if (wait > 0)
		(void)nanosleep(&t, NULL);
	p->last_us = clock_mono_us();
}

static bool
ask(struct job *job)
{
	char *at = (char *)job - offsetof(struct read_batch, job);
	struct read_batch *p = (struct read_batch *)(void *)at;

	keep_lag(p);
	p->asked = atomic_load_explicit(&p->count, memory_order_acquire);
	(void)refresh(p, true);
	return true;
}

/* ---- on the loop */

static void
cover(struct read_batch *p, uint64_t number)
{
	if (number > p->covered)
		p->covered = number;
}

bool
read_batch_takes(struct read_batch *p, struct job *job)
{
	if (job != &p->job)
		return false;
	p->asking = false;
	cover(p, job->expired ? atomic_load(&p->count) : p->asked);
	return true;
}

/* Polls for all exchanges in the batch: at once, or on a thread. */
static void
begin_asking(struct read_batch *p)
{
	uint64_t count = atomic_load(&p->count);
	enum err answer;

	if (p->front->settings->freshness.refresh == NULL) {
		cover(p, count);
		return;
	}
	answer = refresh(p, false);
	if (answer != ERR_WOULD_BLOCK) {
		cover(p, count);
		return;
	}
	p->asking = true;
	p->job.run = ask;
	pool_submit(p->front->pool, &p->job);
}

void
read_batch_begin_turn(struct read_batch *p)
{
	if (!TAILQ_EMPTY(&p->waiting))
		p->turn_ends_us = clock_mono_us() + TURN_US;
}

/* The first exchange that may run; NULL: none may. */
static struct exchange *
first_covered(struct read_batch *p)
{
	struct exchange *x = TAILQ_FIRST(&p->waiting);

	if (x == NULL)
		return NULL;
	if (x->batch_number > p->covered && !p->asking)
		begin_asking(p);
	return x->batch_number <= p->covered ? x : NULL;
}

struct exchange *
read_batch_next(struct read_batch *p)
{
	struct exchange *x;

	while ((x = first_covered(p)) != NULL) {
		if (clock_mono_us() > p->turn_ends_us) {
			pool_ring(p->front->pool);
			return NULL;
		}
		TAILQ_REMOVE(&p->waiting, x, list);
		if (x->conn == NULL || stages_run(x, true) ||
		    !exchange_submit(x))
			return x;
	}
	return NULL;
}

void
read_batch_expire(struct read_batch *p, int64_t before_us)
{
	struct exchange *x;

	TAILQ_FOREACH (x, &p->waiting, list) {
		if (x->batch_number > p->covered && x->begun_us < before_us)
			cover(p, x->batch_number);
	}
}
