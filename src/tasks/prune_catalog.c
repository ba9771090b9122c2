/* prune_catalog.c - branch by branch, in the order of their numbers, from the
 * oldest version of each on. */
#include "tasks/prune_catalog.h"

#include <inttypes.h>

#include "base/fault.h"
#include "catalog/garbage.h"
#include "catalog/retention.h"
#include "record/control.h"
#include "tasks/sweep_places.h"
#include "versions/pins.h"

#define PAGE 100 /* versions, about */

struct prune {
	struct work *work;
	struct catalog catalog;
	struct point above; /* what is done; branch 0: nothing */
	bool begun;         /* that branch: its horizon is where it will be */
	struct pins pins;
	const struct ref *branch;
};

/* ---- the horizon */

/* The newest commit of the branch's own that is older than the retention; 0:
 * it has none. */
static enum err
find_horizon(struct prune *p, int64_t *ret)
{
	struct call *c = p->work->call;
	const struct point head = { p->branch->id, SEQ_HEAD };
	struct point found = { 0 };
	int64_t retention;

	*ret = 0;
	TRY(retention_of(c, &p->catalog, p->work->retention_us, &retention));

	enum err err = instant_position(
	    c, &p->catalog, head, clock_now_us() - retention, &found);

	if (err == ERR_NO_SUCH_REF)
		return OK; /* it is behind the horizon: that is further */
	TRY(err);
	if (found.branch == p->branch->id)
		*ret = found.seq;
	return OK;
}

static enum err
raise_horizon(struct prune *p, int64_t to)
{
	struct call *c = p->work->call;
	struct batch b = batch_of(c);
	const struct test lower = { REF_HORIZON, TEST_LE, value_int(to) };
	enum verdict verdict;
	size_t failed;

	update_set(ref_update(&b, p->branch, (struct str){ 0 }, lower),
	    REF_HORIZON, value_int(to));
	b.message = STR("forget what is old");
	TRY(control_apply(&b, p->catalog.tenant, &verdict, &failed));
	FAULT_POINT("horizon_raised");
	if (verdict == VERDICT_APPLIED)
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "Branch '" STR_FMT "' has just changed", STR_ARG(p->branch->name));
}

/* ---- garbage */
struct notes {
	struct batch batch;
	struct str_map noted;
};

static void
note(struct prune *p, struct notes *n, const struct version *v)
{
	void **slot = str_map_slot(&n->noted, v->location);

	if (*slot != NULL)
		return;
	*slot = p;
	garbage_put(
	    &n->batch, &p->catalog, v->at.branch, v->object, v->location);
}

static bool
has_file(const struct version *v)
{
	return (v->kind == KIND_TABLE || v->kind == KIND_VIEW) &&
	       v->location.len != 0;
}

/* Of versions that one pin is the first to see, those that it does not show.
 * Nobody later does. */
static enum err
note_unseen(struct prune *p, struct notes *n, const struct version *at,
    size_t count, int64_t pin)
{
	struct call *c = p->work->call;
	struct point link = { p->branch->id, pin };
	struct key *keys = ARENA_NEW(c->arena, struct key, count);
	struct version *seen = ARENA_NEW(c->arena, struct version, count);

	for (size_t i = 0; i < count; i++)
		keys[i] = at[i].key;
	TRY(store_read(c, (struct chain){ &link, 1 }, keys, count, seen));
	for (size_t i = 0; i < count; i++)
		if (has_file(&at[i]) && seen[i].at.seq != at[i].at.seq)
			note(p, n, &at[i]);
	return OK;
}

/* The versions come in the order of their positions. */
static enum err
note_page(struct prune *p, const struct versions *page, struct positions pins)
{
	struct call *c = p->work->call;
	struct notes n = { batch_of(c), str_map_in(c->arena) };
	enum verdict verdict;
	size_t failed, pin = 0, from = 0;

	if (!pins_need(&p->pins, p->branch->id))
		for (; from < page->count; from++)
			if (has_file(&page->at[from]))
				note(p, &n, &page->at[from]);
	while (from < page->count) {
		size_t end = from;

		while (pins.at[pin] < page->at[from].at.seq)
			pin++;
		while (
		    end < page->count && page->at[end].at.seq <= pins.at[pin])
			end++;
		TRY(note_unseen(
		    p, &n, page->at + from, end - from, pins.at[pin]));
		from = end;
	}
	if (n.batch.count == 0)
		return OK;
	place_sweep_prune(&n.batch, p->catalog.id);
	TRY(batch_apply(&n.batch, 0, &verdict, &failed));
	return place_sweep_leave(
	    c, p->catalog.id, page, pins_need(&p->pins, p->branch->id));
}

/* ---- versions */
static enum err
prune_page(struct prune *p, int64_t upto, bool *ret_more)
{
	struct call *c = p->work->call;
	struct positions pins = { 0 };
	struct versions page, dropped;

	if (pins_need(&p->pins, p->branch->id))
		pins = pins_of(&p->pins, p->branch->id, upto);
	TRY(store_changes(c, p->above, upto, PAGE, &page));
	TRY(note_page(p, &page, pins));
	FAULT_POINT("garbage_noted");
	TRY(store_prune(c, &p->above, pins.at, pins.count, PAGE, &dropped));
	FAULT_POINT("pruned");
	p->work->progress.done += (int64_t)dropped.count;
	*ret_more = dropped.more;
	return OK;
}

/* Everything below its horizon, and of a branch that nobody needs all. */
static enum err
prune_branch(struct prune *p, bool *ret_more)
{
	struct call *c = p->work->call;
	bool needed = pins_need(&p->pins, p->branch->id);
	struct point head = { p->branch->id, 0 };

	*ret_more = false;
	if (p->branch->horizon == HORIZON_NONE)
		return OK;
	if (needed && p->branch->horizon <= 0)
		return OK;
	head.seq = p->branch->horizon;
	if (!needed)
		TRY(store_heads(c, &head, 1));
	TRY(prune_page(p, head.seq, ret_more));
	return needed || *ret_more ? OK : raise_horizon(p, HORIZON_NONE);
}

/* The horizon rises first, and what is needed is read behind that. */
static enum err
begin_branch(struct prune *p)
{
	int64_t horizon;

	p->above = (struct point){ p->branch->id, -1 };
	if (!pins_need(&p->pins, p->branch->id))
		return OK;
	TRY(find_horizon(p, &horizon));
	if (horizon > p->branch->horizon) {
		TRY(raise_horizon(p, horizon));
		TRY(pins_read(p->work->call, &p->catalog, &p->pins));
	}
	return OK;
}

/* One page of the branch that is next. */
static enum err
step(struct prune *p, bool *ret_any)
{
	int64_t done = p->above.branch;
	bool more;

	p->branch = pins_next_branch(&p->pins, p->begun ? done - 1 : done);
	*ret_any = p->branch != NULL;
	if (p->branch == NULL)
		return OK;
	if (!p->begun || p->branch->id != done)
		TRY(begin_branch(p));
	/* as it was read behind that */
	p->branch = pins_next_branch(&p->pins, p->above.branch - 1);
	TRY(prune_branch(p, &more));
	p->begun = more;
	return OK;
}

/* ---- the control log, whose number is above those of all branches */

/* The newest commit that is older than any request may be: a cache that polls
 * sees no older head.  0: there is none. */
static enum err
control_pin(struct prune *p, int64_t log, int64_t *ret)
{
	const struct test where[] = {
		{ COMMIT_BRANCH, TEST_EQ, value_int(log) },
		{ COMMIT_AT_US, TEST_LE,
		    value_int(clock_now_us() - p->work->grace_us) },
	};
	const struct scan newest = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.descending = true,
		.limit = 1,
		.where = where,
		.where_count = 2 };
	struct rows rows;

	TRY(store_scan(p->work->call, &newest, &rows));
	*ret = rows.count == 0 ? 0 : value_int_or(rows.row[0][COMMIT_SEQ], 0);
	return OK;
}

/* Of what has changed the caches need the newest version of each name. */
static enum err
step_control(struct prune *p, bool *ret_more)
{
	const int64_t log = control_log(p->catalog.tenant);
	struct versions dropped;
	int64_t pin;

	*ret_more = false;
	TRY(control_pin(p, log, &pin));
	if (pin == 0)
		return OK;
	if (p->above.branch != log)
		p->above = (struct point){ log, -1 };
	TRY(store_prune(p->work->call, &p->above, &pin, 1, PAGE, &dropped));
	*ret_more = dropped.more;
	return OK;
}

/* ---- the cursor: "more:branch:seq" */
static enum err
read_cursor(struct prune *p)
{
	struct str text = p->work->progress.cursor;
	int64_t more;

	if (text.ptr == NULL)
		return OK;
	if (!str_to_int(str_cut(&text, ':'), &more) ||
	    !str_to_int(str_cut(&text, ':'), &p->above.branch) ||
	    text.ptr == NULL || !str_to_int(text, &p->above.seq))
		return fail(p->work->call->error, ERR_INTERNAL,
		    "The task's cursor is damaged");
	p->begun = more != 0;
	return OK;
}

enum err
prune_catalog(struct work *w)
{
	struct prune p = { .work = w };
	bool any = true, more = true;

	TRY(catalogs_get(
	    w->call, w->task->tenant, w->task->catalog, &p.catalog));
	TRY(read_cursor(&p));
	TRY(pins_read(w->call, &p.catalog, &p.pins));
	while (any && work_has_room(w)) {
		TRY(step(&p, &any));
		TRY(work_beat(w));
	}
	while (!any && more) {
		TRY(step_control(&p, &more));
		if (!work_has_room(w))
			break;
	}
	w->progress.finished = !any && !more;
	w->progress.cursor = arena_printf(w->call->arena,
	    "%d:%" PRId64 ":%" PRId64, p.begun, p.above.branch, p.above.seq);
	return OK;
}
