/*
 * slots.h - one record per worker in shared memory: its beat and its counts.
 *
 * A worker writes only its own slot, so plain stores do; any process reads all
 * slots.  A worker that is born again goes on with its slot: counters never go
 * back.
 */
#ifndef PANGOLIN_SLOTS_H
#define PANGOLIN_SLOTS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "shm/shm.h"

enum gauge {
	GAUGE_CONNECTIONS,  /* open now */
	GAUGE_POOLED,       /* requests on the pool now */
	GAUGE_BODY_BYTES,   /* of bodies held now */
	GAUGE_PASSWORDS,    /* waiting to be hashed now */
	GAUGE_ACCEPTED,     /* connections ever */
	GAUGE_REFUSED,      /* connections refused at the limit, ever */
	GAUGE_REQUESTS,     /* answered, ever */
	GAUGE_SHED,         /* answered 429 or 503 for overload, ever */
	GAUGE_REPLAYED,     /* answered again for their idempotency key, ever */
	GAUGE_MEMORY_BYTES, /* held or reserved by requests and tasks now */
	GAUGE_MEMORY_REFUSED, /* refused for lack of memory, ever */
	GAUGE_LOG_DROPPED, /* lines that standard output did not take, ever */
	GAUGE_TLS_HANDSHAKES, /* completed, ever */
	GAUGE_TLS_RESUMED,    /* those that resumed a session */
	GAUGE_TLS_FAILED,     /* begun by a client and not completed, ever */
	GAUGE_S3_CLIENTS,     /* open now */
	GAUGE_S3_REQUESTS,    /* sent to object stores, ever */
	GAUGE_S3_CONNECTIONS, /* made for them, ever */
	GAUGE_AUTH_ACCEPTED,  /* requests and sign-ins with credentials */
	GAUGE_AUTH_REFUSED,   /* those that were answered 401, ever */
	GAUGE_AUTH_THROTTLED, /* sign-ins refused after too many, ever */
	GAUGE_REQUESTS_THROTTLED, /* beyond their principal's rate, ever */
	GAUGE_AUDIT_COUNTED,      /* requests without an audit entry, ever */
	GAUGE_UNCHECKED_TOKENS, /* sessions that could not be looked up, ever */
	GAUGE_COUNT
};

/* Four beats: a worker whose event loop has stood still for longer serves no
 * requests, and what it holds may be taken from it. */
#define SLOT_SILENT_US CLOCK_SECOND

/* A worker that has died this often within the span waits for the rest of it
 * before it is born again: its parent would restart it for ever. */
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

/* Marks the slot of a worker that is being born, and takes it later. */
void slot_leave(struct slot *);

/* How long the worker must wait before it may be born; 0: no longer.  It waits
 * only while a sibling serves. */
int64_t slot_wait(struct slots, unsigned index, int64_t now_us);

/* Notes a birth. */
void slot_born(struct slot *, int64_t now_us);

/* A worker takes its slot: the counts of open things start again. */
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

/* Whether another process of ours has been silent for SLOT_SILENT_US.
 * Processes that were frozen together take each other for silent at first, so
 * acting on it must harm none of them. */
bool slots_silent(struct slots, pid_t, int64_t now_us);

/* The sum over all workers. */
int64_t slots_sum(struct slots, enum gauge);

#endif
