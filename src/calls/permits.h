/*
 * permits.h - the numbers of permits: how many requests of a worker may be in
 * the store, in object storage or at the processor at once.
 */
#ifndef PANGOLIN_PERMITS_H
#define PANGOLIN_PERMITS_H

#include "calls/usage.h"

/* The settings `threads` (of one worker) and `workers`. */
void permits_choose(
    unsigned threads, unsigned workers, unsigned ret[BULKHEAD_COUNT]);

#endif
