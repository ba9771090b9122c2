#include "tasks/work.h"

/* A cancel is seen between chunks, and a kill loses no more than one. */
#define CHUNK_US (250 * CLOCK_MS)
#define CHUNK_ROWS 200
#define CHUNK_DONE 100
#define BEAT_US (2 * CLOCK_SECOND)

struct work
work_begin(struct call *c, const struct task *t)
{
	int64_t now = clock_mono_us();

	return (struct work){ .call = c,
		.task = t,
		.progress = { .cursor = t->cursor,
		    .done = t->done,
		    .total = t->total },
		.until_us = now + CHUNK_US,
		.beat_us = now + BEAT_US };
}

bool
work_has_room(const struct work *w)
{
	return w->progress.row_count < CHUNK_ROWS &&
	       w->progress.done - w->task->done < CHUNK_DONE &&
	       clock_mono_us() < w->until_us;
}

void
work_result(struct work *w, struct str row)
{
	struct progress *p = &w->progress;

	if (p->row_count == w->room) {
		size_t room = w->room == 0 ? 16 : w->room * 2;

		w->rows = arena_grow(w->call->arena, w->rows,
		    w->room * sizeof(row), room * sizeof(row));
		w->room = room;
		p->rows = w->rows;
	}
	w->rows[p->row_count++] = row;
}

enum err
work_beat(struct work *w)
{
	bool mine;

	if (clock_mono_us() < w->beat_us)
		return OK;
	TRY(queue_beat(w->call, w->task, clock_now_us(), &mine));
	w->beat_us = clock_mono_us() + BEAT_US;
	if (!mine)
		return fail(w->call->error, ERR_CONFLICT,
		    "Another worker has taken the task over");
	return OK;
}
