#include "versions/reverts.h"

#include "base/buf.h"
#include "base/fault.h"
#include "catalog/purges.h"
#include "record/retry.h"
#include "record/value.h"
#include "versions/merge_tables.h"
#include "versions/merge_unit.h"
#include "versions/segments.h"

#define CONFLICTS_SHOWN 10

/* From what to what a key changes, and what shows now. */
struct restoring {
	struct call *call;
	const struct restore_ask *ask;
	struct branch target;
	struct point head, at; /* of the branch; of the commit */
	struct merge_sides sides;
	struct merge_plan plan;
	struct merge_tables tables;
	struct key_set keys;
};

/* ---- what is asked for */
static struct point
before(struct point p)
{
	return (struct point){ p.branch, p.seq - 1 };
}

/* The oldest state that is asked for: of one commit that before it. */
static struct point
oldest_read(const struct restoring *r)
{
	return r->ask->kind == RESTORE_RESET ? r->at : before(r->at);
}

static enum err
open_target(struct restoring *r, const struct branch *in)
{
	struct call *c = r->call;

	r->target = *in;
	TRY(branch_switch(c, &r->target, r->ask->branch));
	TRY(branch_may_write(c, &r->target));
	TRY(purge_look(c, &r->target.catalog));
	r->head = (struct point){ r->target.id, 0 };
	TRY(store_heads(c, &r->head, 1));
	TRY(commit_position(c, &in->catalog, r->ask->commit, &r->at));
	TRY(position_is_kept(c, &in->catalog, oldest_read(r)));
	r->tables = (struct merge_tables){ .target = &r->target,
		.watch = r->ask->watch };
	r->sides = (struct merge_sides){ .catalog = &r->target.catalog,
		.source = r->at,
		.target = r->head,
		.restores = true,
		.content = merge_tables_content,
		.content_arg = &r->tables };
	r->keys = key_set_in(c->arena);
	r->plan = (struct merge_plan){ .call = c,
		.sides = &r->sides,
		.lineage = lineage_of(c),
		.by_key = str_map_in(c->arena),
		.in_source = str_map_in(c->arena) };
	TRY(knowledge_of(&r->plan.lineage, r->head, &r->plan.target_knows));
	TRY(knowledge_of(&r->plan.lineage, r->at, &r->plan.source_knows));
	return chain_of(c, r->sides.catalog, r->head, &r->plan.target_chain);
}

/* The chain before a commit: at the first of a branch that is its fork. */
static enum err
chain_at(struct restoring *r, struct point p, struct chain *ret)
{
	return chain_of(r->call, r->sides.catalog, p, ret);
}

static enum err
add_key(void *arg, const struct version *v)
{
	struct restoring *r = arg;

	if (key_set_add(&r->keys, v->key) && r->keys.count > MERGE_KEYS_MAX)
		return fail(r->call->error, ERR_BAD_REQUEST,
		    "More than %d tables, views and namespaces have changed",
		    MERGE_KEYS_MAX);
	return OK;
}

/* Changes of a log up to a point, above another position of it. */
static enum err
keys_of_range(struct restoring *r, struct point upto, int64_t above)
{
	struct chain one = { &upto, 1 };
	struct point last = { upto.branch, above };
	struct knowledge known = { 0 };

	*int_map_slot(&known.map, upto.branch, r->call->arena) = &last;
	return changed_each(r->call, one, &known, add_key, r);
}

/* The keys that one commit has changed. */
static enum err
keys_of_commit(struct restoring *r)
{
	return keys_of_range(r, r->at, r->at.seq - 1);
}

/* Ancestry follows the forks, as links are hidden by folds.  What a partial
 * branch does not show cannot be brought back on it. */
static enum err
check_history(struct restoring *r)
{
	struct call *c = r->call;
	struct point p = r->head;
	struct ref ref;

	while (p.branch != r->at.branch) {
		TRY(ref_get_by_id(c, r->sides.catalog, p.branch, &ref));
		TRY(arena_check(c->arena, c->error));
		if (ref.is_partial || ref.forked.branch == 0)
			break;
		p = ref.forked;
	}
	if (p.branch == r->at.branch && p.seq >= r->at.seq)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "The commit is not in the history of branch '" STR_FMT "'",
	    STR_ARG(r->target.ref));
}

/* The keys that the branch may have changed behind a commit of its history. */
static enum err
keys_behind(struct restoring *r)
{
	struct segments between;
	struct chain old;

	TRY(check_history(r));
	TRY(chain_at(r, r->at, &old));
	between = segments_between(old, r->plan.target_chain);
	for (size_t i = 0; i < between.count; i++)
		TRY(keys_of_range(r, between.at[i].upto, between.at[i].above));
	return OK;
}

/* ---- what comes of it */
static enum err
read_keys(struct restoring *r, struct chain chain, struct version **ret)
{
	*ret = ARENA_NEW(r->call->arena, struct version, r->keys.count + 1);
	return read_many(r->call, chain, r->keys.at, r->keys.count, *ret);
}

/* A version of a key that has none says that there is nothing. */
static struct version
or_nothing(const struct version *v, const struct version *like, struct key key)
{
	struct version r = v->kind != 0 ? *v : *like;

	r.key = key;
	r.deleted = r.deleted || v->kind == 0;
	return r;
}

static void
take(struct restoring *r, struct merge_item *item)
{
	bool picks = r->ask->kind == RESTORE_PICK;

	item_put(item, &item->source);
	if (picks && !knows(&r->plan.target_knows, item->source.origin))
		item->outcome = MERGE_TAKE;
}

/* `from` became `to`: the branch's key becomes the same. */
static void
add_item(struct restoring *r, struct key key, const struct version *from,
    const struct version *to, const struct version *now)
{
	struct merge_item *item;

	bool stays = same_state(to, now) || same_state(from, to);

	if (stays && !is_dropped_here(now))
		return;
	item = plan_item(&r->plan, key);
	item->target = item->there = *now;
	item->there.key = item->target.key = key;
	if (stays)
		return;
	item->source = or_nothing(to, from, key);
	item->base = *from;
	item->base.key = key;
	item->has_base = from->kind != 0;
	if (same_state(from, now)) {
		take(r, item);
		return;
	}
	item->both = true;
	item->outcome = MERGE_CONFLICT;
	if (item->target.kind == 0)
		item->target = or_nothing(now, to, key);
}

static enum err
add_items(struct restoring *r)
{
	bool resets = r->ask->kind == RESTORE_RESET;
	struct chain old, new;
	struct version *from, *to, *now;

	TRY(chain_at(r, r->at, &new));
	if (resets)
		old = r->plan.target_chain;
	else
		TRY(chain_at(r, before(r->at), &old));
	if (r->ask->kind == RESTORE_REVERT) {
		struct chain swap = old;

		old = new;
		new = swap;
	}
	r->plan.source_chain = new;
	TRY(read_keys(r, old, &from));
	TRY(read_keys(r, new, &to));
	TRY(read_keys(r, r->plan.target_chain, &now));
	for (size_t i = 0; i < r->keys.count; i++)
		add_item(r, r->keys.at[i], &from[i], &to[i], &now[i]);
	return OK;
}

static enum err
plan(struct restoring *r, const struct branch *in)
{
	TRY(open_target(r, in));
	if (r->ask->kind == RESTORE_RESET)
		TRY(keys_behind(r));
	else
		TRY(keys_of_commit(r));
	TRY(add_items(r));
	TRY(plan_objects(&r->plan));
	TRY(plan_contents(&r->plan));
	TRY(plan_protected(&r->plan));
	TRY(plan_names(&r->plan));
	TRY(plan_namespaces(&r->plan));
	TRY(plan_still_named(&r->plan));
	return plan_still_protected(&r->plan);
}

static enum err
refuse(struct restoring *r)
{
	struct buf b = buf_in(r->call->arena);
	size_t shown = 0;

	for (size_t i = 0; i < r->plan.count; i++) {
		const struct merge_item *item = r->plan.at[i];

		if (item->outcome != MERGE_CONFLICT ||
		    shown++ >= CONFLICTS_SHOWN)
			continue;
		buf_add(&b, shown == 1 ? STR("") : STR("; "));
		buf_add(&b, item->reason);
	}
	return fail(r->call->error, ERR_CONFLICT,
	    "Nothing was changed: conflicts, %zu: " STR_FMT,
	    merge_plan_count(&r->plan, MERGE_CONFLICT), STR_ARG(buf_str(&b)));
}

/* ---- the commit */
static struct str
message_of(struct call *c, const struct restore_ask *ask)
{
	static const char *const verb[] = { "cherry-pick", "revert",
		"reset to" };
	char id[ID_TEXT];

	if (ask->message.ptr != NULL)
		return ask->message;
	id_format(ask->commit, id);
	return arena_printf(c->arena, "%s %s", verb[ask->kind], id);
}

/* A version that was read is right, and its files are there, if it is kept even
 * now: a prune raises the horizon before it drops anything. */
static void
expect_kept(struct restoring *r, struct draft *d)
{
	struct batch b = batch_of(r->call);
	struct point read = oldest_read(r);

	batch_expect(&b, ENTITY_REFS, value_int(read.branch),
	    (struct test){ REF_HORIZON, TEST_LE, value_int(read.seq) });
	draft_write(d, b.at[0]);
}

static enum err
apply(struct restoring *r, struct restored *ret, enum verdict *ret_verdict)
{
	struct call *c = r->call;
	struct draft draft;

	FAULT_POINT("restore_planned");
	TRY(merge_unit_draft(c, &r->target, &r->plan, &draft));
	if (merge_plan_count(&r->plan, MERGE_CONFLICT) != 0) {
		TRY(merge_unit_raced(c, r->head, ret_verdict));
		return *ret_verdict == VERDICT_CONFLICT ? OK : refuse(r);
	}
	expect_kept(r, &draft);

	struct unit unit = draft_unit(&draft, message_of(c, r->ask));

	FAULT_POINT("before_restore");
	TRY(merge_tables_go_on(&r->tables, true));
	TRY(branch_apply(c, &r->target, &unit, ret_verdict));
	FAULT_POINT("restore_applied");
	*ret = (struct restored){ unit.id, true };
	return OK;
}

static enum err
nothing_to_do(struct restoring *r, struct restored *ret)
{
	struct commit_mark head;

	TRY(point_commit(r->call, r->sides.catalog, r->head, &head));
	*ret = (struct restored){ head.id, false };
	return OK;
}

static enum err
carry_out(struct restoring *r, struct restored *ret, enum verdict *ret_verdict)
{
	const struct merge_plan *p = &r->plan;

	*ret_verdict = VERDICT_APPLIED;
	if (merge_plan_count(p, MERGE_CONFLICT) != 0)
		return refuse(r);
	if (merge_plan_count(p, MERGE_TAKE) + merge_plan_count(p, MERGE_PUT) ==
	    0)
		return nothing_to_do(r, ret);

	enum err err = merge_tables_write(r->call, &r->tables);

	if (err == OK)
		err = apply(r, ret, ret_verdict);
	if (err != ERR_COMMIT_UNKNOWN &&
	    (err != OK || *ret_verdict != VERDICT_APPLIED))
		merge_tables_discard(r->call, &r->tables);
	return err;
}

enum err
restore(struct call *c, const struct branch *in, const struct restore_ask *ask,
    struct restored *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do {
		struct restoring r = { .call = c, .ask = ask };

		TRY(plan(&r, in));
		TRY(carry_out(&r, ret, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_APPLIED)
		return OK;
	return fail(c->error, ERR_COMMIT_FAILED,
	    "Branch '" STR_FMT "' is being changed by others: try again",
	    STR_ARG(ask->branch));
}

enum err
restore_check_ask(
    struct call *c, const struct branch *in, const struct restore_ask *ask)
{
	struct restoring r = { .call = c, .ask = ask };

	TRY(open_target(&r, in));
	return ask->kind == RESTORE_RESET ? check_history(&r) : OK;
}
