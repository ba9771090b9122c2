/*
 * cache.h - the contract between the catalog and a cache plugin.
 *
 * A cache may lose any entry at any time, and every feature works without one.
 * It never answers with a value that was dropped before the question, nor with
 * bytes that were not put under the key.  Values are bytes, keys are at most
 * CACHE_KEY_MAX bytes.  A cache that cannot be asked says ERR_UNAVAILABLE, and
 * the host asks another.
 *
 * Workers are processes: a cache that wants them to see the same entries says
 * how many bytes of memory it needs.  The host maps them before there are
 * workers, and each of them finds them at one address.
 *
 *     parent   shared_size(), shared_init()   before any other process
 *     worker   open(), ..., close()           any thread, any time
 *
 * Use src/cache/levels.h, not the members.
 */
#ifndef PANGOLIN_CACHE_H
#define PANGOLIN_CACHE_H

#include "base/arena.h"
#include "base/error.h"
#include "plugin/store.h"

#define CACHE_KEY_MAX 1024
#define CACHE_FOREVER INT64_MAX /* to live; the cache may forget it anyway */

struct cache;

/* The catalog's store, opened, for record calls only; and the number of the
 * entity `cached` in it. */
struct cache_records {
	struct store *store;
	uint16_t entity;
};

enum cached_field {
	CACHED_NAME, /* TEXT, key */
	CACHED_VALUE,
	CACHED_BYTES, /* INT, as all that follow */
	CACHED_EXPIRES_US,
	CACHED_USED_US,
	CACHED_FIELDS
};
enum { CACHED_BY_USED };

struct cache_shared {
	void *at; /* zeroed; NULL: the cache wants none */
	size_t size;
	unsigned workers;                    /* that will open the cache */
	const struct cache_records *records; /* for open(), which copies it */
};

struct cache_terms {
	int64_t ttl_us; /* above 0 */
};

/*
 * The value that a get finds.  Where the cache can show a large value in place,
 * the bytes are borrowed until unpin(); others are a copy in the caller's
 * arena.
 */
struct cache_found {
	struct str value; /* ptr NULL: nothing */
	int64_t ttl_us;   /* left to live */
	uint64_t pin;     /* 0: nothing to unpin */
};

struct cache_stats {
	int64_t entries, bytes; /* held now */
	int64_t max_bytes;      /* 0: not known */
	int64_t evictions;      /* to make room, ever */
	int64_t refused;        /* values that were not taken, ever */
	int64_t pins;           /* values that are shown in place now */
	int64_t emptied;        /* parts lost with a dead process, ever */
};

struct cache_ops {
	/* Parent.  ERR_VALIDATION names the option that is wrong. */
	enum err (*shared_size)(const struct plugin_settings *,
	    unsigned workers, size_t *ret, struct error *);
	void (*shared_init)(
	    const struct plugin_settings *, const struct cache_shared *);

	/* Worker number `worker`.  What its predecessor had pinned is free. */
	enum err (*open)(const struct plugin_settings *,
	    const struct cache_shared *, unsigned worker, struct cache **ret,
	    struct error *);
	void (*close)(struct cache *);

	enum err (*get)(struct cache *, struct arena *, struct str key,
	    struct cache_found *ret);
	void (*unpin)(struct cache *, uint64_t pin);
	/* A value that is not taken is no error; the key's old one is gone. */
	enum err (*put)(struct cache *, struct str key, struct str value,
	    const struct cache_terms *);
	/* Gone for all workers when it returns. */
	enum err (*drop)(struct cache *, struct str key);
	/* What was put before it is gone for all workers when it returns.
	 * ERR_UNAVAILABLE: some may be there still; it can be called again. */
	enum err (*clear)(struct cache *, int64_t deadline_us);

	enum err (*stats)(struct cache *, struct cache_stats *ret);
	/* Looks at everything it holds: ERR_INTERNAL says what is broken. */
	enum err (*verify)(struct cache *, struct error *);
};

struct cache {
	const struct cache_ops *ops;
};

#endif
