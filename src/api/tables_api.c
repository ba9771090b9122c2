/* tables_api.c - the routes of the Iceberg REST spec that tables have alone.
 */
#include "api/etag.h"
#include "api/forms_credentials.h"
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/relation_answer.h"
#include "api/relation_text.h"
#include "api/steps.h"
#include "api/target_of.h"
#include "catalog/tables.h"
#include "object/object.h"

void
table_answer(struct request *r, const struct relation *table, bool config)
{
	struct str location = table->metadata_location;

	if (location.ptr != NULL)
		etag_reply(r, etag_of(r, location, false));
	relation_answer(r, table, config);
}

enum err
table_create_post(struct request *r)
{
	struct create_table_request body;
	struct table_request request;
	yyjson_val *json = NULL;
	struct branch branch;
	struct relation made;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &request.ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(json_parse(r->arena, r->body, &json, &r->error));
	request.ident.name = body.name;
	request.body = json;
	request.stage = body.stage_create == FORM_TRUE;
	TRY(relation_name_check(body.name, "Table", &r->error));
	TRY(tables_create(&call, &branch, &request, &made));
	table_answer(r, &made, true);
	return OK;
}

/* `snapshots=refs`: only what a branch or tag names (REST spec, loadTable). */
static enum err
read_snapshots_mode(struct request *r, bool *ret_refs_only)
{
	struct str mode;

	TRY(request_query(r, "snapshots", &mode));
	*ret_refs_only = str_eq(mode, STR("refs"));
	if (mode.len == 0 || str_eq(mode, STR("all")) || *ret_refs_only)
		return OK;
	return fail(&r->error, ERR_BAD_REQUEST,
	    "snapshots must be \"all\" or \"refs\": " STR_FMT, STR_ARG(mode));
}

enum err
table_get(struct request *r)
{
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;
	bool refs_only;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, KIND_TABLE, &ident));
	TRY(relation_find(&call, &branch, KIND_TABLE, ident, &found));
	TRY(read_snapshots_mode(r, &refs_only));

	struct str etag = etag_of(r, found.location, refs_only);
	bool is_there = false;

	if (etag_is_known(r, etag))
		TRY(object_exists(&call, found.location, &is_there));
	if (is_there) {
		etag_not_modified(r, etag);
		return OK;
	}
	etag_reply(r, etag);
	return relation_send(r, &call, &found, refs_only);
}

enum err
table_commit_post(struct request *r)
{
	struct commit_table_request body;
	struct branch branch;
	struct relation table;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, KIND_TABLE, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));

	const struct table_change change = { ident, body.requirements,
		body.updates, NULL };

	TRY(tables_commit(&call, &branch, &change, 1, &table));
	table_answer(r, &table, false);
	return OK;
}

static enum err
change_of(struct request *r, const struct commit_table_request *from,
    size_t index, struct table_change *ret)
{
	ret->where = arena_printf(r->arena, "/table-changes/%zu", index).ptr;
	if (from->identifier.name.ptr == NULL)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s/identifier: missing", ret->where);
	ret->requirements = from->requirements;
	ret->updates = from->updates;
	return target_identifier(r, KIND_TABLE, &from->identifier, &ret->ident);
}

/* All tables or none. */
enum err
transaction_commit_post(struct request *r)
{
	struct commit_transaction_request body;
	struct branch branch;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));

	const struct commit_table_request *from = body.table_changes.at;
	size_t count = body.table_changes.count;
	struct table_change *changes =
	    ARENA_NEW(r->arena, struct table_change, count);

	for (size_t i = 0; i < count; i++)
		TRY(change_of(r, &from[i], i, &changes[i]));
	return tables_commit(&call, &branch, changes, count,
	    ARENA_NEW(r->arena, struct relation, count));
}

enum err
table_register_post(struct request *r)
{
	struct register_table_request body;
	struct branch branch;
	struct ident ident;
	struct relation made;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	ident.name = body.name;
	TRY(relation_name_check(ident.name, "Table", &r->error));
	TRY(tables_register(&call, &branch, ident, body.metadata_location,
	    body.overwrite == FORM_TRUE, &made));
	table_answer(r, &made, true);
	return OK;
}

enum err
table_unregister_post(struct request *r)
{
	struct relation table;
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, KIND_TABLE, &ident));
	TRY(relation_unregister(&call, &branch, KIND_TABLE, ident, &table));
	relation_answer(r, &table, false);
	return OK;
}

/* Clients report each scan and commit and do not wait for what becomes of it:
 * whatever report it is, it is taken. */
enum err
table_metrics_post(struct request *r)
{
	struct report_metrics_request body;
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, KIND_TABLE, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	return relation_find(&call, &branch, KIND_TABLE, ident, &found);
}

/* Warehouses of local files need none, which is what an empty list says. */
enum err
table_credentials_get(struct request *r)
{
	const struct load_credentials_response none = { 0 };
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(target_relation(r, KIND_TABLE, &ident));
	TRY(relation_find(&call, &branch, KIND_TABLE, ident, &found));
	reply_form(r, &form_load_credentials_response, &none);
	return OK;
}
