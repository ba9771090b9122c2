/*
 * usage.h - the rules and counts of one request's calls to stores and objects.
 *
 * It hangs on struct call, where the wrappers store_*() and object_*() find it;
 * plugins never look inside.  A call without a usage takes no permits, is not
 * counted and reaches no bucket: background work and tests.
 */
#ifndef PANGOLIN_USAGE_H
#define PANGOLIN_USAGE_H

#include <stdatomic.h>

#include "plugin/store.h"

struct bulkheads;  /* calls/bulkheads.h */
struct deed;       /* record/audit.h */
struct levels;     /* cache/levels.h */
struct watermarks; /* shm/watermarks.h */

/* The resources that a request may wait for, see calls/bulkheads.h. */
enum bulkhead {
	BULKHEAD_STORE,
	BULKHEAD_OBJECT,   /* files */
	BULKHEAD_S3,       /* objects in S3 */
	BULKHEAD_PROBE,    /* servers that a tenant names: probes, STS */
	BULKHEAD_CPU,      /* packing, large documents, planning */
	BULKHEAD_WRITE,    /* requests that may write */
	BULKHEAD_MEMORY,   /* the budget of the process, see memory_enter() */
	BULKHEAD_PASSWORD, /* hashing: slow, and needs no token */
	BULKHEAD_TICKET,   /* waiting for a ticket (shm/ticket_lock.h) */
	BULKHEAD_LOAD,     /* waiting for a thread that reads the same file */
	BULKHEAD_COUNT
};

/* Whether a request may still write: two threads decide, the first wins. */
enum fate {
	FATE_OPEN,
	FATE_WRITES,  /* something may have been written: a failure is not
		       * known to have done nothing, and nothing runs again */
	FATE_GIVEN_UP /* it was answered; nothing must be written any more */
};

struct usage {
	struct bulkheads *bulkheads; /* NULL: no permits are needed */
	int64_t begun_us;            /* when this run on the loop began */
	int64_t spent_us[BULKHEAD_COUNT];

	/* what the caches may answer; watermarks NULL: nothing that changes */
	struct levels *levels;
	struct watermarks *watermarks;
	int64_t since_ns; /* clock_mono_ns(): answers must not be older */

	/* where a request that writes, and has no `levels`, finds remote
	 * files; NULL: nowhere */
	struct levels *file_levels;

	/* for Cache-Status and X-Cache: look-ups in the caches */
	unsigned cache_hits, cache_misses;

	struct deed *deed;      /* is put on record; NULL: nothing is */
	int64_t metadata_bytes; /* of the largest file; 0: any */
	struct id tenant;       /* whose buckets are reached; nil: nobody's */

	_Atomic int fate; /* enum fate */
	bool submitted;   /* a change has been handed to the store */

	/* bulkheads.c */
	bool refused;        /* a call has said ERR_WOULD_BLOCK */
	bool queued;         /* `wants` is set: a bulkhead was full */
	enum bulkhead wants; /* on a thread: the bulkhead that was full */
	uint64_t wants_part; /* of BULKHEAD_MEMORY bytes, of S3 a bucket */
	int64_t entered_us[BULKHEAD_COUNT];
};

static inline struct id
usage_tenant(const struct call *c)
{
	return c->usage != NULL ? c->usage->tenant : (struct id){ { 0 } };
}

/* Announces a write.  ERR_SLOW_DOWN: the request was given up, and must not
 * write any more. */
MUST_CHECK static inline enum err
usage_writes(struct call *c)
{
	int fate = FATE_OPEN;

	if (c->usage == NULL ||
	    atomic_compare_exchange_strong(
		&c->usage->fate, &fate, FATE_WRITES) ||
	    fate == FATE_WRITES)
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "The time for this request was over before it wrote anything.");
}

/* Notes the final verdicts of units that were handed to the store.  When none
 * was applied, `submitted` is what it was before them. */
static inline void
usage_judged(
    struct call *c, bool submitted, const struct unit *units, size_t count)
{
	if (c->usage == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		if (units[i].verdict == VERDICT_APPLIED ||
		    units[i].verdict == VERDICT_ALREADY)
			return;
	c->usage->submitted = submitted;
}

/* Says ERR_WOULD_BLOCK: the request goes on where it may wait. */
static inline enum err
usage_would_block(struct call *c, const char *why)
{
	if (c->usage != NULL)
		c->usage->refused = true;
	return fail(c->error, ERR_WOULD_BLOCK, "%s", why);
}
#endif
