/*
 * version_cache.h - caches what a branch shows of a key, also that it is
 * nothing.
 */
#ifndef PANGOLIN_VERSION_CACHE_H
#define PANGOLIN_VERSION_CACHE_H

#include "plugin/store.h"

/* As store_read() of a chain whose first link is the head of `log`, from the
 * cache where the call may use it.  What the other links show never changes. */
MUST_CHECK enum err version_cache_read(struct call *, int64_t log, struct chain,
    const struct key *keys, size_t count, struct version *ret);

/* The same for a chain whose first link is not a head: the answer changes only
 * when history is erased (`erased_us`: the last time), and is cached for ever.
 */
MUST_CHECK enum err version_cache_read_past(struct call *, struct chain,
    int64_t erased_us, const struct key *keys, size_t count,
    struct version *ret);

#endif
