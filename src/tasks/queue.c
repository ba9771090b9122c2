#include "tasks/queue.h"

/* A lease this far ahead was written before the clock was set back. */
#define LEASE_TOO_FAR (4 * TASK_LEASE)
#define CLAIM_TRIES 3
#define PURGE_ROWS 500
#define DUE_ROWS 100 /* that are compared for the longest wait */

static bool
is_silent(const struct task *t, int64_t now_us)
{
	return t->lease_us <= now_us || t->lease_us > now_us + LEASE_TOO_FAR;
}

static void
expect(struct batch *b, const struct task *t, uint16_t field, struct value v)
{
	batch_expect(b, ENTITY_TASKS, value_id(t->id),
	    (struct test){ field, TEST_EQ, v });
}

static struct update
update_owned(struct batch *b, const struct task *t)
{
	return batch_update(b, ENTITY_TASKS, value_id(t->id),
	    (struct test){ TASK_OWNER, TEST_EQ, value_id(t->owner) });
}

static void
set_lease(struct update u, int64_t now_us)
{
	update_set(u, TASK_HEARTBEAT_US, value_int(now_us));
	update_set(u, TASK_LEASE_US, value_int(now_us + TASK_LEASE));
}

static enum err
apply(struct batch *b, bool *ret_written)
{
	enum verdict verdict;
	size_t failed;

	TRY(batch_apply(b, 0, &verdict, &failed));
	*ret_written = verdict == VERDICT_APPLIED;
	return OK;
}

/* ---- claim */
static enum err
list_where(struct call *c, const struct test *where, size_t count,
    int64_t limit, struct task_list *ret)
{
	const struct scan scan = { .entity = ENTITY_TASKS,
		.index = TASKS_BY_STATE,
		.where = where,
		.where_count = count };
	struct rows rows;

	TRY(record_list(c, &scan, limit, 0, &rows));
	ret->at = ARENA_NEW(c->arena, struct task, rows.count);
	ret->count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = task_of_row(rows.row[i]);
	return OK;
}

static enum err
list_running(struct call *c, struct task_list *ret)
{
	const struct test is = { TASK_STATE, TEST_EQ, value_int(TASK_RUNNING) };

	return list_where(c, &is, 1, 0, ret);
}

/* The oldest tasks that are pending, with this said of their pause. */
static enum err
list_pending(
    struct call *c, struct test pause, int64_t limit, struct task_list *ret)
{
	const struct test where[] = {
		{ TASK_STATE, TEST_EQ, value_int(TASK_PENDING) },
		pause,
	};

	return list_where(c, where, 2, limit, ret);
}

/* Since when a task has waited for a worker. */
static int64_t
waits_since(const struct task *t)
{
	return t->lease_us != 0 ? t->lease_us : t->created_us;
}

/* A pause beyond the longest was written before the clock was set back. */
static enum err
list_due(struct call *c, int64_t now_us, struct task_list *ret)
{
	struct test over = { TASK_LEASE_US, TEST_LE, value_int(now_us) };
	struct test wrong = { TASK_LEASE_US, TEST_GT,
		value_int(now_us + TASK_PAUSE_MAX) };

	TRY(list_pending(c, over, DUE_ROWS, ret));
	return ret->count != 0 ? OK : list_pending(c, wrong, 1, ret);
}

/* The task whose turn it is: one that no worker has had, or that was put off.
 * *ret is NULL when there is none. */
static enum err
find_waiting(struct call *c, int64_t now_us, struct task **ret)
{
	struct test none = { TASK_LEASE_US, TEST_EQ, value_null() };
	struct task_list fresh, due;

	*ret = NULL;
	TRY(list_pending(c, none, 1, &fresh));
	TRY(list_due(c, now_us, &due));
	if (fresh.count != 0)
		*ret = &fresh.at[0];
	for (size_t i = 0; i < due.count; i++)
		if (*ret == NULL || waits_since(&due.at[i]) < waits_since(*ret))
			*ret = &due.at[i];
	return OK;
}

/* Of two that read the same row, one gets it. */
static enum err
take_over(struct call *c, struct task *t, int64_t now_us, bool *ret)
{
	struct batch b = batch_of(c);
	struct id owner = id_v4();

	expect(&b, t, TASK_STATE, value_int(TASK_RUNNING));
	expect(&b, t, TASK_LEASE_US, value_int(t->lease_us));

	struct update u = update_owned(&b, t);

	update_set(u, TASK_OWNER, value_id(owner));
	set_lease(u, now_us);
	TRY(apply(&b, ret));
	t->owner = owner;
	t->lease_us = now_us + TASK_LEASE;
	return OK;
}

/* The lowest slot that no running task has; -1: all are taken. */
static int64_t
free_slot(const struct task_list *running, int64_t at_once)
{
	for (int64_t slot = 0; slot < at_once; slot++) {
		size_t i = 0;

		while (i < running->count && running->at[i].slot != slot)
			i++;
		if (i == running->count)
			return slot;
	}
	return -1;
}

/* The unique index over slots refuses all but one claim of a slot. */
static enum err
start(struct call *c, struct task *t, int64_t slot, int64_t now_us, bool *ret)
{
	struct batch b = batch_of(c);
	struct update u = batch_update(&b, ENTITY_TASKS, value_id(t->id),
	    (struct test){ TASK_STATE, TEST_EQ, value_int(TASK_PENDING) });

	t->state = TASK_RUNNING;
	t->slot = slot;
	t->owner = id_v4();
	t->lease_us = now_us + TASK_LEASE;
	if (t->started_us == 0)
		t->started_us = now_us;
	update_set(u, TASK_STATE, value_int(TASK_RUNNING));
	update_set(u, TASK_SLOT, value_int(slot));
	update_set(u, TASK_OWNER, value_id(t->owner));
	update_set(u, TASK_STARTED_US, value_int(t->started_us));
	set_lease(u, now_us);
	return apply(&b, ret);
}

static enum err
claim_silent(struct call *c, const struct task_list *running, int64_t now_us,
    struct task *ret, bool *ret_any)
{
	for (size_t i = 0; i < running->count; i++) {
		if (!is_silent(&running->at[i], now_us))
			continue;
		TRY(take_over(c, &running->at[i], now_us, ret_any));
		if (*ret_any) {
			*ret = running->at[i];
			return OK;
		}
	}
	return OK;
}

enum err
queue_claim(struct call *c, int64_t now_us, int64_t at_once, struct task *ret,
    bool *ret_any)
{
	*ret_any = false;
	for (int i = 0; i < CLAIM_TRIES; i++) {
		struct task_list running;
		struct task *next;

		TRY(list_running(c, &running));
		TRY(claim_silent(c, &running, now_us, ret, ret_any));
		if (*ret_any)
			return OK;

		int64_t slot = free_slot(&running, at_once);

		if (slot < 0 || (int64_t)running.count >= at_once)
			return OK;
		TRY(find_waiting(c, now_us, &next));
		if (next == NULL)
			return OK;
		TRY(start(c, next, slot, now_us, ret_any));
		if (*ret_any) {
			*ret = *next;
			return OK;
		}
	}
	return OK;
}

/* ---- work */
enum err
queue_reload(struct call *c, struct task *io, bool *ret_mine)
{
	struct id owner = io->owner;
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_TASKS, value_id(io->id), &row));
	*ret_mine = false;
	if (row == NULL)
		return OK;
	*io = task_of_row(row);
	*ret_mine = io->state == TASK_RUNNING && id_eq(io->owner, owner);
	return OK;
}

/* The claim is over: slot and lease are free. */
static void
set_state(struct update u, enum task_state state, int64_t now_us)
{
	update_set(u, TASK_STATE, value_int(state));
	update_set(u, TASK_WISH, value_null());
	update_set(u, TASK_SLOT, value_null());
	update_set(u, TASK_OWNER, value_null());
	update_set(u, TASK_LEASE_US, value_null());
	if (state >= TASK_COMPLETED)
		update_set(u, TASK_FINISHED_US, value_int(now_us));
}

static void
add_results(
    struct batch *b, const struct task *t, const struct progress *progress)
{
	for (size_t i = 0; i < progress->row_count; i++) {
		struct value *row = batch_insert(b, ENTITY_TASK_RESULTS);

		row[TASK_RESULT_TASK] = value_id(t->id);
		row[TASK_RESULT_SEQ] = value_int(t->results + (int64_t)i);
		row[TASK_RESULT_ROW] = value_text(progress->rows[i]);
	}
}

enum err
queue_commit(struct call *c, const struct task *t, const struct progress *p,
    int64_t now_us, bool *ret_written)
{
	struct batch b = batch_of(c);
	int64_t results = t->results + (int64_t)p->row_count;

	if (!p->is_final)
		expect(&b, t, TASK_WISH, value_null());

	struct update u = update_owned(&b, t);

	update_set(u, TASK_CURSOR, value_text(p->cursor));
	update_set(u, TASK_DONE, value_int(p->done));
	update_set(u, TASK_TOTAL, value_int(p->total));
	update_set(u, TASK_RESULTS, value_int(results));
	update_set(u, TASK_WORKED_US, value_int(t->worked_us + p->worked_us));
	update_set(u, TASK_ERROR, value_null());
	set_lease(u, now_us);
	if (p->finished)
		set_state(u, TASK_COMPLETED, now_us);
	add_results(&b, t, p);
	return apply(&b, ret_written);
}

enum err
queue_beat(struct call *c, const struct task *t, int64_t now_us, bool *ret_mine)
{
	struct batch b = batch_of(c);

	set_lease(update_owned(&b, t), now_us);
	return apply(&b, ret_mine);
}

enum err
queue_end(struct call *c, const struct task *t, enum task_state state,
    struct str error, int64_t now_us)
{
	struct batch b = batch_of(c);
	bool written;

	expect(&b, t, TASK_WISH,
	    t->wish == TASK_WISH_NONE ? value_null() : value_int(t->wish));

	struct update u = update_owned(&b, t);

	set_state(u, state, now_us);
	update_set(u, TASK_ERROR, value_text(error));
	return apply(&b, &written);
}

enum err
queue_put_off(struct call *c, const struct task *t, struct str why,
    int64_t pause_us, int64_t now_us, bool *ret_written)
{
	struct batch b = batch_of(c);

	expect(&b, t, TASK_WISH, value_null());

	struct update u = update_owned(&b, t);

	set_state(u, TASK_PENDING, now_us);
	update_set(u, TASK_ERROR, value_text(why));
	update_set(u, TASK_HEARTBEAT_US, value_int(now_us));
	update_set(u, TASK_LEASE_US, value_int(now_us + pause_us));
	return apply(&b, ret_written);
}

enum err
queue_release(struct call *c, const struct task *t)
{
	struct batch b = batch_of(c);
	bool written;

	update_set(update_owned(&b, t), TASK_LEASE_US, value_int(0));
	return apply(&b, &written);
}

/* ---- history */
static enum err
find_old(struct call *c, int64_t before_us, const struct value **ret)
{
	for (int64_t s = TASK_COMPLETED; s <= TASK_CANCELLED; s++) {
		const struct test old[] = {
			{ TASK_STATE, TEST_EQ, value_int(s) },
			{ TASK_FINISHED_US, TEST_LT, value_int(before_us) },
		};

		TRY(record_find(c, ENTITY_TASKS, TASKS_BY_STATE, old, 2, ret));
		if (*ret != NULL)
			return OK;
	}
	return OK;
}

/* Results go first, the task with the last of them. */
enum err
queue_purge(struct call *c, int64_t before_us, bool *ret_more)
{
	struct batch b = batch_of(c);
	const struct value *row;
	bool written;

	*ret_more = false;
	TRY(find_old(c, before_us, &row));
	if (row == NULL)
		return OK;

	struct test of = { TASK_RESULT_TASK, TEST_EQ, row[TASK_ID] };
	struct scan behind = { .entity = ENTITY_TASK_RESULTS,
		.index = INDEX_KEY,
		.limit = 1,
		.skip = PURGE_ROWS,
		.where = &of,
		.where_count = 1 };
	struct rows rows;

	TRY(store_scan(c, &behind, &rows));
	batch_purge(&b, ENTITY_TASK_RESULTS, PURGE_ROWS, of);
	if (rows.count == 0)
		batch_delete(&b, ENTITY_TASKS, row[TASK_ID]);
	*ret_more = true;
	return apply(&b, &written);
}
