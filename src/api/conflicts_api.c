/*
 * conflicts_api.c - the routes of a merge's conflicts, and decisions about
 * them.
 */
#include "api/conflict_text.h"
#include "api/form_body.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/merge_target.h"
#include "api/ref_target.h"
#include "calls/usage.h"
#include "identity/principal.h"
#include "versions/merge_resolve.h"
#include "versions/merges.h"

#define SHOWN 1000

enum err
merge_conflicts_get(struct request *r)
{
	struct call call = request_call(r);
	struct conflict_body *bodies;
	struct merge_operation op;
	struct conflict_list found;
	struct range range;

	if (call.nowait)
		return usage_would_block(&call, "Conflicts may be large.");
	TRY(query_range(r, &range));
	TRY(merge_operation_of(r, &call, &op));
	TRY(conflicts_list(&call, op.id, range.limit, range.offset, &found));
	bodies = ARENA_NEW(r->arena, struct conflict_body, found.count);
	for (size_t i = 0; i < found.count; i++)
		bodies[i] = conflict_body_of(r->arena, &found.at[i]);
	reply_forms(r, &form_merge_conflict, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

/* ---- before there is an operation */
static void
reply_page(struct request *r, const struct merge_plan *plan, struct range range)
{
	size_t limit = range.limit != 0 && range.limit < SHOWN
			   ? (size_t)range.limit
			   : SHOWN;
	struct conflict_body *bodies =
	    ARENA_NEW(r->arena, struct conflict_body, limit);
	size_t skip = (size_t)range.offset, count = 0, i = 0;

	for (; i < plan->count && count < limit; i++) {
		struct merge_conflict_row row;

		if (plan->at[i]->outcome != MERGE_CONFLICT)
			continue;
		if (skip != 0) {
			skip--;
			continue;
		}
		row = conflict_of_item(r->arena, plan->at[i]);
		row.id = (struct id){ 0 };
		bodies[count++] = conflict_body_of(r->arena, &row);
	}
	while (i < plan->count && plan->at[i]->outcome != MERGE_CONFLICT)
		i++;
	reply_forms(r, &form_merge_conflict, bodies, count);
	reply_next(r, range, count, i < plan->count);
}

enum err
branch_conflicts_get(struct request *r)
{
	struct call call = request_call(r);
	struct merge_operation op;
	struct merge_plan plan;
	struct catalog catalog;
	struct merge_ask ask = { .source = r->arg[0] };
	struct branch in;
	struct range range;

	if (call.nowait)
		return usage_would_block(&call, "A plan may be large.");
	TRY(query_range(r, &range));
	TRY(request_query(r, "into", &ask.target));
	TRY(query_catalog(r, &call, r->arg[0], &catalog));
	TRY(merge_catalog(r, &call, catalog.name, ask.target, &in));
	TRY(merges_preview(&call, &in, &ask, &op, &plan));
	reply_page(r, &plan, range);
	return OK;
}

/* ---- decisions */
static enum err
bad_value(struct request *r)
{
	return fail(&r->error, ERR_UNPROCESSABLE,
	    "/resolved_value: expected a metadata location, "
	    "{\"metadata_location\": \"...\"} or {\"properties\": {...}}");
}

static enum err
read_value(
    struct request *r, const yyjson_val *value, struct merge_decision *io)
{
	yyjson_val *properties = json_member(value, STR("properties"));
	struct pairs pairs;

	if (value == NULL)
		return OK;
	io->location = json_str(value);
	if (io->location.ptr == NULL)
		io->location =
		    json_str(json_member(value, STR("metadata_location")));
	if (io->location.ptr == NULL)
		io->location =
		    json_str(json_member(value, STR("metadata-location")));
	if (io->location.ptr != NULL)
		return OK;
	if (!yyjson_is_obj(properties))
		return bad_value(r);
	if (json_to_pairs(r->arena, json_text(r->arena, properties), &pairs,
		&r->error) != OK)
		return bad_value(r);
	for (size_t i = 0; i < pairs.count; i++)
		if (pairs.at[i].value.ptr == NULL)
			return bad_value(r);
	io->properties = json_of_pairs(r->arena, pairs);
	return OK;
}

static enum err
read_decision(struct request *r, struct merge_decision *ret)
{
	struct resolve_request body;
	struct str name;

	TRY(body_decode(r, &form_resolve_conflict, &body));
	name = body.strategy.ptr != NULL ? body.strategy : body.resolution;
	*ret = (struct merge_decision){ .decided_by = r->principal->id };
	ret->strategy = (enum merge_strategy)strategy_parse(name);
	if ((int)ret->strategy == 0)
		return fail(&r->error, ERR_UNPROCESSABLE,
		    "/strategy: expected one of: TakeSource, TakeTarget, "
		    "Manual, AutoMerge, ThreeWayMerge");
	TRY(arg_id(r, 0, "conflict id", &ret->conflict));
	return read_value(
	    r, body.value != NULL ? body.value : body.content, ret);
}

enum err
conflict_resolve_post(struct request *r)
{
	struct call call = request_call(r);
	struct merge_conflict_row row;
	struct merge_decision decision;
	struct merge_operation op;
	struct branch in;
	struct merge_done body = { .status = STR("resolved") };

	TRY(read_decision(r, &decision));
	TRY(conflicts_get(&call, decision.conflict, &row));
	if (operations_get(&call, request_tenant(r), row.operation, &op) != OK)
		return fail(&r->error, ERR_NOT_FOUND, "Conflict not found");
	TRY(merge_catalog_of(r, &call, &op, &in));
	TRY(merges_resolve(&call, &in, &decision));
	body.conflict = decision.conflict;
	reply_form(r, &form_conflict_resolved, &body);
	return OK;
}
