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

/* What a request waits for. */
enum lane {
	LANE_STORE,
	LANE_OBJECT,
	LANE_CPU, /* passwords, packing, large documents */
	LANE_COUNT
};

struct levels;    /* cache/levels.h */
struct log_marks; /* shm/log_marks.h */

/* Of a worker. */
struct lanes {
	bool store_is_prompt; /* its plugin says READS_DO_NOT_BLOCK */
};

struct usage {
	struct lanes *lanes;
	int64_t spent_us[LANE_COUNT];
	bool refused; /* a wrapper has said ERR_WOULD_BLOCK */

	/* what may be answered from what is kept (cache/kept.h); marks NULL:
	 * nothing that may change */
	struct levels *levels;
	struct log_marks *marks;
	int64_t since_us; /* clock_mono_us(): no older answer will do */

	/* for Cache-Status and X-Cache: what was asked of the caches */
	unsigned cache_hits, cache_misses;

	/* something may have been written: from here on a failure is not
	 * known to have done nothing */
	_Atomic bool effects;
};

#endif
