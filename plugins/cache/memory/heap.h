/*
 * heap.h - allocates the blocks of one shard: they adjoin, and fill its memory.
 *
 * A block knows its own size and that of the block before it, so that free
 * neighbours become one.  Everything here is under the shard's lock.
 */
#ifndef PANGOLIN_HEAP_H
#define PANGOLIN_HEAP_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define GRANULE ((size_t)64)
#define NO_BLOCK 0u /* an offset; the first block is at FIRST_BLOCK */
#define FIRST_BLOCK 1u

/* Lists of free blocks: four for each power of two of sizes. */
#define CLASSES 128u

enum block_state {
	BLOCK_FREE,
	BLOCK_FILLING, /* its writer has it pinned */
	BLOCK_LINKED,  /* can be found by its key */
	BLOCK_DROPPED  /* somebody still reads it */
};

/* Offsets and sizes are in granules.  Behind it: key, value. */
struct block {
	uint32_t size;   /* with this struct */
	uint32_t before; /* size of the block before; 0: this is the first */
	uint32_t next, prev; /* in the list of its state */
	uint32_t chain;      /* the next with its bucket, of a linked one */
	uint32_t key_len, value_len;
	uint8_t state;     /* enum block_state */
	uint8_t used;      /* found since it was passed over for eviction */
	uint8_t shown;     /* was pinned; perhaps it still is */
	uint64_t hash;     /* of the key */
	uint64_t checksum; /* of the value */
	int64_t expires_us;
	char bytes[];
};

struct list {
	uint32_t first, last;
};

/* In shared memory. */
struct shard_state {
	alignas(64) pthread_mutex_t lock;
	_Atomic bool distrusted; /* nothing in it may be shown */

	/* under lock */
	struct list linked;  /* newest first */
	struct list waiting; /* filling and dropped */
	struct list free[CLASSES];
	uint64_t free_map[CLASSES / 64]; /* lists that are not empty */

	/* written under lock, read by anyone */
	_Atomic int64_t entries, bytes, evictions, refused, emptied;
};

/* This process's view of a shard. */
struct shard {
	struct shard_state *state;
	_Atomic uint32_t *bucket;
	char *blocks;
	uint32_t granules;
	uint32_t bucket_mask;
	uint32_t number;
};

static inline struct block *
block_at(const struct shard *s, uint32_t at)
{
	return (void *)(s->blocks + at * GRANULE);
}

static inline uint32_t
block_offset(const struct shard *s, const struct block *b)
{
	return (uint32_t)((size_t)((const char *)b - s->blocks) / GRANULE);
}

/* The blocks at both sides; NULL at the ends. */
struct block *block_after(const struct shard *, const struct block *);
struct block *block_before(const struct shard *, const struct block *);

void list_add(const struct shard *, struct list *, struct block *);
void list_remove(const struct shard *, struct list *, struct block *);

/* All of it one free block. */
void heap_init(struct shard *);

/* A block of at least so many granules, in no list; NULL: none is free. */
struct block *heap_take(struct shard *, uint32_t granules);

/* A block that is in no list becomes free, together with free neighbours:
 * that one is returned. */
struct block *heap_give(struct shard *, struct block *);

/* The list in which free blocks of this size are. */
unsigned heap_class(uint32_t granules);

#endif
