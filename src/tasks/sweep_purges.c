#include "tasks/sweep_purges.h"

#include "base/clock.h"
#include "calls/store_call.h"
#include "catalog/purges.h"
#include "catalog/session_cache.h"
#include "object/object.h"
#include "tasks/purge_places.h"

/* No request lasts longer that has read what was erased since. */
#define REQUEST_US (600 * CLOCK_SECOND)

static struct str
object_text(struct arena *a, struct id object)
{
	char text[ID_TEXT];

	id_format(object, text);
	return arena_copy(a, str_from(text));
}

static enum err
read_rows(const struct purge_sweep *s, struct rows *ret)
{
	const struct test of_catalog = { PURGE_CATALOG, TEST_EQ,
		value_id(s->catalog->id) };
	const struct scan oldest = { .entity = ENTITY_PURGES,
		.index = PURGES_BY_CATALOG,
		.limit = s->most,
		.where = &of_catalog,
		.where_count = 1 };

	return store_scan(s->work->call, &oldest, ret);
}

static void
set_last(struct purge_sweep *s, const struct rows *rows)
{
	const struct value *last;

	s->last.since_us = INT64_MAX;
	if (rows->count < s->most)
		return;
	last = rows->row[rows->count - 1];
	s->last = (struct purge_bound){ value_int_or(last[PURGE_SINCE_US], 0),
		value_id_or_nil(last[PURGE_ID]) };
}

/* Rows of one round of purges have one time. */
static bool
is_behind(const struct purge_sweep *s, const struct value *row)
{
	int64_t since = value_int_or(row[PURGE_SINCE_US], 0);
	struct id id = value_id_or_nil(row[PURGE_ID]);

	return since > s->last.since_us ||
	       (since == s->last.since_us &&
		   memcmp(id.b, s->last.id.b, sizeof(id.b)) > 0);
}

/* The places that will be emptied, each with its row. */
static void
add_places(struct purge_sweep *s, const struct value *row)
{
	struct str places = value_str_or_absent(row[PURGE_PLACES]);

	while (places.len != 0)
		*str_map_slot(&s->places, str_cut(&places, '\n')) =
		    (void *)(uintptr_t)row;
}

enum err
purge_sweep_begin(struct purge_sweep *s)
{
	struct arena *a = s->work->call->arena;
	struct rows rows;

	s->rows = str_map_in(a);
	s->places = str_map_in(a);
	TRY(read_rows(s, &rows));
	if (s->last.since_us == 0)
		set_last(s, &rows);
	for (size_t i = 0; i < rows.count && !is_behind(s, rows.row[i]); i++) {
		const struct value *row = rows.row[i];
		int64_t state = value_int_or(row[PURGE_STATE], 0);

		if (state == PURGE_ERASED)
			add_places(s, row);
		if (state < PURGE_NOW)
			*str_map_slot(
			    &s->rows, object_text(a,
					  value_id_or_nil(row[PURGE_OBJECT]))) =
			    (void *)(uintptr_t)row;
	}
	return OK;
}

/* ---- pages */

/* Others may have changed the row since: then it is as they say. */
static struct test
unchanged(const struct value *row)
{
	return (struct test){ PURGE_SINCE_US, TEST_EQ, row[PURGE_SINCE_US] };
}

static enum err
apply(struct batch *b)
{
	enum verdict verdict;
	size_t failed;

	return batch_apply(b, 0, &verdict, &failed);
}

/* A state that can still be named shows the object: it waits anew, and one that
 * was erased and came back all the same stays. */
static enum err
keep(struct purge_sweep *s, struct id object)
{
	struct str text = object_text(s->work->call->arena, object);
	const struct value *row = str_map_find(&s->rows, text);
	struct batch b = batch_of(s->work->call);

	if (row == NULL)
		return OK;
	*str_map_slot(&s->rows, text) = NULL; /* once is enough */
	if (value_int_or(row[PURGE_STATE], 0) == PURGE_ERASED) {
		TRY(purge_places_keep(s->work, s->catalog, row));
		batch_delete_when(
		    &b, ENTITY_PURGES, row[PURGE_ID], unchanged(row));
	} else {
		update_set(batch_update(&b, ENTITY_PURGES, row[PURGE_ID],
			       unchanged(row)),
		    PURGE_SINCE_US, value_int(clock_now_us()));
	}
	return apply(&b);
}

/* A file in a place that is to be emptied, which is a view's: it waits, too,
 * and is usable meanwhile. */
static enum err
keep_around(struct purge_sweep *s, struct str location)
{
	struct str path = object_path(location);
	const struct value *row = NULL;
	struct batch b = batch_of(s->work->call);

	if (location.len == 0 || s->places.count == 0)
		return OK;
	while (path.len != 0 && row == NULL) {
		while (path.len != 0 && path.ptr[--path.len] != '/')
			;
		row = str_map_find(&s->places, path);
	}
	if (row == NULL)
		return OK;
	*str_map_slot(&s->places, path) = NULL; /* once is enough */
	update_set(
	    batch_update(&b, ENTITY_PURGES, row[PURGE_ID], unchanged(row)),
	    PURGE_SINCE_US, value_int(clock_now_us()));
	TRY(apply(&b));
	return purge_places_keep(s->work, s->catalog, row);
}

static enum err
ask(struct purge_sweep *s, const struct value *row, struct id object)
{
	const struct test asked = { PURGE_STATE, TEST_EQ,
		value_int(PURGE_ASKED) };
	struct batch b = batch_of(s->work->call);

	if (row == NULL)
		purge_insert(&b, s->catalog->id, object, PURGE_ASKED);
	else if (value_int_or(row[PURGE_STATE], 0) == PURGE_ASKED)
		update_set(
		    batch_update(&b, ENTITY_PURGES, row[PURGE_ID], asked),
		    PURGE_MET_US, value_int(s->before_us));
	return b.count != 0 ? apply(&b) : OK;
}

/* The versions of a page that may matter. */
struct chosen {
	const struct version **at;
	size_t count;
};

/* The versions of keys that the branch's own log shows at a position. */
static enum err
read_at(struct call *c, struct point at, struct chosen v, struct version **ret)
{
	struct key *keys = ARENA_NEW(c->arena, struct key, v.count);

	*ret = ARENA_NEW(c->arena, struct version, v.count);
	for (size_t i = 0; i < v.count; i++)
		keys[i] = v.at[i]->key;
	return store_read(c, (struct chain){ &at, 1 }, keys, v.count, *ret);
}

/* A tombstone asks as long as nothing has come behind it. */
static enum err
ask_for_newest(struct purge_sweep *s, struct chosen marked)
{
	struct call *c = s->work->call;
	struct version *now;

	if (marked.count == 0)
		return OK;
	TRY(read_at(c, (struct point){ marked.at[0]->at.branch, SEQ_HEAD },
	    marked, &now));
	for (size_t i = 0; i < marked.count; i++)
		if (now[i].at.seq == marked.at[i]->at.seq)
			TRY(ask(s,
			    str_map_find(&s->rows,
				object_text(c->arena, marked.at[i]->object)),
			    marked.at[i]->object));
	return OK;
}

/* A version below the horizon counts if the horizon shows it; one that is kept
 * for a branch or tag that is pinned there counts when these show it. */
static enum err
keep_shown(struct purge_sweep *s, const struct ref *ref, struct chosen old)
{
	struct version *then;

	if (old.count == 0)
		return OK;
	TRY(read_at(s->work->call, (struct point){ ref->id, ref->horizon }, old,
	    &then));
	for (size_t i = 0; i < old.count; i++)
		if (then[i].at.seq == old.at[i]->at.seq)
			TRY(keep(s, old.at[i]->object));
	return OK;
}

enum err
purge_sweep_page(
    struct purge_sweep *s, const struct ref *ref, const struct versions *page)
{
	struct arena *a = s->work->call->arena;
	struct chosen marked = {
		ARENA_NEW(a, const struct version *, page->count), 0
	};
	struct chosen old = { ARENA_NEW(a, const struct version *, page->count),
		0 };
	bool own = id_eq(ref->catalog, s->catalog->id);

	for (size_t i = 0; i < page->count; i++) {
		const struct version *v = &page->at[i];

		if ((v->kind != KIND_TABLE && v->kind != KIND_VIEW) ||
		    id_is_nil(v->object))
			continue;
		TRY(keep_around(s, v->location));
		if (own && purge_is_marked(v))
			marked.at[marked.count++] = v;
		if (s->rows.count == 0 ||
		    str_map_find(&s->rows, object_text(a, v->object)) == NULL)
			continue;
		if (v->at.seq > ref->horizon)
			TRY(keep(s, v->object)); /* dropped just now, too */
		else if (!v->deleted)
			old.at[old.count++] = v;
	}
	TRY(keep_shown(s, ref, old));
	return ask_for_newest(s, marked);
}

/* ---- the end */

static enum err
hand_on(struct purge_sweep *s, const struct value *row)
{
	struct batch b = batch_of(s->work->call);

	update_set(
	    batch_update(&b, ENTITY_PURGES, row[PURGE_ID], unchanged(row)),
	    PURGE_STATE, value_int(PURGE_NOW));
	return apply(&b);
}

/* Metadata files, with what they reach, have gone when garbage of the same age
 * has. */
static enum err
may_end(const struct purge_sweep *s, const struct value *row, int64_t erased_us,
    bool *ret)
{
	int64_t since = value_int_or(row[PURGE_SINCE_US], 0);
	bool any_named;

	TRY(purge_places_any_named(s->work, s->catalog, row, &any_named));
	*ret = since <= (any_named ? s->before_us : erased_us);
	return OK;
}

static enum err
submit(struct purge_sweep *s)
{
	const struct task new = { .tenant = s->catalog->tenant,
		.kind = STR("purge"),
		.catalog = s->catalog->name };
	struct id ignored;

	return tasks_submit(s->work->call, &new, clock_now_us(), &ignored);
}

static enum err
end_one(struct purge_sweep *s, const struct value *row, int64_t doomed_us,
    bool *ret_more)
{
	struct batch b = batch_of(s->work->call);
	enum places_state places;

	TRY(purge_places_empty(s->work, s->catalog, row, doomed_us, &places));
	*ret_more = places == PLACES_LEFT;
	if (places != PLACES_DONE)
		return OK;

	batch_delete_when(&b, ENTITY_PURGES, row[PURGE_ID],
	    (struct test){ PURGE_STATE, TEST_EQ, value_int(PURGE_ERASED) });
	return apply(&b);
}

/* Empties the places of an erased object when it may, else dooms them. */
static enum err
go_on(struct purge_sweep *s, const struct value *row, int64_t erased_us,
    bool *ret_more)
{
	bool may;

	TRY(may_end(s, row, erased_us, &may));
	if (may)
		return end_one(s, row, erased_us, ret_more);
	if (value_int_or(row[PURGE_SINCE_US], 0) <
	    s->before_us + s->work->grace_us)
		return purge_places_doom(s->work, s->catalog, row);
	return OK;
}

/* How long somebody may write to a place behind the last request for it, when
 * the grace is no shorter: an engine's session in S3 outlives its table. */
static int64_t
writing_us(const struct catalog *catalog)
{
	bool remote = object_is_remote(catalog->location);

	for (size_t i = 0; i < catalog->allowed.count; i++)
		remote |= object_is_remote(catalog->allowed.at[i]);
	return remote ? SESSION_S * CLOCK_SECOND : REQUEST_US;
}

enum err
purge_sweep_end(struct purge_sweep *s, bool *ret_more)
{
	int64_t grace = s->work->grace_us, writing = writing_us(s->catalog);
	int64_t erased_us =
	    s->before_us + grace - (grace < writing ? grace : writing);
	bool any = false;
	struct rows rows;

	*ret_more = false;
	TRY(read_rows(s, &rows));
	for (size_t i = 0; i < rows.count && !is_behind(s, rows.row[i]); i++) {
		const struct value *row = rows.row[i];
		int64_t since = value_int_or(row[PURGE_SINCE_US], 0);
		int64_t state = value_int_or(row[PURGE_STATE], 0);

		if (state == PURGE_ASKED && since <= s->before_us &&
		    value_int_or(row[PURGE_MET_US], 0) == s->before_us) {
			TRY(hand_on(s, row));
			any = true;
			*ret_more = !work_has_room(s->work);
		} else if (state >= PURGE_NOW) {
			any = true;
		} else if (state == PURGE_ERASED) {
			TRY(go_on(s, row, erased_us, ret_more));
		}
		if (*ret_more)
			return OK;
		TRY(work_beat(s->work));
	}
	return any ? submit(s) : OK;
}
