/*
 * merges_api.c - the routes that merge and rebase, and of merges that wait for
 * decisions.
 */
#include "api/conflict_text.h"
#include "api/form_body.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/later.h"
#include "api/limit_offset.h"
#include "api/merge_target.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "calls/usage.h"
#include "catalog/idempotency_keys.h"
#include "identity/principal.h"
#include "tasks/merge_branches.h"
#include "versions/merges.h"

#define SHOWN 1000 /* ids of conflicts in an operation, changes of a plan */

static int64_t
time_or_none(int64_t us)
{
	return us != 0 ? us : FORM_NO_INT;
}

/* ---- operations */
static struct operation_body_of_merge
body_of(const struct merge_operation *op, struct str catalog)
{
	return (struct operation_body_of_merge){ .id = op->id,
		.tenant = op->tenant,
		.catalog = catalog,
		.source = op->source_name,
		.target = op->target_name,
		.base = op->base,
		.status = (int)op->status - (int)STATUS_PENDING,
		.conflict_count = op->conflicts,
		.created_by = op->created_by,
		.created_us = op->created_us,
		.finished_us = time_or_none(op->finished_us),
		.result = op->result,
		.message = op->message,
		.squash = op->squash ? FORM_TRUE : FORM_FALSE };
}

static enum err
conflict_ids(
    struct request *r, struct call *c, struct id id, struct form_texts *ret)
{
	struct conflict_list found;
	struct str *texts;

	TRY(conflicts_list(c, id, SHOWN, 0, &found));
	texts = ARENA_NEW(r->arena, struct str, found.count + 1);
	for (size_t i = 0; i < found.count; i++) {
		char text[ID_TEXT];

		id_format(found.at[i].id, text);
		texts[i] = arena_copy(r->arena, str_from(text));
	}
	*ret = (struct form_texts){ texts, found.count };
	return OK;
}

static enum err
reply_operation(struct request *r, struct call *c,
    const struct merge_operation *op, struct str catalog)
{
	struct operation_body_of_merge body = body_of(op, catalog);

	if (op->conflicts != 0)
		TRY(conflict_ids(r, c, op->id, &body.conflicts));
	reply_form(r, &form_merge_operation, &body);
	return OK;
}

/* 409 with a body of its own: a stored answer is found by its id. */
static void
reply_conflicted(struct request *r, struct id id, int64_t conflicts)
{
	const struct merge_refused body = { STR("conflicted"), id, conflicts,
		arena_printf(r->arena,
		    "Nothing was merged: conflicts, %lld. Resolve them and "
		    "complete the operation, or abort it",
		    (long long)conflicts) };
	char text[ID_TEXT];

	id_format(id, text);
	if (r->idempotency != NULL)
		r->idempotency->shown = arena_printf(
		    r->arena, "%s %lld", text, (long long)conflicts);
	reply_form(r, &form_merge_refused, &body);
	r->reply.status = 409;
}

/* The same again: "id conflicts". */
static enum err
conflicted_again(struct request *r, struct str shown)
{
	struct str rest = shown;
	struct str text = str_cut(&rest, ' ');
	int64_t conflicts = 0;
	struct id id;

	if (!id_parse(text, &id) || !str_to_int(rest, &conflicts))
		return fail(&r->error, ERR_INTERNAL,
		    "The stored answer of a merge cannot be read");
	reply_conflicted(r, id, conflicts);
	return OK;
}

/* ---- merging */
static enum err
read_merge(struct request *r, struct merge_request *ret, struct merge_ask *ask)
{
	TRY(body_decode(r, &form_merge_request, ret));
	TRY(merge_message_check(r, &ret->message));
	*ask = (struct merge_ask){ .source = ret->source,
		.target = ret->target,
		.message = ret->message,
		.squash = ret->squash == FORM_TRUE,
		.expected_source = ret->expected_source,
		.expected_target = ret->expected_target,
		.asked_by = r->principal->id };
	return OK;
}

static struct change_body
change_of(struct arena *a, const struct merge_item *item)
{
	const struct version *v =
	    item->outcome == MERGE_TAKE ? &item->source : &item->put;
	bool was = version_is_live(&item->there), is = !v->deleted;
	const char *change = is && was ? "changed" : is ? "added" : "removed";
	struct str ns = item->key.ns;

	if (item->outcome == MERGE_PUT && item->both && is)
		change = "merged";
	return (struct change_body){ .change = str_from(change),
		.kind = v->kind == KIND_NAMESPACE ? STR("namespace")
			: v->kind == KIND_VIEW    ? STR("view")
						  : STR("table"),
		.namespace =
		    ns.len != 0 ? levels_of(a, ns) : (struct form_texts){ 0 },
		.name = item->key.name,
		.location =
		    v->location.len != 0 ? v->location : (struct str){ 0 } };
}

static void
reply_plan(struct request *r, const struct merge_operation *op,
    const struct merge_plan *plan)
{
	struct change_body *changes =
	    ARENA_NEW(r->arena, struct change_body, SHOWN);
	struct conflict_body *conflicts =
	    ARENA_NEW(r->arena, struct conflict_body, SHOWN);
	struct merge_plan_body body = { .source = op->source_name,
		.target = op->target_name,
		.base = op->base,
		.source_head = op->source_head,
		.target_head = op->target_head };

	for (size_t i = 0; i < plan->count; i++) {
		const struct merge_item *item = plan->at[i];

		if (item->outcome == MERGE_CONFLICT) {
			struct merge_conflict_row row;

			if (body.conflict_count++ >= SHOWN)
				continue;
			row = conflict_of_item(r->arena, item);
			row.id = (struct id){ 0 };
			conflicts[body.conflict_count - 1] =
			    conflict_body_of(r->arena, &row);
		} else if (merge_item_is_seen(item)) {
			if (body.change_count++ < SHOWN)
				changes[body.change_count - 1] =
				    change_of(r->arena, item);
		}
	}
	body.status = (int)STATUS_READY - (int)STATUS_PENDING;
	if (body.conflict_count != 0)
		body.status = (int)STATUS_CONFLICTED - (int)STATUS_PENDING;
	else if (merge_plan_count(plan, MERGE_TAKE) +
		     merge_plan_count(plan, MERGE_PUT) ==
		 0)
		body.status = (int)STATUS_COMPLETED - (int)STATUS_PENDING;
	body.changes = (struct form_list){ changes,
		(size_t)(body.change_count < SHOWN ? body.change_count
						   : SHOWN) };
	body.conflicts = (struct form_list){ conflicts,
		(size_t)(body.conflict_count < SHOWN ? body.conflict_count
						     : SHOWN) };
	reply_form(r, &form_merge_plan, &body);
}

/* ---- merging as a task */
/* A side that does not exist, or a target that may not be written, is told
 * before a task is made. */
static enum err
check_sides(
    struct call *c, const struct branch *in, const struct merge_ask *ask)
{
	struct branch source = *in, target = *in;

	target.writer.merges = true;
	TRY(branch_switch(c, &source, ask->source));
	TRY(branch_switch(c, &target, ask->target));
	return branch_may_write(c, &target);
}

static enum err
merge_later(struct request *r, struct call *c, const struct branch *in,
    const struct merge_ask *ask)
{
	struct task new;

	TRY(check_sides(c, in, ask));
	new = merge_task(c, in, ask);
	return later_submit(r, c, &new);
}

enum err
merge_post(struct request *r)
{
	struct call call = request_call(r);
	struct merge_operation op;
	struct merge_request body;
	struct merge_ask ask;
	struct branch in;

	TRY(read_merge(r, &body, &ask));
	TRY(merge_catalog(r, &call, body.catalog, ask.target, &in));
	TRY(merge_source(r, &in, ask.source));
	if (body.as_task == FORM_TRUE && body.dry_run == FORM_TRUE)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/async: a dry run has no task, it answers at once");
	if (body.as_task == FORM_TRUE)
		return merge_later(r, &call, &in, &ask);
	if (body.dry_run == FORM_TRUE) {
		struct merge_plan plan;

		TRY(merges_preview(&call, &in, &ask, &op, &plan));
		reply_plan(r, &op, &plan);
		return OK;
	}
	TRY(merges_start(&call, &in, &ask, &op));
	if (op.status == STATUS_CONFLICTED) {
		reply_conflicted(r, op.id, op.conflicts);
		return OK;
	}
	return reply_operation(r, &call, &op, body.catalog);
}

/* Its operation has the id of its commit, which is the key's. */
static enum err
find_merged(struct request *r, struct call *call, struct merge_operation *ret)
{
	return operations_get(call, request_tenant(r), r->idempotency->id, ret);
}

enum err
merge_again(struct request *r, struct call *call, const struct answer *first)
{
	struct merge_operation op;
	struct merge_request body;
	struct merge_ask ask;

	if (later_again(r, first))
		return OK;
	if (first->location.ptr != NULL)
		return conflicted_again(r, first->location);
	TRY(read_merge(r, &body, &ask));
	TRY(find_merged(r, call, &op));
	return reply_operation(r, call, &op, body.catalog);
}

/* ---- rebasing */
/* The branch that it was made from, by its name now. */
static enum err
parent_name(
    struct request *r, struct call *c, const struct branch *in, struct str *io)
{
	struct ref branch, parent;
	struct error ignored = { 0 };

	if (io->ptr != NULL)
		return OK;
	*io = STR("main");
	TRY(ref_get(c, &in->catalog, r->arg[0], &branch));
	c->error = &ignored;
	if (branch.forked.branch != 0 &&
	    ref_get_by_id(c, &in->catalog, branch.forked.branch, &parent) ==
		OK &&
	    parent.state == REF_LIVE)
		*io = parent.name;
	c->error = &r->error;
	return OK;
}

enum err
branch_rebase_post(struct request *r)
{
	struct call call = request_call(r);
	struct rebase_request body;
	struct merge_operation op;
	struct branch in;

	TRY(body_decode(r, &form_rebase_request, &body));
	TRY(merge_message_check(r, &body.message));
	TRY(merge_catalog(r, &call, body.catalog, r->arg[0], &in));
	TRY(parent_name(r, &call, &in, &body.from));
	TRY(merge_source(r, &in, body.from));

	const struct merge_ask ask = { .source = body.from,
		.target = r->arg[0],
		.message = body.message,
		.asked_by = r->principal->id };

	if (body.as_task == FORM_TRUE)
		return merge_later(r, &call, &in, &ask);
	TRY(merges_start(&call, &in, &ask, &op));
	if (op.status == STATUS_CONFLICTED)
		reply_conflicted(r, op.id, op.conflicts);
	else
		r->reply.status = 200;
	return OK;
}

enum err
branch_rebase_again(
    struct request *r, struct call *call, const struct answer *first)
{
	(void)call;
	if (later_again(r, first))
		return OK;
	if (first->location.ptr != NULL)
		return conflicted_again(r, first->location);
	r->reply.status = 200;
	return OK;
}

/* ---- operations that are there */
enum err
merge_operations_list_get(struct request *r)
{
	struct operation_body_of_merge *bodies;
	struct call call = request_call(r);
	struct operation_list found;
	struct catalog catalog;
	struct range range;

	TRY(query_range(r, &range));
	TRY(access_catalog_named(r, &call, r->arg[0], REF_ANY, &catalog));
	TRY(operations_list(
	    &call, &catalog, range.limit, range.offset, &found));
	bodies =
	    ARENA_NEW(r->arena, struct operation_body_of_merge, found.count);
	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&found.at[i], catalog.name);
	reply_forms(r, &form_merge_summary, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
merge_operation_get(struct request *r)
{
	struct call call = request_call(r);
	struct merge_operation op;
	struct branch in;

	if (call.nowait)
		return usage_would_block(&call, "Conflicts may be large.");
	TRY(merge_operation_of(r, &call, &op));
	TRY(merge_catalog_of(r, &call, &op, &in));
	return reply_operation(r, &call, &op, in.catalog.name);
}

static void
reply_done(struct request *r, const struct form *form, const char *status,
    const struct merge_operation *op)
{
	const struct merge_done body = { .status = str_from(status),
		.operation = op->id,
		.commit = op->result };

	reply_form(r, form, &body);
}

static enum err
complete_later(struct request *r, struct call *c, const struct branch *in,
    const struct merge_operation *op)
{
	struct task new;

	TRY(merges_check_ready(c, op));
	new = merge_complete_task(c, in, op->id, r->principal->id);
	return later_submit(r, c, &new);
}

enum err
merge_complete_post(struct request *r)
{
	struct call call = request_call(r);
	struct merge_operation op;
	struct branch in;
	bool as_task;

	TRY(later_asked(r, &as_task));
	TRY(merge_operation_of(r, &call, &op));
	TRY(merge_catalog_of(r, &call, &op, &in));
	if (as_task)
		return complete_later(r, &call, &in, &op);
	TRY(merges_complete(&call, &in, NULL, &op));
	if (op.status == STATUS_CONFLICTED)
		reply_conflicted(r, op.id, op.conflicts);
	else
		reply_done(r, &form_merge_completed, "completed", &op);
	return OK;
}

enum err
merge_complete_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct merge_operation op;

	if (later_again(r, first))
		return OK;
	if (first->location.ptr != NULL)
		return conflicted_again(r, first->location);
	TRY(merge_operation_of(r, call, &op));
	reply_done(r, &form_merge_completed, "completed", &op);
	return OK;
}

enum err
merge_abort_post(struct request *r)
{
	struct call call = request_call(r);
	struct merge_operation op;

	TRY(merge_operation_of(r, &call, &op));
	TRY(merges_abort(&call, &op));
	reply_done(r, &form_merge_aborted, "aborted", &op);
	return OK;
}
