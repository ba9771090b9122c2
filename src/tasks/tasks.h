/*
 * tasks.h - tasks: background work of a tenant, submitted, listed, cancelled.
 *
 * A task is a row.  A worker claims it, does it in chunks and writes after each
 * how far it came (queue.h), so a task outlives the worker that runs it.
 * `now_us` is clock_now_us() wherever it is an argument.
 */
#ifndef PANGOLIN_TASKS_H
#define PANGOLIN_TASKS_H

#include "record/batch.h"

/* The numbers are stored: never change them. */
enum task_state {
	TASK_PENDING = 1,
	TASK_RUNNING,
	TASK_PAUSED,
	TASK_COMPLETED, /* from here on finished */
	TASK_FAILED,
	TASK_CANCELLED
};

/* The wish that a worker obeys behind the chunk in progress. */
enum task_wish { TASK_WISH_NONE, TASK_WISH_CANCEL, TASK_WISH_PAUSE };

struct task {
	struct id id, tenant;
	struct str kind, catalog;
	enum task_state state;
	enum task_wish wish;
	struct str cursor;   /* ptr NULL: at the start */
	int64_t done, total; /* total -1: not known yet */
	int64_t results;     /* result rows so far */
	struct str error;    /* why it failed, or was put off; ptr NULL: none */
	int64_t slot;        /* -1: not running */
	struct id owner;     /* nil: not running */
	int64_t lease_us;    /* until when the owner may be silent; of a
			      * pending task: when its pause is over */
	int64_t pause_us;    /* how long the pause is; 0: none */
	int64_t worked_us;   /* time spent in chunks */
	struct id created_by; /* nil: the schedule, or sign-in was disabled */
	int64_t created_us;
	int64_t started_us, finished_us; /* 0: not yet */
};

struct task_list {
	struct task *at;
	size_t count;
	bool more; /* there are more */
};

static inline bool
task_is_finished(const struct task *t)
{
	return t->state >= TASK_COMPLETED;
}

/* "pending" ...; the other way round false for what is none. */
struct str task_state_name(enum task_state);
bool task_state_parse(struct str, enum task_state *ret);

/* ERR_SLOW_DOWN when the tenant has `most` tasks that are not finished.
 * Requests at the same moment do not see each other's tasks. */
MUST_CHECK enum err tasks_have_room(
    struct call *, struct id tenant, int64_t most);

/* Adds the row of a new task, which needs tenant, kind and catalog, and may
 * have a cursor; returns its id. */
struct id tasks_put(struct batch *, const struct task *new, int64_t now_us);

/* The same, while the tenant is there: the unit's first test. */
struct id tasks_put_asked(struct batch *, const struct task *, int64_t now_us);

/* `new` needs tenant, kind, catalog and created_by. */
MUST_CHECK enum err tasks_submit(
    struct call *, const struct task *new, int64_t now_us, struct id *ret);

/* ERR_NOT_FOUND, also for another tenant's. */
MUST_CHECK enum err tasks_get(
    struct call *, struct id tenant, struct id id, struct task *ret);

struct task_filter {
	enum task_state state; /* 0: any */
	struct str kind;       /* ptr NULL: any */
};

/* Newest first; limit 0: as many as an answer may have. */
MUST_CHECK enum err tasks_list(struct call *, struct id tenant,
    const struct task_filter *, int64_t limit, int64_t offset,
    struct task_list *ret);

/* Result rows, JSON objects, in the order they were found.  ERR_NOT_FOUND. */
struct task_rows {
	struct str *at;
	size_t count;
	bool more; /* there are more */
};
MUST_CHECK enum err tasks_results(struct call *, struct id tenant, struct id id,
    int64_t limit, int64_t offset, struct task_rows *ret);

/* Changes a task; a running one stops when its worker sees the wish.  A change
 * that is made already is no error; ERR_CONFLICT when the task is finished, or
 * being cancelled.  TASK_RESUME also ends a pause of queue_put_off(). */
enum task_verb { TASK_CANCEL, TASK_PAUSE, TASK_RESUME };
MUST_CHECK enum err tasks_change(struct call *, struct id tenant, struct id id,
    enum task_verb, int64_t now_us, struct task *ret);

struct task task_of_row(const struct value *row);

#endif
