/*
 * entries.h - what a branch shows of a key: kept, or from the store.
 */
#ifndef PANGOLIN_ENTRIES_H
#define PANGOLIN_ENTRIES_H

#include "plugin/store.h"

/* As store_read() of a chain that begins with the head of `log`, answered from
 * what is kept where the call may be.  What the chain's other links show does
 * not change. */
MUST_CHECK enum err entries_read(struct call *, int64_t log, struct chain,
    const struct key *keys, size_t count, struct version *ret);

#endif
