/*
 * committer.h - one group committer for all workers of a node.
 *
 * Commits of all workers meet in shared memory.  Whoever finds no leader leads:
 * it takes all that wait, applies them in one call to the store per branch, and
 * wakes the rest.  A leader that dies is followed by another, which submits
 * the same units again: the store applies each id at most once.
 *
 * A unit travels alone, straight to the store, when it writes records (those
 * leave no id behind that would make a second submission safe), when it is
 * larger than a slot, or when there is no committer.
 */
#ifndef PANGOLIN_COMMITTER_H
#define PANGOLIN_COMMITTER_H

#include "plugin/store.h"
#include "shm/turns.h"
#include "shm/unit_queue.h"

struct committer;

struct committer_counts {
	struct unit_queue_counts queue;
	struct turns_counts turns;
};

/* In shared memory, by the parent before it forks. */
struct committer *committer_new(struct shm *);
size_t committer_size(void); /* bytes that committer_new() takes */

/* A new worker frees what dead ones have left. */
void committer_sweep(struct committer *);

/* What is on its way now, and what there was. */
struct committer_counts committer_count(struct committer *);

/*
 * Hand in a unit and learn its verdict, as store_apply() tells it, of this
 * one unit.  ERR_COMMIT_UNKNOWN: it was submitted again and again until the
 * deadline, and still nobody knows.  ERR_SLOW_DOWN: nothing was begun.
 * `committer` NULL: it goes to the store alone.
 */
MUST_CHECK enum err committer_apply(
    struct committer *, struct call *, int64_t branch, struct unit *);

/*
 * The table's turn: who has it is the only one of this node that commits to
 * the key, so the base it reads does not go while it writes metadata.  NULL in
 * *ret: there is no committer.  ERR_SLOW_DOWN: it did not come in time.
 */
MUST_CHECK enum err committer_turn(struct committer *, struct call *,
    int64_t branch, const struct key *, struct turn **ret);

/* The turn of an id: no other request of this node works with it meanwhile. */
MUST_CHECK enum err committer_turn_of_id(
    struct committer *, struct call *, struct id, struct turn **ret);
void committer_turn_end(struct committer *, struct turn *);

#endif
