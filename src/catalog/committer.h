/*
 * committer.h - group commit: one commit to the store for the units of all
 * workers.
 *
 * Units of all workers meet in shared memory (shm/unit_queue.h).  A thread that
 * finds no leader leads: it takes all units that wait, applies them in one call
 * to the store per branch, and wakes the threads that wait for a verdict.  When
 * a leader dies or falls silent another follows and submits the same units
 * again: the store applies each id at most once.
 *
 * A unit may write records too: two of one batch never write the same row.  It
 * goes straight to the store, alone, when it puts no version (then it leaves no
 * id that would make a second submission safe), purges records or writes those
 * of branches and commits, when it is larger than a slot or names more than
 * UNIT_KEYS keys and rows, or when there is no committer.
 */
#ifndef PANGOLIN_COMMITTER_H
#define PANGOLIN_COMMITTER_H

#include "plugin/store.h"
#include "shm/ticket_lock.h"
#include "shm/unit_queue.h"

struct committer;

struct committer_counts {
	struct unit_queue_counts queue;
	struct ticket_lock_counts tickets;
};

/* Made in shared memory by the parent before it forks. */
struct committer *committer_new(struct shm *, struct slots);
size_t committer_size(void); /* bytes that committer_new() takes */

/* A new worker frees the slots and tickets of dead processes. */
void committer_sweep(struct committer *);

/* The units on their way now, and counts since the start. */
struct committer_counts committer_count(struct committer *);

/*
 * Hands in a unit and waits for its verdict, as store_apply() tells it, of this
 * one unit.  ERR_COMMIT_UNKNOWN: it was submitted again and again until the
 * deadline, and nobody knows its verdict.  ERR_SLOW_DOWN: nothing was begun.
 * `committer` NULL: the unit goes to the store alone.
 */
MUST_CHECK enum err committer_apply(
    struct committer *, struct call *, int64_t branch, struct unit *);

/*
 * Takes the ticket lock of a table (shm/ticket_lock.h): its holder is the only
 * request of this node that commits to the key, so the base it reads stays
 * while it writes metadata.  NULL in *ret: there is no committer.
 * ERR_SLOW_DOWN: the lock was not free in time.
 */
MUST_CHECK enum err committer_take_ticket(struct committer *, struct call *,
    int64_t branch, const struct key *, struct ticket **ret);

/* Takes the ticket lock of an idempotency id: no other request of this node
 * works on it meanwhile. */
MUST_CHECK enum err committer_take_ticket_of_id(
    struct committer *, struct call *, struct id, struct ticket **ret);
void committer_drop_ticket(struct committer *, struct ticket *);

#endif
