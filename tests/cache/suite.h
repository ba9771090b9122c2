/*
 * suite.h - the contract suite of caches: what each must do, whatever it is.
 *
 * A test is a function that is handed an empty cache of its own, opened as
 * worker 0 of WORKERS.  A check that fails prints one line.
 */
#ifndef PANGOLIN_SUITE_H
#define PANGOLIN_SUITE_H

#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "plugin/cache.h"

#define WORKERS 4
#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define LARGEST (3 * MIB) /* of all values the suite puts */

/* ---- a cache for one test */
struct fixture {
	const struct plugin *plugin, *store;
	const struct cache_ops *ops;
	struct plugin_settings settings;
	struct cache_shared shared;
	struct cache *cache;
	struct arena *arena;
};

void fixture_open(struct fixture *, unsigned worker);
void fixture_close(struct fixture *);

/* The same cache as another worker, for a process that was forked. */
struct fixture fixture_as(const struct fixture *, unsigned worker);

/* ---- checks */
void check_failed(const char *file, int line, const char *what);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what))                                                   \
			check_failed(__FILE__, __LINE__, #what);               \
	} while (0)

/* What a test needs; the others run on every cache. */
#define NEEDS_SHARED 1u /* memory of all workers */

struct suite_test {
	const char *name;
	void (*run)(struct fixture *);
	unsigned needs;
};

extern const struct suite_test value_tests[], room_tests[], process_tests[],
    kill_tests[];

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- short ways to say things; a get that finds nothing has no ptr, and a
 * value that is shown in place is copied and unpinned */
struct str get(struct fixture *, struct str key);
void put(struct fixture *, struct str key, struct str value);
void put_for(struct fixture *, struct str key, struct str value, int64_t us);
void drop(struct fixture *, struct str key);
void clear(struct fixture *);
struct cache_stats stats(struct fixture *);
/* True as well where others put into the same cache. */
bool holds(struct fixture *, int64_t entries);
bool is_whole(struct fixture *); /* verify() finds nothing */

/* ---- values that tell whether they are what was put */

/* Bytes that only this key and number can have; `room` has them. */
struct str make_value(char *room, size_t len, uint32_t key, uint32_t number);

/* Was it made for this key, with whatever number, and is it whole? */
bool is_value_of(struct str, uint32_t key);

/* "key 7", in the arena. */
struct str key_of(struct arena *, uint32_t number);

uint32_t random_next(uint32_t *state); /* never 0 */

/* In one mapping that children share; zeroed. */
void *shared_alloc(size_t size);
void shared_free(void *, size_t size);

#endif
