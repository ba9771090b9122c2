/*
 * ticket_lock.h - a fair lock per key for the processes of one node.
 *
 * A holder of the lock has a ticket; tickets are served in the order in which
 * they were drawn.  The lock saves work and never protects data: a process that
 * holds it may end, or be silent (slots.h) and be overtaken, and goes on
 * without the lock when it wakes up.
 */
#ifndef PANGOLIN_TICKET_LOCK_H
#define PANGOLIN_TICKET_LOCK_H

#include <stddef.h>
#include <stdint.h>

#include "shm/slots.h"

/* Tickets in use, waiting and held; a process that finds none free waits for
 * one. */
#define TICKETS_MAX 512

struct ticket;
struct ticket_locks;

struct ticket_lock_counts {
	unsigned waiting, held;
};

/* In shared memory, by the parent. */
struct ticket_locks *ticket_locks_new(struct shm *, struct slots);
size_t ticket_locks_size(void); /* bytes that ticket_locks_new() takes */

/* Takes the lock if nobody has it or waits for it; NULL otherwise. */
struct ticket *ticket_try(struct ticket_locks *, uint64_t key);
/* Waits for the lock; NULL: the deadline (clock_mono_us()) passed first. */
struct ticket *ticket_take(
    struct ticket_locks *, uint64_t key, int64_t deadline_us);
void ticket_drop(struct ticket_locks *, struct ticket *);

/* Frees the tickets of dead processes; threads that wait behind one do it
 * too. */
void ticket_locks_sweep(struct ticket_locks *);

struct ticket_lock_counts ticket_locks_count(struct ticket_locks *);

#endif
