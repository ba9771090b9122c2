/* permissions_api.c - the routes of permissions of single users. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/grant_bodies.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/ref_target.h"
#include "identity/permissions.h"

static struct permission_body
body_of(struct arena *a, const struct permission *p)
{
	struct grant_body grant = body_of_grant(a, &p->grant);

	return (struct permission_body){ .id = p->id,
		.user = p->principal,
		.tenant = p->tenant,
		.granted_by = p->granted_by,
		.scope = grant.scope,
		.actions = grant.actions,
		.granted_us = p->granted_us };
}

/* Users see their own permissions, administrators those of all. */
enum err
permissions_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct permission_list found;
	struct range range;
	struct id user;

	TRY(query_range(r, &range));
	TRY(query_id(r, "user", &user));
	if (r->principal->role == ROLE_TENANT_USER) {
		if (!id_is_nil(user) && !id_eq(user, r->principal->id))
			return fail(&r->error, ERR_FORBIDDEN,
			    "Cannot view other users");
		user = r->principal->id;
	}
	TRY(permissions_list(
	    &call, r->principal, user, range.limit, range.offset, &found));

	struct permission_body *bodies =
	    ARENA_NEW(r->arena, struct permission_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(r->arena, &found.at[i]);
	reply_forms(r, &form_permission, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
permission_grant_post(struct request *r)
{
	struct call call = request_call(r);
	struct permission_body body;
	struct permission made;
	struct grant grant;

	TRY(body_decode(r, &form_grant_permission_request, &body));

	const struct grant_body asked = { body.scope, body.actions };

	TRY(grant_of_body(r, &call, &asked, &grant));
	TRY(permissions_grant(&call, r->principal, body.user, &grant, &made));
	body = body_of(r->arena, &made);
	reply_made(r, &form_permission, &body);
	return OK;
}

enum err
permission_revoke_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Permission id", &id));
	return permissions_revoke(&call, r->principal, id);
}
