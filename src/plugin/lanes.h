/*
 * lanes.h - bulkheads: what a worker's requests may wait for at once.
 *
 * Of its threads only so many are in the store, in object storage and at work
 * on large things, so that one slow resource cannot take them all.  On the
 * event loop nothing may wait: there a call that could says ERR_WOULD_BLOCK.
 *
 * A request that finds its lane full gives its thread back: lane_enter() says
 * ERR_WOULD_BLOCK there too, the request waits by lanes_wait(), and its stage
 * runs again from the beginning.  Once it has written something it cannot, and
 * waits on its thread.
 */
#ifndef PANGOLIN_LANES_H
#define PANGOLIN_LANES_H

#include <pthread.h>

#include "plugin/usage.h"

/* Longer a request may not stay on the event loop. */
#define LOOP_SHARE_US 1000

/* More bytes than this are not parsed or packed there. */
#define LOOP_BYTES ((size_t)64 * 1024)

/* Whoever waits without a thread; ready() may run on any thread. */
struct lane_waiter {
	struct lane_waiter *next;
	void (*ready)(struct lane_waiter *);
	int64_t since_us; /* clock_mono_us(); 0: has not waited before */
};

struct lane_state {
	pthread_cond_t freed;
	unsigned free, on_threads; /* on_threads: who waits by `freed` */
	struct lane_waiter *first, **last;
};

struct lanes {
	bool store_is_prompt; /* its plugin says READS_DO_NOT_BLOCK */
	pthread_mutex_t lock; /* of what follows */
	struct lane_state lane[LANE_COUNT];
};

/* In a worker; store_is_prompt is kept. */
void lanes_init(struct lanes *, const unsigned permits[LANE_COUNT]);
void lanes_clear(struct lanes *);

/* Calls ready() once the lane has room; false, and no ready(), when it has
 * now.  Who has waited before goes before the others. */
MUST_CHECK bool lanes_wait(struct lanes *, enum lane, struct lane_waiter *);

/* Who has waited since before this time, linked by `next`; they do no more. */
struct lane_waiter *lanes_expire(struct lanes *, int64_t before_us);

/* Behind the next run of one who was told: the room may not be used up. */
void lanes_tell_next(struct lanes *, enum lane);

/* ERR_SLOW_DOWN when there is no room before the deadline. */
MUST_CHECK enum err lane_enter(struct call *, enum lane);

/* For calls that write: they never run again. */
MUST_CHECK enum err lane_enter_write(struct call *, enum lane);

/* Behind an lane_enter() that said OK; returns `err`, the call's result. */
enum err lane_leave(struct call *, enum lane, enum err err);

/* About to do work in proportion to so many bytes, in LANE_CPU when they are
 * many; cpu_leave() behind it, with the same number. */
MUST_CHECK enum err cpu_enter(struct call *, size_t bytes);
void cpu_leave(struct call *, size_t bytes);

#endif
