/* diff_api.c - GET /api/v1/diff: the difference of two states of a catalog. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_versions.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/page_token.h"
#include "api/ref_target.h"
#include "api/target_access.h"
#include "calls/usage.h"
#include "catalog/branch.h"
#include "versions/diff.h"

#define LIST STR("diff")

static enum err
read_side(struct request *r, struct call *c, const struct catalog *catalog,
    const char *name, struct point *ret)
{
	struct position position;
	struct ref_spec spec;
	struct str text;

	TRY(request_query(r, name, &text));
	TRY(spec_read(r, name, text, &spec));
	TRY(access_catalog(
	    r, catalog, spec.ref.len != 0 ? spec.ref : STR("main")));
	TRY(ref_resolve(c, catalog, &spec, &position));
	*ret = position.point;
	return OK;
}

static enum err
begin(struct request *r, struct call *c, const struct catalog *catalog,
    struct diff *ret)
{
	struct point from, to;
	struct str token;

	TRY(page_token_read(r, LIST, catalog, &token));
	if (token.ptr == NULL) {
		TRY(read_side(r, c, catalog, "from", &from));
		TRY(read_side(r, c, catalog, "to", &to));
		return diff_begin(c, catalog, from, to, ret);
	}
	return diff_read(r->arena, token, ret) ? OK : page_token_foreign(r);
}

static enum err
body_of(struct call *c, const struct difference *d, struct difference_body *ret)
{
	bool was = version_is_live(&d->from), is = version_is_live(&d->to);
	const struct version *v = is ? &d->to : &d->from;
	struct diff_words words = { 0 };

	if (was && is)
		TRY(diff_explain(c, d, &words));
	*ret = (struct difference_body){
		.change = !was ? STR("added")
			  : is ? STR("changed")
			       : STR("removed"),
		.kind = kind_word(v->kind),
		.namespace = levels_in(c->arena, v->key.ns),
		.name = v->key.name,
		.object = v->object,
		.from_location = metadata_file(&d->from),
		.to_location = metadata_file(&d->to),
		.what = { words.at, words.count },
	};
	return OK;
}

enum err
diff_get(struct request *r)
{
	struct call call = request_call(r);
	struct difference_body *bodies;
	struct differences found;
	struct catalog catalog;
	struct range range;
	struct diff diff;

	if (call.nowait)
		return usage_would_block(&call, "A difference may be large.");
	TRY(query_page(r, DIFF_PAGE, DIFF_PAGE_MAX, &range));
	TRY(query_catalog(r, &call, REF_ANY, &catalog));
	TRY(begin(r, &call, &catalog, &diff));
	TRY(diff_next(&call, &diff, range.limit, &found));
	bodies = ARENA_NEW(r->arena, struct difference_body, found.count);
	for (size_t i = 0; i < found.count; i++)
		TRY(body_of(&call, &found.at[i], &bodies[i]));
	reply_forms(r, &form_difference, bodies, found.count);
	if (!diff.ended)
		page_token_reply(
		    r, LIST, &catalog, diff_write(r->arena, &diff));
	return OK;
}
