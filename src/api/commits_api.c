/* commits_api.c - GET /api/v1/branches/{b}/commits: the history of a branch. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_versions.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/page_token.h"
#include "api/ref_target.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "base/clock.h"
#include "calls/usage.h"
#include "versions/commits.h"

/* ---- the page */
#define LIST STR("commits")

struct paged {
	struct point from;
	struct range range;
};

/* The newest commit that the path's branch, tag or address shows. */
static enum err
find_head(struct request *r, struct call *c, const struct catalog *catalog,
    struct point *ret)
{
	struct commit_mark mark;
	struct position position;
	struct ref_spec spec;

	TRY(spec_read(r, "branch", r->arg[0], &spec));
	TRY(ref_resolve(c, catalog, &spec, &position));
	TRY(point_commit(c, catalog, position.point, &mark));
	*ret = mark.point;
	return OK;
}

static enum err
read_page(struct request *r, struct call *c, const struct catalog *catalog,
    struct paged *ret)
{
	struct str token;

	TRY(query_page(r, COMMITS_PAGE, COMMITS_PAGE_MAX, &ret->range));
	TRY(page_token_read(r, LIST, catalog, &token));
	if (token.ptr == NULL)
		return find_head(r, c, catalog, &ret->from);
	ret->range.offset = 0;
	return page_token_to_point(token, &ret->from) ? OK
						      : page_token_foreign(r);
}

/* ---- what is looked for */
static enum err
query_time(struct request *r, const char *name, int64_t *ret)
{
	struct str text;

	*ret = 0;
	TRY(request_query(r, name, &text));
	if (text.ptr != NULL && !clock_parse(text, ret))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s: expected an instant such as 2026-11-01T00:00:00Z",
		    name);
	return OK;
}

static enum err
read_filter(struct request *r, struct commit_filter *ret)
{
	struct ident ident;
	struct str table;

	*ret = (struct commit_filter){ 0 };
	TRY(request_query(r, "author", &ret->author));
	TRY(query_time(r, "since", &ret->since_us));
	TRY(query_time(r, "until", &ret->until_us));
	TRY(request_query(r, "table", &table));
	if (table.ptr == NULL)
		return OK;
	TRY(ident_of_dotted(r->arena, "table", table, &ident, &r->error));
	ret->key = ident_key(ident);
	return OK;
}

/* ---- the answer */
static struct asset_body
asset_of(struct arena *a, const struct version *v)
{
	struct asset_body asset = { .id = v->object,
		.name = v->key.name,
		.kind = v->kind == KIND_TABLE  ? STR("ICEBERG_TABLE")
			: v->kind == KIND_VIEW ? STR("VIEW")
					       : STR("NAMESPACE"),
		.location = STR("") };
	struct pair *pair = ARENA_NEW(a, struct pair, 1);

	*pair = (struct pair){ STR("metadata_location"), v->location };
	asset.properties = (struct pairs){ pair, v->kind != KIND_NAMESPACE };
	return asset;
}

static struct operation_body
operation_of(struct arena *a, const struct commit_operation *o)
{
	const struct version *v = &o->now;
	struct operation_body body = { .operation = STR("create"),
		.kind = kind_word(v->kind),
		.namespace = levels_in(a, v->key.ns),
		.name = v->key.name,
		.object = v->object,
		.old_location = metadata_file(&o->old),
		.new_location = metadata_file(v) };
	struct str path = path_join(a, v->key.ns, v->key.name);

	if (v->deleted) {
		body.operation = STR("drop");
		body.deleted.name = path_shown(a, path);
		return body;
	}
	if (version_is_live(&o->old))
		body.operation = STR("update");
	body.put.asset = asset_of(a, v);
	return body;
}

static struct commit_body
body_of(struct arena *a, const struct commit *c)
{
	struct operation_body *operations =
	    ARENA_NEW(a, struct operation_body, c->shown + 1);

	for (size_t i = 0; i < c->shown; i++)
		operations[i] = operation_of(a, &c->operations[i]);
	return (struct commit_body){ .id = c->id,
		.parent = c->parent,
		.at_ms = c->at_us / CLOCK_MS,
		.author = c->author.ptr != NULL ? c->author : STR(""),
		.message = c->message.ptr != NULL ? c->message : STR(""),
		.operations = { operations, c->shown },
		.operation_count = (int64_t)c->operation_count,
		.branch = c->branch,
		.sequence = c->at.seq,
		.merged = c->merged };
}

enum err
branch_commits_get(struct request *r)
{
	struct call call = request_call(r);
	struct commit_filter filter;
	struct commit_body *bodies;
	struct commit_page found;
	struct catalog catalog;
	struct paged page;

	if (call.nowait)
		return usage_would_block(&call, "A history may be long.");
	TRY(read_filter(r, &filter));
	TRY(query_catalog(r, &call, r->arg[0], &catalog));
	TRY(read_page(r, &call, &catalog, &page));
	TRY(commits_list(&call, &catalog, page.from, &filter, page.range.limit,
	    page.range.offset, &found));
	bodies = ARENA_NEW(r->arena, struct commit_body, found.count);
	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(r->arena, &found.at[i]);
	reply_forms(r, &form_commit, bodies, found.count);
	if (found.next.branch != 0)
		page_token_reply(r, LIST, &catalog,
		    page_token_of_point(r->arena, found.next));
	return OK;
}
