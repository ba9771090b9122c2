/* tags_api.c - tags of a catalog: made, listed, moved, deleted. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_versions.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/limit_offset.h"
#include "api/ref_target.h"
#include "api/target_access.h"
#include "versions/tags.h"

#define CATALOG_OF_OLD STR("default") /* when the request names none */

static enum err
body_of(struct call *c, const struct catalog *catalog, const struct ref *tag,
    struct tag_body *ret)
{
	struct ref holder;

	TRY(ref_get_by_id(c, catalog, tag->forked.branch, &holder));
	*ret = (struct tag_body){ .name = tag->name,
		.commit = tag->fork_commit,
		.catalog = catalog->name,
		.branch =
		    holder.state == REF_LIVE ? holder.name : (struct str){ 0 },
		.sequence = tag->forked.seq,
		.created_us =
		    tag->created_us != 0 ? tag->created_us : FORM_NO_INT,
		.created_by = tag->created_by };
	return OK;
}

static enum err
reply_tag(struct request *r, struct call *c, const struct catalog *catalog,
    const struct ref *tag)
{
	struct tag_body body;

	TRY(body_of(c, catalog, tag, &body));
	reply_form(r, &form_tag, &body);
	return OK;
}

enum err
tags_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct tag_body *bodies;
	struct catalog catalog;
	struct ref_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(query_catalog(r, &call, REF_ANY, &catalog));
	TRY(refs_shown(r, &call, &catalog, REF_TAG, range, &found));
	bodies = ARENA_NEW(r->arena, struct tag_body, found.count);
	for (size_t i = 0; i < found.count; i++)
		TRY(body_of(&call, &catalog, &found.at[i], &bodies[i]));
	reply_forms(r, &form_tag, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
tag_get(struct request *r)
{
	struct call call = request_call(r);
	struct catalog catalog;
	struct ref tag;

	TRY(query_catalog_of_ref(r, &call, r->arg[0], &catalog));
	TRY(tags_get(&call, &catalog, r->arg[0], &tag));
	return reply_tag(r, &call, &catalog, &tag);
}

/* ---- making one */
static enum err
read_new(struct request *r, struct call *c, struct tag_request *ret,
    struct catalog *ret_catalog)
{
	TRY(body_decode(r, &form_create_tag_request, ret));
	if (id_is_nil(ret->commit) == (ret->from.len == 0))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/commit_id: name a commit, or a branch or tag in `from`");
	return access_catalog_named(r, c,
	    ret->catalog.len != 0 ? ret->catalog : CATALOG_OF_OLD, ret->name,
	    ret_catalog);
}

static enum err
find_target(struct request *r, struct call *c, const struct catalog *catalog,
    const struct tag_request *body, struct fork_point *ret)
{
	struct ref_spec spec;

	if (!id_is_nil(body->commit)) {
		TRY(access_source(r, catalog, REF_EVERY));
		return fork_point_of_commit(c, catalog, body->commit, ret);
	}
	TRY(spec_read(r, "/from", body->from, &spec));
	TRY(access_source(
	    r, catalog, spec.ref.len != 0 ? spec.ref : STR("main")));
	TRY(fork_point_of(c, catalog, &spec, ret));
	if (!id_is_nil(ret->mark.id))
		return OK;
	return fail(&r->error, ERR_CONFLICT,
	    "/from: there is no commit yet that a tag could name");
}

enum err
tag_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;
	struct tag_request body;
	struct fork_point at;
	struct catalog catalog;
	struct ref tag;

	TRY(ref_author_read(r, &author));
	TRY(read_new(r, &call, &body, &catalog));
	TRY(find_target(r, &call, &catalog, &body, &at));
	TRY(tags_create(&call, &catalog, body.name, &at, &author, &tag));
	return reply_tag(r, &call, &catalog, &tag);
}

enum err
tag_create_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct tag_request body;
	struct catalog catalog;
	struct ref tag;

	TRY(read_new(r, call, &body, &catalog));
	TRY(ref_of_unit(call, &catalog, first->commit, &tag));
	if (!id_is_nil(body.commit)) {
		struct fork_point at;

		TRY(fork_point_of_commit(call, &catalog, body.commit, &at));
		tag.forked = at.mark.point;
		tag.fork_commit = at.mark.id;
	}
	return reply_tag(r, call, &catalog, &tag);
}

/* ---- moving one */
static enum err
move(struct request *r, struct call *call, const struct ref_author *author)
{
	struct tag_request body;
	struct fork_point at;
	struct catalog catalog;
	struct ref tag;

	TRY(body_decode(r, &form_move_tag, &body));
	TRY(query_catalog(r, call, r->arg[0], &catalog));
	TRY(access_source(r, &catalog, REF_EVERY));
	TRY(fork_point_of_commit(call, &catalog, body.commit, &at));
	if (author != NULL)
		TRY(tags_move(call, &catalog, r->arg[0], body.expected, &at,
		    author, &tag));
	else
		TRY(tags_get(call, &catalog, r->arg[0], &tag));
	tag.forked = at.mark.point;
	tag.fork_commit = at.mark.id;
	return reply_tag(r, call, &catalog, &tag);
}

enum err
tag_move_put(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;

	TRY(ref_author_read(r, &author));
	return move(r, &call, &author);
}

enum err
tag_move_again(struct request *r, struct call *call, const struct answer *first)
{
	(void)first;
	return move(r, call, NULL);
}

enum err
tag_delete(struct request *r)
{
	struct call call = request_call(r);
	struct ref_author author;
	struct catalog catalog;
	struct id expected;

	TRY(ref_author_read(r, &author));
	TRY(query_catalog_of_ref(r, &call, r->arg[0], &catalog));
	TRY(query_id(r, "expected_commit_id", &expected));
	return tags_delete(&call, &catalog, r->arg[0], expected, &author);
}
