/*
 * places.h - lends the connections of a store, and bounds the wait for one.
 *
 * Calls are served in the order in which they came: a connection that is given
 * back while others wait is handed to one of them, so that a new call cannot
 * snatch it.  The counts are where the host sees them (struct pool_counts).
 */
#ifndef PANGOLIN_PLACES_H
#define PANGOLIN_PLACES_H

#include <pthread.h>

#include "plugin/store.h"

struct places {
	pthread_mutex_t lock; /* the owner's too; held for no I/O */
	pthread_cond_t wake;
	size_t most, lent, waiting, handed;
	struct pool_counts *counts;
	struct pool_counts unseen; /* where nobody watches */
};

/* `watch` may be NULL. */
void places_init(struct places *, size_t most, const struct store_watch *);
void places_clear(struct places *);

/* Both with the lock held, which a wait gives up meanwhile. */
MUST_CHECK bool places_enter(struct places *, int64_t until_us);
void places_leave(struct places *);

static inline void
count_add(_Atomic int64_t *n, int64_t more)
{
	(void)atomic_fetch_add_explicit(n, more, memory_order_relaxed);
}

#endif
