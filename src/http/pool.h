/*
 * pool.h - threads that do what may block, one queue before them.
 *
 * The loop submits and collects; threads only call run().  A descriptor
 * becomes readable when finished jobs wait to be collected.  Kore-free.
 */
#ifndef PANGOLIN_POOL_H
#define PANGOLIN_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct pool;

/* Part of what a caller submits; the pool owns it until it is collected. */
struct job {
	/* On a thread.  False: it is not finished; somebody else has it, and
	 * will submit it again. */
	bool (*run)(struct job *);
	int64_t submitted_us; /* clock_mono_us() */
	bool expired;         /* it waited too long; run() was not called */
	struct job *next;
};

/* All signals are blocked in the threads. */
MUST_CHECK enum err pool_new(
    unsigned threads, struct pool **ret, struct error *);

int pool_fd(const struct pool *);
void pool_submit(struct pool *, struct job *); /* any thread may */

/* The descriptor becomes readable, whether or not a job is finished. */
void pool_ring(struct pool *);

/* Jobs that were submitted before this time and have not begun are finished
 * as expired. */
void pool_expire(struct pool *, int64_t before_us);

/* The finished jobs, linked by `next`, oldest first; NULL when there are none.
 * Resets the descriptor. */
struct job *pool_collect(struct pool *);

/* Waits for the running jobs; those that have not begun are left alone. */
void pool_free(struct pool *);

#endif
