/*
 * read_cache.h - answers reads of a log from the cache while that is fresh.
 *
 * A call that reads for a request brings, in its usage, the caches and the time
 * at which the request arrived; a call without them is answered by the store.
 * A hit is right as of that time: cache/heads.h says why.  Two caches stand on
 * this one: record_cache.h (users, tenants, warehouses, catalogs) and
 * version_cache.h (what a branch shows of a key).
 */
#ifndef PANGOLIN_READ_CACHE_H
#define PANGOLIN_READ_CACHE_H

#include "cache/heads.h"
#include "cache/levels.h"
#include "plugin/store.h"

/* The result of a look-up; after a miss, what read_cache_put() needs. */
struct cached_read {
	struct watermark mark;
	struct str value; /* ptr NULL: ask the store */
};

/* Looks the key up before the store is asked; never fails. */
void read_cache_find(
    struct call *, int64_t log, const struct key *, struct cached_read *ret);

/* Caches what the store has answered since read_cache_find(), unless the
 * watermark has moved meanwhile. */
void read_cache_put(struct call *, const struct cached_read *,
    const struct key *, struct str value);

/*
 * A text made of any part of a log, such as a list of names.  It is cached
 * until the log moves at all.  `what` tells texts of one namespace apart.
 */
struct cached_text {
	struct cached_read read; /* value.ptr NULL: make it */
	struct key key;
};
/* Longer texts are not cached: a log that moves often leaves many behind. */
#define READ_CACHE_TEXT_MAX ((size_t)256 * 1024)
void read_cache_find_text(struct call *, int64_t log, const char *what,
    struct str ns, struct cached_text *ret);
/* The same without a copy: what is found stays as it is until cache_release()
 * of *ret_pin. */
void read_cache_find_in_place(struct call *, int64_t log, const char *what,
    struct str ns, struct cached_text *ret, struct cached *ret_pin);
void read_cache_put_text(struct call *, const struct cached_text *, struct str);

/* The argument of heads_poll() by which it evicts from these levels. */
struct heads read_cache_heads(struct watermarks *, struct levels *);

#endif
