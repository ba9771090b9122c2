/* tenants_api.c - the routes of tenants: list, make, change, delete. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "identity/tenants.h"

static struct tenant_body
body_of(const struct tenant *t)
{
	return (struct tenant_body){ t->id, t->name, t->properties };
}

enum err
tenants_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct tenant_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(tenants_list(&call, range.limit, range.offset, &found));

	struct tenant_body *bodies =
	    ARENA_NEW(r->arena, struct tenant_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&found.at[i]);
	reply_forms(r, &form_tenant, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
tenant_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct tenant_body body;
	struct tenant made;

	TRY(body_decode(r, &form_create_tenant_request, &body));
	TRY(tenants_create(&call,
	    &(struct tenant){
		.name = body.name, .properties = body.properties },
	    &made));
	body = body_of(&made);
	reply_made(r, &form_tenant, &body);
	return OK;
}

enum err
tenant_get(struct request *r)
{
	struct call call = request_call(r);
	struct tenant found;
	struct id id;

	TRY(arg_id(r, 0, "Tenant id", &id));
	TRY(tenants_get(&call, r->principal, id, &found));

	struct tenant_body body = body_of(&found);

	reply_form(r, &form_tenant, &body);
	return OK;
}

enum err
tenant_update_put(struct request *r)
{
	struct call call = request_call(r);
	struct tenant_body body;
	struct tenant changed;
	struct id id;

	TRY(arg_id(r, 0, "Tenant id", &id));
	TRY(body_decode(r, &form_tenant_update, &body));
	TRY(tenants_update(&call, id,
	    &(struct tenant){
		.name = body.name, .properties = body.properties },
	    &changed));
	body = body_of(&changed);
	reply_form(r, &form_tenant, &body);
	return OK;
}

enum err
tenant_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Tenant id", &id));
	return tenants_delete(&call, id);
}
