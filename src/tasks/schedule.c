#include "tasks/schedule.h"

#include "base/clock.h"
#include "catalog/retention.h"
#include "record/pairs.h"
#include "tasks/tasks.h"

#define SOME 8     /* catalogs of one look */
#define WAITING 32 /* tasks that wait, beyond which none is queued */
#define REST_MAX (60 * CLOCK_SECOND)
#define NEVER_REST (3600 * CLOCK_SECOND) /* then its property is read again */

static const char *const upkeep[] = { "prune", "sweep", "fold" };
#define KINDS (sizeof(upkeep) / sizeof(upkeep[0]))

int64_t
schedule_rest(int64_t interval_us)
{
	int64_t rest = interval_us / 16;

	return rest == 0 || rest > REST_MAX ? REST_MAX : rest;
}

/* ---- when */

/* A moment of the interval that the id draws. */
static int64_t
phase_of(struct id id, int64_t interval_us)
{
	uint64_t drawn = 0;

	for (size_t i = 8; i < sizeof(id.b); i++)
		drawn = drawn << 8 | id.b[i];
	return (int64_t)(drawn % (uint64_t)interval_us);
}

/* The next moment after now; those that were missed are not made up for. */
static int64_t
next_time(struct id id, int64_t interval_us, int64_t now_us)
{
	int64_t phase = phase_of(id, interval_us);
	int64_t begun = (now_us - phase) / interval_us * interval_us + phase;

	return begun + interval_us;
}

/* ---- what */
static enum err
open_tasks(
    struct call *c, struct id tenant, struct str catalog, bool ret_open[KINDS])
{
	const struct test where[] = {
		{ TASK_STATE, TEST_LT, value_int(TASK_COMPLETED) },
		{ TASK_TENANT, TEST_EQ, value_id(tenant) },
		{ TASK_CATALOG, TEST_EQ, value_text(catalog) },
	};
	const struct scan scan = { .entity = ENTITY_TASKS,
		.index = TASKS_BY_STATE,
		.where = where,
		.where_count = 3 };
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++)
		for (size_t k = 0; k < KINDS; k++)
			ret_open[k] |=
			    str_eq(value_str_or_absent(rows.row[i][TASK_KIND]),
				str_from(upkeep[k]));
	return OK;
}

/* VERDICT_CONFLICT: another worker has queued them, or it is deleted. */
static enum err
queue_one(struct call *c, const struct value *row, int64_t interval_us,
    int64_t now_us)
{
	const struct test as_read = { CATALOG_UPKEEP_US, TEST_EQ,
		row[CATALOG_UPKEEP_US] };
	struct task new = {
		.tenant = value_id_or_nil(row[CATALOG_TENANT]),
		.catalog = value_str_or_absent(row[CATALOG_NAME]),
	};
	struct id id = value_id_or_nil(row[CATALOG_ID]);
	struct batch b = batch_of(c);
	bool open[KINDS] = { false };
	enum verdict verdict;
	size_t failed;
	int64_t next = interval_us == 0 ? now_us + NEVER_REST
					: next_time(id, interval_us, now_us);

	update_set(batch_update(&b, ENTITY_CATALOGS, row[CATALOG_ID], as_read),
	    CATALOG_UPKEEP_US, value_int(next));
	if (row[CATALOG_UPKEEP_US].type != VALUE_NULL && interval_us != 0) {
		TRY(open_tasks(c, new.tenant, new.catalog, open));
		for (size_t k = 0; k < KINDS; k++) {
			new.kind = str_from(upkeep[k]);
			if (!open[k])
				(void)tasks_put(&b, &new, now_us);
		}
	}
	return batch_apply(&b, 0, &verdict, &failed);
}

static enum err
scan_due(struct call *c, struct test due, struct rows *ret)
{
	const struct scan scan = { .entity = ENTITY_CATALOGS,
		.index = CATALOGS_BY_UPKEEP,
		.limit = SOME,
		.where = &due,
		.where_count = 1 };

	return store_scan(c, &scan, ret);
}

static enum err
queue_some(
    struct call *c, const struct rows *due, int64_t interval_us, int64_t now_us)
{
	for (size_t i = 0; i < due->count; i++) {
		const struct value *row = due->row[i];
		int64_t interval = interval_us;
		struct pairs properties;

		/* a catalog that is damaged holds no others up */
		if (pairs_parse(c, value_str_or_absent(row[CATALOG_PROPERTIES]),
			&properties) != OK ||
		    upkeep_interval_of(
			properties, interval_us, &interval, c->error) != OK)
			interval = interval_us;
		TRY(queue_one(c, row, interval, now_us));
	}
	return OK;
}

/* Whether so many tasks wait that more would be in the way of others. */
static enum err
many_wait(struct call *c, bool *ret)
{
	const struct test waits = { TASK_STATE, TEST_EQ,
		value_int(TASK_PENDING) };
	const struct scan behind = { .entity = ENTITY_TASKS,
		.index = TASKS_BY_STATE,
		.limit = 1,
		.skip = WAITING - 1,
		.where = &waits,
		.where_count = 1 };
	struct rows rows;

	TRY(store_scan(c, &behind, &rows));
	*ret = rows.count != 0;
	return OK;
}

enum err
schedule_upkeep(
    struct call *c, int64_t interval_us, int64_t now_us, bool *ret_more)
{
	const struct test due = { CATALOG_UPKEEP_US, TEST_LE,
		value_int(now_us) };
	const struct test new = { CATALOG_UPKEEP_US, TEST_EQ, value_null() };
	struct rows rows;
	bool many;

	*ret_more = false;
	TRY(scan_due(c, new, &rows));
	TRY(queue_some(c, &rows, interval_us, now_us));
	*ret_more = rows.next.ptr != NULL;
	TRY(scan_due(c, due, &rows));
	if (rows.count == 0)
		return OK;
	TRY(many_wait(c, &many));
	if (many)
		return OK;
	*ret_more |= rows.next.ptr != NULL;
	return queue_some(c, &rows, interval_us, now_us);
}
