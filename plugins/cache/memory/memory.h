/*
 * memory.h - the open cache, and what lies in the memory of all workers.
 *
 *   struct shared | pins of each worker | struct shard ... |
 *   buckets of each shard | blocks of each shard
 *
 * A worker may be killed between any two instructions, so what lies there
 * keeps to these rules:
 *   - a value is written into a block that nobody can find, then linked into
 *     its bucket by one store;
 *   - a shard whose lock has lost its owner is emptied, never repaired;
 *   - bytes are read without the lock only while a pin names their block.
 *     The pins of all workers are the only truth about that: nothing counts
 *     them, so those of a dead worker are gone by writing zeros;
 *   - there are no pointers in it, but offsets into a shard's blocks.
 */
#ifndef PANGOLIN_MEMORY_H
#define PANGOLIN_MEMORY_H

#include <stdatomic.h>

#include "base/clock.h"
#include "heap.h"
#include "pins.h"
#include "plugin/cache.h"

#define SHARDS_MAX 64u

/* A value of up to so many bytes is copied, a larger one shown in place. */
#define COPY_MAX ((size_t)16 * 1024)

/* How long a call waits for a shard.  A thread stays inside for microseconds,
 * unless its process has been stopped or lost its processor. */
#define GET_WAIT_US CLOCK_MS
#define PUT_WAIT_US (5 * CLOCK_MS)
#define DROP_WAIT_US (20 * CLOCK_MS)
#define VERIFY_WAIT_US CLOCK_SECOND

/* Where everything is: bytes from the start of the shared memory. */
struct layout {
	uint32_t shards;   /* a power of two */
	uint32_t buckets;  /* of a shard; a power of two */
	uint32_t granules; /* of a shard's blocks */
	uint32_t workers;
	size_t pins_at, shards_at, buckets_at, blocks_at;
	size_t size; /* of all */
};

struct shared {
	struct layout layout;
	uint64_t seed[2]; /* of hashes, so that nobody can choose collisions */
};

struct memory {
	struct cache base; /* first: a struct cache * is this struct */
	const struct shared *shared;
	struct pins *pins; /* of all workers */
	struct pins *own;  /* of this one */
	struct shard shard[SHARDS_MAX];
};

/* The layout of at most `max_bytes`, of which there are enough. */
struct layout layout_of(size_t max_bytes, unsigned workers);

/* Sets the memory up; it is zeroed. */
void shared_prepare(struct shared *, const struct layout *);

/* This process's view of it. */
void memory_attach(struct memory *, struct shared *, unsigned worker);

#endif
