/* restore_branch.h - the task `restore`: a pick, revert or reset, by
 * branch_task.h. */
#ifndef PANGOLIN_RESTORE_BRANCH_H
#define PANGOLIN_RESTORE_BRANCH_H

#include "tasks/work.h"

struct branch;      /* catalog/branch.h */
struct restore_ask; /* versions/reverts.h */

MUST_CHECK enum err restore_branch(struct work *);

/* A new task that makes it; `in` has the name of its author. */
struct task restore_task(struct call *, const struct branch *in,
    const struct restore_ask *, struct id asked_by);

#endif
