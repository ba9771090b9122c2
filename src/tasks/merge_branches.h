/*
 * merge_branches.h - the task `merge`: a merge, or the end of one that people
 * have decided, by branch_task.h.
 */
#ifndef PANGOLIN_MERGE_BRANCHES_H
#define PANGOLIN_MERGE_BRANCHES_H

#include "tasks/work.h"

struct branch;    /* catalog/branch.h */
struct merge_ask; /* versions/merges.h */

MUST_CHECK enum err merge_branches(struct work *);

/* A new task that makes a merge; `in` has the name of its author. */
struct task merge_task(
    struct call *, const struct branch *in, const struct merge_ask *);

/* The same of an operation that is there. */
struct task merge_complete_task(struct call *, const struct branch *in,
    struct id operation, struct id asked_by);

#endif
