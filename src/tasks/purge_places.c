#include "tasks/purge_places.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "catalog/location_rows.h"
#include "catalog/purges.h"
#include "object/object.h"

#define FILES 200 /* that are deleted together */
#define DIGITS 8  /* of the id, in the name of a place */

struct emptying {
	struct work *work;
	const struct catalog *catalog;
	const struct value *row; /* of the purge */
	struct str path, location;
	struct id object;
};

static enum err
apply(struct batch *b)
{
	enum verdict verdict;
	size_t failed;

	return batch_apply(b, 0, &verdict, &failed);
}

/* As relation_seed() ends the location of a new table. */
static bool
is_chosen(const struct emptying *e)
{
	char text[ID_TEXT];
	struct str end;

	id_format(e->object, text);
	if (e->path.len <= DIGITS)
		return false;
	end = str_skip(e->path, e->path.len - DIGITS - 1);
	return end.ptr[0] == '-' &&
	       str_eq(str_skip(end, 1), (struct str){ text, DIGITS }) &&
	       catalog_holds(e->catalog, e->location);
}

/* From now on nothing may use the place; false: it is not the table's. */
static enum err
doom(struct emptying *e, bool *ret)
{
	struct call *c = e->work->call;
	const struct value key = value_id(location_row_id(e->path));
	struct batch b = batch_of(c);
	const struct value *row;
	enum verdict verdict;
	size_t failed;

	*ret = false;
	TRY(record_find_by_key(c, ENTITY_LOCATIONS, key, &row));
	if (row == NULL || !location_row_is(row, e->catalog->id, e->object))
		return OK;
	update_set(
	    batch_update(&b, ENTITY_LOCATIONS, key,
		(struct test){ LOCATION_OBJECT, TEST_EQ, value_id(e->object) }),
	    LOCATION_DOOMED_US, value_int(clock_now_us()));
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	FAULT_POINT("place_doomed");
	return OK;
}

/* *ret_stuck: links lead there, or the disk does not give it. */
static enum err
clear(struct emptying *e, bool *ret_empty, bool *ret_stuck)
{
	struct call quiet = *e->work->call;
	size_t most = FILES;
	struct error why = { 0 };
	enum err err;

	quiet.error = &why;
	err = object_clear(&quiet, e->location, &most, ret_empty);
	FAULT_POINT("place_cleared");
	if (err == ERR_UNAVAILABLE || err == ERR_SLOW_DOWN) {
		*e->work->call->error = why;
		return err;
	}
	*ret_stuck = err != OK || (!*ret_empty && most != 0);
	if (*ret_stuck)
		log_line(LEVEL_WARN, "sweep leaves a place: " STR_FMT " %s",
		    STR_ARG(e->location), why.message);
	return work_beat(e->work);
}

static enum err
give_back(struct emptying *e, struct str rest)
{
	const struct value key = value_id(location_row_id(e->path));
	struct batch b = batch_of(e->work->call);

	batch_delete_when(&b, ENTITY_LOCATIONS, key,
	    (struct test){ LOCATION_OBJECT, TEST_EQ, value_id(e->object) });
	update_set(
	    batch_update(&b, ENTITY_PURGES, e->row[PURGE_ID],
		(struct test){ PURGE_STATE, TEST_EQ, value_int(PURGE_ERASED) }),
	    PURGE_PLACES, value_text(rest));
	TRY(apply(&b));
	FAULT_POINT("place_freed");
	return OK;
}

static enum err
empty_one(struct emptying *e, struct str rest, bool *ret_done)
{
	bool mine = false, empty = false, stuck = false;

	*ret_done = true;
	if (is_chosen(e))
		TRY(doom(e, &mine));
	if (!mine)
		return OK;
	while (!empty && !stuck && work_has_room(e->work))
		TRY(clear(e, &empty, &stuck));
	*ret_done = empty || stuck;
	return empty ? give_back(e, rest) : OK;
}

enum err
purge_places_empty(struct work *w, const struct catalog *catalog,
    const struct value *row, bool *ret_done)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = { .work = w,
		.catalog = catalog,
		.row = row,
		.object = value_id_or_nil(row[PURGE_OBJECT]) };

	*ret_done = true;
	while (*ret_done && rest.len != 0) {
		e.path = str_cut(&rest, '\n');
		e.location = arena_printf(
		    w->call->arena, "file://" STR_FMT, STR_ARG(e.path));
		if (rest.ptr == NULL)
			rest = STR("");
		TRY(empty_one(&e, rest, ret_done));
	}
	return OK;
}
