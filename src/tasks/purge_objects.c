/* purge_objects.c - in rounds: all objects that are asked for by then, checked
 * together, and erased together, log by log, from the oldest version on.  The
 * files of a page are named as garbage before it is erased. */
#include "tasks/purge_objects.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/garbage.h"
#include "catalog/purges.h"
#include "record/control.h"
#include "tasks/sweep_places.h"
#include "versions/pins.h"
#include "versions/purge_check.h"

#define PAGE 100                   /* versions, about */
#define ROUND 500                  /* objects */
#define STEP_US (5 * CLOCK_SECOND) /* what a step may wait for the store */

struct subject {
	const struct value *row;
	struct id object;
	struct str places;
	bool is_there; /* in the page */
};

struct purging {
	struct work *work;
	struct catalog catalog;
	struct ref_list refs;
	int64_t round; /* when it began, which names it; 0: none */
	struct point above;
	struct subject *at; /* of the round */
	size_t count;
	struct str_map index; /* by object */
};

static struct str
object_text(struct arena *a, struct id object)
{
	char text[ID_TEXT];

	id_format(object, text);
	return arena_copy(a, str_from(text));
}

static enum err
read_rows(const struct purging *p, struct test which, struct rows *ret)
{
	const struct test where[] = {
		{ PURGE_CATALOG, TEST_EQ, value_id(p->catalog.id) },
		which,
	};
	const struct scan scan = { .entity = ENTITY_PURGES,
		.index = PURGES_BY_CATALOG,
		.limit = ROUND,
		.where = where,
		.where_count = 2 };

	return store_scan(p->work->call, &scan, ret);
}

/* ---- a round begins */
static enum err
beat(void *arg)
{
	struct work *w = arg;

	w->call->deadline_us = clock_mono_us() + STEP_US;
	return work_beat(w);
}

/* Of an id that no version has. */
static void
tell_unknown(struct purging *p, const struct purge_subject *s)
{
	struct arena *a = p->work->call->arena;
	struct buf row = buf_in(a);

	buf_add(&row, STR("{\"namespace\":[],\"table\":"));
	buf_add_json(&row, object_text(a, s->object));
	buf_add(&row, STR(",\"problem\":\"unknown\",\"location\":"));
	buf_add_json(&row, p->catalog.name);
	buf_add_char(&row, '}');
	work_result(p->work, buf_str(&row));
}

static enum err
tell_shown(struct purging *p, const struct purge_subject *s)
{
	struct arena *a = p->work->call->arena;
	struct buf row = buf_in(a);
	struct str ns = s->shown_as.ns;
	char before = '[';

	buf_add(&row, STR("{\"namespace\":"));
	while (ns.ptr != NULL) {
		buf_add_char(&row, before);
		buf_add_json(&row, str_cut(&ns, LEVEL_SEPARATOR));
		before = ',';
	}
	buf_add(&row, STR("],\"table\":"));
	buf_add_json(&row, s->shown_as.name);
	buf_add(&row, STR(",\"problem\":\"shown\",\"location\":"));
	buf_add_json(
	    &row, arena_printf(a, STR_FMT "@" STR_FMT, STR_ARG(p->catalog.name),
		      STR_ARG(s->shown_by->name)));
	buf_add_char(&row, '}');
	work_result(p->work, buf_str(&row));
	return OK;
}

/* An object that is shown stays; what another task has begun is taken over,
 * which may have erased all versions that know the object. */
static enum err
decide(
    struct purging *p, const struct value *row, const struct purge_subject *s)
{
	const struct test same = { PURGE_MET_US, TEST_EQ, row[PURGE_MET_US] };
	bool begun = value_int_or(row[PURGE_STATE], 0) != PURGE_NOW;
	struct batch b = batch_of(p->work->call);
	enum verdict verdict;
	size_t failed;

	if (s->shown_by != NULL) {
		batch_delete_when(&b, ENTITY_PURGES, row[PURGE_ID], same);
		TRY(tell_shown(p, s));
	} else if (!s->is_known && !begun) {
		batch_delete_when(&b, ENTITY_PURGES, row[PURGE_ID], same);
		tell_unknown(p, s);
	} else {
		struct update u =
		    batch_update(&b, ENTITY_PURGES, row[PURGE_ID], same);

		update_set(u, PURGE_STATE, value_int(PURGE_ERASING));
		update_set(u, PURGE_MET_US, value_int(p->round));
	}
	return batch_apply(&b, 0, &verdict, &failed);
}

/* A new task takes over what others have begun, for they may have died, and
 * these then end: so of several one goes on. */
static enum err
begin_round(struct purging *p)
{
	struct call *c = p->work->call;
	bool first = p->work->progress.cursor.ptr == NULL;
	struct purge_subject *s;
	struct rows rows;

	TRY(read_rows(p,
	    (struct test){
		PURGE_STATE, first ? TEST_GE : TEST_EQ, value_int(PURGE_NOW) },
	    &rows));
	if (rows.count == 0)
		return OK;
	p->round = clock_now_us();
	p->above = (struct point){ 0 };
	s = ARENA_NEW(c->arena, struct purge_subject, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		s[i].object = value_id_or_nil(rows.row[i][PURGE_OBJECT]);
	TRY(purge_find_shown(c, &p->catalog, s, rows.count, beat, p->work));
	for (size_t i = 0; i < rows.count; i++) {
		TRY(decide(p, rows.row[i], &s[i]));
		TRY(beat(p->work));
	}
	return OK;
}

/* An object that another task has taken over is none of the round any more. */
static enum err
read_round(struct purging *p)
{
	struct arena *a = p->work->call->arena;
	struct rows rows;

	p->index = str_map_in(a);
	p->count = 0;
	if (p->round == 0)
		return OK;
	TRY(read_rows(p,
	    (struct test){ PURGE_MET_US, TEST_EQ, value_int(p->round) },
	    &rows));
	p->at = ARENA_NEW(a, struct subject, rows.count);
	for (size_t i = 0; i < rows.count; i++) {
		const struct value *row = rows.row[i];

		if (value_int_or(row[PURGE_STATE], 0) != PURGE_ERASING)
			continue;
		p->at[p->count] = (struct subject){ .row = row,
			.object = value_id_or_nil(row[PURGE_OBJECT]),
			.places = value_str_or_absent(row[PURGE_PLACES]) };
		*str_map_slot(&p->index,
		    object_text(a, p->at[p->count].object)) = &p->at[p->count];
		p->count++;
	}
	return OK;
}

/* ---- its versions */
static bool
has_line(struct str lines, struct str line)
{
	while (lines.len != 0)
		if (str_eq(str_cut(&lines, '\n'), line))
			return true;
	return false;
}

static struct str
with_places(struct arena *a, struct str places, const struct version *v)
{
	struct str more = purge_places(v->body);

	while (more.len != 0) {
		struct str line = str_cut(&more, '\n');

		if (line.len != 0 && !has_line(places, line))
			places = arena_printf(a, STR_FMT STR_FMT "\n",
			    STR_ARG(places), STR_ARG(line));
	}
	return places;
}

/* Those of the page that are of objects of the round. */
static struct versions
own_versions(const struct purging *p, const struct versions *page)
{
	struct arena *a = p->work->call->arena;
	struct version *own = ARENA_NEW(a, struct version, page->count);
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		p->at[i].is_there = false;
	for (size_t i = 0; i < page->count; i++) {
		const struct version *v = &page->at[i];
		struct subject *s =
		    str_map_find(&p->index, object_text(a, v->object));

		if (s == NULL)
			continue;
		own[count++] = *v;
		s->is_there = true;
		if (v->kind == KIND_TABLE)
			s->places = with_places(a, s->places, v);
	}
	return (struct versions){ .at = own, .count = count };
}

/* Where files of the objects are is known when no version says it any more. */
static enum err
note_page(struct purging *p, const struct versions *own)
{
	struct call *c = p->work->call;
	const struct test mine = { PURGE_MET_US, TEST_EQ, value_int(p->round) };
	struct str_map noted = str_map_in(c->arena);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	for (size_t i = 0; i < own->count; i++) {
		const struct version *v = &own->at[i];
		void **slot = str_map_slot(&noted, v->location);

		if (*slot == NULL && v->location.len != 0 &&
		    (v->kind == KIND_TABLE || v->kind == KIND_VIEW))
			garbage_put(&b, &p->catalog, v->at.branch, v->object,
			    v->location);
		*slot = p;
	}
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].is_there)
			update_set(batch_update(&b, ENTITY_PURGES,
				       p->at[i].row[PURGE_ID], mine),
			    PURGE_PLACES, value_text(p->at[i].places));
	place_sweep_prune(&b, p->catalog.id);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_SLOW_DOWN,
		    "Another task has taken the purge over");
	return place_sweep_leave(c, p->catalog.id, own, false);
}

/* Of a deleted branch all go: nobody sees its head. */
static enum err
erase_page(struct purging *p, const struct ref *branch, bool *ret_more)
{
	struct call *c = p->work->call;
	struct point head = { branch->id, 0 };
	struct versions page, own, erased;

	TRY(store_heads(c, &head, 1));
	TRY(store_changes(c, p->above, head.seq, PAGE, &page));
	own = own_versions(p, &page);
	if (own.count != 0)
		TRY(note_page(p, &own));
	FAULT_POINT("purge_noted");
	for (size_t i = 0; i < p->count; i++) {
		struct point above = p->above;

		if (!p->at[i].is_there)
			continue;
		TRY(store_erase(c, &above, p->at[i].object,
		    branch->state == REF_DELETED, PAGE, &erased));
		p->work->progress.done += (int64_t)erased.count;
		TRY(beat(p->work));
	}
	FAULT_POINT("page_erased");
	*ret_more = page.more;
	if (page.more)
		p->above.seq = page.at[page.count - 1].at.seq;
	return OK;
}

/* Nobody asks the caches for the past that they hold any more. */
static enum err
end_round(struct purging *p)
{
	struct call *c = p->work->call;
	const struct test mine = { PURGE_MET_US, TEST_EQ, value_int(p->round) };
	const struct value now = value_int(clock_now_us());
	const struct test same = { CATALOG_NAME, TEST_EQ,
		value_text(p->catalog.name) };
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	p->round = 0;
	if (p->count == 0)
		return OK;
	for (size_t i = 0; i < p->count; i++) {
		struct update row = batch_update(
		    &b, ENTITY_PURGES, p->at[i].row[PURGE_ID], mine);

		update_set(row, PURGE_STATE, value_int(PURGE_ERASED));
		update_set(row, PURGE_SINCE_US, now);
	}
	update_set(
	    batch_update(&b, ENTITY_CATALOGS, value_id(p->catalog.id), same),
	    CATALOG_PURGED_US, now);
	control_name(&b, CONTROL_CATALOG, p->catalog.name);
	b.message = STR("purge");
	TRY(control_apply(&b, p->catalog.tenant, &verdict, &failed));
	FAULT_POINT("purge_erased");
	if (verdict == VERDICT_APPLIED)
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "Catalog '" STR_FMT "' has just changed", STR_ARG(p->catalog.name));
}

static const struct ref *
next_branch(const struct purging *p)
{
	const struct ref *next = NULL;

	for (size_t i = 0; i < p->refs.count; i++) {
		const struct ref *r = &p->refs.at[i];

		if (r->kind == REF_BRANCH && r->id >= p->above.branch &&
		    (next == NULL || r->id < next->id))
			next = r;
	}
	return next;
}

static enum err
step(struct purging *p)
{
	const struct ref *branch = p->count != 0 ? next_branch(p) : NULL;
	bool more = false;

	if (branch == NULL)
		return end_round(p);
	if (branch->id != p->above.branch)
		p->above = (struct point){ branch->id, -1 };
	if (branch->horizon != HORIZON_NONE)
		TRY(erase_page(p, branch, &more));
	if (!more)
		p->above = (struct point){ branch->id + 1, -1 };
	return OK;
}

/* ---- the cursor: round:branch:seq */
static enum err
read_cursor(struct purging *p)
{
	struct str text = p->work->progress.cursor;

	if (text.ptr == NULL)
		return OK;
	if (!str_to_int(str_cut(&text, ':'), &p->round) ||
	    !str_to_int(str_cut(&text, ':'), &p->above.branch) ||
	    text.ptr == NULL || !str_to_int(text, &p->above.seq))
		return fail(p->work->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	return OK;
}

enum err
purge_objects(struct work *w)
{
	struct purging p = { .work = w };

	TRY(catalogs_get(
	    w->call, w->task->tenant, w->task->catalog, &p.catalog));
	TRY(refs_all(w->call, &p.catalog, &p.refs));
	TRY(read_cursor(&p));
	TRY(read_round(&p));
	while (p.round != 0 && work_has_room(w)) {
		TRY(step(&p));
		TRY(work_beat(w));
	}
	if (p.round == 0 && work_has_room(w)) {
		TRY(begin_round(&p));
		w->progress.finished = p.round == 0;
	}
	w->progress.cursor =
	    arena_printf(w->call->arena, "%" PRId64 ":%" PRId64 ":%" PRId64,
		p.round, p.above.branch, p.above.seq);
	return OK;
}

/* ---- asking for it */

/* A purge that goes on is left alone: it knows places that no version says. */
static enum err
ask_now(struct call *c, struct batch *b, struct id catalog, struct id object)
{
	const struct value id = value_id(purge_id(catalog, object));
	int64_t state;

	TRY(purge_state_of(c, catalog, object, &state));
	if (state == 0)
		purge_insert(b, catalog, object, PURGE_NOW);
	else if (state == PURGE_ASKED)
		update_set(batch_update(b, ENTITY_PURGES, id,
			       (struct test){
				   PURGE_STATE, TEST_EQ, value_int(state) }),
		    PURGE_STATE, value_int(PURGE_NOW));
	return OK;
}

enum err
purge_submit(struct call *c, const struct catalog *catalog, struct id object,
    struct id principal, struct id *ret_task)
{
	const struct task new = { .tenant = catalog->tenant,
		.kind = STR("purge"),
		.catalog = catalog->name,
		.created_by = principal };
	const struct value key = value_id(catalog->id);
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct id task;
	size_t failed;

	batch_expect(&b, ENTITY_CATALOGS, key,
	    (struct test){ CATALOG_NAME, TEST_EQ, value_text(catalog->name) });
	TRY(ask_now(c, &b, catalog->id, object));
	task = tasks_put(&b, &new, clock_now_us());
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_CONFLICT,
		    "Catalog '" STR_FMT "' is being changed by others: try "
		    "again",
		    STR_ARG(catalog->name));
	*ret_task = task;
	return OK;
}
