/* tasks.c - a tenant's side of tasks; queue.c is the workers' side. */
#include "tasks/tasks.h"

#include "record/audit.h"
#include "record/retry.h"

static const char *const state_names[] = {
	[TASK_PENDING] = "pending",
	[TASK_RUNNING] = "running",
	[TASK_PAUSED] = "paused",
	[TASK_COMPLETED] = "completed",
	[TASK_FAILED] = "failed",
	[TASK_CANCELLED] = "cancelled",
};

struct str
task_state_name(enum task_state state)
{
	return str_from(state_names[state]);
}

bool
task_state_parse(struct str name, enum task_state *ret)
{
	for (enum task_state s = TASK_PENDING; s <= TASK_CANCELLED; s++) {
		if (str_eq(name, task_state_name(s))) {
			*ret = s;
			return true;
		}
	}
	return false;
}

/* Of a task that is pending the heartbeat is when it was put off. */
static int64_t
pause_of(const struct value *row)
{
	int64_t from = value_int_or(row[TASK_HEARTBEAT_US], 0);
	int64_t to = value_int_or(row[TASK_LEASE_US], 0);

	return value_int_or(row[TASK_STATE], 0) == TASK_PENDING && to > from
		   ? to - from
		   : 0;
}

struct task
task_of_row(const struct value *row)
{
	return (struct task){
		.id = value_id_or_nil(row[TASK_ID]),
		.tenant = value_id_or_nil(row[TASK_TENANT]),
		.kind = value_str_or_absent(row[TASK_KIND]),
		.catalog = value_str_or_absent(row[TASK_CATALOG]),
		.state =
		    (enum task_state)value_int_or(row[TASK_STATE], TASK_FAILED),
		.wish = (enum task_wish)value_int_or(
		    row[TASK_WISH], TASK_WISH_NONE),
		.cursor = value_str_or_absent(row[TASK_CURSOR]),
		.done = value_int_or(row[TASK_DONE], 0),
		.total = value_int_or(row[TASK_TOTAL], -1),
		.results = value_int_or(row[TASK_RESULTS], 0),
		.error = value_str_or_absent(row[TASK_ERROR]),
		.slot = value_int_or(row[TASK_SLOT], -1),
		.owner = value_id_or_nil(row[TASK_OWNER]),
		.lease_us = value_int_or(row[TASK_LEASE_US], 0),
		.pause_us = pause_of(row),
		.worked_us = value_int_or(row[TASK_WORKED_US], 0),
		.created_by = value_id_or_nil(row[TASK_CREATED_BY]),
		.created_us = value_int_or(row[TASK_CREATED_US], 0),
		.started_us = value_int_or(row[TASK_STARTED_US], 0),
		.finished_us = value_int_or(row[TASK_FINISHED_US], 0),
	};
}

enum err
tasks_have_room(struct call *c, struct id tenant, int64_t most)
{
	const struct test where[] = {
		{ TASK_STATE, TEST_LT, value_int(TASK_COMPLETED) },
		{ TASK_TENANT, TEST_EQ, value_id(tenant) },
	};
	const struct scan open = { .entity = ENTITY_TASKS,
		.index = TASKS_BY_STATE,
		.limit = 1,
		.where = where,
		.where_count = 2 };
	int64_t count;

	TRY(store_count(c, &open, &count));
	if (count < most)
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "The tenant has %lld tasks that are not finished, and may have "
	    "%lld (tasks.open): wait for one to end, or cancel one",
	    (long long)count, (long long)most);
}

struct id
tasks_put(struct batch *b, const struct task *new, int64_t now_us)
{
	struct value *row = batch_insert(b, ENTITY_TASKS);
	struct id id = id_v7();

	row[TASK_ID] = value_id(id);
	row[TASK_TENANT] = value_id(new->tenant);
	row[TASK_KIND] = value_text(new->kind);
	row[TASK_CATALOG] = value_text(new->catalog);
	row[TASK_STATE] = value_int(TASK_PENDING);
	row[TASK_DONE] = value_int(0);
	row[TASK_RESULTS] = value_int(0);
	row[TASK_WORKED_US] = value_int(0);
	row[TASK_CREATED_US] = value_int(now_us);
	if (!id_is_nil(new->created_by))
		row[TASK_CREATED_BY] = value_id(new->created_by);
	row[TASK_CURSOR] = value_text(new->cursor);
	audit_add_as(b, DEED_CREATE_TASK, new->tenant, id,
	    arena_printf(b->call->arena, STR_FMT " " STR_FMT,
		STR_ARG(new->kind), STR_ARG(new->catalog)));
	return id;
}

struct id
tasks_put_asked(struct batch *b, const struct task *new, int64_t now_us)
{
	const struct value tenant = value_id(new->tenant);

	batch_expect(b, ENTITY_TENANTS, tenant,
	    (struct test){ TENANT_ID, TEST_EQ, tenant });
	return tasks_put(b, new, now_us);
}

enum err
tasks_submit(
    struct call *c, const struct task *new, int64_t now_us, struct id *ret)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct id id;
	size_t failed;

	id = tasks_put_asked(&b, new, now_us);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED && failed == 0)
		return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
	if (verdict != VERDICT_APPLIED)
		return fail(
		    c->error, ERR_CONFLICT, "The task was not made: try again");
	*ret = id;
	return OK;
}

/* ---- looking */
enum err
tasks_get(struct call *c, struct id tenant, struct id id, struct task *ret)
{
	const struct value *row;
	char text[ID_TEXT];

	TRY(record_find_by_key(c, ENTITY_TASKS, value_id(id), &row));
	if (row != NULL && id_eq(value_id_or_nil(row[TASK_TENANT]), tenant)) {
		*ret = task_of_row(row);
		return OK;
	}
	id_format(id, text);
	return fail(c->error, ERR_NOT_FOUND, "Task does not exist: %s", text);
}

enum err
tasks_list(struct call *c, struct id tenant, const struct task_filter *filter,
    int64_t limit, int64_t offset, struct task_list *ret)
{
	struct test where[3] = { { TASK_TENANT, TEST_EQ, value_id(tenant) } };
	struct scan scan = { .entity = ENTITY_TASKS,
		.index = TASKS_BY_TENANT,
		.descending = true,
		.where = where,
		.where_count = 1 };
	struct rows rows;

	if (c->nowait) /* what a filter leaves out is read, too */
		return usage_would_block(c, "There may be many tasks.");
	if (filter->state != 0)
		where[scan.where_count++] = (struct test){ TASK_STATE, TEST_EQ,
			value_int(filter->state) };
	if (filter->kind.ptr != NULL)
		where[scan.where_count++] = (struct test){ TASK_KIND, TEST_EQ,
			value_text(filter->kind) };
	TRY(record_page(c, &scan, limit, offset, &rows));
	ret->more = rows.next.ptr != NULL;
	ret->at = ARENA_NEW(c->arena, struct task, rows.count);
	ret->count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = task_of_row(rows.row[i]);
	return OK;
}

enum err
tasks_results(struct call *c, struct id tenant, struct id id, int64_t limit,
    int64_t offset, struct task_rows *ret)
{
	struct test of = { TASK_RESULT_TASK, TEST_EQ, value_id(id) };
	const struct scan scan = { .entity = ENTITY_TASK_RESULTS,
		.index = INDEX_KEY,
		.where = &of,
		.where_count = 1 };
	struct task task;
	struct rows rows;

	TRY(tasks_get(c, tenant, id, &task));
	TRY(record_page(c, &scan, limit, offset, &rows));
	ret->more = rows.next.ptr != NULL;
	ret->at = ARENA_NEW(c->arena, struct str, rows.count);
	ret->count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = value_str_or_absent(rows.row[i][TASK_RESULT_ROW]);
	return OK;
}

/* ---- changing */
static enum err
refuse(struct call *c, const struct task *t, const char *why)
{
	char text[ID_TEXT];

	id_format(t->id, text);
	return fail(c->error, ERR_CONFLICT, "Task %s %s", text, why);
}

/* Decides the new state and wish of a task that is not finished. */
static enum err
decide(struct call *c, enum task_verb verb, struct task *t)
{
	bool runs = t->state == TASK_RUNNING;

	if (task_is_finished(t))
		return refuse(c, t,
		    t->state == TASK_COMPLETED ? "is completed"
		    : t->state == TASK_FAILED  ? "has failed"
					       : "is cancelled");
	if (verb == TASK_CANCEL) {
		t->wish = runs ? TASK_WISH_CANCEL : TASK_WISH_NONE;
		t->state = runs ? TASK_RUNNING : TASK_CANCELLED;
		return OK;
	}
	if (t->wish == TASK_WISH_CANCEL)
		return refuse(c, t, "is being cancelled");
	if (verb == TASK_PAUSE) {
		t->wish = runs ? TASK_WISH_PAUSE : TASK_WISH_NONE;
		t->state = runs ? TASK_RUNNING : TASK_PAUSED;
		return OK;
	}
	t->wish = TASK_WISH_NONE;
	t->state = runs ? TASK_RUNNING : TASK_PENDING;
	return OK;
}

static struct value
wish_value(enum task_wish wish)
{
	return wish == TASK_WISH_NONE ? value_null() : value_int(wish);
}

static enum err
try_change(struct call *c, const struct task *from, const struct task *to,
    enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct value key = value_id(from->id);
	size_t failed;

	batch_expect(&b, ENTITY_TASKS, key,
	    (struct test){ TASK_WISH, TEST_EQ, wish_value(from->wish) });

	struct update u = batch_update(&b, ENTITY_TASKS, key,
	    (struct test){ TASK_STATE, TEST_EQ, value_int(from->state) });

	update_set(u, TASK_STATE, value_int(to->state));
	update_set(u, TASK_WISH, wish_value(to->wish));
	if (to->state == TASK_PENDING)
		update_set(u, TASK_LEASE_US, value_null());
	if (task_is_finished(to))
		update_set(u, TASK_FINISHED_US, value_int(to->finished_us));
	audit_add(&b, from->tenant, from->id, from->kind);
	return batch_apply(&b, 0, ret, &failed);
}

enum err
tasks_change(struct call *c, struct id tenant, struct id id,
    enum task_verb verb, int64_t now_us, struct task *ret)
{
	struct retry retry = retry_of(c);

	do {
		enum verdict verdict;
		struct task is = { 0 }, becomes;

		TRY(tasks_get(c, tenant, id, &is));
		becomes = is;
		TRY(decide(c, verb, &becomes));
		if (task_is_finished(&becomes))
			becomes.finished_us = now_us;
		TRY(try_change(c, &is, &becomes, &verdict));
		if (verdict == VERDICT_APPLIED) {
			*ret = becomes;
			return OK;
		}
	} while (retry_again(&retry));
	return fail(c->error, ERR_CONFLICT,
	    "The task is being changed by others: try again");
}
