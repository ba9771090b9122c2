/*
 * held_grants_api.c - the routes that tell what somebody may do, and by which
 * grants.
 */
#include "api/access.h"
#include "api/asset_target.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/grant_bodies.h"
#include "api/handlers.h"
#include "api/ref_target.h"
#include "base/list.h"
#include "identity/asset_metadata.h"
#include "identity/permissions.h"
#include "identity/roles.h"
#include "identity/service_users.h"
#include "identity/users.h"

struct held {
	struct request *request;
	struct permission_list own;
	struct role_list roles;
};

static enum err
find_held(
    struct request *r, struct call *c, struct id principal, struct held *ret)
{
	*ret = (struct held){ .request = r };
	TRY(permissions_list(c, r->principal, principal,
	    PERMISSIONS_OF_PRINCIPAL_MAX, 0, &ret->own));
	return roles_of(c, r->principal, principal, &ret->roles);
}

/* ---- bodies */
/* Whether a grant is one that was asked for; NULL: all are. */
struct question {
	struct grant_target target;
	unsigned action;
};

static bool
answers(const struct question *q, const struct grant *g)
{
	return q == NULL || (grant_covers(g, &q->target) &&
				(grant_implied(g->actions) & q->action) != 0);
}

struct bodies {
	struct arena *arena;
	struct held_grant_body *at;
	size_t count, room;
};

static void
add_body(struct bodies *b, const struct grant *g, struct id permission,
    const struct granted_role *role)
{
	struct grant_body grant = body_of_grant(b->arena, g);

	LIST_RESERVE(b->arena, b->at, b->count, b->room, 1);
	b->at[b->count++] = (struct held_grant_body){
		.scope = grant.scope,
		.actions = grant.actions,
		.permission = permission,
		.role = role != NULL ? role->id : (struct id){ { 0 } },
		.role_name = role != NULL ? role->name : (struct str){ 0 },
	};
}

static struct form_list
bodies_of(const struct held *h, const struct question *q)
{
	struct bodies b = { .arena = h->request->arena };

	for (size_t i = 0; i < h->own.count; i++)
		if (answers(q, &h->own.at[i].grant))
			add_body(
			    &b, &h->own.at[i].grant, h->own.at[i].id, NULL);
	for (size_t i = 0; i < h->roles.count; i++) {
		const struct granted_role *role = &h->roles.at[i];

		for (size_t k = 0; k < role->grants.count; k++)
			if (answers(q, &role->grants.at[k]))
				add_body(&b, &role->grants.at[k],
				    (struct id){ { 0 } }, role);
	}
	return (struct form_list){ b.at, b.count };
}

/* Root and nobody (no-auth mode) have none: they need none. */
enum err
my_permissions_get(struct request *r)
{
	struct call call = request_call(r);
	struct held held = { .request = r };

	if (!id_is_nil(r->principal->tenant) && !id_is_nil(r->principal->id))
		TRY(find_held(r, &call, r->principal->id, &held));

	const struct held_grants_body body = {
		.role = choice_of_role(r->principal->role),
		.grants = bodies_of(&held, NULL),
	};

	reply_form(r, &form_held_grants, &body);
	return OK;
}

/* ---- may X do Y? */
static enum err
read_action(struct request *r, unsigned *ret)
{
	struct str word;

	TRY(request_query(r, "action", &word));
	*ret = grant_action_parse(word);
	return *ret != 0 ? OK
			 : fail(&r->error, ERR_BAD_REQUEST,
			       "action: there is no action '" STR_FMT "'",
			       STR_ARG(word));
}

static enum err
read_user(
    struct request *r, struct call *c, struct id *ret, enum role *ret_role)
{
	struct service_user program;
	struct user user;
	uint16_t entity;

	TRY(query_id(r, "user", ret));
	if (id_is_nil(*ret))
		return fail(&r->error, ERR_BAD_REQUEST, "user: name one");
	TRY(grantee_find(c, r->principal, *ret, &entity));
	if (entity == ENTITY_USERS) {
		TRY(users_get(c, r->principal, *ret, &user));
		*ret_role = user.role;
		return OK;
	}
	TRY(service_users_get(c, r->principal, *ret, &program));
	*ret_role = program.role;
	return OK;
}

enum err
permission_check_get(struct request *r)
{
	struct call call = request_call(r);
	struct held_grants_body body = { .allowed = FORM_TRUE };
	struct asset_metadata said;
	struct question question;
	struct held held;
	enum role role = ROLE_TENANT_USER;
	struct id user;

	TRY(read_action(r, &question.action));
	TRY(read_user(r, &call, &user, &role));
	TRY(query_asset(r, &call, &question.target));
	TRY(asset_metadata_find(
	    &call, request_tenant(r), question.target.object, &said));
	if (id_eq(said.catalog, question.target.catalog)) {
		question.target.tags = said.tags;
		question.target.tag_count = said.tag_count;
	}
	TRY(find_held(r, &call, user, &held));
	body.role = choice_of_role(role);
	body.grants = bodies_of(&held, &question);
	if (role == ROLE_TENANT_USER && body.grants.count == 0)
		body.allowed = FORM_FALSE;
	reply_form(r, &form_permission_check, &body);
	return OK;
}
