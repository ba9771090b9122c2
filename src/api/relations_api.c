/*
 * relations_api.c - the routes of the Iceberg REST spec that tables and views
 * have alike: list, exists, drop, rename.
 */
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/paging.h"
#include "api/relation_answer.h"
#include "api/target_of.h"
#include "cache/kept.h"
#include "catalog/once.h"

void
relation_answer(struct request *r, const struct relation *relation, bool config)
{
	struct buf head = buf_in(r->arena);

	if (r->once != NULL)
		r->once->shown = relation->metadata_location;
	buf_add_char(&head, '{');
	if (relation->metadata_location.ptr != NULL) {
		buf_add(&head, STR("\"metadata-location\":"));
		buf_add_json(&head, relation->metadata_location);
		buf_add_char(&head, ',');
	}
	buf_add(&head, STR("\"metadata\":"));
	reply_part(r, buf_str(&head));
	reply_part(r, relation->metadata);
	reply_part(r, config ? STR(",\"config\":{}}") : STR("}"));
}

static struct str
encoded(struct arena *a, struct str ns, const struct listing *found,
    struct str token)
{
	struct table_identifier *all =
	    ARENA_NEW(a, struct table_identifier, found->count + 1);
	struct form_texts levels = levels_of(a, ns);
	struct buf body = buf_in(a);

	for (size_t i = 0; i < found->count; i++)
		all[i] =
		    (struct table_identifier){ levels, found->at[i].key.name };

	const struct table_list_answer answer = { { all, found->count },
		token };

	form_encode(&form_table_list, &answer, &body);
	return buf_str(&body);
}

/* The whole list is kept until the branch moves, pages are not. */
static enum err
list(struct request *r, enum kind kind)
{
	struct kept_text kept = { 0 };
	struct listing found;
	struct branch branch;
	struct call call;
	struct page page;
	struct str ns;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &ns));

	const struct listed listed = { branch.id, kind_title(kind), ns };

	TRY(paging_read(r, &listed, &page));
	if (paging_wants_all(page))
		kept_text_find(&call, branch.id, kind_title(kind), ns, &kept);
	if (kept.kept.value.ptr != NULL) {
		reply_part(r, kept.kept.value);
		return OK;
	}
	TRY(relations_list(&call, &branch, kind, ns, page, &found));

	struct str token = paging_token(r, &listed, found.next);
	struct str body = encoded(r->arena, ns, &found, token);

	if (kept.key.name.ptr != NULL)
		kept_text_put(&call, &kept, body);
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

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, kind, &ident));
	return relation_find(&call, &branch, kind, ident, &found);
}

static enum err
drop(struct request *r, enum kind kind)
{
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, kind, &ident));
	return relation_drop(&call, &branch, kind, ident);
}

static enum err
rename_one(struct request *r, enum kind kind)
{
	struct rename_table_request body;
	struct branch branch;
	struct ident from, to;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(target_identifier(r, kind, &body.source, &from));
	TRY(target_identifier(r, kind, &body.destination, &to));
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

/* purgeRequested is accepted in any case of letters (PyIceberg sends "True");
 * files are the sweeper's, whatever it says. */
enum err
table_delete(struct request *r)
{
	struct str purge;

	TRY(request_query(r, "purgeRequested", &purge));
	if (purge.len != 0 && !str_eq_nocase(purge, STR("true")) &&
	    !str_eq_nocase(purge, STR("false")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "purgeRequested must be true or false: " STR_FMT,
		    STR_ARG(purge));
	return drop(r, KIND_TABLE);
}

enum err
view_delete(struct request *r)
{
	return drop(r, KIND_VIEW);
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
