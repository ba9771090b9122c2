#include "tasks/sweep_files.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "catalog/garbage.h"
#include "object/object.h"
#include "tasks/heartbeat.h"

#define PAGE 1000 /* files that S3 deletes by one request */
#define UNIT 100  /* rows that are written together */

/* Time for a step in the store, and for the deletion of a page. */
#define STEP_US (5 * CLOCK_SECOND)
#define DELETE_US (20 * CLOCK_SECOND)

/* A deleted file's row stays as long as a request may last that has read it. */
#define DELETED_US (600 * CLOCK_SECOND)

struct sweep_files
sweep_files_of(struct work *w, const struct catalog *catalog, int64_t before_us)
{
	return (struct sweep_files){ .work = w,
		.catalog = catalog,
		.before_us = before_us,
		.reached = {
		    .work = w, .catalog = catalog, .before_us = before_us } };
}

static enum err
scan(const struct sweep_files *s, struct test which, struct rows *ret)
{
	const struct test where[] = {
		{ GARBAGE_CATALOG, TEST_EQ, value_id(s->catalog->id) },
		{ GARBAGE_SINCE_US, TEST_LE, value_int(s->before_us) },
		which,
		{ GARBAGE_DOOMED, TEST_GT, value_int(0) },
	};
	bool deleted = which.op == TEST_LE;
	const struct scan scan = { .entity = ENTITY_GARBAGE,
		.index = GARBAGE_BY_CATALOG,
		.limit = PAGE,
		.where = where,
		.where_count = deleted ? 4 : 3 };

	return store_scan(s->work->call, &scan, ret);
}

/* ---- steps of many rows */

/* One write of a step; the unit fails when the row has become another. */
typedef void step(struct batch *, const struct value *row);

static enum err
apply(struct sweep_files *s, step *add, const struct value **rows, size_t count,
    bool *ret)
{
	struct batch b = batch_of(s->work->call);
	enum verdict verdict;
	size_t failed;

	for (size_t i = 0; i < count; i++)
		add(&b, rows[i]);
	s->work->call->deadline_us = clock_mono_us() + STEP_US;
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	return work_beat(s->work);
}

/* Where one of a unit has become another, each is tried alone.  *io_count: the
 * rows that are left in front, those that were written. */
static enum err
apply_each(struct sweep_files *s, step *add, const struct value **rows,
    size_t *io_count)
{
	size_t count = *io_count, done = 0;

	for (size_t from = 0, n; from < count; from += n) {
		bool all, one;

		n = count - from < UNIT ? count - from : UNIT;
		TRY(apply(s, add, rows + from, n, &all));
		for (size_t i = from; i < from + n; i++) {
			one = all;
			if (!all)
				TRY(apply(s, add, rows + i, 1, &one));
			if (one)
				rows[done++] = rows[i];
		}
	}
	*io_count = done;
	return OK;
}

static void
doom(struct batch *b, const struct value *row)
{
	const struct test same = { GARBAGE_SINCE_US, TEST_EQ,
		row[GARBAGE_SINCE_US] };

	update_set(batch_update(b, ENTITY_GARBAGE, row[GARBAGE_ID], same),
	    GARBAGE_DOOMED, value_int(-clock_now_us()));
}

static struct update
update_doomed(struct batch *b, const struct value *row)
{
	const struct test doomed = { GARBAGE_DOOMED, TEST_LT, value_int(0) };

	return batch_update(b, ENTITY_GARBAGE, row[GARBAGE_ID], doomed);
}

/* From now on the row only keeps units away from the file. */
static void
bury(struct batch *b, const struct value *row)
{
	update_set(
	    update_doomed(b, row), GARBAGE_DOOMED, value_int(clock_now_us()));
}

static void
begin_anew(struct batch *b, const struct value *row)
{
	struct update u = update_doomed(b, row);

	update_set(u, GARBAGE_DOOMED, value_null());
	update_set(u, GARBAGE_SINCE_US, value_int(clock_now_us()));
}

static void
forget(struct batch *b, const struct value *row)
{
	batch_delete_when(b, ENTITY_GARBAGE, row[GARBAGE_ID],
	    (struct test){ GARBAGE_DOOMED, TEST_GT, value_int(0) });
}

/* ---- files */
static struct str
location_of(const struct value *row)
{
	return value_str_or_absent(row[GARBAGE_LOCATION]);
}

/* A file outside the catalog's place, or behind a link, is not touched. */
static bool
is_ours(const struct sweep_files *s, const struct value *row)
{
	struct error ignored;

	return object_location_check(location_of(row), &ignored) == OK &&
	       catalog_holds(s->catalog, location_of(row));
}

static int
by_location(const void *a, const void *b)
{
	const struct value *const *one = a, *const *other = b;

	return str_cmp(location_of(*one), location_of(*other));
}

static void
tell(struct sweep_files *s, const struct value *row, struct str why)
{
	log_line(LEVEL_WARN, "sweep leaves the file " STR_FMT ": " STR_FMT,
	    STR_ARG(location_of(row)), STR_ARG(why));
	work_problem(s->work, value_id_or_nil(row[GARBAGE_OBJECT]),
	    "file-not-deleted", location_of(row));
}

/* A thousand may take longer than the lease of the task. */
static enum err
delete_objects(struct sweep_files *s, struct object_deletion *of, size_t count)
{
	struct heartbeat heartbeat;

	if (count == 0)
		return OK;
	TRY(heartbeat_start(&heartbeat, s->work));
	s->work->call->deadline_us = clock_mono_us() + DELETE_US;

	enum err err = object_delete_each(s->work->call, of, count);

	heartbeat_stop(&heartbeat);
	return err;
}

/* Deletes the files of rows that are doomed, and notes it. */
static enum err
delete_files(struct sweep_files *s, const struct value **rows, size_t count)
{
	struct arena *a = s->work->call->arena;
	struct object_deletion *of =
	    ARENA_NEW(a, struct object_deletion, count);
	const struct value **ours = ARENA_NEW(a, const struct value *, count);
	const struct value **left = ARENA_NEW(a, const struct value *, count);
	size_t n = 0, gone = 0, left_count = 0;

	for (size_t i = 0; i < count; i++)
		if (is_ours(s, rows[i]))
			ours[n++] = rows[i];
		else
			rows[gone++] = rows[i];
	qsort(ours, n, sizeof(*ours), by_location);
	for (size_t i = 0; i < n; i++)
		of[i].location = location_of(ours[i]);
	TRY(delete_objects(s, of, n));
	FAULT_POINT("file_deleted");
	for (size_t i = 0; i < n; i++)
		if (of[i].refusal.ptr == NULL) {
			rows[gone++] = ours[i];
		} else {
			tell(s, ours[i], of[i].refusal);
			left[left_count++] = ours[i];
		}
	TRY(apply_each(s, bury, rows, &gone));
	return apply_each(s, begin_anew, left, &left_count);
}

/* Behind what they alone may reach; *ret false: the time of the chunk did not
 * suffice for all. */
static enum err
delete_doomed(
    struct sweep_files *s, const struct value **rows, size_t count, bool *ret)
{
	const struct value **purges =
	    ARENA_NEW(s->work->call->arena, const struct value *, count);
	size_t done = 0;

	*ret = true;
	TRY(purge_files_find(&s->reached, rows, count, purges));
	while (done < count) {
		TRY(purge_files_delete(
		    &s->reached, rows[done], purges[done], ret));
		if (!*ret)
			break;
		done++;
	}
	return delete_files(s, rows, done);
}

/* ---- pages */

/* The candidates that wait neither for a purge nor for a key of this release.
 */
static enum err
choose(struct sweep_files *s, const struct rows *rows, const struct value **ret,
    size_t *ret_count)
{
	struct call *c = s->work->call;
	const struct value **purges =
	    ARENA_NEW(c->arena, const struct value *, rows->count);
	bool waits;

	*ret_count = 0;
	TRY(purge_files_find(&s->reached, rows->row, rows->count, purges));
	for (size_t i = 0; i < rows->count; i++) {
		if (garbage_is_spelled(c->arena, rows->row[i])) {
			TRY(garbage_begin_anew(c, rows->row[i]));
			continue;
		}
		TRY(purge_files_wait(
		    &s->reached, rows->row[i], purges[i], &waits));
		if (!waits)
			ret[(*ret_count)++] = rows->row[i];
	}
	return OK;
}

/* A row that is doomed, or has become young, is no candidate any more: the
 * first rows are always the next. */
enum err
sweep_files_delete(struct sweep_files *s, bool *ret_more)
{
	const struct test not_doomed = { GARBAGE_DOOMED, TEST_EQ,
		value_null() };
	const struct value **chosen;
	struct rows rows;
	size_t count;
	bool all;

	s->reached.has_more = false;
	TRY(scan(s, not_doomed, &rows));
	chosen =
	    ARENA_NEW(s->work->call->arena, const struct value *, rows.count);
	TRY(choose(s, &rows, chosen, &count));
	TRY(apply_each(s, doom, chosen, &count));
	FAULT_POINT("doomed");
	s->work->progress.done += (int64_t)count;
	TRY(delete_doomed(s, chosen, count, &all));
	*ret_more = !all || s->reached.has_more || rows.next.ptr != NULL;
	return OK;
}

enum err
sweep_files_delete_left(struct sweep_files *s, bool *ret_more, bool *ret_found)
{
	const struct test doomed = { GARBAGE_DOOMED, TEST_LT, value_int(0) };
	struct rows rows;
	bool all;

	s->reached.has_more = false;
	TRY(scan(s, doomed, &rows));
	TRY(delete_doomed(s, rows.row, rows.count, &all));
	*ret_more = !all || rows.next.ptr != NULL;
	*ret_found = s->reached.has_more;
	return OK;
}

enum err
sweep_files_forget(struct sweep_files *s, bool *ret_more)
{
	const struct test old = { GARBAGE_DOOMED, TEST_LE,
		value_int(clock_now_us() - DELETED_US) };
	struct rows rows;

	TRY(scan(s, old, &rows));
	*ret_more = rows.next.ptr != NULL;
	return apply_each(s, forget, rows.row, &rows.count);
}
