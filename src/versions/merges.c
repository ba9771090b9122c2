#include "versions/merges.h"

#include "base/clock.h"
#include "base/fault.h"
#include "catalog/idempotency_keys.h"
#include "catalog/purges.h"
#include "record/audit.h"
#include "record/retry.h"
#include "versions/merge_addresses.h"
#include "versions/merge_resolve.h"
#include "versions/merge_unit.h"

/* One try of a merge: what was read, and what it leads to. */
struct merging {
	struct call *call;
	struct branch target;
	struct merge_sides sides;
	struct merge_plan plan;
	struct merge_tables tables;
	struct conflict_list known; /* of an operation that is there */
	struct str_map resolutions;
	struct merged_before *before; /* by the first try */
	const struct merge_watch *watch;
	bool above_horizon; /* the source, when it was found */
};

/* ---- sides */
static struct str
source_name(const struct merge_operation *op)
{
	return op->source_name.len != 0 ? op->source_name : STR("main");
}

/* Experiments stay out of what is protected, or comes to be: an address without
 * a ref may lead to one too. */
static enum err
check_types(struct call *c, struct branch *io_target,
    const struct position *source, const struct merge_operation *op)
{
	const struct ref *ref = &source->ref;
	bool named =
	    ref->kind == REF_BRANCH && ref->type == BRANCH_EXPERIMENTAL;
	struct ref holder;

	TRY(ref_get_by_id(
	    c, &io_target->catalog, source->point.branch, &holder));
	io_target->writer.merges = !named && holder.type != BRANCH_EXPERIMENTAL;
	if (!io_target->writer.merges && io_target->is_protected)
		return fail(c->error, ERR_BAD_REQUEST,
		    "'" STR_FMT "' is an experimental branch: it cannot be "
		    "merged into '" STR_FMT "', which is protected",
		    STR_ARG(source_name(op)), STR_ARG(op->target_name));
	return OK;
}

static enum err
look_at_horizon(struct merging *m)
{
	const struct point from = m->sides.source;
	struct ref holder;

	TRY(ref_get_by_id(m->call, m->sides.catalog, from.branch, &holder));
	m->above_horizon = from.seq >= holder.horizon;
	return OK;
}

/* A plan is right, and its files are there, if the source is kept when it is
 * merged: a prune raises the horizon before it drops anything.  Versions below
 * one already stay because a tag or a fork names them. */
static void
expect_kept(const struct merging *m, struct batch *b)
{
	const struct point from = m->sides.source;

	if (m->above_horizon)
		batch_expect(b, ENTITY_REFS, value_int(from.branch),
		    (struct test){ REF_HORIZON, TEST_LE, value_int(from.seq) });
}

/* The positions as they are now. */
static enum err
open_sides(struct merging *m, const struct branch *in,
    struct merge_operation *op, struct str source, struct str target)
{
	struct call *c = m->call;
	struct position from, to;
	struct point at[2];

	m->target = *in;
	m->target.writer.merges = true;
	TRY(branch_switch(c, &m->target, target));
	TRY(branch_may_write(c, &m->target));
	TRY(purge_look(c, &m->target.catalog));
	TRY(merge_address_resolve(c, &in->catalog, source, &from));
	TRY(merge_address_resolve(c, &in->catalog, target, &to));
	TRY(check_types(c, &m->target, &from, op));
	at[0] = (struct point){ to.point.branch, 0 };
	at[1] = (struct point){ from.point.branch, 0 };
	TRY(store_heads(c, at, 2));
	if (from.point.seq == SEQ_HEAD)
		from.point.seq = at[1].seq;
	if (from.writable && from.ref.id == to.ref.id)
		return fail(c->error, ERR_BAD_REQUEST,
		    "A branch cannot be merged into itself: " STR_FMT,
		    STR_ARG(target));
	op->source = from.point;
	op->target = at[0];
	m->sides = (struct merge_sides){ .catalog = &m->target.catalog,
		.source = op->source,
		.target = op->target,
		.only_there = to.ref.is_partial &&
			      to.ref.forked.branch == from.point.branch };
	m->tables =
	    (struct merge_tables){ .target = &m->target, .watch = m->watch };
	if (m->before != NULL && m->before->is_filled)
		m->tables.before = m->before;
	if (m->before != NULL)
		m->sides.reads = &m->before->reads;
	m->sides.content = merge_tables_content;
	m->sides.content_arg = &m->tables;
	return look_at_horizon(m);
}

static enum err
check_head(struct merging *m, const char *side, struct point at,
    struct id expected, struct id *ret)
{
	struct commit_mark mark;
	char is[ID_TEXT], asked[ID_TEXT];

	TRY(point_commit(m->call, m->sides.catalog, at, &mark));
	*ret = mark.id;
	if (id_is_nil(expected) || id_eq(expected, mark.id))
		return OK;
	id_format(mark.id, is);
	id_format(expected, asked);
	return fail(m->call->error, ERR_CONFLICT,
	    "expected_%s_head: the %s is at commit %s, not at %s", side, side,
	    is, asked);
}

/* A merge is the one that somebody saw planned. */
static enum err
check_heads(
    struct merging *m, const struct merge_ask *ask, struct merge_operation *op)
{
	TRY(check_head(
	    m, "source", op->source, ask->expected_source, &op->source_head));
	return check_head(
	    m, "target", op->target, ask->expected_target, &op->target_head);
}

static enum err
find_base(struct merging *m, struct merge_operation *op)
{
	struct commit_mark mark;

	op->base = (struct id){ 0 };
	if (m->plan.bases.count == 0)
		return OK;
	TRY(point_commit(
	    m->call, m->sides.catalog, m->plan.bases.at[0], &mark));
	op->base = mark.id;
	return OK;
}

static enum err
plan(struct merging *m, const struct branch *in, struct merge_operation *op,
    const struct merge_ask *ask)
{
	TRY(open_sides(m, in, op, ask->source, ask->target));
	TRY(check_heads(m, ask, op));
	TRY(merge_resolutions(m->call, &m->known, &m->resolutions));
	m->sides.resolutions = &m->resolutions;
	TRY(merge_plan_make(m->call, &m->sides, &m->plan));
	return find_base(m, op);
}

static size_t
puts_of(const struct merge_plan *p)
{
	return merge_plan_count(p, MERGE_TAKE) + merge_plan_count(p, MERGE_PUT);
}

/* ---- the unit */
static struct str
message_of(struct call *c, const struct merge_operation *op)
{
	if (op->message.ptr != NULL)
		return op->message;
	return arena_printf(c->arena, "merge " STR_FMT " into " STR_FMT,
	    STR_ARG(source_name(op)), STR_ARG(op->target_name));
}

static void
draft_rows(struct merging *m, struct draft *d, const struct merge_operation *op,
    struct merge_edge edge)
{
	struct batch b = batch_of(m->call);

	merge_edge_put(&b, &edge);
	expect_kept(m, &b);
	if (op->revision == 0)
		operation_insert(&b, op);
	else
		operation_update(&b, op);
	for (size_t i = 0; i < b.count; i++)
		draft_write(d, b.at[i]);
}

/* A target that was protected meanwhile refuses an experiment: behind another
 * look at it check_types() says so. */
static enum err
apply_unit(struct merging *m, struct unit *unit, enum verdict *ret)
{
	enum err err = branch_apply(m->call, &m->target, unit, ret);

	if (err != ERR_FORBIDDEN || m->target.writer.merges)
		return err;
	*ret = VERDICT_CONFLICT;
	return OK;
}

/*
 * Without a put there is no commit: what both agree on is true of the target's
 * head already, and the edge goes there.  VERDICT_NONE: the plan has come to
 * have conflicts.
 */
static enum err
apply(struct merging *m, struct merge_operation *op, enum verdict *ret)
{
	struct call *c = m->call;
	struct idempotency_key *key = m->target.writer.idempotency;
	struct merge_operation done = *op;
	struct draft draft;
	struct merge_edge edge = { .commit = key != NULL ? key->id : op->id,
		.into = m->sides.target.branch,
		.seq = -1,
		.from = m->sides.source };
	struct commit_mark head;

	*ret = VERDICT_NONE;
	TRY(merge_unit_draft(c, &m->target, &m->plan, &draft));
	if (merge_plan_count(&m->plan, MERGE_CONFLICT) != 0)
		return merge_unit_raced(c, op->target, ret);
	done.status = STATUS_COMPLETED;
	done.finished_us = clock_now_us();
	done.result = edge.commit;
	if (draft.put_count == 0) {
		TRY(point_commit(c, m->sides.catalog, op->target, &head));
		edge.commit = id_v4();
		edge.seq = op->target.seq;
		done.result = head.id;
		m->target.writer.idempotency = NULL;
	}
	draft_rows(m, &draft, &done, edge);

	struct unit unit = draft_unit(&draft, message_of(c, op));

	unit.id = edge.commit;
	if (!op->squash)
		unit.merged = edge.from;
	FAULT_POINT("before_merge");
	TRY(merge_tables_go_on(&m->tables, true));
	TRY(apply_unit(m, &unit, ret));
	FAULT_POINT("merge_applied");
	if (*ret != VERDICT_APPLIED)
		return OK;
	if (draft.put_count != 0)
		merge_edge_found(c, edge.commit, unit.seq);
	*op = done;
	op->revision++;
	return OK;
}

static enum err
nothing_new(struct merging *m, struct merge_operation *op)
{
	struct commit_mark head;

	TRY(point_commit(m->call, m->sides.catalog, op->target, &head));
	op->status = STATUS_COMPLETED;
	op->result = head.id;
	op->conflicts = 0;
	op->finished_us = clock_now_us();
	return OK;
}

static enum err
refuse(struct merging *m, struct merge_operation *op)
{
	op->status = STATUS_CONFLICTED;
	if (op->revision == 0 && m->watch == NULL)
		op->id = id_v4(); /* the key's is taken by this answer */
	FAULT_POINT("before_conflicts");
	return conflicts_store(m->call, &m->plan, &m->known, op);
}

/* Carries out the plan, or stores what is in the way. */
static enum err
carry_out(struct merging *m, struct merge_operation *op, enum verdict *ret)
{
	*ret = VERDICT_APPLIED;
	if (merge_plan_count(&m->plan, MERGE_CONFLICT) != 0)
		return refuse(m, op);
	if (op->revision == 0 && puts_of(&m->plan) == 0 &&
	    !merge_plan_agrees(&m->plan))
		return nothing_new(m, op);

	TRY(merge_decisions_check(m->call, &m->target, &m->plan));

	enum err err = merge_tables_write(m->call, &m->tables);

	if (err == OK)
		err = apply(m, op, ret);
	if (err != ERR_COMMIT_UNKNOWN && (err != OK || *ret != VERDICT_APPLIED))
		merge_tables_discard(m->call, &m->tables);
	if (err != OK || *ret != VERDICT_NONE)
		return err;
	*ret = VERDICT_APPLIED;
	return refuse(m, op);
}

/* ---- from outside */
static struct merge_operation
operation_of(const struct branch *in, const struct merge_ask *ask)
{
	const struct idempotency_key *key = in->writer.idempotency;

	return (struct merge_operation){ .id = key != NULL ? key->id : id_v4(),
		.tenant = in->catalog.tenant,
		.catalog = in->catalog.id,
		.status = STATUS_PENDING,
		.source_name = ask->source.len != 0 ? ask->source : STR("main"),
		.target_name = ask->target.len != 0 ? ask->target : STR("main"),
		.message = ask->message,
		.squash = ask->squash,
		.created_by = ask->asked_by,
		.created_us = clock_now_us() };
}

enum err
merges_preview(struct call *c, const struct branch *in,
    const struct merge_ask *ask, struct merge_operation *ret,
    struct merge_plan *ret_plan)
{
	struct merging *m = ARENA_NEW(c->arena, struct merging, 1);
	struct merge_ask named = *ask;

	m->call = c;
	*ret = operation_of(in, ask);
	named.source = ret->source_name;
	named.target = ret->target_name;
	TRY(plan(m, in, ret, &named));
	ret->conflicts = (int64_t)merge_plan_count(&m->plan, MERGE_CONFLICT);
	ret->status = ret->conflicts != 0 ? STATUS_CONFLICTED : STATUS_READY;
	*ret_plan = m->plan;
	merge_tables_discard(c, &m->tables);
	return OK;
}

static enum err
lost_races(struct call *c, const struct merge_operation *op)
{
	return fail(c->error, ERR_COMMIT_FAILED,
	    "Branch '" STR_FMT "' is being changed by others: try again",
	    STR_ARG(op->target_name));
}

/* The next try reads and merges only what has moved. */
static void
lost(struct merging *m, struct retry *retry)
{
	if (m->before->is_filled)
		return;
	merge_tables_remember(m->call, &m->tables, m->before);
	retry_keep(retry);
}

enum err
merges_start(struct call *c, const struct branch *in,
    const struct merge_ask *ask, struct merge_operation *ret)
{
	const struct merge_operation new = operation_of(in, ask);
	struct retry retry = retry_of(c);
	struct merge_ask named = *ask;
	struct merged_before before = { 0 };
	enum verdict verdict;

	named.source = new.source_name;
	named.target = new.target_name;
	do {
		struct merging m = { .call = c, .before = &before };

		m.watch = ask->watch;
		*ret = new;
		TRY(plan(&m, in, ret, &named));
		TRY(carry_out(&m, ret, &verdict));
		if (verdict == VERDICT_CONFLICT)
			lost(&m, &retry);
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, ret);
}

enum err
merges_check_ready(struct call *c, const struct merge_operation *op)
{
	int64_t unresolved;

	TRY(conflicts_open(c, op->id, &unresolved));
	if (op->status != STATUS_ABORTED && unresolved == 0)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "Cannot complete merge: conflicts not resolved or operation not "
	    "ready");
}

enum err
merges_complete(struct call *c, const struct branch *in,
    const struct merge_watch *watch, struct merge_operation *io)
{
	struct retry retry = retry_of(c);
	struct merge_operation old;
	struct merge_ask ask = { 0 };
	struct merged_before before = { 0 };
	enum verdict verdict;

	do {
		struct merging m = {
			.call = c, .before = &before, .watch = watch
		};

		TRY(operations_get(c, in->catalog.tenant, io->id, &old));
		*io = old;
		if (old.status == STATUS_COMPLETED)
			return OK;
		TRY(merges_check_ready(c, &old));
		TRY(conflicts_all(c, old.id, &m.known));
		TRY(merge_addresses_now(
		    c, &in->catalog, &old, &ask.source, &ask.target));
		TRY(plan(&m, in, io, &ask));
		TRY(carry_out(&m, io, &verdict));
		if (verdict == VERDICT_CONFLICT)
			lost(&m, &retry);
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, io);
}

enum err
merges_abort(struct call *c, struct merge_operation *io)
{
	struct merge_operation op = *io;
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	if (op.status == STATUS_ABORTED)
		return OK;
	if (op.status == STATUS_COMPLETED)
		return fail(c->error, ERR_CONFLICT,
		    "The merge operation was completed: it cannot be aborted");
	op.status = STATUS_ABORTED;
	op.finished_us = clock_now_us();
	operation_update(&b, &op);
	audit_add(&b, op.tenant, op.id, op.source_name);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_CONFLICT,
		    "Somebody else is working at this merge operation: look "
		    "at it again");
	*io = op;
	return OK;
}
