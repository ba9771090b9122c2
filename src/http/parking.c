/*
 * parking.c - who may go on, and who must be asked about first.
 *
 * Exchanges have numbers in the order in which they came.  An asking covers
 * all that had come when it began: a thread that begins it reads how many
 * those are.
 */
#include "http/parking.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "http/passage.h"

/* One turn takes no longer, so that accepting, reading and the worker's beat
 * get theirs.  One request more may come on top of it. */
#define TURN_US (4 * CLOCK_MS)

struct parking {
	struct front *front;
	struct exchanges parked; /* in the order of their numbers */
	_Atomic uint64_t count;  /* the number of the last */
	uint64_t covered;        /* up to this one they may go on */
	int64_t turn_ends_us;

	/* an asking that has to wait, on a thread of the pool */
	bool asking;
	struct job job;
	int64_t last_us; /* when the last one began */
	uint64_t asked;  /* the last number when this one began */
	struct error error;
};

struct parking *
parking_new(struct front *front)
{
	struct parking *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->front = front;
	TAILQ_INIT(&p->parked);
	return p;
}

void
parking_free(struct parking *p)
{
	struct exchange *x;

	while ((x = TAILQ_FIRST(&p->parked)) != NULL) {
		TAILQ_REMOVE(&p->parked, x, list);
		exchange_free(x);
	}
	free(p);
}

void
parking_add(struct parking *p, struct exchange *x)
{
	x->parked = atomic_load_explicit(&p->count, memory_order_relaxed) + 1;
	TAILQ_INSERT_TAIL(&p->parked, x, list);
	atomic_store_explicit(&p->count, x->parked, memory_order_release);
}

static enum err
refresh(struct parking *p, bool may_block)
{
	const struct server_settings *settings = p->front->settings;

	return settings->freshness.refresh(settings->app, may_block, &p->error);
}

/* ---- on a thread */

/* The store is asked no more often than it has to be. */
static void
keep_lag(struct parking *p)
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
	char *at = (char *)job - offsetof(struct parking, job);
	struct parking *p = (struct parking *)(void *)at;

	keep_lag(p);
	p->asked = atomic_load_explicit(&p->count, memory_order_acquire);
	(void)refresh(p, true);
	return true;
}

/* ---- on the loop */

static void
cover(struct parking *p, uint64_t number)
{
	if (number > p->covered)
		p->covered = number;
}

bool
parking_takes(struct parking *p, struct job *job)
{
	if (job != &p->job)
		return false;
	p->asking = false;
	cover(p, job->expired ? atomic_load(&p->count) : p->asked);
	return true;
}

/* For all that are parked now: at once, or on a thread. */
static void
begin_asking(struct parking *p)
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
parking_begin_turn(struct parking *p)
{
	if (!TAILQ_EMPTY(&p->parked))
		p->turn_ends_us = clock_mono_us() + TURN_US;
}

/* The first that may go on; NULL: none may. */
static struct exchange *
first_covered(struct parking *p)
{
	struct exchange *x = TAILQ_FIRST(&p->parked);

	if (x == NULL)
		return NULL;
	if (x->parked > p->covered && !p->asking)
		begin_asking(p);
	return x->parked <= p->covered ? x : NULL;
}

struct exchange *
parking_next(struct parking *p)
{
	struct exchange *x;

	while ((x = first_covered(p)) != NULL) {
		if (clock_mono_us() > p->turn_ends_us) {
			pool_ring(p->front->pool);
			return NULL;
		}
		TAILQ_REMOVE(&p->parked, x, list);
		if (x->conn == NULL || passage_run(x, true))
			return x;
		exchange_submit(x);
	}
	return NULL;
}

void
parking_expire(struct parking *p, int64_t before_us)
{
	struct exchange *x;

	TAILQ_FOREACH (x, &p->parked, list) {
		if (x->parked > p->covered && x->begun_us < before_us)
			cover(p, x->parked);
	}
}
