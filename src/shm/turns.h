/*
 * turns.h - whose turn it is, per key, first come first served on one node.
 *
 * A turn is a courtesy that saves work, never what keeps data right: it is
 * held by a process, and ends with it.
 */
#ifndef PANGOLIN_TURNS_H
#define PANGOLIN_TURNS_H

#include <stddef.h>
#include <stdint.h>

#include "shm/shm.h"

#define TURNS_MAX 512 /* in the queue and held; more have to wait for room */

struct turn;
struct turns;

struct turns_counts {
	unsigned waiting, held;
};

/* In shared memory, by the parent. */
struct turns *turns_new(struct shm *);
size_t turns_size(void); /* bytes that turns_new() takes */

/* Wait for the turn; NULL: the deadline (clock_mono_us()) passed first. */
struct turn *turn_take(struct turns *, uint64_t key, int64_t deadline_us);
void turn_drop(struct turns *, struct turn *);

/* Free what dead processes have left; who waits behind them does it too. */
void turns_sweep(struct turns *);

struct turns_counts turns_count(struct turns *);

#endif
