/*
 * shares.h - how the permits of one bulkhead are shared between tenants, and
 * between the buckets of S3.
 *
 * A share is what one tenant has of them for one bucket: the permits that it
 * holds, and the queue of its requests that wait.  Once other tenants have
 * asked, a tenant gets no more than three quarters; once other buckets have
 * been asked for, a bucket gets no more than half, whoever asks (ADR 59).
 * Permits that come back go round among the shares that have room.
 *
 * There is a fixed number of shares.  Keys for which none is left share one:
 * the further buckets of a tenant, then the further tenants.  All functions are
 * called under the lock of the bulkheads.
 */
#ifndef PANGOLIN_SHARES_H
#define PANGOLIN_SHARES_H

#include <stdint.h>

#include "base/uuid.h"

/* Of one bulkhead, and of those the most that one tenant has. */
#define SHARES_MAX 64
#define SHARES_OF_TENANT 8

/* A tenant or bucket that has asked so long ago wants nothing any more. */
#define SHARES_RIVALS_US (3600 * (int64_t)1000000)

/* A request that waits without a thread; ready() may run on any thread. */
struct bulkhead_waiter {
	struct bulkhead_waiter *next;
	void (*ready)(struct bulkhead_waiter *);
	int64_t since_us; /* clock_mono_us(); 0: has not waited before */
	size_t bytes;     /* what the request needs of BULKHEAD_MEMORY */
};

struct share_key {
	struct id tenant;
	uint64_t bucket; /* s3_clients_bucket(); 0: none */
};

struct share {
	struct share_key key;
	unsigned held;            /* permits */
	uint64_t turn, of_tenant; /* when a waiter was last taken out of it,
				   * out of any share of its tenant */
	struct bulkhead_waiter *first, *last; /* first NULL: nobody waits */
};

struct shares {
	unsigned permits, free;
	unsigned waiting; /* in all queues */
	bool many_tenants, many_buckets;
	struct share_key asked; /* the last tenant and bucket that asked */
	bool was_asked;
	int64_t tenants_until_us, buckets_until_us; /* there are many */
	uint64_t turn;
	unsigned count;
	struct share at[SHARES_MAX]; /* those in use: permits or waiters */
};

void shares_init(struct shares *, unsigned permits);

/* Notes that this tenant and bucket want permits. */
void shares_ask(struct shares *, struct share_key, int64_t now_us);

bool shares_have_room(const struct shares *, struct share_key);

/* Takes a permit, also where there is no room; gives one back. */
void shares_hold(struct shares *, struct share_key);
void shares_drop(struct shares *, struct share_key);

/* Queues a waiter, which has no room; one that has waited before is first. */
void shares_add(struct shares *, struct share_key, struct bulkhead_waiter *);

/* The share with room whose turn it is, of those with waiters; NULL: none. */
struct share *shares_next(struct shares *);

/* Takes its first waiter out. */
struct bulkhead_waiter *shares_take(struct shares *, struct share *);

/* Moves all that have waited since before this time to `late`. */
void shares_expire(
    struct shares *, int64_t before_us, struct bulkhead_waiter **late);

#endif
