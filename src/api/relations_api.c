/*
 * relations_api.c - the routes of the Iceberg REST spec that tables and views
 * have alike: list, exists, drop, rename.
 */
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/name_list.h"
#include "api/paging.h"
#include "api/relation_answer.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "cache/list_cache.h"
#include "catalog/idempotency_keys.h"

void
relation_answer(struct request *r, const struct relation *relation, bool config)
{
	relation_answer_with(
	    r, relation, config ? ANSWER_LOADED : ANSWER_COMMITTED);
}

void
relation_answer_with(
    struct request *r, const struct relation *relation, struct str end)
{
	struct buf head = buf_in(r->arena);

	if (r->idempotency != NULL)
		r->idempotency->shown = relation->metadata_location;
	buf_add_char(&head, '{');
	if (relation->metadata_location.ptr != NULL) {
		buf_add(&head, STR("\"metadata-location\":"));
		buf_add_json(&head, relation->metadata_location);
		buf_add_char(&head, ',');
	}
	buf_add(&head, STR("\"metadata\":"));
	reply_part(r, buf_str(&head));
	reply_part(r, relation->metadata);
	reply_part(r, end);
}

/* The whole list is cached, pages are not. */
static enum err
list(struct request *r, enum kind kind)
{
	struct cached_list cached = { 0 };
	struct name_list names;
	struct branch branch;
	struct call call;
	struct paging paging;
	struct str ns;

	TRY(target_namespace(r, &call, &branch, &ns));

	const struct listed listed = { branch.id, kind_title(kind), ns };

	TRY(paging_read(r, &listed, &paging));

	struct listing found = name_list_take(&names, paging.page);

	if (!access_filter(r, &branch, SPACE_RELATION, ns, &found))
		paging.may_be_whole = false;
	if (paging.may_be_whole)
		TRY(list_cache_find(&call, branch.chain.link[0],
		    branch.is_history ? &branch.catalog.purged_us : NULL,
		    kind_title(kind), ns, &cached));
	if (cached.value.ptr != NULL) {
		reply_part(r, cached.value);
		return OK;
	}
	name_list_of_relations(&names, r->arena, ns);
	TRY(relations_list(&call, &branch, kind, ns, &found));

	struct str token = paging_token(r, &listed, found.next);
	struct str body = name_list_end(&names, token);

	if (paging.may_be_whole && token.ptr == NULL)
		list_cache_put(&call, &cached, body);
	reply_part(r, body);
	return OK;
}

static enum err
exists(struct request *r, enum kind kind)
{
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, kind, &call, &branch, &ident));
	return relation_get(&call, &branch, kind, ident, &found);
}

static enum err
drop(struct request *r, enum kind kind, bool purge)
{
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, kind, &call, &branch, &ident));
	return relation_drop(&call, &branch, kind, ident, purge);
}

static enum err
rename_one(struct request *r, enum kind kind)
{
	struct rename_table_request body;
	struct branch branch;
	struct str ref;
	struct ident from, to;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(target_identifier(
	    r, kind, &call, &branch, &body.source, &from, &ref));
	TRY(target_switch(r, &call, &branch, ref));
	TRY(target_identifier(
	    r, kind, &call, &branch, &body.destination, &to, &ref));
	TRY(target_switch(r, &call, &branch, ref));
	TRY(access_relation(r, &call, &branch, kind, from));
	TRY(access_namespace_as(r,
	    kind == KIND_VIEW ? ACTION_VIEW_CREATE : ACTION_TABLE_CREATE,
	    &branch, to.ns));
	return relation_rename(&call, &branch, kind, from, to);
}

enum err
tables_list_get(struct request *r)
{
	return list(r, KIND_TABLE);
}

enum err
views_list_get(struct request *r)
{
	return list(r, KIND_VIEW);
}

enum err
table_head(struct request *r)
{
	return exists(r, KIND_TABLE);
}

enum err
view_head(struct request *r)
{
	return exists(r, KIND_VIEW);
}

/* purgeRequested is accepted in any case of letters (PyIceberg sends "True").
 */
enum err
table_delete(struct request *r)
{
	struct str purge;
	bool asked;

	TRY(request_query(r, "purgeRequested", &purge));
	asked = str_eq_nocase(purge, STR("true"));
	if (purge.len != 0 && !asked && !str_eq_nocase(purge, STR("false")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "purgeRequested must be true or false: " STR_FMT,
		    STR_ARG(purge));
	return drop(r, KIND_TABLE, asked);
}

enum err
view_delete(struct request *r)
{
	return drop(r, KIND_VIEW, false);
}

enum err
table_rename_post(struct request *r)
{
	return rename_one(r, KIND_TABLE);
}

enum err
view_rename_post(struct request *r)
{
	return rename_one(r, KIND_VIEW);
}
