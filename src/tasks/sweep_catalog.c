/* sweep_catalog.c - phase 'm' marks, phase 'd' deletes, phase 'u' deletes
 * what others have left undone, phase 'f' forgets what was deleted long ago:
 * sweep_files.h. Phase 'p' ends purges: sweep_purges.h; phase 'g' gives places
 * back: sweep_places.h; phase 'h' removes what deleted catalogs have left
 * behind: sweep_deleted.h. */
#include "tasks/sweep_catalog.h"

#include <inttypes.h>

#include "base/list.h"
#include "catalog/garbage.h"
#include "object/object.h"
#include "tasks/sweep_deleted.h"
#include "tasks/sweep_files.h"
#include "tasks/sweep_places.h"
#include "tasks/sweep_purges.h"
#include "versions/pins.h"

#define PAGE 200 /* versions that are looked at together */

struct sweep {
	struct work *work;
	struct catalog catalog;
	char phase;
	int64_t before_us; /* rows from before it are candidates */
	struct point above;
	struct ref *branches; /* that may point to its files */
	size_t count, room;
	struct purge_sweep purges;
	struct sweep_files files;
	struct place_sweep places;
};

/* ---- who may point there */
static bool
meet(struct str a, struct str b)
{
	return a.len != 0 && b.len != 0 &&
	       (str_eq(object_path(a), object_path(b)) ||
		   object_location_is_below(a, b) ||
		   object_location_is_below(b, a));
}

static bool
reaches(const struct catalog *a, const struct catalog *b)
{
	bool any = meet(a->location, b->location);

	for (size_t i = 0; i < a->allowed.count; i++)
		any |= meet(a->allowed.at[i], b->location);
	for (size_t i = 0; i < b->allowed.count; i++) {
		any |= meet(a->location, b->allowed.at[i]);
		for (size_t k = 0; k < a->allowed.count; k++)
			any |= meet(a->allowed.at[k], b->allowed.at[i]);
	}
	return any;
}

static enum err
add_branches(struct sweep *s, const struct catalog *catalog)
{
	struct call *c = s->work->call;
	struct ref_list refs;

	TRY(refs_all(c, catalog, &refs));
	LIST_RESERVE(c->arena, s->branches, s->count, s->room, refs.count);
	for (size_t i = 0; i < refs.count; i++)
		if (refs.at[i].kind == REF_BRANCH)
			s->branches[s->count++] = refs.at[i];
	return OK;
}

/* Those of the catalog, and of others of the tenant whose places meet its. */
static enum err
find_branches(struct sweep *s)
{
	struct call *c = s->work->call;
	struct catalog_list list = { .more = true };
	struct catalog other;

	for (int64_t offset = 0; list.more; offset += (int64_t)list.count) {
		TRY(catalogs_list(c, s->catalog.tenant, 0, offset, &list));
		for (size_t i = 0; i < list.count; i++) {
			enum err err = catalogs_get(
			    c, s->catalog.tenant, list.at[i].name, &other);

			if (err == ERR_NO_SUCH_WAREHOUSE)
				continue; /* just deleted */
			TRY(err);
			if (id_eq(other.id, s->catalog.id) ||
			    reaches(&s->catalog, &other))
				TRY(add_branches(s, &other));
		}
	}
	return OK;
}

/* With the lowest number above the one that is done; NULL: there is none. */
static const struct ref *
next_branch(const struct sweep *s)
{
	const struct ref *next = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (s->branches[i].id > s->above.branch &&
		    (next == NULL || s->branches[i].id < next->id))
			next = &s->branches[i];
	return next;
}

/* ---- marking */
static enum err
keep(struct sweep *s, const struct value *row)
{
	struct batch b = batch_of(s->work->call);
	enum verdict verdict;
	size_t failed;

	/* one that has become young again, or is doomed, stays */
	batch_delete_when(&b, ENTITY_GARBAGE, row[GARBAGE_ID],
	    (struct test){ GARBAGE_SINCE_US, TEST_EQ, row[GARBAGE_SINCE_US] });
	return batch_apply(&b, 0, &verdict, &failed);
}

static bool
is_candidate(const struct sweep *s, const struct value *row)
{
	return row != NULL && row[GARBAGE_DOOMED].type == VALUE_NULL &&
	       value_int_or(row[GARBAGE_SINCE_US], 0) <= s->before_us;
}

static enum err
mark_page(struct sweep *s, const struct versions *page)
{
	struct call *c = s->work->call;
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, page->count);
	struct rows rows;
	size_t count = 0;

	for (size_t i = 0; i < page->count; i++) {
		const struct version *v = &page->at[i];
		struct value *key;

		if ((v->kind != KIND_TABLE && v->kind != KIND_VIEW) ||
		    v->location.len == 0)
			continue;
		key = ARENA_NEW(c->arena, struct value, 1);
		*key = value_id(garbage_id(c->arena, v->location));
		keys[count++] = key;
	}
	if (count == 0)
		return OK;
	TRY(store_get(c, ENTITY_GARBAGE, keys, count, &rows));
	for (size_t i = 0; i < count; i++)
		if (is_candidate(s, rows.row[i]))
			TRY(keep(s, rows.row[i]));
	return OK;
}

static const struct ref *
find_branch(const struct sweep *s, int64_t id)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->branches[i].id == id)
			return &s->branches[i];
	return NULL;
}

/* A page of the branch that it stands in, else of the next.  Of one whose files
 * have all been named as garbage nothing is needed. */
static enum err
mark(struct sweep *s)
{
	struct call *c = s->work->call;
	const struct ref *r = find_branch(s, s->above.branch);
	struct versions page;

	if (s->above.seq < -1) {
		r = next_branch(s);
		if (r == NULL) {
			s->phase = 'd';
			return OK;
		}
		s->above = (struct point){ r->id, -1 };
	}
	if (r == NULL || r->horizon == HORIZON_NONE) {
		s->above.seq = -2;
		return OK;
	}

	struct point head = { s->above.branch, 0 };

	TRY(store_heads(c, &head, 1));
	TRY(store_changes(c, s->above, head.seq, PAGE, &page));
	TRY(mark_page(s, &page));
	TRY(purge_sweep_page(&s->purges, r, &page));
	TRY(place_sweep_keep(&s->places, r, &page));
	s->above.seq = page.more ? page.at[page.count - 1].at.seq : -2;
	return OK;
}

/* ---- behind the marks */
static enum err
delete_some(struct sweep *s)
{
	bool more;

	TRY(sweep_files_delete(&s->files, &more));
	if (!more)
		s->phase = 'u';
	return OK;
}

/* Files that these brought up are garbage, too. */
static enum err
delete_left(struct sweep *s)
{
	bool more, found;

	TRY(sweep_files_delete_left(&s->files, &more, &found));
	if (found)
		s->phase = 'd';
	else if (!more)
		s->phase = 'f';
	return OK;
}

static enum err
forget_some(struct sweep *s)
{
	bool more;

	TRY(sweep_files_forget(&s->files, &more));
	if (!more)
		s->phase = 'p';
	return OK;
}

static enum err
end_purges(struct sweep *s)
{
	bool more;

	TRY(purge_sweep_end(&s->purges, &more));
	if (!more)
		s->phase = 'g';
	return OK;
}

static enum err
give_back_some(struct sweep *s)
{
	bool more;

	TRY(place_sweep_give_back(&s->places, &more));
	if (!more)
		s->phase = 'h';
	return OK;
}

static enum err
forget_deleted(struct sweep *s)
{
	bool more;

	TRY(deleted_sweep_some(s->work, &s->places.after, &more));
	s->work->progress.finished = !more;
	return OK;
}

/* ---- the cursor: phase:before:branch:seq:pruned:since/id:after */
static bool
read_last(struct str text, struct purge_bound *ret)
{
	return str_to_int(str_cut(&text, '/'), &ret->since_us) &&
	       text.ptr != NULL && id_parse(text, &ret->id);
}

static enum err
read_cursor(struct sweep *s)
{
	struct str text = s->work->progress.cursor;

	if (text.ptr == NULL) {
		s->phase = 'm';
		s->above.seq = -2;
		s->before_us = clock_now_us() - s->work->grace_us;
		return place_sweep_pruned(
		    s->work->call, s->catalog.id, &s->places.pruned);
	}
	s->phase = text.ptr[0];
	(void)str_cut(&text, ':');
	if (!str_to_int(str_cut(&text, ':'), &s->before_us) ||
	    !str_to_int(str_cut(&text, ':'), &s->above.branch) ||
	    !str_to_int(str_cut(&text, ':'), &s->above.seq) ||
	    text.ptr == NULL ||
	    !str_to_int(str_cut(&text, ':'), &s->places.pruned) ||
	    !read_last(str_cut(&text, ':'), &s->purges.last))
		return fail(s->work->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	if (text.len != 0)
		s->places.after = text;
	return OK;
}

enum err
sweep_catalog(struct work *w)
{
	struct sweep s = { .work = w };
	char last[ID_TEXT];

	TRY(catalogs_get(
	    w->call, w->task->tenant, w->task->catalog, &s.catalog));
	TRY(read_cursor(&s));
	s.purges = (struct purge_sweep){ .work = w,
		.catalog = &s.catalog,
		.before_us = s.before_us,
		.most = PURGE_SWEEP_ROWS,
		.last = s.purges.last };
	s.files = sweep_files_of(w, &s.catalog, s.before_us);
	s.places.work = w;
	s.places.catalog = &s.catalog;
	s.places.before_us = s.before_us;
	if (s.phase == 'm') {
		TRY(find_branches(&s));
		TRY(purge_sweep_begin(&s.purges));
	}
	while (s.phase == 'm' && work_has_room(w)) {
		TRY(mark(&s));
		TRY(work_beat(w));
		if (s.phase == 'd')
			s.above = (struct point){ 0 };
	}
	while (s.phase == 'd' && work_has_room(w))
		TRY(delete_some(&s));
	while (s.phase == 'u' && work_has_room(w))
		TRY(delete_left(&s));
	while (s.phase == 'f' && work_has_room(w))
		TRY(forget_some(&s));
	while (s.phase == 'p' && work_has_room(w))
		TRY(end_purges(&s));
	while (s.phase == 'g' && work_has_room(w))
		TRY(give_back_some(&s));
	while (s.phase == 'h' && !w->progress.finished && work_has_room(w))
		TRY(forget_deleted(&s));
	id_format(s.purges.last.id, last);
	w->progress.cursor = arena_printf(w->call->arena,
	    "%c:%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64
	    "/%s:" STR_FMT,
	    s.phase, s.before_us, s.above.branch, s.above.seq, s.places.pruned,
	    s.purges.last.since_us, last, STR_ARG(s.places.after));
	return OK;
}
