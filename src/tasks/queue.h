/*
 * queue.h - the workers' side of tasks: claim, write down, let go.
 *
 * Whoever claims a task becomes its owner under a new id and must be heard of
 * (a chunk, a beat) before the lease runs out; then others may claim it.  All
 * that an owner writes is conditional on still being the owner, and one chunk
 * is one unit: cursor, progress and results come together or not at all.
 */
#ifndef PANGOLIN_QUEUE_H
#define PANGOLIN_QUEUE_H

#include "base/clock.h"
#include "tasks/tasks.h"

#define TASK_LEASE (5 * CLOCK_SECOND)

/* The oldest task whose owner fell silent, else the oldest that waits, unless
 * `at_once` tasks run; *ret_any is false when there is none to have. */
MUST_CHECK enum err queue_claim(struct call *, int64_t now_us, int64_t at_once,
    struct task *ret, bool *ret_any);

/* Reads `io` anew; false: it runs under another owner, or not at all. */
MUST_CHECK enum err queue_reload(
    struct call *, struct task *io, bool *ret_mine);

/* What a chunk has done. */
struct progress {
	struct str cursor; /* where the next one begins */
	int64_t done, total;
	const struct str *rows; /* results: JSON objects */
	size_t row_count;
	int64_t worked_us; /* what it took */
	bool finished;     /* there is nothing left to do */
};

/* False: the owner is another by now, or a wish has come; the chunk then
 * never was. */
MUST_CHECK enum err queue_commit(struct call *, const struct task *,
    const struct progress *, int64_t now_us, bool *ret_written);

/* Prolongs the lease.  False: the owner is another by now. */
MUST_CHECK enum err queue_beat(
    struct call *, const struct task *, int64_t now_us, bool *ret_mine);

/* Ends the claim: TASK_PAUSED, TASK_FAILED with a sentence, TASK_CANCELLED.
 * Nothing happens when the owner or the wish is another by now. */
MUST_CHECK enum err queue_end(struct call *, const struct task *,
    enum task_state, struct str error, int64_t now_us);

/* The lease is over at once: others go on. */
MUST_CHECK enum err queue_release(struct call *, const struct task *);

/* Delete some of what finished before a time; *ret_more: there is more. */
MUST_CHECK enum err queue_purge(
    struct call *, int64_t before_us, bool *ret_more);

#endif
