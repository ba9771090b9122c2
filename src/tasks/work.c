#include "tasks/work.h"

#include "base/buf.h"
#include "base/list.h"

/* A cancel is seen between chunks, and a kill loses no more than one. */
#define CHUNK_US (250 * CLOCK_MS)
#define CHUNK_ROWS 200
#define CHUNK_DONE 100
#define CHUNK_BYTES ((size_t)64 << 20) /* and what was done last */
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
work_has_room(struct work *w)
{
	int64_t done = w->progress.done - w->task->done;

	if (!w->has_begun) {
		w->has_begun = true;
		return true;
	}
	return (done == 0 || arena_held(w->call->arena) < CHUNK_BYTES) &&
	       w->progress.row_count < CHUNK_ROWS && done < CHUNK_DONE &&
	       clock_mono_us() < w->until_us;
}

void
work_result(struct work *w, struct str row)
{
	struct progress *p = &w->progress;

	LIST_RESERVE(w->call->arena, w->rows, p->row_count, w->room, 1);
	w->rows[p->row_count++] = row;
	p->rows = w->rows;
}

void
work_problem(
    struct work *w, struct id object, const char *problem, struct str location)
{
	struct buf row = buf_in(w->call->arena);
	char text[ID_TEXT];

	if (w->task->results + (int64_t)w->progress.row_count >=
	    WORK_PROBLEMS_MAX)
		return;
	id_format(object, text);
	buf_printf(&row,
	    "{\"namespace\":[],\"table\":\"%s\",\"problem\":\"%s\","
	    "\"location\":",
	    text, problem);
	buf_add_json(&row, location);
	buf_add_char(&row, '}');
	work_result(w, buf_str(&row));
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
