#include "tasks/purge_places.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "catalog/location_rows.h"
#include "catalog/purges.h"
#include "object/object.h"

#define FILES 1000 /* that are deleted together, as many as S3 takes */

struct emptying {
	struct work *work;
	const struct catalog *catalog;
	const struct value *row; /* of the purge */
	struct id object;
	struct str path, location;
	const struct value
	    *place;             /* the row of the path; NULL: there is none */
	struct value confirmed; /* as the place's row had it last */
	int64_t doomed_us;      /* of the place, behind doom() */
	bool waits; /* a place was doomed too late: it and all behind it */
};

static enum err
apply(struct batch *b)
{
	enum verdict verdict;
	size_t failed;

	return batch_apply(b, 0, &verdict, &failed);
}

static struct emptying
emptying_of(
    struct work *w, const struct catalog *catalog, const struct value *row)
{
	return (struct emptying){ .work = w,
		.catalog = catalog,
		.row = row,
		.object = value_id_or_nil(row[PURGE_OBJECT]) };
}

/* The next of the places, which are lines, with its row; *ret false: that was
 * the last. */
static enum err
next_place(struct emptying *e, struct str *io_rest, bool *ret)
{
	struct call *c = e->work->call;

	*ret = io_rest->len != 0;
	if (!*ret)
		return OK;
	e->path = str_cut(io_rest, '\n');
	if (io_rest->ptr == NULL)
		*io_rest = STR("");
	e->location = object_location_at(c->arena, e->path);
	return record_find_by_key(
	    c, ENTITY_LOCATIONS, value_id(location_row_id(e->path)), &e->place);
}

/* The place is the object's, not that of a table of the same id in another
 * catalog, to which it may have passed. */
static bool
is_own(const struct emptying *e)
{
	return e->place != NULL &&
	       location_row_is(e->place, e->catalog->id, e->object);
}

/* The name of a place says nothing: whoever registers a table with an id of
 * their choice can give any directory any name. */
static bool
is_chosen(const struct emptying *e)
{
	return is_own(e) && value_int_or(e->place[LOCATION_CHOSEN], 0) != 0;
}

/* ---- whose a place is */

/* A table of a release without such rows, which was dropped before a sweep had
 * seen it, has none.  Whoever comes meanwhile sees the one that is made. */
static enum err
insert_row(struct emptying *e, bool *ret)
{
	struct call *c = e->work->call;
	struct batch b = batch_of(c);
	struct value *row = batch_insert(&b, ENTITY_LOCATIONS);
	enum verdict verdict;
	size_t failed;

	location_row_fill(c->arena, row, e->path, e->catalog->id,
	    e->catalog->main_branch, (struct ident){ 0 }, e->object);
	e->confirmed = row[LOCATION_CONFIRMED_US];
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	FAULT_POINT("place_adopted");
	return OK;
}

static struct test
is_unchanged(const struct emptying *e)
{
	return (struct test){ LOCATION_CONFIRMED_US, TEST_EQ, e->confirmed };
}

static void
expect_own(const struct emptying *e, struct batch *b)
{
	const struct value key = value_id(location_row_id(e->path));

	batch_expect(b, ENTITY_LOCATIONS, key,
	    (struct test){
		LOCATION_CATALOG, TEST_EQ, value_id(e->catalog->id) });
	batch_expect(b, ENTITY_LOCATIONS, key,
	    (struct test){ LOCATION_OBJECT, TEST_EQ, value_id(e->object) });
}

static void
add_deletion(const struct emptying *e, struct batch *b)
{
	expect_own(e, b);
	batch_delete_when(b, ENTITY_LOCATIONS,
	    value_id(location_row_id(e->path)), is_unchanged(e));
}

static enum err
delete_row(struct emptying *e)
{
	struct batch b = batch_of(e->work->call);

	add_deletion(e, &b);
	return apply(&b);
}

/* A sweep that has looked at the row to bury it, as that of a dropped table,
 * finds it confirmed anew; a row that was confirmed meanwhile is left. */
static enum err
set_doomed(struct emptying *e, struct value doomed, bool *ret)
{
	const struct value now = value_int(clock_now_us());
	struct batch b = batch_of(e->work->call);
	enum verdict verdict;
	size_t failed;

	expect_own(e, &b);

	struct update u = batch_update(&b, ENTITY_LOCATIONS,
	    value_id(location_row_id(e->path)), is_unchanged(e));

	update_set(u, LOCATION_DOOMED_US, doomed);
	update_set(u, LOCATION_LEFT_US, now);
	update_set(u, LOCATION_CONFIRMED_US, now);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	if (*ret) {
		e->confirmed = now;
		e->doomed_us = value_int_or(doomed, 0);
	}
	return OK;
}

/* From now on nothing may use the place; false: it is not the table's, or not
 * its alone. */
static enum err
doom(struct emptying *e, bool *ret)
{
	const struct location_owner own = { .catalog = e->catalog->id,
		.object = e->object,
		.is_purged = true };
	const struct value *holder;
	bool is_new = false;

	*ret = false;
	if (e->place == NULL)
		TRY(insert_row(e, &is_new));
	else
		e->confirmed = e->place[LOCATION_CONFIRMED_US];
	if (is_own(e) && location_row_is_doomed(e->place)) {
		e->doomed_us = value_int_or(e->place[LOCATION_DOOMED_US], 0);
		*ret = true;
		return OK;
	}
	if (!is_new && !is_own(e))
		return OK;
	TRY(location_rows_meet(e->work->call, e->path, &own, &holder));
	if (holder != NULL)
		return is_new ? delete_row(e) : OK;
	FAULT_POINT("place_looked");
	TRY(set_doomed(e, value_int(clock_now_us()), ret));
	FAULT_POINT("place_doomed");
	return OK;
}

/* ---- a place that somebody named */
static bool
is_named(const struct emptying *e)
{
	return !is_chosen(e) && catalog_holds(e->catalog, e->location);
}

enum err
purge_places_any_named(struct work *w, const struct catalog *catalog,
    const struct value *row, bool *ret)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = emptying_of(w, catalog, row);
	bool more = true;

	*ret = false;
	while (more && !*ret) {
		TRY(next_place(&e, &rest, &more));
		*ret = more && is_named(&e);
	}
	return OK;
}

enum err
purge_places_named(struct work *w, const struct catalog *catalog,
    const struct value *row, struct str *ret)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = emptying_of(w, catalog, row);
	struct str named = STR("");
	bool more = true, mine;

	while (more) {
		TRY(next_place(&e, &rest, &more));
		if (!more || !is_named(&e))
			continue;
		TRY(doom(&e, &mine));
		if (mine)
			named =
			    arena_printf(w->call->arena, STR_FMT STR_FMT "\n",
				STR_ARG(named), STR_ARG(e.path));
	}
	*ret = named;
	return OK;
}

/* ---- giving back */

/* *ret_stuck: links lead there, or the disk does not give it. */
static enum err
clear(struct emptying *e, size_t most, bool *ret_empty, bool *ret_stuck)
{
	struct call quiet = *e->work->call;
	struct error why = { 0 };
	size_t left = most;
	enum err err;

	quiet.error = &why;
	err = object_clear(&quiet, e->location, &left, ret_empty);
	FAULT_POINT("place_cleared");
	if (err == ERR_UNAVAILABLE || err == ERR_SLOW_DOWN) {
		*e->work->call->error = why;
		return err;
	}
	*ret_stuck = err != OK || (!*ret_empty && left != 0);
	if (*ret_stuck)
		log_line(LEVEL_WARN, "sweep leaves a place: " STR_FMT " %s",
		    STR_ARG(e->location), why.message);
	return work_beat(e->work);
}

static enum err
give_back(struct emptying *e, struct str rest)
{
	struct batch b = batch_of(e->work->call);

	add_deletion(e, &b);
	update_set(
	    batch_update(&b, ENTITY_PURGES, e->row[PURGE_ID],
		(struct test){ PURGE_STATE, TEST_EQ, value_int(PURGE_ERASED) }),
	    PURGE_PLACES, value_text(rest));
	TRY(apply(&b));
	FAULT_POINT("place_freed");
	return OK;
}

/* Files that the table's metadata did not reach are somebody's: the place is as
 * that of any dropped table. */
static enum err
give_back_named(struct emptying *e, struct str rest)
{
	bool empty = false, stuck, ignored;

	TRY(clear(e, 0, &empty, &stuck));
	return empty ? give_back(e, rest)
		     : set_doomed(e, value_null(), &ignored);
}

static enum err
empty_one(
    struct emptying *e, struct str rest, int64_t doomed_us, bool *ret_done)
{
	bool mine = false, empty = false, stuck = false;

	*ret_done = true;
	if (catalog_holds(e->catalog, e->location))
		TRY(doom(e, &mine));
	e->waits |= mine && is_chosen(e) && e->doomed_us > doomed_us;
	if (!mine || e->waits)
		return OK;
	if (!is_chosen(e))
		return give_back_named(e, rest);
	while (!empty && !stuck && work_has_room(e->work))
		TRY(clear(e, FILES, &empty, &stuck));
	*ret_done = empty || stuck;
	return empty ? give_back(e, rest) : OK;
}

enum err
purge_places_empty(struct work *w, const struct catalog *catalog,
    const struct value *row, int64_t doomed_us, enum places_state *ret)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = emptying_of(w, catalog, row);
	bool more = true, done = true;

	while (more && done) {
		TRY(next_place(&e, &rest, &more));
		if (more)
			TRY(empty_one(&e, rest, doomed_us, &done));
	}
	*ret = e.waits ? PLACES_WAIT : done ? PLACES_DONE : PLACES_LEFT;
	return OK;
}

enum err
purge_places_doom(
    struct work *w, const struct catalog *catalog, const struct value *row)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = emptying_of(w, catalog, row);
	bool more = true, ignored;

	while (more) {
		TRY(next_place(&e, &rest, &more));
		if (more && is_chosen(&e) && catalog_holds(catalog, e.location))
			TRY(doom(&e, &ignored));
	}
	return OK;
}

/* ---- an object that came back */
static enum err
keep_one(struct emptying *e)
{
	bool ignored;

	if (!is_own(e) || !location_row_is_doomed(e->place))
		return OK;
	e->confirmed = e->place[LOCATION_CONFIRMED_US];
	return set_doomed(e, value_null(), &ignored);
}

enum err
purge_places_keep(
    struct work *w, const struct catalog *catalog, const struct value *row)
{
	struct str rest = value_str_or_absent(row[PURGE_PLACES]);
	struct emptying e = emptying_of(w, catalog, row);
	bool more = true;

	while (more) {
		TRY(next_place(&e, &rest, &more));
		if (more)
			TRY(keep_one(&e));
	}
	return OK;
}
