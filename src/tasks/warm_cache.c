/*
 * warm_cache.c - reads the files of all tables once, so that the first client
 * that loads one does not wait for the warehouse.
 *
 * The cursor is the walk's.  A file that cannot be read is skipped.
 */
#include "tasks/warm_cache.h"

#include "catalog/table_file.h"
#include "tasks/catalog_walk.h"

static enum err
begin(struct work *w, const struct branch *branch, struct walk *ret)
{
	struct str cursor = w->progress.cursor;

	if (cursor.ptr == NULL)
		return walk_begin(w->call, branch, ret);
	if (!walk_read(cursor, branch, ret))
		return fail(w->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	if (ret->at.branch != branch->id)
		return fail(w->call->error, ERR_CONFLICT,
		    "The catalog was deleted and made again");
	return OK;
}

static enum err
warm_page(struct work *w, struct walk *walk, const struct versions *page)
{
	struct progress *p = &w->progress;

	p->finished = page->count == 0;
	for (size_t i = 0; i < page->count && work_has_room(w); i++) {
		table_file_warm(w->call, page->at[i].location);
		TRY(work_beat(w));
		walk->name = page->at[i].key.name;
		p->done++;
	}
	return OK;
}

enum err
warm_cache(struct work *w)
{
	struct call *c = w->call;
	struct branch branch;
	struct walk walk;

	TRY(branch_open_to_read(c, w->task->tenant, w->task->catalog, &branch));
	TRY(begin(w, &branch, &walk));
	do {
		struct versions page;

		TRY(walk_page(c, &walk, &page));
		TRY(warm_page(w, &walk, &page));
	} while (!w->progress.finished && work_has_room(w));
	if (w->progress.finished)
		w->progress.total = w->progress.done;
	w->progress.cursor = walk_write(c->arena, &walk);
	return OK;
}
