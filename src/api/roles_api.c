/* roles_api.c - the routes of roles, and who has them. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/grant_bodies.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "identity/roles.h"

static struct role_body
body_of(struct arena *a, const struct granted_role *role)
{
	return (struct role_body){ .id = role->id,
		.tenant = role->tenant,
		.created_by = role->created_by,
		.name = role->name,
		.description = role->description,
		.permissions = bodies_of_grants(a, role->grants),
		.created_us = role->created_us,
		.updated_us = role->updated_us };
}

static void
reply_roles(struct request *r, const struct role_list *roles)
{
	struct role_body *bodies =
	    ARENA_NEW(r->arena, struct role_body, roles->count);

	for (size_t i = 0; i < roles->count; i++)
		bodies[i] = body_of(r->arena, &roles->at[i]);
	reply_forms(r, &form_role, bodies, roles->count);
}

enum err
roles_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct role_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(roles_list(&call, r->principal, range.limit, range.offset, &found));
	reply_roles(r, &found);
	reply_next(r, range, found.count, found.more);
	return OK;
}

/* Roles are made and kept in the tenant of the request. */
static enum err
check_tenant(struct request *r, struct id named)
{
	if (id_is_nil(named) || id_eq(named, request_tenant(r)))
		return OK;
	return fail(&r->error, ERR_FORBIDDEN,
	    "tenant-id: this is not the tenant of the request");
}

enum err
role_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct granted_role new, made;
	struct role_body body;

	TRY(body_decode(r, &form_create_role_request, &body));
	TRY(check_tenant(r, body.tenant));
	new = (struct granted_role){ .name = body.name,
		.description = body.description };
	TRY(grants_of_bodies(
	    r, &call, "/permissions", body.permissions, &new.grants));
	TRY(roles_create(&call, r->principal, &new, &made));
	body = body_of(r->arena, &made);
	reply_made(r, &form_role, &body);
	return OK;
}

enum err
role_get(struct request *r)
{
	struct call call = request_call(r);
	struct granted_role found;
	struct role_body body;
	struct id id;

	TRY(arg_id(r, 0, "Role id", &id));
	TRY(roles_get(&call, r->principal, id, &found));
	body = body_of(r->arena, &found);
	reply_form(r, &form_role, &body);
	return OK;
}

enum err
role_update_put(struct request *r)
{
	struct call call = request_call(r);
	struct granted_role to;
	struct role_body body;
	struct id id;

	TRY(arg_id(r, 0, "Role id", &id));
	TRY(body_decode(r, &form_update_role, &body));
	if (!id_is_nil(body.id) && !id_eq(body.id, id))
		return fail(&r->error, ERR_BAD_REQUEST, "Role ID mismatch");
	TRY(check_tenant(r, body.tenant));
	to = (struct granted_role){
		.id = id, .name = body.name, .description = body.description
	};
	TRY(grants_of_bodies(
	    r, &call, "/permissions", body.permissions, &to.grants));
	TRY(roles_replace(&call, r->principal, &to));
	r->reply.status = 200;
	return OK;
}

enum err
role_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Role id", &id));
	return roles_delete(&call, r->principal, id);
}

/* ---- who has them */
/* Users see their own roles, administrators those of all. */
enum err
user_roles_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct role_list found;
	uint16_t entity;
	struct id id;

	TRY(arg_id(r, 0, "User id", &id));
	if (r->principal->role == ROLE_TENANT_USER &&
	    !id_eq(id, r->principal->id))
		return fail(
		    &r->error, ERR_FORBIDDEN, "Cannot view other users");
	TRY(grantee_find(&call, r->principal, id, &entity));
	TRY(roles_of(&call, r->principal, id, &found));
	reply_roles(r, &found);
	return OK;
}

enum err
user_role_assign_post(struct request *r)
{
	struct call call = request_call(r);
	struct assign_role_request body;
	struct id id;

	TRY(arg_id(r, 0, "User id", &id));
	TRY(body_decode(r, &form_assign_role_request, &body));
	TRY(role_assign(&call, r->principal, id, body.role));
	r->reply.status = 201;
	return OK;
}

enum err
user_role_revoke_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id, role;

	TRY(arg_id(r, 0, "User id", &id));
	TRY(arg_id(r, 1, "Role id", &role));
	return role_revoke(&call, r->principal, id, role);
}
