/* work.h - one chunk of a task, as its kind sees it. */
#ifndef PANGOLIN_WORK_H
#define PANGOLIN_WORK_H

#include "tasks/queue.h"

/*
 * A chunk goes on from `progress.cursor` (ptr NULL: at the start), and moves
 * cursor, done and total.  Its results count only when all of it is stored, so
 * a kind must be able to do the same chunk again.
 */
struct work {
	struct call *call; /* its arena lives as long as the chunk */
	const struct task *task;
	struct progress progress;
	int64_t until_us, beat_us; /* clock_mono_us() */
	bool has_begun;            /* its first step */
	int64_t retention_us;      /* of history, unless a catalog says */
	int64_t grace_us;          /* before what is garbage is deleted */
	struct str *rows;
	size_t room;
};

struct work work_begin(struct call *, const struct task *);

/* False: end the chunk after the step in progress.  The first step has room
 * however long the reads before it took: each chunk gets on. */
bool work_has_room(struct work *);

/* One more result row: a JSON object. */
void work_result(struct work *, struct str row);

/* The same for a file of an object, with the problem in a word of ours.  A task
 * tells of WORK_PROBLEMS_MAX results at the most. */
#define WORK_PROBLEMS_MAX 1000
void work_problem(
    struct work *, struct id object, const char *problem, struct str location);

/* Called between steps that may last: keeps the lease.  ERR_CONFLICT: another
 * worker has the task. */
MUST_CHECK enum err work_beat(struct work *);

#endif
