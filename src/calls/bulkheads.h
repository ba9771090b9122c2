/*
 * bulkheads.h - bulkheads: how many calls of each kind a worker runs at once.
 *
 * Each resource (the store, objects, the processor, ...: enum bulkhead of
 * usage.h) has a number of permits, so that one slow resource cannot take all
 * threads.  Calls take a permit by bulkhead_enter() and give it back by
 * bulkhead_leave(); the wrappers of store_call.h and object/ do so.
 *
 * On the event loop a call that could wait says ERR_WOULD_BLOCK instead.  On a
 * thread a request that finds its bulkhead full is told ERR_WOULD_BLOCK too,
 * gives its thread back and waits by bulkheads_wait(); its stage runs again
 * later.  Permits that tenants could keep from each other are divided
 * (shares.h): full is then also a tenant's or a bucket's share of them.  A
 * request that has written something waits on its thread.  The picture of these
 * states is in http/stages.h.
 */
#ifndef PANGOLIN_BULKHEADS_H
#define PANGOLIN_BULKHEADS_H

#include <pthread.h>

#include "base/budget.h"
#include "calls/shares.h"
#include "calls/usage.h"

/* The longest that a request may stay on the event loop. */
#define LOOP_SHARE_US 1000

/* More bytes than this are not parsed or packed on the event loop. */
#define LOOP_BYTES ((size_t)64 * 1024)

/* A thread that waits until it is handed a permit. */
struct bulkhead_thread {
	struct bulkhead_thread *next;
	struct share_key key;
	bool has_permit;
};

struct bulkhead_state {
	pthread_cond_t handed; /* a thread was handed a permit */
	struct shares shares;
	struct bulkhead_thread *threads; /* the oldest is first */
	unsigned most;                   /* that may wait; 0: any number */
	int64_t refused;                 /* since bulkheads_load() */
};

struct bulkheads {
	bool store_is_prompt; /* its plugin says READS_DO_NOT_BLOCK */
	pthread_mutex_t lock; /* protects what follows */
	struct bulkhead_state bulkhead[BULKHEAD_COUNT];
};

/* Called in a worker; store_is_prompt stays as it is. */
void bulkheads_init(struct bulkheads *, const unsigned permits[BULKHEAD_COUNT]);
void bulkheads_clear(struct bulkheads *);

/* Bounds the queue of a bulkhead to about so many requests (a thread may be on
 * its way into it). 0, as at the start: no bound. */
void bulkheads_bound(struct bulkheads *, enum bulkhead, unsigned most);

/* The requests that wait now, and those refused since the last call. */
struct bulkhead_load {
	unsigned waiting;
	int64_t refused;
};
struct bulkhead_load bulkheads_load(struct bulkheads *, enum bulkhead);

/* Queues the waiter and calls ready() once the bulkhead that the request wants
 * has room for it.  False, and no ready(): it has room now.  A waiter that has
 * waited before goes first. */
MUST_CHECK bool bulkheads_wait(const struct usage *, struct bulkhead_waiter *);

/* Takes out the waiters that have waited since before this time, linked by
 * `next`; their ready() is not called. */
struct bulkhead_waiter *bulkheads_expire(struct bulkheads *, int64_t before_us);

/* Tells the next waiter.  A request that was told calls this when it has run:
 * it may have left room. */
void bulkheads_tell_next(struct bulkheads *, enum bulkhead);

/* Takes a permit.  ERR_SLOW_DOWN when there is none before the deadline, or the
 * queue is full; ERR_WOULD_BLOCK as above. */
MUST_CHECK enum err bulkhead_enter(struct call *, enum bulkhead);

/* The same for calls that write: they wait on their thread and never run
 * again. */
MUST_CHECK enum err bulkhead_enter_write(struct call *, enum bulkhead);

/* Gives the permit of a successful bulkhead_enter() back; returns `err`, the
 * call's result. */
enum err bulkhead_leave(struct call *, enum bulkhead, enum err err);

/* The same for calls to a bucket: the number by s3_clients_bucket(). */
MUST_CHECK enum err bucket_enter(struct call *, uint64_t bucket);
MUST_CHECK enum err bucket_enter_write(struct call *, uint64_t bucket);
enum err bucket_leave(struct call *, uint64_t bucket, enum err err);

/* Takes a permit of BULKHEAD_CPU for work on so many bytes, when they are many;
 * cpu_leave() with the same number gives it back. */
MUST_CHECK enum err cpu_enter(struct call *, size_t bytes);
void cpu_leave(struct call *, size_t bytes);

/* Reserves memory for about so many bytes more in the call's arena, when they
 * are many (base/budget.h), until the arena is reset.  A request that finds no
 * room waits for it as for a permit; one that has written is refused with
 * ERR_SLOW_DOWN. */
MUST_CHECK enum err memory_enter(struct call *, size_t bytes);

#endif
