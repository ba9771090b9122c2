/* undrop_api.c - what was dropped: a list, bringing it back, purging it. */
#include <inttypes.h>

#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_merges.h"
#include "api/forms_tasks.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/limit_offset.h"
#include "api/merge_target.h"
#include "api/page_token.h"
#include "api/ref_target.h"
#include "app/app.h"
#include "calls/usage.h"
#include "catalog/purges.h"
#include "config/settings.h"
#include "identity/principal.h"
#include "tasks/purge_objects.h"
#include "tasks/runner.h"
#include "versions/drop_history.h"
#include "versions/dropped.h"
#include "versions/purge_check.h"
#include "versions/undrop.h"

static struct dropped_body
body_of(struct arena *a, const struct version *v)
{
	bool has_file = v->kind != KIND_NAMESPACE;

	return (struct dropped_body){ .object = v->object,
		.kind = kind_word(v->kind),
		.namespace = levels_in(a, v->key.ns),
		.name = v->key.name,
		.location = has_file ? v->location : (struct str){ 0 },
		.purge = purge_is_marked(v) ? FORM_TRUE : FORM_FALSE };
}

/* A token is of what one address showed. */
static struct str
list_of(struct request *r, const struct branch *b)
{
	const struct point *shown = b->chain.link;

	return arena_printf(r->arena, "dropped:%" PRId64 ".%" PRId64,
	    shown->branch, shown->seq);
}

static enum err
read_token(struct request *r, const struct branch *b, struct point *ret)
{
	struct str text;

	*ret = (struct point){ 0 };
	TRY(page_token_read(r, list_of(r, b), &b->catalog, &text));
	if (text.ptr != NULL && !page_token_to_point(text, ret))
		return page_token_foreign(r);
	return OK;
}

static enum err
open_branch(struct request *r, struct call *c, struct str catalog,
    struct str ref, struct branch *ret)
{
	TRY(merge_catalog(r, c, catalog, ref, ret));
	return ref.len != 0 ? branch_switch(c, ret, ref) : OK;
}

enum err
dropped_get(struct request *r)
{
	struct call call = request_call(r);
	struct dropped_body *bodies;
	struct dropped_page page;
	struct str catalog, ref;
	struct branch branch;
	struct point above;
	struct range range;

	if (call.nowait)
		return usage_would_block(&call, "A history may be large.");
	TRY(query_page(r, DROPPED_PAGE, DROPPED_PAGE_MAX, &range));
	TRY(request_query(r, "catalog", &catalog));
	TRY(request_query(r, "branch", &ref));
	if (catalog.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST, "catalog: missing");
	TRY(open_branch(r, &call, catalog, ref, &branch));
	TRY(read_token(r, &branch, &above));
	TRY(dropped_list(&call, &branch, above, range.limit, &page));
	bodies = ARENA_NEW(r->arena, struct dropped_body, page.count);
	for (size_t i = 0; i < page.count; i++)
		bodies[i] = body_of(r->arena, &page.at[i]);
	reply_forms(r, &form_dropped, bodies, page.count);
	if (page.next.branch != 0)
		page_token_reply(r, list_of(r, &branch), &branch.catalog,
		    page_token_of_point(r->arena, page.next));
	return OK;
}

enum err
undrop_post(struct request *r)
{
	struct call call = request_call(r);
	struct undrop_request body;
	struct dropped_body answer;
	struct branch branch;
	struct version back;

	TRY(body_decode(r, &form_undrop_request, &body));
	TRY(open_branch(r, &call, body.catalog, body.branch, &branch));
	TRY(undrop(&call, &branch, body.object, body.name,
	    body.empty == FORM_TRUE, &back));
	answer = body_of(r->arena, &back);
	reply_form(r, &form_dropped, &answer);
	return OK;
}

/* It must have been dropped on the branch; where it still shows is the better
 * answer.  What takes too long to find out the task says. */
enum err
purge_post(struct request *r)
{
	struct call call = request_call(r);
	struct purge_request body;
	struct task_submitted answer;
	struct version dropped;
	struct branch branch;
	bool whole;

	TRY(body_decode(r, &form_purge_request, &body));
	TRY(open_branch(r, &call, body.catalog, body.branch, &branch));
	TRY(purge_check(&call, &branch.catalog, branch.chain.link[0].branch,
	    body.object, &whole));
	if (whole)
		TRY(drop_find(&call, &branch, body.object, &dropped));
	TRY(tasks_have_room(
	    &call, request_tenant(r), r->app->settings->tasks_open));
	TRY(purge_submit(&call, &branch.catalog, body.object, r->principal->id,
	    &answer.task_id));
	runner_wake(r->app->runner);
	r->reply.status = 202;
	reply_form(r, &form_task_submitted, &answer);
	return OK;
}

/* The version that was asked for: the namespace around all others, or the one
 * thing that lives. */
static const struct version *
first_of(const struct versions *made)
{
	const struct version *first = NULL;

	for (size_t i = 0; i < made->count; i++) {
		const struct version *v = &made->at[i];

		if (v->deleted || id_is_nil(v->object) || v->kind > KIND_VIEW)
			continue;
		if (first == NULL ||
		    (v->kind == KIND_NAMESPACE &&
			(first->kind != KIND_NAMESPACE ||
			    v->key.ns.len < first->key.ns.len)))
			first = v;
	}
	return first;
}

enum err
undrop_again(struct request *r, struct call *call, const struct answer *first)
{
	const struct point above = { first->commit.branch,
		first->commit.seq - 1 };
	const struct version *back;
	struct dropped_body answer;
	struct versions made;

	TRY(store_changes(call, above, first->commit.seq, 1, &made));
	back = first_of(&made);
	if (back == NULL)
		return fail(call->error, ERR_NOT_FOUND,
		    "What was made with this Idempotency-Key is not kept any "
		    "more");
	answer = body_of(r->arena, back);
	reply_form(r, &form_dropped, &answer);
	return OK;
}
