/* work.h - one chunk of a task, as its kind sees it. */
#ifndef PANGOLIN_WORK_H
#define PANGOLIN_WORK_H

#include "tasks/queue.h"

/*
 * A chunk reads on from `progress.cursor` (ptr NULL: at the start), and moves
 * cursor, done and total.  What it made counts when all of it is stored, so
 * it must be able to do the same chunk again.
 */
struct work {
	struct call *call; /* its arena lives as long as the chunk */
	const struct task *task;
	struct progress progress;
	int64_t until_us, beat_us; /* clock_mono_us() */
	struct str *rows;
	size_t room;
};

struct work work_begin(struct call *, const struct task *);

/* False: end the chunk behind what is being done. */
bool work_has_room(const struct work *);

/* One more result row: a JSON object. */
void work_result(struct work *, struct str row);

/* To be called between steps that may last: keeps the lease.  ERR_CONFLICT:
 * the task is another's by now. */
MUST_CHECK enum err work_beat(struct work *);

#endif
