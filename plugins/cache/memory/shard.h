/*
 * shard.h - a part of the cache: entries whose keys' hashes begin alike.
 *
 * Between shard_enter() and shard_leave() the caller is alone in it.  A shard
 * that may not be trusted stays shut while a pin names one of its blocks; then
 * the next to enter empties it.
 */
#ifndef PANGOLIN_SHARD_H
#define PANGOLIN_SHARD_H

#include "memory.h"

/* Before there are workers, in zeroed memory: an empty shard. */
void shard_init(struct shard *);

/* False: it is not open within that time. */
bool shard_enter(struct memory *, struct shard *, int64_t wait_us);
void shard_leave(struct shard *);

/* Without entering: nothing that is in it now will be found again. */
void shard_distrust(struct shard *);

/* ---- inside */
struct wanted {
	struct str key;
	uint64_t hash;
};

/* The entry; NULL: there is none, or none that may still be shown. */
struct block *shard_find(
    struct memory *, struct shard *, const struct wanted *);

/* A block for an entry of so many granules, which evicts others if need be,
 * with the pin of its writer.  NULL: there is no room. */
struct block *shard_reserve(
    struct memory *, struct shard *, uint32_t granules, uint64_t *ret_pin);

/* A filled block becomes its key's entry; its writer needs it no more. */
void shard_link(struct memory *, struct shard *, struct block *);

/* An entry that nobody shall find any more. */
void shard_unlink(struct memory *, struct shard *, struct block *);

/* The same of all entries. */
void shard_clear(struct memory *, struct shard *);

/* ---- what is behind a block's struct */
struct str block_key(const struct block *);
struct str block_value(const struct block *);

#endif
