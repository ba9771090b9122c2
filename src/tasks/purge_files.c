#include "tasks/purge_files.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "calls/store_call.h"
#include "catalog/garbage.h"
#include "catalog/location_claims.h"
#include "catalog/purges.h"
#include "catalog/table_file.h"
#include "iceberg/member.h"
#include "iceberg/metadata_file.h"
#include "iceberg/reached_files.h"
#include "object/object.h"
#include "tasks/purge_places.h"

#define STEP_US (5 * CLOCK_SECOND) /* what a step may wait for the store */
#define LOG_MAX 1000               /* files of a metadata log */

struct reach {
	struct purge_files *files;
	struct work *work;
	const struct value *garbage;
	struct call call; /* its arena holds what is read */
	struct error why;
	struct str own; /* places, a line each */
	struct metadata metadata;
	int64_t begun_us, first_us; /* when the first manifest was deleted */
	bool is_stopped, is_told;
};

/* ---- which purge */
enum err
purge_files_find(struct purge_files *f, const struct value *const *garbage,
    size_t count, const struct value **ret)
{
	struct call *c = f->work->call;
	struct value *ids = ARENA_NEW(c->arena, struct value, count);
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, count);
	struct rows rows;

	if (count == 0)
		return OK;
	for (size_t i = 0; i < count; i++) {
		ids[i] = value_id(purge_id(f->catalog->id,
		    value_id_or_nil(garbage[i][GARBAGE_OBJECT])));
		keys[i] = &ids[i];
	}
	TRY(store_get(c, ENTITY_PURGES, keys, count, &rows));
	for (size_t i = 0; i < count; i++) {
		const struct value *row = rows.row[i];

		ret[i] = row != NULL && value_int_or(row[PURGE_STATE], 0) !=
					    PURGE_ASKED
			     ? row
			     : NULL;
	}
	return OK;
}

static bool
is_due(const struct purge_files *f, const struct value *purge)
{
	return value_int_or(purge[PURGE_STATE], 0) == PURGE_ERASED &&
	       value_int_or(purge[PURGE_SINCE_US], 0) <= f->before_us;
}

static enum err
make_younger(struct purge_files *f, const struct value *garbage, int64_t since)
{
	struct batch b = batch_of(f->work->call);
	enum verdict verdict;
	size_t failed;

	update_set(batch_update(&b, ENTITY_GARBAGE, garbage[GARBAGE_ID],
		       (struct test){ GARBAGE_SINCE_US, TEST_EQ,
			   garbage[GARBAGE_SINCE_US] }),
	    GARBAGE_SINCE_US, value_int(since));
	return batch_apply(&b, 0, &verdict, &failed);
}

/* No younger than the purge will be when it is due. */
enum err
purge_files_wait(struct purge_files *f, const struct value *garbage,
    const struct value *purge, bool *ret)
{
	int64_t since = clock_now_us();
	bool any_named;

	*ret = false;
	if (purge == NULL || is_due(f, purge))
		return OK;
	if (value_int_or(purge[PURGE_STATE], 0) == PURGE_ERASED) {
		TRY(purge_places_any_named(
		    f->work, f->catalog, purge, &any_named));
		if (!any_named)
			return OK;
		since = value_int_or(purge[PURGE_SINCE_US], 0);
	}
	*ret = true;
	return make_younger(f, garbage, since);
}

/* ---- what happens on the way */

/* The store, the disk or another worker, not the file, is at fault. */
static bool
is_passing(enum err err)
{
	return err == ERR_UNAVAILABLE || err == ERR_SLOW_DOWN ||
	       err == ERR_CONFLICT || err == ERR_WOULD_BLOCK ||
	       err == ERR_COMMIT_UNKNOWN;
}

static void
tell(struct reach *r, const char *problem, struct str location)
{
	struct id object = value_id_or_nil(r->garbage[GARBAGE_OBJECT]);
	char text[ID_TEXT];

	id_format(object, text);
	log_line(LEVEL_WARN, "sweep, of the purged table %s: %s " STR_FMT " %s",
	    text, problem, STR_ARG(location), r->why.message);
	work_problem(r->work, object, problem, location);
}

static enum err
beat(struct reach *r)
{
	enum err err = work_beat(r->work);

	r->call.deadline_us = clock_mono_us() + STEP_US;
	r->work->call->deadline_us = r->call.deadline_us;

	if (err != OK)
		r->why = *r->work->call->error;
	return err;
}

/* A file outside the places is left alone. */
static enum err
delete_own(struct reach *r, struct str location)
{
	enum err err;

	if (location.len == 0 || !location_claims_cover(r->own, location))
		return OK;
	err = object_delete(&r->call, location);
	if (is_passing(err))
		return err;
	if (err != OK && err != ERR_NOT_FOUND && !r->is_told) {
		r->is_told = true;
		tell(r, "file-not-deleted", location);
	}
	return OK;
}

/* ---- what snapshots reach */

/* A chunk that had to look for its first manifest goes on for as long again, so
 * that looking never takes more than half of the time. */
static bool
has_time(struct reach *r)
{
	int64_t now = clock_mono_us();

	if (r->first_us == 0)
		r->first_us = now;
	r->is_stopped = !work_has_room(r->work) &&
			now - r->first_us >= r->first_us - r->begun_us;
	return !r->is_stopped;
}

/* A file that is missing has been deleted before. */
static enum err
visit(void *self, enum reached what, struct str path, enum err read,
    bool *io_more)
{
	static const char *const problems[] = { [REACHED_MANIFEST] =
						    "manifest-unreadable",
		[REACHED_LIST] = "manifest-list-unreadable" };
	struct reach *r = self;

	if (is_passing(read))
		return read;
	if (read == ERR_NOT_FOUND)
		return beat(r);
	if (read != OK)
		tell(r, problems[what],
		    path.ptr != NULL ? path
				     : r->garbage[GARBAGE_LOCATION].as.s);
	if (what == REACHED_MANIFEST)
		FAULT_POINT("manifest_emptied");
	if (what == REACHED_LIST)
		FAULT_POINT("manifest_list_emptied");
	TRY(delete_own(r, path));
	if (what == REACHED_MANIFEST)
		*io_more = has_time(r);
	return beat(r);
}

static enum err
check_place(const struct reach *r, struct str location, struct error *e)
{
	TRY(object_location_check(location, e));
	if (!catalog_holds(r->files->catalog, location))
		return fail(
		    e, ERR_BAD_REQUEST, "It is outside the catalog's place.");
	return OK;
}

static enum err
read_file(void *self, struct str location, struct str *ret, struct error *e)
{
	struct reach *r = self;

	TRY(check_place(r, location, e));
	return object_read(&r->call, location, ret);
}

/* ---- what the metadata file itself names */
static enum err
delete_statistics(struct reach *r, const char *list)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(&r->metadata, list));
	yyjson_mut_val *one;

	while ((one = yyjson_mut_arr_iter_next(&it)) != NULL) {
		TRY(delete_own(
		    r, json_mut_str(member_find(one, "statistics-path"))));
		TRY(beat(r));
	}
	return OK;
}

/* They are read, too, when it is their turn. */
static enum err
note_one(struct reach *r, struct str location)
{
	struct batch b = batch_of(&r->call);
	enum verdict verdict;
	bool there = false;
	size_t failed;
	enum err err = object_exists(&r->call, location, &there);

	if (is_passing(err))
		return err;
	if (err != OK || !there)
		return OK;
	garbage_insert_like(&b, r->garbage, location);
	r->files->has_more = true;
	return batch_apply(&b, 0, &verdict, &failed);
}

static enum err
note_logged(struct reach *r)
{
	yyjson_mut_val *log = metadata_list(&r->metadata, "metadata-log");
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(log);
	struct arena *a = r->call.arena;
	size_t count = 0, most = yyjson_mut_arr_size(log);
	struct str *files;
	struct value *ids;
	const struct value **keys;
	yyjson_mut_val *one;
	struct rows rows;

	most = most < LOG_MAX ? most : LOG_MAX;
	files = ARENA_NEW(a, struct str, most);
	ids = ARENA_NEW(a, struct value, most);
	keys = ARENA_NEW(a, const struct value *, most);
	while (count < most && (one = yyjson_mut_arr_iter_next(&it)) != NULL) {
		struct str file =
		    json_mut_str(member_find(one, "metadata-file"));

		if (!metadata_file_is_named_so(file) ||
		    !location_claims_cover(r->own, file))
			continue;
		files[count] = file;
		ids[count] = value_id(garbage_id(a, file));
		keys[count] = &ids[count];
		count++;
	}
	if (count == 0)
		return OK;
	TRY(store_get(&r->call, ENTITY_GARBAGE, keys, count, &rows));
	for (size_t i = 0; i < count; i++)
		if (rows.row[i] == NULL) {
			TRY(note_one(r, files[i]));
			TRY(beat(r));
		}
	return OK;
}

static enum err
read_metadata(struct reach *r, struct str location)
{
	struct str text;

	TRY(table_file_read(&r->call, location, &text));
	TRY(table_file_parse(&r->call, text, &r->metadata));
	return arena_check(r->call.arena, &r->why);
}

static enum err
follow(struct reach *r)
{
	struct str location = value_str_or_absent(r->garbage[GARBAGE_LOCATION]);
	enum err err = check_place(r, location, &r->why);

	if (err != OK)
		return OK; /* nor is it deleted */
	err = read_metadata(r, location);
	if (is_passing(err) || err == ERR_NOT_FOUND)
		return err == ERR_NOT_FOUND ? OK : err;
	if (err != OK) {
		tell(r, "metadata-unreadable", location);
		return OK;
	}
	TRY(note_logged(r));
	TRY(delete_statistics(r, "statistics"));
	TRY(delete_statistics(r, "partition-statistics"));
	return reached_files_visit(
	    &(struct reached_files){ .arena = r->call.arena,
		.metadata = &r->metadata,
		.reader = { read_file, r },
		.visit = visit,
		.self = r },
	    &r->why);
}

enum err
purge_files_delete(struct purge_files *f, const struct value *garbage,
    const struct value *purge, bool *ret_done)
{
	struct reach r = { .files = f,
		.work = f->work,
		.garbage = garbage,
		.call = *f->work->call,
		.begun_us = clock_mono_us() };
	enum err err;

	*ret_done = true;
	if (purge == NULL || !is_due(f, purge))
		return OK;
	TRY(purge_places_named(f->work, f->catalog, purge, &r.own));
	if (r.own.len == 0)
		return OK;
	r.call.error = &r.why;
	r.call.arena = arena_new();
	arena_set_ceiling(r.call.arena, arena_room(f->work->call->arena));
	err = follow(&r);
	arena_free(r.call.arena);
	*ret_done = !r.is_stopped;
	if (err != OK)
		*f->work->call->error = r.why;
	return err;
}
