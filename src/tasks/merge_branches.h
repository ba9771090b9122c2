/*
 * merge_branches.h - the task `merge`: a merge that may take longer than a
 * request.
 *
 * It is one chunk.  Its commit and its operation have the task's id, so of
 * several workers that come to the end of it one commits, and a worker that
 * takes the task over finds what was done.  Its result is the answer that the
 * request would have had.
 */
#ifndef PANGOLIN_MERGE_BRANCHES_H
#define PANGOLIN_MERGE_BRANCHES_H

#include "tasks/work.h"

struct branch;    /* catalog/branch.h */
struct merge_ask; /* versions/merges.h */

MUST_CHECK enum err merge_branches(struct work *);

/* Has a merge made by a new task; `in` has the name of its author. */
MUST_CHECK enum err merge_submit(struct call *, const struct branch *in,
    const struct merge_ask *, struct id *ret_task);

#endif
