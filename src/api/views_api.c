/* views_api.c - the routes of the Iceberg REST spec that views have alone. */
#include "api/forms_views.h"
#include "api/handlers.h"
#include "api/relation_answer.h"
#include "api/relation_text.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "catalog/views.h"

enum err
view_create_post(struct request *r)
{
	struct create_view_request body;
	struct view_request request;
	yyjson_val *json = NULL;
	struct branch branch;
	struct relation made;
	struct call call;

	TRY(target_namespace(r, &call, &branch, &request.ident.ns));
	TRY(form_decode_json(
	    r->route->body, r->arena, r->body, &body, &json, &r->error));
	TRY(target_name(
	    r, KIND_VIEW, &call, &branch, body.name, &request.ident));
	request.body = json;
	TRY(views_create(&call, &branch, &request, &made));
	relation_answer(r, &made, true);
	return OK;
}

enum err
view_get(struct request *r)
{
	struct branch branch;
	struct version found;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, KIND_VIEW, &call, &branch, &ident));
	TRY(access_chain(r, &call, &branch));
	TRY(relation_get(&call, &branch, KIND_VIEW, ident, &found));
	return relation_send(r, &call, ident, &found, 0, (struct str){ 0 });
}

enum err
view_replace_post(struct request *r)
{
	struct commit_table_request body;
	struct relation view;
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_relation(r, KIND_VIEW, &call, &branch, &ident));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));

	const struct view_changes changes = { body.requirements, body.updates };

	TRY(views_replace(&call, &branch, ident, &changes, &view));
	relation_answer(r, &view, true);
	return OK;
}

enum err
view_register_post(struct request *r)
{
	struct register_view_request body;
	struct relation made;
	struct branch branch;
	struct ident ident;
	struct call call;

	TRY(target_namespace(r, &call, &branch, &ident.ns));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(target_name(r, KIND_VIEW, &call, &branch, body.name, &ident));
	TRY(views_register(
	    &call, &branch, ident, body.metadata_location, &made));
	relation_answer(r, &made, true);
	return OK;
}
