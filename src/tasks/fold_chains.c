/*
 * fold_chains.c - branch by branch, by name: the cursor is the place in the
 * list.  A branch that is made or deleted meanwhile moves the others by one;
 * who is missed has a long chain until the next run.
 */
#include "tasks/fold_chains.h"

#include "base/buf.h"
#include "catalog/branch.h"
#include "versions/fold.h"

#define PAGE 50
#define STEPS 10 /* between two signs of life */

static enum err
fold_one(struct work *w, const struct catalog *catalog, const struct ref *r)
{
	struct call *c = w->call;
	struct key after = { .name = STR("") };
	bool done = false;

	while (!done) {
		enum err err =
		    fold_branch(c, catalog, r->id, STEPS, &after, &done);

		if (err == ERR_NO_SUCH_REF)
			return OK; /* deleted meanwhile */
		TRY(err);
		TRY(work_beat(w));
	}
	return OK;
}

enum err
fold_chains(struct work *w)
{
	struct progress *p = &w->progress;
	struct catalog catalog;
	struct ref_list page;
	struct buf cursor = buf_in(w->call->arena);
	int64_t at = 0;

	if (p->cursor.ptr != NULL && !str_to_int(p->cursor, &at))
		return fail(w->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	TRY(catalogs_get_to_read(
	    w->call, w->task->tenant, w->task->catalog, &catalog));
	TRY(refs_list(w->call, &catalog, REF_BRANCH, PAGE, at, &page));
	for (size_t i = 0; i < page.count && work_has_room(w); i++) {
		TRY(fold_one(w, &catalog, &page.at[i]));
		p->done++;
		at++;
	}
	p->finished =
	    !page.more && p->done - w->task->done == (int64_t)page.count;
	if (p->finished)
		p->total = p->done;
	buf_add_int(&cursor, at);
	p->cursor = buf_str(&cursor);
	return OK;
}
