/*
 * grounds.h - whose directory is whose: no table or view lies in another's.
 *
 * The ground of a relation is the directory at its location with all below.
 * Each is an entry of the branch's log under a key made of its path, and so is
 * each directory above it, so that two who claim grounds that overlap expect
 * and write the same keys, and the store lets one of them through.  Reading a
 * table takes no notice.  An entry of a relation holds its grounds in `body`,
 * one a line: they are its own until it is dropped, also those that it has
 * moved away from, where its older files still are.
 */
#ifndef PANGOLIN_GROUNDS_H
#define PANGOLIN_GROUNDS_H

#include "catalog/branch.h"
#include "catalog/draft.h"

struct ground_move {
	struct str location; /* where the relation will be */
	struct str own;      /* grounds that it has */
	bool replaces;       /* those are of who had its name before */
	enum err taken;      /* what an overlap is */
};

/* Adds to the draft what the move takes: nothing when the location is its own.
 * Fails with move.taken when the place is in, at or around another's. */
MUST_CHECK enum err grounds_move(struct call *, const struct branch *,
    struct draft *, const struct ground_move *, struct str *ret_own);

/* Is it in one of its grounds? */
bool grounds_hold(struct str own, struct str location);

/* Its grounds are anybody's again. */
void grounds_leave(struct draft *, struct str own);

/* The same answer as grounds_move() of a new one would have now. */
MUST_CHECK enum err grounds_check(
    struct call *, const struct branch *, struct str location);

#endif
