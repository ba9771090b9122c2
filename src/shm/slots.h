/*
 * slots.h - one record per worker, in shared memory.
 *
 * A worker writes its own slot and nobody else's, so plain stores do; anyone
 * reads them all.  A worker that is born again goes on with its slot: counters
 * never go back.
 */
#ifndef PANGOLIN_SLOTS_H
#define PANGOLIN_SLOTS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "shm/shm.h"

enum gauge {
	GAUGE_CONNECTIONS, /* open now */
	GAUGE_POOLED,      /* requests on the pool now */
	GAUGE_BODY_BYTES,  /* of bodies held now */
	GAUGE_ACCEPTED,    /* connections ever */
	GAUGE_REFUSED,     /* connections refused at the limit, ever */
	GAUGE_REQUESTS,    /* answered, ever */
	GAUGE_SHED,        /* answered 429 or 503 for overload, ever */
	GAUGE_REPLAYED,    /* answered as an earlier one with their key, ever */
	GAUGE_LOG_DROPPED, /* lines that standard output did not take, ever */
	GAUGE_TLS_HANDSHAKES, /* completed, ever */
	GAUGE_TLS_RESUMED,    /* of them, those that resumed a session */
	GAUGE_TLS_FAILED,     /* begun by a client and not completed, ever */
	GAUGE_COUNT
};

/* A worker that has died this often within the span must wait for the rest of
 * it before it is born again: its parent would start it at once for ever. */
#define DEATHS_MAX 3
#define DEATHS_SPAN_US (10 * CLOCK_SECOND)

struct slot {
	alignas(64) _Atomic int64_t beat_us; /* clock_mono_us(); 0: never */
	_Atomic pid_t pid;                   /* 0: it is being born */
	int64_t born_us[DEATHS_MAX];         /* the last times, in a ring */
	unsigned births;
	_Atomic int64_t gauge[GAUGE_COUNT];
};

struct slots {
	struct slot *at; /* in shared memory */
	unsigned count;
};

struct slots slots_new(struct shm *, unsigned workers);

/* Bytes that slots_new() takes. */
size_t slots_size(unsigned workers);

/* A worker is being born, and takes its slot later. */
void slot_leave(struct slot *);

/* How long it must wait before it may; 0: no longer. */
int64_t slot_wait(const struct slot *, int64_t now_us);

/* Its waiting is over. */
void slot_born(struct slot *, int64_t now_us);

/* A worker takes its slot: what counts things that are open starts again. */
struct slot *slot_take(struct slots, unsigned index);

static inline void
slot_add(struct slot *s, enum gauge g, int64_t n)
{
	int64_t old = atomic_load_explicit(&s->gauge[g], memory_order_relaxed);

	atomic_store_explicit(&s->gauge[g], old + n, memory_order_relaxed);
}

/* The same for what threads of the pool count. */
static inline void
slot_add_on_thread(struct slot *s, enum gauge g, int64_t n)
{
	(void)atomic_fetch_add_explicit(&s->gauge[g], n, memory_order_relaxed);
}

static inline void
slot_set(struct slot *s, enum gauge g, int64_t n)
{
	atomic_store_explicit(&s->gauge[g], n, memory_order_relaxed);
}

/* The sum over all workers. */
int64_t slots_sum(struct slots, enum gauge);

#endif
