#include "tasks/sweep_places.h"

#include "base/fault.h"
#include "base/list.h"
#include "base/log.h"
#include "catalog/branch.h"
#include "catalog/location_rows.h"
#include "object/object.h"
#include "record/revision.h"

#define PAGE 50 /* rows that are looked at together */

/* ---- the number of prunes */
static struct str
pruned_name(struct arena *a, struct id catalog)
{
	char text[ID_TEXT];

	id_format(catalog, text);
	return arena_printf(a, "pruned %s", text);
}

enum err
place_sweep_pruned(struct call *c, struct id catalog, int64_t *ret)
{
	struct value number;

	TRY(revision_read(c, pruned_name(c->arena, catalog), &number));
	*ret = value_int_or(number, 0);
	return OK;
}

void
place_sweep_prune(struct batch *b, struct id catalog)
{
	struct value *row = batch_replace(b, ENTITY_REVISIONS);

	row[REVISION_NAME] = value_text(pruned_name(b->call->arena, catalog));
	row[REVISION_NUMBER] = value_int(clock_now_us());
}

void
place_sweep_forget(struct batch *b, struct id catalog)
{
	batch_delete(b, ENTITY_REVISIONS,
	    value_text(pruned_name(b->call->arena, catalog)));
}

static void
expect_no_prune(const struct place_sweep *s, struct batch *b)
{
	struct value *name = ARENA_NEW(b->call->arena, struct value, 1);

	*name = value_text(pruned_name(b->call->arena, s->catalog->id));
	if (s->pruned == 0)
		batch_expect_absent(b, ENTITY_REVISIONS, name);
	else
		batch_expect(b, ENTITY_REVISIONS, *name,
		    (struct test){
			REVISION_NUMBER, TEST_EQ, value_int(s->pruned) });
}

/* ---- the locations of versions */
struct claimed {
	const struct version *version;
	struct str path;
	const struct value *row; /* NULL: there is none */
};

struct claims {
	struct claimed *at;
	size_t count, room;
};

static void
add_claims(struct arena *a, struct claims *io, const struct version *v)
{
	struct str paths = v->body;

	while (paths.len != 0) {
		LIST_RESERVE(a, io->at, io->count, io->room, 1);
		io->at[io->count++] =
		    (struct claimed){ v, str_cut(&paths, '\n'), NULL };
	}
}

static enum err
read_rows(struct call *c, struct claims *io)
{
	const struct value **keys;
	struct value *ids;
	struct rows rows;

	if (io->count == 0)
		return OK;
	keys = ARENA_NEW(c->arena, const struct value *, io->count);
	ids = ARENA_NEW(c->arena, struct value, io->count);
	for (size_t i = 0; i < io->count; i++) {
		ids[i] = value_id(location_row_id(io->at[i].path));
		keys[i] = &ids[i];
	}
	TRY(store_get(c, ENTITY_LOCATIONS, keys, io->count, &rows));
	for (size_t i = 0; i < io->count; i++)
		io->at[i].row = rows.row[i];
	return OK;
}

static bool
is_left(const struct value *row)
{
	return row[LOCATION_LEFT_US].type != VALUE_NULL;
}

static struct update
set_left(struct batch *b, const struct value *row, struct value left)
{
	struct update u = batch_update(b, ENTITY_LOCATIONS, row[LOCATION_ID],
	    (struct test){ LOCATION_LEFT_US, TEST_EQ, row[LOCATION_LEFT_US] });

	update_set(u, LOCATION_LEFT_US, left);
	return u;
}

/* ---- prune */

/* The versions that the branch itself shows now of the keys of a page. */
static enum err
read_heads(
    struct call *c, const struct versions *page, const struct version **ret)
{
	const struct point head = { page->at[0].at.branch, SEQ_HEAD };
	struct key *keys = ARENA_NEW(c->arena, struct key, page->count);
	struct version *now = ARENA_NEW(c->arena, struct version, page->count);

	for (size_t i = 0; i < page->count; i++)
		keys[i] = page->at[i].key;
	*ret = now;
	return store_read(
	    c, (struct chain){ &head, 1 }, keys, page->count, now);
}

/* Somebody else who changes the row meanwhile needs the location. */
static enum err
leave(struct call *c, const struct value *row)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	(void)set_left(&b, row, value_int(clock_now_us()));
	return batch_apply(&b, 0, &verdict, &failed);
}

enum err
place_sweep_leave(
    struct call *c, struct id catalog, const struct versions *page, bool needed)
{
	struct claims claims = { 0 };
	const struct version *now;

	if (page->count == 0)
		return OK;
	TRY(read_heads(c, page, &now));
	for (size_t i = 0; i < page->count; i++) {
		const struct version *v = &page->at[i];
		bool shown = needed && version_is_live(&now[i]) &&
			     id_eq(now[i].object, v->object);

		if (v->kind == KIND_TABLE && !shown)
			add_claims(c->arena, &claims, v);
	}
	TRY(read_rows(c, &claims));
	for (size_t i = 0; i < claims.count; i++) {
		const struct claimed *at = &claims.at[i];

		if (at->row != NULL && !is_left(at->row) &&
		    location_row_is(at->row, catalog, at->version->object))
			TRY(leave(c, at->row));
	}
	return OK;
}

/* ---- sweep */
static enum err
adopt(struct call *c, const struct ref *ref, const struct claimed *at)
{
	const struct version *v = at->version;
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	location_row_fill(c->arena, batch_insert(&b, ENTITY_LOCATIONS),
	    at->path, ref->catalog, ref->id,
	    (struct ident){ v->key.ns, v->key.name }, v->object);
	return batch_apply(&b, 0, &verdict, &failed);
}

static enum err
keep(struct place_sweep *s, const struct value *row)
{
	struct batch b = batch_of(s->work->call);
	enum verdict verdict;
	size_t failed;

	expect_no_prune(s, &b);
	update_set(set_left(&b, row, value_null()), LOCATION_CONFIRMED_US,
	    value_int(clock_now_us()));
	return batch_apply(&b, 0, &verdict, &failed);
}

enum err
place_sweep_keep(
    struct place_sweep *s, const struct ref *ref, const struct versions *page)
{
	struct call *c = s->work->call;
	struct claims claims = { 0 };

	for (size_t i = 0; i < page->count; i++)
		if (page->at[i].kind == KIND_TABLE && !page->at[i].deleted)
			add_claims(c->arena, &claims, &page->at[i]);
	TRY(read_rows(c, &claims));
	for (size_t i = 0; i < claims.count; i++) {
		const struct claimed *at = &claims.at[i];

		if (at->row == NULL)
			TRY(adopt(c, ref, at));
		else if (is_left(at->row) &&
			 location_row_is(
			     at->row, ref->catalog, at->version->object))
			TRY(keep(s, at->row));
	}
	return OK;
}

/* ---- giving back */
static struct str
location_of(struct arena *a, const struct value *row)
{
	return object_location_at(a, value_str_or_absent(row[LOCATION_PATH]));
}

/* A place that cannot be looked at is not empty.  A directory is opened again
 * by the next table that is placed in it. */
static enum err
is_empty(struct call *c, const struct value *row, bool *ret)
{
	struct error why;
	struct call quiet = *c;
	size_t none = 0;
	enum err err;

	*ret = row[LOCATION_OBJECT].type == VALUE_NULL;
	if (*ret)
		return OK;
	quiet.error = &why;
	err = object_clear(&quiet, location_of(c->arena, row), &none, ret);
	if (err != ERR_UNAVAILABLE && err != ERR_SLOW_DOWN)
		return OK;
	*c->error = why;
	return err;
}

static enum err
give_back(struct place_sweep *s, const struct value *row)
{
	struct batch b = batch_of(s->work->call);
	enum verdict verdict;
	size_t failed;

	expect_no_prune(s, &b);
	batch_delete_when(&b, ENTITY_LOCATIONS, row[LOCATION_ID],
	    (struct test){ LOCATION_LEFT_US, TEST_EQ, row[LOCATION_LEFT_US] });
	return batch_apply(&b, 0, &verdict, &failed);
}

enum err
place_sweep_give_back(struct place_sweep *s, bool *ret_more)
{
	struct call *c = s->work->call;
	const struct test where[] = {
		{ LOCATION_CATALOG, TEST_EQ, value_id(s->catalog->id) },
		{ LOCATION_LEFT_US, TEST_LE, value_int(s->before_us) },
	};
	const struct scan scan = { .entity = ENTITY_LOCATIONS,
		.index = LOCATIONS_BY_LEFT,
		.limit = PAGE,
		.where = where,
		.where_count = 2,
		.after = s->after };
	struct rows rows;
	bool empty;

	TRY(store_scan(c, &scan, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		TRY(is_empty(c, rows.row[i], &empty));
		if (empty)
			TRY(give_back(s, rows.row[i]));
		TRY(work_beat(s->work));
	}
	s->after = rows.next;
	*ret_more = rows.next.ptr != NULL;
	return OK;
}
