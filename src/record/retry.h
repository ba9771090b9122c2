/*
 * retry.h - repeats an optimistic write that lost a race, until the deadline.
 *
 * It waits with exponential backoff and jitter, since rivals that wait the same
 * time meet again.
 */
#ifndef PANGOLIN_RETRY_H
#define PANGOLIN_RETRY_H

#include "plugin/store.h"

struct retry {
	const struct call *call;
	struct arena_mark mark;
	unsigned tries;
};

/* Begins; what is allocated from here on belongs to one try. */
struct retry retry_of(const struct call *);

/* The allocations made until now stay: a later try uses some of them. */
void retry_keep(struct retry *);

/* Called after a try that lost: waits, and frees what the try allocated.  Reads
 * after it are no older than now: a cached read may be what lost.  False: no
 * time is left for another try. */
bool retry_again(struct retry *);

#endif
