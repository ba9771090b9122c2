/*
 * cache.h - the contract between the catalog and a cache plugin.
 *
 * A cache may forget anything at any time, and every feature works without
 * one.  Values are bytes; keys are at most 1,024 bytes.  A tag names a group
 * of entries that are dropped together.  Results are copied into the caller's
 * arena.  A cache that cannot be asked answers as if it held nothing.
 */
#ifndef PANGOLIN_CACHE_H
#define PANGOLIN_CACHE_H

#include "base/arena.h"
#include "base/error.h"
#include "plugin/plugin.h"

struct cache;

struct cache_stats {
	int64_t hits, misses, entries, bytes, evictions;
};

struct cache_ops {
	enum err (*open)(
	    const struct plugin_settings *, struct cache **ret, struct error *);
	void (*close)(struct cache *);
	/* ret->ptr is NULL on a miss; ret_ttl_us is what is left to live. */
	enum err (*get)(struct cache *, struct arena *, struct str key,
	    struct str *ret, int64_t *ret_ttl_us);
	enum err (*put)(struct cache *, struct str key, struct str value,
	    int64_t ttl_us, const struct str *tags, size_t tag_count);
	void (*drop)(struct cache *, struct str key);
	void (*drop_tag)(struct cache *, struct str tag);
	void (*stats)(struct cache *, struct cache_stats *ret);
};

struct cache {
	const struct cache_ops *ops;
};

#endif
