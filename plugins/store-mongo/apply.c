/*
 * apply.c - applies the units of a call, in as few transactions as they allow.
 *
 * Units whose writes are of single rows are judged together, batch.c.  Others
 * go one by one: each is a transaction in which every step sees the one before.
 */
#include "base/clock.h"
#include "calls.h"
#include "plugins/contract/check.h"
#include "rows.h"

/* A unit without versions claims no position: it conflicts with a commit that
 * is made meanwhile all the same. */

static enum err
unit_work(struct engine *g, void *arg, bool *ret_keep)
{
	const struct run *run = arg;
	const struct unit *u = run->unit;
	struct unit_result *j;

	TRY(rowlog_apply(g, run->branch, u, 1, &j));
	if (j->verdict == VERDICT_APPLIED && run->branch != 0 &&
	    u->put_count == 0 && u->expect_count != 0)
		TRY(mongo_hold_log(g, run->branch));
	/* "already" is kept too: then what was read is durable */
	*ret_keep =
	    j->verdict == VERDICT_APPLIED || j->verdict == VERDICT_ALREADY;
	*run->ret = *j;
	return OK;
}

/* How many of the next units go together. */
static size_t
run_length(int64_t branch, const struct unit *unit, size_t count)
{
	size_t n = 0;

	while (branch != 0 && n < count && batch_takes(&unit[n]))
		n++;
	return n != 0 ? n : 1;
}

/* Behind a run that was kept the call as a whole is neither done nor undone;
 * the units decide themselves when they are submitted again. */
static enum err
half_done(struct call *c, size_t done, enum err err)
{
	if (done == 0)
		return err;
	return fail(c->error, ERR_COMMIT_UNKNOWN,
	    "The store failed behind the first units of a batch.");
}

static enum err
apply_one_by_one(struct call *c, const struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		struct run one = { run->branch, &run->unit[i], 1, &run->ret[i],
			false };
		enum err err = transact(c, unit_work, &one);

		if (err != OK)
			return half_done(c, i, err);
	}
	return OK;
}

static enum err
apply_run(struct call *c, struct run *run)
{
	if (run->branch == 0 || !batch_takes(run->unit))
		return apply_one_by_one(c, run);
	TRY(transact(c, batch_work, run));
	if (!run->clashed)
		return OK;

	enum err err = apply_one_by_one(c, run);

	/* an attempt before the one that clashed may be kept yet */
	return err != OK ? half_done(c, 1, err) : OK;
}

enum err
mongo_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	const struct rowlog_store *s = (const struct rowlog_store *)c->store;
	struct unit_result *all =
	    ARENA_NEW(c->arena, struct unit_result, count);

	TRY(check_units(s->schema, branch, units, count, c->error));
	TRY(check_deadline(c));
	for (size_t done = 0; done < count;) {
		struct run run = { branch, &units[done], 0, &all[done], false };
		enum err err;

		run.count = run_length(branch, run.unit, count - done);
		err = apply_run(c, &run);
		if (err != OK)
			return half_done(c, done, err);
		done += run.count;
	}
	for (size_t i = 0; i < count; i++) {
		units[i].verdict = all[i].verdict;
		units[i].failed = all[i].failed;
		units[i].seq = all[i].seq;
		units[i].first_hash = all[i].first_hash;
	}
	return OK;
}
