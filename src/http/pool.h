/*
 * pool.h - the thread pool of a worker: runs jobs that may block, from one
 * queue.
 *
 * The loop submits and collects; threads only call run().  A descriptor becomes
 * readable when finished jobs wait to be collected.  Kore-free.
 */
#ifndef PANGOLIN_POOL_H
#define PANGOLIN_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* The stack of each thread.  Functions that recurse on input count their depth:
 * the fuzz targets run on as little. */
#define POOL_STACK_BYTES ((size_t)128 * 1024)

struct pool;

/* A part of the caller's own struct; the pool owns it until it is collected. */
struct job {
	/* Called on a thread.  False: the job is not finished, and the code
	 * that has it now will submit it again. */
	bool (*run)(struct job *);
	int64_t submitted_us; /* clock_mono_us() */
	bool expired;         /* it has waited too long; run() was not called */
	struct job *next;
};

/* All signals are blocked in the threads. */
MUST_CHECK enum err pool_new(
    unsigned threads, struct pool **ret, struct error *);

int pool_fd(const struct pool *);
void pool_submit(struct pool *, struct job *); /* any thread may */

/* Makes the descriptor readable, whether or not a job is finished. */
void pool_ring(struct pool *);

/* Finishes as expired the jobs that were submitted before this time and have
 * not begun. */
void pool_expire(struct pool *, int64_t before_us);

/* The finished jobs, linked by `next`, oldest first; NULL when there are none.
 * Resets the descriptor. */
struct job *pool_collect(struct pool *);

/* Waits for the running jobs; those that have not begun are left alone. */
void pool_free(struct pool *);

#endif
