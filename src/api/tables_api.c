/* tables_api.c - the routes of the Iceberg REST spec that tables have alone.
 */
#include "api/delegation.h"
#include "api/etag.h"
#include "api/form_body.h"
#include "api/forms_credentials.h"
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/relation_answer.h"
#include "api/relation_text.h"
#include "api/request_target.h"
#include "api/served_metadata.h"
#include "api/target_access.h"
#include "base/clock.h"
#include "catalog/tables.h"
#include "object/object.h"

/* A staged table has no files: its metadata comes back to be stored. */
enum err
table_answer(struct request *r, struct call *c, const struct catalog *catalog,
    struct relation *table, struct str end)
{
	struct str location = table->metadata_location;
	unsigned served = catalog->is_shared ? SERVED_SHARED : 0;

	if (location.ptr != NULL) {
		etag_reply(r, etag_of(r, location, served, table->at));
		TRY(served_metadata(c, served, &table->metadata));
	}
	relation_answer_with(r, table, end);
	return OK;
}

/* A table that was made or registered, with credentials for who asks: for the
 * place that was chosen, or those of the entry. */
static enum err
answer_loaded(struct request *r, struct call *c, const struct branch *branch,
    struct ident ident, struct relation *made)
{
	struct str path = { 0 }, end = { 0 };

	if (made->location.ptr != NULL)
		path = object_path(made->location);
	/* it is there: without credentials is better than an error */
	if (delegation_tail(r, c, branch, ident, path,
		made->metadata_location.ptr == NULL, &end) != OK)
		end.ptr = NULL;
	return table_answer(r, c, &branch->catalog, made,
	    end.ptr != NULL ? end : ANSWER_LOADED);
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

	TRY(target_namespace(r, &call, &branch, &request.ident.ns));
	TRY(form_decode_json(
	    r->route->body, r->arena, r->body, &body, &json, &r->error));
	request.body = json;
	request.stage = body.stage_create == FORM_TRUE;
	TRY(target_name(
	    r, KIND_TABLE, &call, &branch, body.name, &request.ident));
	TRY(tables_create(&call, &branch, &request, &made));
	return answer_loaded(r, &call, &branch, request.ident, &made);
}

/* `snapshots=refs`: only what a branch or tag names (REST spec, loadTable). */
static enum err
read_snapshots_mode(struct request *r, unsigned *io_served)
{
	struct str mode;

	TRY(request_query(r, "snapshots", &mode));
	if (mode.len == 0 || str_eq(mode, STR("all")))
		return OK;
	if (str_eq(mode, STR("refs"))) {
		*io_served |= SERVED_REFS;
		return OK;
	}
	return fail(&r->error, ERR_BAD_REQUEST,
	    "snapshots must be \"all\" or \"refs\": " STR_FMT, STR_ARG(mode));
}

/*
 * Where reads may be somewhat old (cache.max_age), a client's tag may tell of
 * a position that is not known here yet: what one client sees never goes back.
 */
static enum err
find_newest(struct request *r, struct call *c, const struct branch *b,
    struct ident ident, struct version *ret)
{
	int64_t seen = etag_position(r, b->id), known = 0;
	enum err err = relation_get(c, b, KIND_TABLE, ident, ret);

	if (err == OK && ret->at.branch == b->id)
		known = ret->at.seq;
	if (seen <= known || b->is_history ||
	    (err != OK && err != ERR_NO_SUCH_TABLE))
		return err;
	r->usage.since_ns = clock_mono_ns();
	return relation_get(c, b, KIND_TABLE, ident, ret);
}

enum err
table_get(struct request *r)
{
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;
	unsigned served;

	TRY(target_relation(r, KIND_TABLE, &call, &branch, &ident));
	TRY(access_chain(r, &call, &branch));
	TRY(find_newest(r, &call, &branch, ident, &found));
	served = branch.catalog.is_shared ? SERVED_SHARED : 0;
	TRY(read_snapshots_mode(r, &served));

	struct str etag = etag_of(r, found.location, served, found.at), end;
	bool is_there = false;

	TRY(delegation_tail(r, &call, &branch, ident, found.body, false, &end));
	/* 304 would leave a client with credentials that have ended */
	if (end.ptr == NULL && etag_is_known(r, etag))
		TRY(object_seems_there(&call, found.location, &is_there));
	if (is_there) {
		etag_not_modified(r, etag);
		return OK;
	}
	etag_reply(r, etag);
	return relation_send(r, &call, ident, &found, served, end);
}

enum err
table_commit_post(struct request *r)
{
	struct commit_table_request body;
	struct branch branch;
	struct relation table;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, KIND_TABLE, &call, &branch, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));

	const struct table_change change = { ident, body.requirements,
		body.updates, NULL };

	TRY(tables_commit(&call, &branch, &change, 1, &table));
	return table_answer(
	    r, &call, &branch.catalog, &table, ANSWER_COMMITTED);
}

static enum err
change_of(struct request *r, struct call *c, struct branch *io,
    const struct commit_table_request *from, size_t index,
    struct table_change *ret)
{
	struct str ref, given = io->ref;

	ret->where = arena_printf(r->arena, "/table-changes/%zu", index).ptr;
	if (from->identifier.name.ptr == NULL)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s/identifier: missing", ret->where);
	ret->requirements = from->requirements;
	ret->updates = from->updates;
	TRY(target_identifier(
	    r, KIND_TABLE, c, io, &from->identifier, &ret->ident, &ref));
	if (ref.ptr != NULL && index != 0 && given.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s/identifier: all tables of a transaction are of one "
		    "branch",
		    ret->where);
	TRY(target_switch(r, c, io, ref));
	return access_relation(r, c, io, KIND_TABLE, ret->ident);
}

/* Each is written whole, however little of it is changed. */
#define TRANSACTION_TABLES_MAX 1000

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

	if (count > TRANSACTION_TABLES_MAX)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "table-changes: at most %d tables are committed together, "
		    "these would be %zu",
		    TRANSACTION_TABLES_MAX, count);

	struct table_change *changes =
	    ARENA_NEW(r->arena, struct table_change, count);

	for (size_t i = 0; i < count; i++)
		TRY(change_of(r, &call, &branch, &from[i], i, &changes[i]));
	TRY(branch_may_write(&call, &branch));
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

	TRY(target_namespace(r, &call, &branch, &ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(target_name(r, KIND_TABLE, &call, &branch, body.name, &ident));
	TRY(tables_register(&call, &branch, ident, body.metadata_location,
	    body.overwrite == FORM_TRUE, &made));
	return answer_loaded(r, &call, &branch, ident, &made);
}

enum err
table_unregister_post(struct request *r)
{
	struct relation table;
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, KIND_TABLE, &call, &branch, &ident));
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

	TRY(target_relation(r, KIND_TABLE, &call, &branch, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	return relation_get(&call, &branch, KIND_TABLE, ident, &found);
}

/* Warehouses of local files need none, which is what an empty list says. */
enum err
table_credentials_get(struct request *r)
{
	struct load_credentials_response answer = { 0 };
	struct storage_credential one;
	struct branch branch;
	struct version found;
	struct vended vended;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, KIND_TABLE, &call, &branch, &ident));
	TRY(access_chain(r, &call, &branch));
	TRY(relation_get(&call, &branch, KIND_TABLE, ident, &found));
	TRY(delegation_credentials(r, &call, &branch, found.body, &vended));
	one = (struct storage_credential){ vended.prefix, vended.config };
	if (vended.prefix.ptr != NULL)
		answer.storage_credentials = (struct form_list){ &one, 1 };
	reply_no_store(r);
	reply_form(r, &form_load_credentials_response, &answer);
	return OK;
}
