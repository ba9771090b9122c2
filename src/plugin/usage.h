/*
 * usage.h - what the calls of one request have taken so far, and by which
 * rules they are let through.
 *
 * Hangs on struct call, so that the wrappers store_*() and object_*() find it;
 * plugins never look inside.  A call without one is let through and not
 * counted: background work and tests.
 */
#ifndef PANGOLIN_USAGE_H
#define PANGOLIN_USAGE_H

#include <stdatomic.h>

#include "plugin/store.h"

struct lanes;     /* plugin/lanes.h */
struct levels;    /* cache/levels.h */
struct log_marks; /* shm/log_marks.h */

/* What a request waits for. */
enum lane {
	LANE_STORE,
	LANE_OBJECT,
	LANE_CPU,   /* passwords, packing, large documents */
	LANE_WRITE, /* requests that may write; they wait for each other */
	LANE_COUNT
};

/* Of what a request may do: two threads decide, the first of them wins. */
enum fate {
	FATE_OPEN,
	FATE_WRITES,  /* something may have been written: a failure is not
		       * known to have done nothing, and nothing runs again */
	FATE_GIVEN_UP /* it was answered; nothing must be written any more */
};

struct usage {
	struct lanes *lanes; /* NULL: no bounds */
	int64_t begun_us;    /* on the loop: when this run did */
	int64_t spent_us[LANE_COUNT];

	/* what may be answered from what is kept (cache/kept.h); marks NULL:
	 * nothing that may change */
	struct levels *levels;
	struct log_marks *marks;
	int64_t since_ns; /* clock_mono_ns(): no older answer will do */

	/* for Cache-Status and X-Cache: what was asked of the caches */
	unsigned cache_hits, cache_misses;

	_Atomic int fate; /* enum fate */

	/* lanes.c */
	int64_t entered_us[LANE_COUNT];
	bool refused;    /* a wrapper has said ERR_WOULD_BLOCK */
	enum lane wants; /* off the loop: the lane that was full */
};

/* What follows may write.  ERR_SLOW_DOWN: it must not any more. */
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

/* This call must not wait here: the request goes on where it may. */
static inline enum err
usage_would_block(struct call *c, const char *why)
{
	if (c->usage != NULL)
		c->usage->refused = true;
	return fail(c->error, ERR_WOULD_BLOCK, "%s", why);
}

#endif
