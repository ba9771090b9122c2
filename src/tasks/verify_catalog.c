#include "tasks/verify_catalog.h"

#include "base/buf.h"
#include "base/list.h"
#include "catalog/table_file.h"
#include "catalog/tables.h"
#include "iceberg/metadata_file.h"
#include "object/object.h"
#include "tasks/catalog_walk.h"

/* Of one table so many are told: each is a row in the store, and a file of a
 * few MiB can have a million. */
#define PROBLEMS_MAX 100

/* The cursor is the phase and where the walk stands. */
enum phase { PHASE_COUNT = 'c', PHASE_VERIFY = 'v' };

struct verify {
	struct work *work;
	struct branch branch;
	enum phase phase;
	struct walk walk;
};

/* ---- results */
struct problems {
	struct str *rows;
	size_t count, room;
};

static void
add_levels(struct buf *b, struct str path)
{
	char before = '[';

	while (path.ptr != NULL) {
		buf_add_char(b, before);
		buf_add_json(b, str_cut(&path, LEVEL_SEPARATOR));
		before = ',';
	}
	buf_add_char(b, ']');
}

static void
add_problem(struct arena *a, struct problems *p, const struct version *v,
    const char *problem, struct str location)
{
	struct buf row = buf_in(a);

	buf_add(&row, STR("{\"namespace\":"));
	add_levels(&row, v->key.ns);
	buf_add(&row, STR(",\"table\":"));
	buf_add_json(&row, v->key.name);
	buf_printf(&row, ",\"problem\":\"%s\",\"location\":", problem);
	buf_add_json(&row, location);
	buf_add_char(&row, '}');
	LIST_RESERVE(a, p->rows, p->count, p->room, 1);
	p->rows[p->count++] = buf_str(&row);
}

/* ---- one table */

/* The uuid is what the entry was made for; a file of format version 1 may
 * have none.  The table is where the file is, or where the catalog is. */
static void
check_identity(struct verify *f, const struct version *v,
    const struct metadata *m, struct problems *p)
{
	struct arena *a = f->work->call->arena;
	struct str uuid = metadata_uuid(m), location = metadata_location(m);
	struct id id;

	if (uuid.ptr != NULL && (!id_parse(uuid, &id) || !id_eq(id, v->object)))
		add_problem(a, p, v, "uuid-mismatch", v->location);
	if (!object_location_is_below(
		v->location, metadata_file_directory(m)) &&
	    !catalog_holds(&f->branch.catalog, location))
		add_problem(a, p, v, "location-mismatch", location);
}

static enum err
check_manifest_lists(struct verify *f, const struct version *v,
    const struct metadata *m, struct problems *p)
{
	struct call *c = f->work->call;
	struct file_names lists = metadata_manifest_lists(m);
	struct error why;
	struct call look = *c;

	look.error = &why;
	for (size_t i = 0; i < lists.count; i++) {
		bool there = false;

		if (p->count >= PROBLEMS_MAX) {
			add_problem(
			    c->arena, p, v, "more-problems", v->location);
			return OK;
		}
		/* whether there is a file elsewhere is not told */
		if (location_guard(&look, &f->branch, "", lists.at[i]) != OK)
			add_problem(c->arena, p, v, "manifest-list-outside",
			    lists.at[i]);
		else if (object_exists(&look, lists.at[i], &there) != OK)
			add_problem(c->arena, p, v, "manifest-list-unreadable",
			    lists.at[i]);
		else if (!there)
			add_problem(c->arena, p, v, "manifest-list-missing",
			    lists.at[i]);
		TRY(work_beat(f->work));
	}
	return OK;
}

static const char *
file_problem(enum err err)
{
	if (err == ERR_NOT_FOUND)
		return "metadata-missing";
	if (err == ERR_MEMORY)
		return "metadata-too-large";
	return err == ERR_UNAVAILABLE ? "metadata-unreadable"
				      : "metadata-invalid";
}

/* The memory of a table is given back when it needs more than a task may take,
 * so that the next table has room.  Any other want of memory passes. */
static enum err
read_table(struct call *c, struct str location, struct metadata *ret)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text;
	enum err err = table_file_read(c, location, &text);

	if (err == OK)
		err = table_file_parse(c, text, ret);
	if (arena_check(c->arena, c->error) == ERR_UNAVAILABLE)
		return ERR_SLOW_DOWN;
	if (err == ERR_MEMORY) {
		arena_cut(c->arena, mark);
		arena_unreserve(c->arena);
	}
	return err;
}

static enum err
check_table(struct verify *f, const struct version *v, struct problems *p)
{
	struct error why;
	struct call call = *f->work->call;
	struct metadata m;

	call.error = &why;

	enum err err = read_table(&call, v->location, &m);

	if (err == ERR_SLOW_DOWN) {
		*f->work->call->error = why; /* not the table's fault */
		return err;
	}
	if (err != OK) {
		add_problem(call.arena, p, v, file_problem(err), v->location);
		return OK;
	}
	check_identity(f, v, &m, p);
	return check_manifest_lists(f, v, &m, p);
}

/* A table that was dropped or committed to since the walk began is judged by
 * what is there now: its old files may be gone. */
static enum err
verify_table(struct verify *f, const struct version *v)
{
	struct call *c = f->work->call;
	struct key key = v->key;
	struct problems p = { 0 };
	struct version now;

	TRY(check_table(f, v, &p));
	if (p.count == 0)
		return OK;
	TRY(branch_read(c, &f->branch, &key, 1, &now));
	if (!version_is_live(&now) || now.kind != KIND_TABLE)
		return OK;
	if (!str_eq(now.location, v->location)) {
		p.count = 0;
		TRY(check_table(f, &now, &p));
	}
	for (size_t i = 0; i < p.count; i++)
		work_result(f->work, p.rows[i]);
	return OK;
}

/* ---- the two phases */
static enum err
count_page(struct verify *f, const struct versions *page)
{
	struct progress *p = &f->work->progress;

	if (page->count == 0) {
		f->phase = PHASE_VERIFY;
		f->walk.ns = f->walk.name = STR("");
		return OK;
	}
	p->total += (int64_t)page->count;
	f->walk.name = page->at[page->count - 1].key.name;
	return OK;
}

static enum err
verify_page(struct verify *f, const struct versions *page)
{
	struct progress *p = &f->work->progress;

	p->finished = page->count == 0;
	for (size_t i = 0; i < page->count && work_has_room(f->work); i++) {
		TRY(verify_table(f, &page->at[i]));
		TRY(work_beat(f->work));
		f->walk.name = page->at[i].key.name;
		p->done++;
	}
	return OK;
}

/* ---- the cursor */
static enum err
begin(struct verify *f)
{
	struct work *w = f->work;
	struct str cursor = w->progress.cursor;

	if (cursor.ptr == NULL) {
		f->phase = PHASE_COUNT;
		w->progress.total = 0;
		return walk_begin(w->call, &f->branch, &f->walk);
	}
	f->phase = cursor.ptr[0] == PHASE_COUNT ? PHASE_COUNT : PHASE_VERIFY;
	if (!walk_read(str_skip(cursor, 1), &f->branch, &f->walk))
		return fail(w->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	if (f->walk.at.branch != f->branch.id)
		return fail(w->call->error, ERR_CONFLICT,
		    "The catalog was deleted and made again");
	return OK;
}

enum err
verify_catalog(struct work *w)
{
	struct verify f = { .work = w };
	struct call *c = w->call;

	TRY(branch_open(c, w->task->tenant, w->task->catalog, &f.branch));
	TRY(begin(&f));
	do {
		struct versions page;

		TRY(walk_page(c, &f.walk, &page));
		TRY(f.phase == PHASE_COUNT ? count_page(&f, &page)
					   : verify_page(&f, &page));
	} while (!w->progress.finished && work_has_room(w));

	struct str at = walk_write(c->arena, &f.walk);

	w->progress.cursor =
	    arena_printf(c->arena, "%c" STR_FMT, (char)f.phase, STR_ARG(at));
	return OK;
}
