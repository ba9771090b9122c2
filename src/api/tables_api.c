/*
 * tables_api.c - the table routes of the Iceberg REST spec.
 *
 * Metadata goes out as the bytes of its file, between the members around it:
 * nothing is parsed to be written again.
 */
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/target_of.h"
#include "catalog/tables.h"
#include "iceberg/metadata.h"

/* LoadTableResult, and CommitTableResponse without `config`. */
static void
reply_table(struct request *r, const struct table *table, bool config)
{
	struct buf head = buf_in(r->arena);

	buf_add_char(&head, '{');
	if (table->metadata_location.ptr != NULL) {
		buf_add(&head, STR("\"metadata-location\":"));
		buf_add_json(&head, table->metadata_location);
		buf_add_char(&head, ',');
	}
	buf_add(&head, STR("\"metadata\":"));
	reply_part(r, buf_str(&head));
	reply_part(r, table->metadata);
	reply_part(r, config ? STR(",\"config\":{}}") : STR("}"));
}

enum err
tables_list_get(struct request *r)
{
	struct table_list_answer answer;
	struct buf body = buf_in(r->arena);
	struct listing found;
	struct branch branch;
	struct call call;
	struct page page;
	struct str ns;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &ns));
	TRY(target_page(r, &page));
	TRY(tables_list(&call, &branch, ns, page, &found));

	struct table_identifier *tables =
	    ARENA_NEW(r->arena, struct table_identifier, found.count + 1);
	struct form_texts levels = levels_of(r->arena, ns);

	for (size_t i = 0; i < found.count; i++)
		tables[i] =
		    (struct table_identifier){ levels, found.at[i].key.name };
	answer.identifiers = (struct form_list){ tables, found.count };
	answer.next_page_token = found.next;
	form_encode(&form_table_list, &answer, &body);
	reply_part(r, buf_str(&body));
	return OK;
}

enum err
table_create_post(struct request *r)
{
	struct create_table_request body;
	struct table_request request;
	yyjson_val *json = NULL;
	struct branch branch;
	struct table made;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &request.ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(json_parse(r->arena, r->body, &json, &r->error));
	request.ident.name = body.name;
	request.body = json;
	request.stage = body.stage_create == FORM_TRUE;
	TRY(name_check(body.name, "Table", &r->error));
	TRY(tables_create(&call, &branch, &request, &made));
	reply_table(r, &made, true);
	return OK;
}

/* `snapshots=refs`: only what a branch or tag names (REST spec, loadTable). */
static enum err
apply_snapshots_mode(struct request *r, struct table *table)
{
	struct metadata metadata;
	struct str mode;

	TRY(request_query(r, "snapshots", &mode));
	if (mode.len == 0 || str_eq(mode, STR("all")))
		return OK;
	if (!str_eq(mode, STR("refs")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "snapshots must be \"all\" or \"refs\": " STR_FMT,
		    STR_ARG(mode));
	TRY(metadata_parse(r->arena, table->metadata, &metadata, &r->error));
	metadata_refs_only(&metadata);
	table->metadata = metadata_text(&metadata);
	return OK;
}

enum err
table_get(struct request *r)
{
	struct branch branch;
	struct table table;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_table(r, &ident));
	TRY(tables_load(&call, &branch, ident, &table));
	TRY(apply_snapshots_mode(r, &table));
	reply_table(r, &table, true);
	return OK;
}

enum err
table_head(struct request *r)
{
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_table(r, &ident));
	return tables_find(&call, &branch, ident, &found);
}

enum err
table_commit_post(struct request *r)
{
	struct commit_table_request body;
	struct branch branch;
	struct table table;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_table(r, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));

	const struct table_changes changes = { body.requirements,
		body.updates };

	TRY(tables_commit(&call, &branch, ident, &changes, &table));
	reply_table(r, &table, false);
	return OK;
}

enum err
table_delete(struct request *r)
{
	struct branch branch;
	struct str purge;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_table(r, &ident));
	/* accepted in any case of letters (PyIceberg sends "True"); files are
	 * the sweeper's, whatever it says */
	TRY(request_query(r, "purgeRequested", &purge));
	if (purge.len != 0 && !str_eq_nocase(purge, STR("true")) &&
	    !str_eq_nocase(purge, STR("false")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "purgeRequested must be true or false: " STR_FMT,
		    STR_ARG(purge));
	return tables_drop(&call, &branch, ident);
}

enum err
table_register_post(struct request *r)
{
	struct register_table_request body;
	struct branch branch;
	struct ident ident;
	struct table made;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	ident.name = body.name;
	TRY(name_check(ident.name, "Table", &r->error));
	TRY(tables_register(&call, &branch, ident, body.metadata_location,
	    body.overwrite == FORM_TRUE, &made));
	reply_table(r, &made, true);
	return OK;
}

static enum err
ident_of(
    struct request *r, const struct table_identifier *from, struct ident *ret)
{
	TRY(path_of_levels(r->arena, from->namespace.at, from->namespace.count,
	    &ret->ns, &r->error));
	ret->name = from->name;
	return name_check(ret->name, "Table", &r->error);
}

enum err
table_rename_post(struct request *r)
{
	struct rename_table_request body;
	struct branch branch;
	struct ident from, to;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(ident_of(r, &body.source, &from));
	TRY(ident_of(r, &body.destination, &to));
	return tables_rename(&call, &branch, from, to);
}
