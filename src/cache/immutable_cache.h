/*
 * immutable_cache.h - caches values that never change: files, verified tokens.
 *
 * A value's name begins with its kind ("jwt:").  No entry can become stale, so
 * these need no watermark.
 */
#ifndef PANGOLIN_IMMUTABLE_CACHE_H
#define PANGOLIN_IMMUTABLE_CACHE_H

#include "cache/levels.h"
#include "plugin/store.h"

/* ERR_WOULD_BLOCK where a level would have to be waited for; ret->value.ptr
 * NULL: the value is not cached. */
MUST_CHECK enum err immutable_cache_find(
    struct call *, struct str name, struct cached *ret);

/*
 * The same for who loads what is missing.  Of the threads of a worker that
 * miss one value the first goes on, and the others wait for it, in
 * BULKHEAD_LOAD.  Whoever is answered OK calls immutable_cache_loaded() after
 * the put, or when none will come.
 */
MUST_CHECK enum err immutable_cache_find_or_load(struct call *, struct str name,
    struct cached *ret, struct cache_load *ret_load);
void immutable_cache_loaded(struct call *, const struct cache_load *);

void immutable_cache_release(struct call *, const struct cached *);
void immutable_cache_put(
    struct call *, struct str name, struct str value, int64_t ttl_us);

#endif
