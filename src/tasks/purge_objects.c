/* purge_objects.c - object by object, log by log, from the oldest version on:
 * the files of a page are named as garbage before it is erased. */
#include "tasks/purge_objects.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "calls/store_call.h"
#include "catalog/garbage.h"
#include "catalog/purges.h"
#include "record/control.h"
#include "versions/pins.h"
#include "versions/purge_check.h"

#define PAGE 100 /* versions, about */

struct purging {
	struct work *work;
	struct catalog catalog;
	struct ref_list refs;
	const struct value *row; /* of the object; NULL: none is left */
	struct id object;
	struct point above; /* what is done; branch 0: nothing */
};

static const struct test is_now = { PURGE_STATE, TEST_EQ,
	{ VALUE_INT, { .i = PURGE_NOW } } };

/* ---- which object */
static enum err
find_object(struct purging *p)
{
	const struct test where[] = {
		{ PURGE_CATALOG, TEST_EQ, value_id(p->catalog.id) },
		is_now,
	};

	TRY(record_find(p->work->call, ENTITY_PURGES, PURGES_BY_CATALOG, where,
	    2, &p->row));
	if (p->row == NULL)
		return OK;
	if (!id_eq(value_id_or_nil(p->row[PURGE_OBJECT]), p->object))
		p->above = (struct point){ 0 };
	p->object = value_id_or_nil(p->row[PURGE_OBJECT]);
	return OK;
}

/* Somebody brought it back before its purge was known, or it is gone. */
static enum err
give_up(struct purging *p, enum err why)
{
	struct batch b = batch_of(p->work->call);
	struct error reason = *b.call->error;
	enum verdict verdict;
	size_t failed;

	if (why != ERR_CONFLICT && why != ERR_NOT_FOUND)
		return why;
	batch_delete_when(&b, ENTITY_PURGES, p->row[PURGE_ID], is_now);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*b.call->error = reason;
	return why;
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

/* Where files of the object are is known when no version says it any more. */
static enum err
note_page(struct purging *p, const struct versions *page)
{
	struct call *c = p->work->call;
	struct str places = value_str_or_absent(p->row[PURGE_PLACES]);
	struct str_map noted = str_map_in(c->arena);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	for (size_t i = 0; i < page->count; i++) {
		const struct version *v = &page->at[i];
		void **slot = str_map_slot(&noted, v->location);

		if (!id_eq(v->object, p->object))
			continue;
		if (v->kind == KIND_TABLE)
			places = with_places(c->arena, places, v);
		if (*slot == NULL && v->location.len != 0)
			garbage_put(&b, &p->catalog, v->at.branch, p->object,
			    v->location);
		*slot = p;
	}
	if (b.count == 0)
		return OK;
	update_set(batch_update(&b, ENTITY_PURGES, p->row[PURGE_ID], is_now),
	    PURGE_PLACES, value_text(places));
	return batch_apply(&b, 0, &verdict, &failed);
}

/* Of a deleted branch all go: nobody sees its head. */
static enum err
erase_page(struct purging *p, const struct ref *branch, bool *ret_more)
{
	struct call *c = p->work->call;
	struct point head = { branch->id, 0 };
	struct versions page, erased;

	TRY(store_heads(c, &head, 1));
	TRY(store_changes(c, p->above, head.seq, PAGE, &page));
	TRY(note_page(p, &page));
	FAULT_POINT("purge_noted");
	TRY(store_erase(c, &p->above, p->object, branch->state == REF_DELETED,
	    PAGE, &erased));
	FAULT_POINT("page_erased");
	p->work->progress.done += (int64_t)erased.count;
	*ret_more = erased.more;
	return OK;
}

/* What caches hold of the past is not asked for any more. */
static enum err
end_object(struct purging *p)
{
	struct call *c = p->work->call;
	const struct value now = value_int(clock_now_us());
	const struct test same = { CATALOG_NAME, TEST_EQ,
		value_text(p->catalog.name) };
	struct batch b = batch_of(c);
	struct update row =
	    batch_update(&b, ENTITY_PURGES, p->row[PURGE_ID], is_now);
	enum verdict verdict;
	size_t failed;

	update_set(row, PURGE_STATE, value_int(PURGE_ERASED));
	update_set(row, PURGE_SINCE_US, now);
	update_set(
	    batch_update(&b, ENTITY_CATALOGS, value_id(p->catalog.id), same),
	    CATALOG_PURGED_US, now);
	control_name(&b, CONTROL_CATALOG, p->catalog.name);
	b.message = STR("purge");
	TRY(control_apply(&b, p->catalog.tenant, &verdict, &failed));
	FAULT_POINT("purge_erased");
	p->above = (struct point){ 0 };
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
	const struct ref *branch;
	bool more = false;

	if (p->above.branch == 0) {
		enum err err =
		    purge_check(p->work->call, &p->catalog, p->object);

		if (err != OK)
			return give_up(p, err);
	}
	branch = next_branch(p);
	if (branch == NULL)
		return end_object(p);
	if (branch->id != p->above.branch)
		p->above = (struct point){ branch->id, -1 };
	if (branch->horizon != HORIZON_NONE)
		TRY(erase_page(p, branch, &more));
	if (!more)
		p->above = (struct point){ branch->id + 1, -1 };
	return OK;
}

/* ---- the cursor: object:branch:seq */
static enum err
read_cursor(struct purging *p)
{
	struct str text = p->work->progress.cursor;

	if (text.ptr == NULL)
		return OK;
	if (!id_parse(str_cut(&text, ':'), &p->object) ||
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
	char text[ID_TEXT];

	TRY(catalogs_get(
	    w->call, w->task->tenant, w->task->catalog, &p.catalog));
	TRY(refs_all(w->call, &p.catalog, &p.refs));
	TRY(read_cursor(&p));
	TRY(find_object(&p));
	while (p.row != NULL && work_has_room(w)) {
		TRY(step(&p));
		TRY(work_beat(w));
		TRY(find_object(&p));
	}
	w->progress.finished = p.row == NULL;
	id_format(p.object, text);
	w->progress.cursor = arena_printf(w->call->arena,
	    "%s:%" PRId64 ":%" PRId64, text, p.above.branch, p.above.seq);
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
