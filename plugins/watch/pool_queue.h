/*
 * pool_queue.h - lends the connections of a store, and bounds the wait for one.
 *
 * Calls are served in the order in which they came: a connection that is given
 * back while others wait is handed to one of them, so that a new call cannot
 * snatch it.  The counts are where the host sees them (struct pool_counts).
 */
#ifndef PANGOLIN_POOL_QUEUE_H
#define PANGOLIN_POOL_QUEUE_H

#include <pthread.h>

#include "plugin/store.h"

struct pool_queue {
	pthread_mutex_t lock; /* the owner's too; held for no I/O */
	pthread_cond_t wake;
	size_t most, lent, waiting, handed;
	struct pool_counts *counts;
	struct pool_counts unseen; /* where nobody watches */
};

/* `watch` may be NULL. */
void pool_queue_init(
    struct pool_queue *, size_t most, const struct store_watch *);
void pool_queue_clear(struct pool_queue *);

/* Both with the lock held, which a wait gives up meanwhile. */
MUST_CHECK bool pool_queue_enter(struct pool_queue *, int64_t until_us);
void pool_queue_leave(struct pool_queue *);

static inline void
count_add(_Atomic int64_t *n, int64_t more)
{
	(void)atomic_fetch_add_explicit(n, more, memory_order_relaxed);
}

#endif
