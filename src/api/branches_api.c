/* branches_api.c - branches of a catalog: made, listed, changed, deleted. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_versions.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/limit_offset.h"
#include "api/ref_target.h"
#include "api/target_access.h"
#include "calls/usage.h"
#include "identity/authorize.h"
#include "versions/divergence.h"

/* So many branches are compared at once. */
#define COMPARED_MAX 100

static int64_t
time_or_none(int64_t us)
{
	return us != 0 ? us : FORM_NO_INT;
}

static struct branch_body
body_of(const struct catalog *catalog, const struct ref *b,
    const struct branch_head *head)
{
	return (struct branch_body){ .name = b->name,
		.catalog = catalog->name,
		.head = head->commit,
		.type = (int)b->type - (int)BRANCH_INGEST,
		.is_protected = b->is_protected ? FORM_TRUE : FORM_FALSE,
		.is_default =
		    b->id == catalog->main_branch ? FORM_TRUE : FORM_FALSE,
		.is_partial = b->is_partial ? FORM_TRUE : FORM_FALSE,
		.sequence = head->seq,
		.fork = b->fork_commit,
		.created_us = time_or_none(b->created_us),
		.created_by = b->created_by,
		.ahead = FORM_NO_INT,
		.behind = FORM_NO_INT };
}

/* A branch with what it began with. */
static enum err
whole_body(struct call *c, const struct catalog *catalog, const struct ref *b,
    const struct branch_head *head, struct branch_body *ret)
{
	struct asset_names assets;

	TRY(branch_assets(c, b, &assets));
	*ret = body_of(catalog, b, head);
	ret->assets = (struct form_texts){ assets.at, assets.count };
	return OK;
}

static enum err
reply_branch(struct request *r, struct call *c, const struct catalog *catalog,
    const struct ref *b)
{
	struct branch_head head;
	struct branch_body body;

	TRY(branch_heads(c, b, 1, &head));
	TRY(whole_body(c, catalog, b, &head, &body));
	reply_form(r, &form_branch, &body);
	return OK;
}

/* ahead and behind, when `compare` of the query names a state. */
static enum err
compare(struct request *r, struct call *c, const struct catalog *catalog,
    const struct ref_list *list, const struct branch_head *heads,
    struct branch_body *io)
{
	struct divergence *found =
	    ARENA_NEW(r->arena, struct divergence, list->count);
	struct position position;
	struct ref_spec spec;
	struct str text;

	TRY(request_query(r, "compare", &text));
	if (text.ptr == NULL)
		return OK;
	TRY(spec_read(r, "compare", text, &spec));
	TRY(ref_resolve(c, catalog, &spec, &position));
	TRY(divergences(
	    c, catalog, position.point, list->at, heads, list->count, found));
	for (size_t i = 0; i < list->count; i++) {
		io[i].ahead = found[i].ahead;
		io[i].behind = found[i].behind;
	}
	return OK;
}

/* A comparison walks merges, which may be many. */
static enum err
read_branches_query(struct request *r, struct call *c, struct range *ret)
{
	struct str text;

	TRY(query_range(r, ret));
	TRY(request_query(r, "compare", &text));
	if (text.ptr == NULL)
		return OK;
	if (c->nowait)
		return usage_would_block(c, "A comparison may be large.");
	if (ret->limit == 0 || ret->limit > COMPARED_MAX)
		ret->limit = COMPARED_MAX;
	return OK;
}

enum err
branches_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct branch_head *heads;
	struct branch_body *bodies;
	struct catalog catalog;
	struct ref_list found;
	struct range range;

	TRY(read_branches_query(r, &call, &range));
	TRY(query_catalog(r, &call, REF_ANY, &catalog));
	TRY(refs_shown(r, &call, &catalog, REF_BRANCH, range, &found));
	heads = ARENA_NEW(r->arena, struct branch_head, found.count);
	bodies = ARENA_NEW(r->arena, struct branch_body, found.count);
	TRY(branch_heads(&call, found.at, found.count, heads));
	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&catalog, &found.at[i], &heads[i]);
	TRY(compare(r, &call, &catalog, &found, heads, bodies));
	reply_forms(r, &form_branch, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
branch_get(struct request *r)
{
	struct call call = request_call(r);
	struct catalog catalog;
	struct ref branch;

	TRY(query_catalog_of_ref(r, &call, r->arg[0], &catalog));
	TRY(branches_get(&call, &catalog, r->arg[0], &branch));
	return reply_branch(r, &call, &catalog, &branch);
}

/* ---- making one */
static enum err
read_new(struct request *r, struct call *c, struct catalog *ret_catalog,
    struct branch_new *ret, bool *ret_if_absent)
{
	struct branch_request body;

	TRY(body_decode(r, &form_create_branch_request, &body));
	TRY(access_catalog_named(r, c, body.catalog, body.name, ret_catalog));
	if (body.assets.count > PARTIAL_ASSETS_MAX)
		return fail(&r->error, ERR_BAD_REQUEST, "/assets: at most %d",
		    PARTIAL_ASSETS_MAX);
	*ret = (struct branch_new){ .name = body.name,
		.type = body.type == 0 ? BRANCH_INGEST : BRANCH_EXPERIMENTAL,
		.assets = body.assets.at,
		.asset_count = body.assets.count,
		.is_protected = body.is_protected == FORM_TRUE };
	*ret_if_absent = body.if_absent == FORM_TRUE;
	return spec_read(r, "/from_branch", body.from, &ret->from);
}

static enum err
may_create(struct request *r, const struct catalog *catalog,
    const struct branch_new *new)
{
	struct str from = new->from.ref;

	TRY(access_catalog_as(r,
	    new->type == BRANCH_INGEST ? ACTION_INGEST_BRANCHING
				       : ACTION_EXPERIMENTAL_BRANCHING,
	    catalog, new->name));
	return access_source(r, catalog, from.len != 0 ? from : STR("main"));
}

enum err
branch_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;
	struct branch_head head = { 0 };
	struct branch_body body;
	struct catalog catalog;
	struct branch_new new;
	struct ref branch;
	bool if_absent;
	enum err err;

	TRY(ref_author_read(r, &author));
	TRY(read_new(r, &call, &catalog, &new, &if_absent));
	TRY(may_create(r, &catalog, &new));
	err = branches_create(&call, &catalog, &new, &author, &branch);
	if (err == ERR_ALREADY_EXISTS && if_absent) {
		TRY(branches_get(&call, &catalog, new.name, &branch));
		return reply_branch(r, &call, &catalog, &branch);
	}
	TRY(err);
	head.commit = branch.fork_commit;
	TRY(whole_body(&call, &catalog, &branch, &head, &body));
	reply_made(r, &form_branch, &body);
	return OK;
}

/* As it was made; what has become of it since is another question. */
enum err
branch_create_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct branch_head head = { 0 };
	struct branch_body body;
	struct catalog catalog;
	struct branch_new new;
	struct ref branch;
	bool if_absent;

	TRY(read_new(r, call, &catalog, &new, &if_absent));
	TRY(ref_of_unit(call, &catalog, first->commit, &branch));
	branch.name = new.name;
	branch.is_protected = new.is_protected;
	head.commit = branch.fork_commit;
	TRY(whole_body(call, &catalog, &branch, &head, &body));
	reply_made(r, &form_branch, &body);
	return OK;
}

/* ---- changing one */
static enum err
read_change(struct request *r, struct branch_change *ret)
{
	struct branch_request body;

	TRY(body_decode(r, &form_update_branch, &body));
	*ret = (struct branch_change){ body.name, (int)body.is_protected };
	return OK;
}

enum err
branch_update_patch(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;
	struct branch_change change;
	struct catalog catalog;
	struct ref branch;

	TRY(ref_author_read(r, &author));
	TRY(read_change(r, &change));
	TRY(query_catalog(r, &call, r->arg[0], &catalog));
	TRY(branches_update(
	    &call, &catalog, r->arg[0], &change, &author, &branch));
	return reply_branch(r, &call, &catalog, &branch);
}

enum err
branch_update_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct branch_change change;
	struct catalog catalog;
	struct ref branch;

	TRY(read_change(r, &change));
	TRY(query_catalog(r, call, r->arg[0], &catalog));
	TRY(ref_of_unit(call, &catalog, first->commit, &branch));
	if (change.name.ptr != NULL)
		branch.name = change.name;
	if (change.is_protected >= 0)
		branch.is_protected = change.is_protected != 0;
	return reply_branch(r, call, &catalog, &branch);
}

enum err
branch_delete(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;
	struct catalog catalog;
	struct id head;

	TRY(ref_author_read(r, &author));
	TRY(query_catalog_of_ref(r, &call, r->arg[0], &catalog));
	TRY(query_id(r, "expected_head", &head));
	return branches_delete(&call, &catalog, r->arg[0], head, &author);
}
