/*
 * levels.h - the configured cache plugins as one cache, asked in their order.
 *
 * To callers the cache never fails: without levels, or with broken ones, a get
 * is a miss and a put does nothing.  A hit in a lower level is put into the
 * levels above it, with the time it has left to live.  A level that fails is
 * left alone for a while.
 *
 * Callers drop what changes.  Only levels whose drops are sure (plugin.h) hold
 * values that may change; all levels hold `fixed` ones.
 */
#ifndef PANGOLIN_LEVELS_H
#define PANGOLIN_LEVELS_H

#include "plugin/cache.h"
#include "shm/shm.h"

#define LEVELS_MAX 8

struct levels;

struct level_plan {
	const struct plugin *plugin;
	struct plugin_settings settings;
	size_t shared; /* bytes: levels_size() fills it in */
};

struct levels_plan {
	struct level_plan level[LEVELS_MAX];
	size_t count;
	unsigned workers;
};

/* ---- parent: the bytes of shared memory, then the levels in it.  A plan
 * without levels needs no bytes and makes NULL, which all functions below
 * accept. */
MUST_CHECK enum err levels_size(
    struct levels_plan *, size_t *ret, struct error *);
struct levels *levels_new(
    struct arena *, struct shm *, const struct levels_plan *);

/* ---- worker: when its store is open, and at its end. */
MUST_CHECK enum err levels_open(struct levels *, const struct cache_records *,
    unsigned worker, struct error *);
void levels_close(struct levels *);

/* ---- any thread of a worker */
struct cache_key {
	struct str text;
	bool fixed; /* the value never changes */
};

/* A value that was found.  A large value may be shown in place: it stays as it
 * is until cache_release(), which each hit needs once and which any thread may
 * call.  Releasing a miss does nothing. */
struct cached {
	struct str value;
	int64_t ttl_us; /* left to live */
	uint64_t pin;
	size_t level; /* the level that had it */
};

enum cache_answer {
	CACHE_MISS,
	CACHE_HIT,
	CACHE_WOULD_BLOCK /* only where the caller may not block */
};

/* CACHE_WOULD_BLOCK counts neither as a hit nor as a miss. */
enum cache_answer cache_get(struct levels *, struct arena *, struct cache_key,
    bool may_block, struct cached *ret);
void cache_release(struct levels *, const struct cached *);

/* These may block where a level does and the key is fixed. */
void cache_put(struct levels *, struct cache_key, struct str value,
    const struct cache_terms *);
void cache_drop(struct levels *, struct cache_key);

/* Of the level of that name; ptr NULL: of all.  Clearing blocks. */
bool levels_have(const struct levels *, struct str name);
MUST_CHECK enum err levels_clear(
    struct levels *, struct str name, int64_t deadline_us, struct error *);

/* One thread of this worker loads what is missing.  Ask cache_load_begin(),
 * then the cache, and after a miss cache_load().  True: load it.  False:
 * another thread has loaded such a key since the beginning: ask the cache
 * again, and load what is still missing.  Either way cache_loaded() follows
 * when the cache_put() is done or will not come.  cache_load() waits for the
 * other thread until the deadline (clock_mono_us()), 5 s at most; then it
 * loads. */
struct cache_load {
	uint64_t landed; /* loads that had ended at the beginning */
	uint64_t number; /* 0: no thread waits for it */
};
struct cache_load cache_load_begin(struct levels *, struct cache_key);
bool cache_load(struct levels *, struct cache_key, int64_t deadline_us,
    struct cache_load *);
void cache_loaded(struct levels *, const struct cache_load *);

/* ---- statistics */
struct level_stats {
	const char *name;
	int64_t hits, misses; /* of gets, by all workers, ever */
	int64_t puts, drops, errors;
	int64_t resting; /* workers that leave the level alone now */
	struct cache_stats holds;
};

struct cache_totals {
	int64_t hits, misses; /* by any level, and by none */
};

size_t levels_count(const struct levels *);
struct cache_totals levels_totals(struct levels *);
void level_stats(struct levels *, size_t level, struct level_stats *ret);

/* ERR_INTERNAL says what is broken in a level's memory. */
MUST_CHECK enum err level_verify(struct levels *, size_t level, struct error *);

#endif
