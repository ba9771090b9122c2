/*
 * levels.h - the caches of the configuration, asked in their order.
 *
 * Callers see one cache that never fails: without levels, or with broken ones,
 * a get is a miss and a put does nothing.  A hit further down is put into the
 * levels above it, with what it has left to live.  A level that fails is left
 * alone for a while.
 *
 * Whatever may change is the caller's to drop.  Only levels whose drops are
 * sure (plugin.h) keep it; the others keep what is `fixed`.
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

/* ---- parent: bytes of shared memory, then the levels in it.  A plan of no
 * levels needs no bytes and makes none: NULL, which all below accept. */
MUST_CHECK enum err levels_size(
    struct levels_plan *, size_t *ret, struct error *);
struct levels *levels_new(
    struct arena *, struct shm *, const struct levels_plan *);

/* ---- worker: before anything else, and at its end. */
MUST_CHECK enum err levels_open(
    struct levels *, unsigned worker, struct error *);
void levels_close(struct levels *);

/* ---- any thread of a worker */
struct cache_key {
	struct str text;
	bool fixed; /* the value never changes */
};

/*
 * A value that was found.  A large one may be shown in place: it stays as it
 * is until cache_release(), which each hit needs once and which any thread may
 * call.  Releasing a miss does nothing.
 */
struct cached {
	struct str value;
	int64_t ttl_us; /* left to live */
	uint64_t pin;
	size_t level; /* that had it */
};

enum cache_answer {
	CACHE_MISS,
	CACHE_HIT,
	CACHE_WOULD_BLOCK /* only where the caller may not */
};

/* Nothing is counted for CACHE_WOULD_BLOCK. */
enum cache_answer cache_get(struct levels *, struct arena *, struct cache_key,
    bool may_block, struct cached *ret);
void cache_release(struct levels *, const struct cached *);

/* These may block where a level does and the key is fixed.  Tags are for keys
 * that are not. */
void cache_put(struct levels *, struct cache_key, struct str value,
    const struct cache_terms *);
void cache_drop(struct levels *, struct cache_key);
void cache_drop_tag(struct levels *, struct str tag);

/*
 * One thread of this worker loads what is missing.  True: the caller does, and
 * calls cache_loaded() when its cache_put() is done or will not come.  False:
 * another has done so meanwhile; ask again, and then go on by yourself.  Waits
 * for the other until the deadline (clock_mono_us()), 5 s at most; who waits
 * in vain loads.
 */
struct cache_load {
	uint64_t number; /* 0: nobody waits for it */
};
bool cache_load(struct levels *, struct cache_key, int64_t deadline_us,
    struct cache_load *ret);
void cache_loaded(struct levels *, struct cache_load *);

/* ---- what it is worth */
struct level_stats {
	const char *name;
	int64_t hits, misses; /* answers to gets, of all workers, ever */
	int64_t puts, drops, errors;
	int64_t resting; /* workers that leave it alone now */
	struct cache_stats holds;
};

struct cache_totals {
	int64_t hits, misses; /* by any level, and by none */
};

size_t levels_count(const struct levels *);
struct cache_totals levels_totals(struct levels *);
void level_stats(struct levels *, size_t level, struct level_stats *ret);

/* ERR_INTERNAL: what is broken in a level's memory. */
MUST_CHECK enum err level_verify(struct levels *, size_t level, struct error *);

#endif
