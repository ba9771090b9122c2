/*
 * shared_ring.h - a queue of entries of one size in shared memory, which any
 * worker fills and one at a time empties.
 *
 * It never waits for room: an entry that does not fit is counted as lost, and
 * so are those of a worker that died while it wrote.
 */
#ifndef PANGOLIN_SHARED_RING_H
#define PANGOLIN_SHARED_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "shm/shm.h"

struct shared_ring;

/* `room` entries of `size` bytes. */
struct shared_ring *shared_ring_new(struct shm *, size_t size, size_t room);
size_t shared_ring_size(size_t size, size_t room); /* what it takes */

/* False: there is no room. */
bool shared_ring_put(struct shared_ring *, const void *entry);

/* Copies the oldest entries, which stay; returns how many. */
size_t shared_ring_look(struct shared_ring *, void *ret, size_t most);

/* Drops the oldest, which have been looked at by this process, the only one
 * that does so now. */
void shared_ring_drop(struct shared_ring *, size_t count);

/* How many were lost since the last question. */
int64_t shared_ring_lost(struct shared_ring *);

#endif
