/*
 * branch_task.h - a task that makes one commit on a branch, because that may
 * take longer than a request.
 *
 * It is one chunk.  Its commit has the task's id, so of several workers that
 * come to the end of it one commits, and a worker that takes the task over
 * finds what was done.  Its result is the answer that the request would have
 * had.  What is asked for is the cursor, a JSON object of texts.
 */
#ifndef PANGOLIN_BRANCH_TASK_H
#define PANGOLIN_BRANCH_TASK_H

#include "base/buf.h"
#include "catalog/branch.h"
#include "record/pairs.h"
#include "tasks/work.h"
#include "versions/merge_tables.h"

struct branch_task {
	struct work *work;
	struct pairs ask;         /* the cursor */
	struct merge_watch watch; /* for the deed */
	struct branch in; /* of the catalog, with the author; for the deed */
};

/* `done` is what the kind tells of its deed. */
struct branch_deed {
	/* Whether it is done: by this task before it was killed, or by a worker
	 * that was thought dead. */
	enum err (*find)(struct branch_task *, void *done, bool *ret_any);
	enum err (*make)(struct branch_task *, void *done);
};

/* False in *ret_done: the task is not wanted any more. */
MUST_CHECK enum err branch_task_run(
    struct work *, const struct branch_deed *, void *done, bool *ret_done);

/* The task ends with this result. */
void branch_task_end(struct work *, struct str row);

/* An object of texts: absent ones and nil ids are left out. */
void object_add(struct buf *, const char *name, struct str value);
void object_add_id(struct buf *, const char *name, struct id);
struct str object_end(struct buf *);
/* nil: it is not there */
struct id object_id(struct pairs, struct str name);

/* A task of a kind, on behalf of a principal; `in` has the name of its author,
 * which the object gets. */
struct task branch_task_new(const struct branch *in, const char *kind,
    struct id asked_by, struct buf *object);

#endif
