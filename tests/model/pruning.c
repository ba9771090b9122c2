/* pruning.c - prunes, sweeps and folds: reads stay what they were. */
#include "calls/store_call.h"
#include "model.h"
#include "record/entities.h"
#include "record/value.h"
#include "tasks/prune_catalog.h"
#include "tasks/sweep_catalog.h"
#include "versions/fold.h"

#define SEEN 65536 /* numbers of versions of one history */

/* ---- tasks */
void
run_task(enum err (*chunk)(struct work *), int64_t retention_us)
{
	struct task task = { .tenant = m.catalog.tenant,
		.catalog = m.catalog.name };
	bool finished = false;

	while (!finished) {
		struct work w = work_begin(&m.call, &task);

		w.retention_us = retention_us;
		w.grace_us = -CLOCK_SECOND;
		w.beat_us = INT64_MAX; /* it has no row */
		if (m.numbers % 2 == 0)
			w.until_us = 0; /* a slow store: it gets on */
		GOOD(chunk(&w));
		task.cursor = w.progress.cursor;
		task.done = w.progress.done;
		finished = w.progress.finished;
	}
}

/* ---- prune */
static int64_t
newest_at(const struct naive_branch *b, int64_t at_us)
{
	int64_t n = b->count;

	while (n != 0 && b->own[n - 1].at_us > at_us)
		n--;
	return n;
}

/* Something that lives was made of it. */
static bool
is_needed(int branch)
{
	if (m.branch[branch].live)
		return true;
	for (int t = 0; t < TAGS; t++)
		if (m.tag[t].live && m.tag[t].at.branch == branch)
			return true;
	for (int b = 0; b < m.branches; b++)
		if (m.branch[b].fork.branch >= 0 &&
		    m.branch[b].fork.branch == branch && is_needed(b))
			return true;
	return false;
}

static void
take_horizon(int i, int64_t horizon, int64_t low_us, int64_t high_us)
{
	struct naive_branch *b = &m.branch[i];

	if (horizon == HORIZON_NONE)
		EQUAL(is_needed(i), false);
	else if (horizon != b->horizon) {
		EQUAL(horizon > b->horizon, true);
		EQUAL(horizon >= newest_at(b, low_us), true);
		EQUAL(horizon <= newest_at(b, high_us), true);
	} else if (b->live)
		EQUAL(horizon >= newest_at(b, low_us), true);
	b->horizon = horizon;
}

static void
prune(void)
{
	int branch = live_branch();
	int64_t n = m.branch[branch].count, begun = clock_now_us();
	int64_t at_us = m.branch[branch].created_us, retention;
	struct ref_list refs;

	if (n != 0)
		at_us = m.branch[branch].own[draw((unsigned)n)].at_us;
	retention = begun > at_us ? begun - at_us : 0;
	tell("prune up to the middle of %s", m.branch[branch].name);
	run_task(prune_catalog, retention);
	GOOD(refs_all(&m.call, &m.catalog, &refs));
	for (size_t i = 0; i < refs.count; i++)
		for (int b = 0; b < m.branches; b++)
			if (m.branch[b].log == refs.at[i].id)
				take_horizon(b, refs.at[i].horizon,
				    begun - retention,
				    clock_now_us() - retention);
	m.was_pruned = true;
	counts.pruned++;
}

/* ---- sweep */
static void
see(bool *seen, const struct state *s)
{
	for (int k = NAMESPACES; k < KEYS; k++)
		if (s->value[k] != 0)
			seen[s->value[k] % SEEN] = true;
}

/* Whatever can be read. */
static bool *
reachable(void)
{
	bool *seen = ARENA_NEW(m.call.arena, bool, SEEN);

	for (int b = 0; b < m.branches; b++) {
		const struct naive_branch *branch = &m.branch[b];
		int64_t first = branch->horizon;

		if (!branch->live)
			continue;
		see(seen, state_at(head_of(b)));
		if (branch->fork.branch >= 0)
			see(seen, state_at(branch->fork));
		for (; first <= branch->count; first++)
			see(seen,
			    state_at((struct naive_point){ b, (int)first }));
	}
	for (int t = 0; t < TAGS; t++)
		if (m.tag[t].live)
			see(seen, state_at(m.tag[t].at));
	return seen;
}

static void
check_garbage(const struct rows *rows, const bool *seen)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *row = rows->row[i];
		struct version v = { .kind = KIND_TABLE,
			.location =
			    value_str_or_absent(row[GARBAGE_LOCATION]) };

		if (row[GARBAGE_DOOMED].type == VALUE_NULL)
			continue;
		if (seen[number_of(&v) % SEEN])
			STOP("the sweep deletes the file of version %d",
			    number_of(&v));
	}
}

static void
sweep(void)
{
	const struct test where = { GARBAGE_CATALOG, TEST_EQ,
		value_id(m.catalog.id) };
	struct scan scan = { .entity = ENTITY_GARBAGE,
		.index = GARBAGE_BY_CATALOG,
		.limit = 500,
		.where = &where,
		.where_count = 1 };
	const bool *seen = reachable();
	struct rows rows;

	tell("sweep");
	run_task(sweep_catalog, 0);
	do {
		GOOD(store_scan(&m.call, &scan, &rows));
		check_garbage(&rows, seen);
		scan.after = rows.next;
	} while (rows.next.ptr != NULL);
	counts.swept++;
}

void
prune_something(void)
{
	prune();
	if (draw(2) == 0)
		sweep();
}

/* ---- fold */
void
fold_something(void)
{
	int branch = live_branch();
	struct key after = { .name = STR("") };
	bool done = false;

	tell("fold %s", m.branch[branch].name);
	while (!done)
		GOOD(fold_branch(&m.call, &m.catalog, m.branch[branch].log, 100,
		    &after, &done));
	counts.folded++;
}
