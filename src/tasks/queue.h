/*
 * queue.h - the queue of tasks, as workers see it: claim, commit a chunk,
 * release.
 *
 * A worker that claims a task becomes its owner under a new id and must commit
 * a chunk or a beat before the lease runs out; then others may claim it.  All
 * that an owner writes is conditional on still being the owner, and one chunk
 * is one unit: cursor, progress and results are stored together or not at all.
 */
#ifndef PANGOLIN_QUEUE_H
#define PANGOLIN_QUEUE_H

#include "base/clock.h"
#include "tasks/tasks.h"

#define TASK_LEASE (5 * CLOCK_SECOND)

/* The pause of a task that was put off doubles up to this. */
#define TASK_PAUSE_MAX (60 * CLOCK_SECOND)

/* Claims the oldest task whose owner fell silent, else the one that waits
 * longest since it was submitted or its pause was over, unless `at_once` tasks
 * run; *ret_any is false when there is none. */
MUST_CHECK enum err queue_claim(struct call *, int64_t now_us, int64_t at_once,
    struct task *ret, bool *ret_any);

/* Reads `io` again; false: it runs under another owner, or not at all. */
MUST_CHECK enum err queue_reload(
    struct call *, struct task *io, bool *ret_mine);

/* The result of a chunk. */
struct progress {
	struct str cursor; /* where the next chunk begins */
	int64_t done, total;
	const struct str *rows; /* results: JSON objects */
	size_t row_count;
	int64_t worked_us; /* what it took */
	bool finished;     /* there is nothing left to do */
	bool is_final;     /* what was done stays: a wish comes too late */
};

/* Stores a chunk.  False: another owner has the task, or a wish has come; the
 * chunk then never happened. */
MUST_CHECK enum err queue_commit(struct call *, const struct task *,
    const struct progress *, int64_t now_us, bool *ret_written);

/* Prolongs the lease.  False: another owner has the task. */
MUST_CHECK enum err queue_beat(
    struct call *, const struct task *, int64_t now_us, bool *ret_mine);

/* Ends the claim: TASK_PAUSED, TASK_FAILED with a sentence, TASK_CANCELLED.
 * Nothing happens when the owner or the wish has changed. */
MUST_CHECK enum err queue_end(struct call *, const struct task *,
    enum task_state, struct str error, int64_t now_us);

/* Ends the claim because what the task needs does not answer: it is pending
 * again, tells why, and is claimed once the pause is over; cursor and progress
 * stay.  False: another owner has the task, or a wish has come. */
MUST_CHECK enum err queue_put_off(struct call *, const struct task *,
    struct str why, int64_t pause_us, int64_t now_us, bool *ret_written);

/* Ends the lease at once: other workers go on. */
MUST_CHECK enum err queue_release(struct call *, const struct task *);

/* Deletes some tasks that finished before a time; *ret_more: there are more. */
MUST_CHECK enum err queue_purge(
    struct call *, int64_t before_us, bool *ret_more);

#endif
