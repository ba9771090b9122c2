/* sessions_api.c - the routes that list, make and end sessions. */
#include "api/access.h"
#include "api/current_keys.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/forms_tokens.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "identity/minting.h"
#include "identity/service_users.h"
#include "identity/token_keys.h"
#include "identity/users.h"

/* Whose sessions are listed. */
struct owner {
	struct id id, tenant;
	struct str username;
	int64_t since_us;
};

/* A service user, for itself and administrators of its tenant. */
static enum err
find_service_user(
    struct request *r, struct call *c, struct id id, struct owner *ret)
{
	const struct principal *by = r->principal;
	struct service_user s;

	if (by->role == ROLE_TENANT_USER && !id_eq(id, by->id))
		return fail(&r->error, ERR_NOT_FOUND, "User not found");
	TRY(service_users_get(c, by, id, &s));
	*ret = (struct owner){ s.id, s.tenant, s.name, s.sessions_since_us };
	return OK;
}

static enum err
find_owner(struct request *r, struct call *c, struct id id, struct owner *ret)
{
	struct error first;
	struct user user;
	enum err err = users_get(c, r->principal, id, &user);

	if (err == ERR_NOT_FOUND) {
		first = r->error;
		err = find_service_user(r, c, id, ret);
		if (err == ERR_NOT_FOUND || err == ERR_BAD_REQUEST)
			r->error = first;
		return err == ERR_BAD_REQUEST ? ERR_NOT_FOUND : err;
	}
	TRY(err);
	*ret = (struct owner){ user.id, user.tenant, user.username,
		user.sessions_since_us };
	return OK;
}

static enum err
reply_sessions(struct request *r, struct id id)
{
	struct call call = request_call(r);
	int64_t now = clock_now_us();
	struct session_list found;
	struct range range;
	struct owner owner = { 0 };

	TRY(query_range(r, &range));
	TRY(find_owner(r, &call, id, &owner));
	TRY(sessions_list(
	    &call, id, owner.since_us, range.limit, range.offset, &found));

	struct token_info *infos =
	    ARENA_NEW(r->arena, struct token_info, found.count);

	for (size_t i = 0; i < found.count; i++) {
		const struct session_info *s = &found.at[i];
		bool good = !s->ended && s->expires_us > now;

		infos[i] = (struct token_info){ .id = s->id,
			.tenant = owner.tenant,
			.user = owner.id,
			.username = owner.username,
			.created_us = s->created_us,
			.expires_us = s->expires_us,
			.is_valid = good ? FORM_TRUE : FORM_FALSE };
	}
	reply_forms(r, &form_token_info, infos, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
my_tokens_list_get(struct request *r)
{
	return reply_sessions(r, r->principal->id);
}

enum err
user_tokens_list_get(struct request *r)
{
	struct id id;

	TRY(arg_id(r, 0, "User id", &id));
	return reply_sessions(r, id);
}

enum err
token_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Token id", &id));
	return session_end(&call, r->app->keys, r->principal, id);
}

enum err
logout_post(struct request *r)
{
	struct call call = request_call(r);

	return session_sign_out(&call, r->app->keys, r->principal);
}

/* ---- tokens for programs */

/* The names that clients know roles by; 0: none of them. */
static enum role
role_of(struct str name)
{
	static const struct {
		struct str name;
		enum role role;
	} known[] = {
		{ STR_INIT("Root"), ROLE_ROOT },
		{ STR_INIT("Admin"), ROLE_TENANT_ADMIN },
		{ STR_INIT("admin"), ROLE_TENANT_ADMIN },
		{ STR_INIT("TenantAdmin"), ROLE_TENANT_ADMIN },
		{ STR_INIT("TenantUser"), ROLE_TENANT_USER },
		{ STR_INIT("user"), ROLE_TENANT_USER },
	};
	enum role role;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(name, known[i].name))
			return known[i].role;
	return role_parse(name, &role) ? role : (enum role)0;
}

static enum err
mint_of(struct request *r, const struct mint_request *body, struct mint *ret)
{
	*ret = (struct mint){ .tenant = body->tenant,
		.username = body->username,
		.hours =
		    body->hours != FORM_NO_INT ? body->hours : MINT_HOURS };
	if (ret->hours < 1 || ret->hours > MINT_HOURS_MAX)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/expires_in_hours out of range: expected a number from 1 "
		    "to %d",
		    MINT_HOURS_MAX);
	if (body->roles.count == 0)
		return OK;
	ret->role = role_of(body->roles.at[0]);
	if (ret->role == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/roles/0: Unknown role: " STR_FMT,
		    STR_ARG(body->roles.at[0]));
	return OK;
}

static void
reply_minted(struct request *r, const struct session *s, struct id tenant)
{
	const struct minted_token answer = { s->token, s->expires_us, tenant };

	reply_no_store(r);
	reply_form(r, &form_minted_token, &answer);
}

enum err
token_mint_post(struct request *r)
{
	struct call call = request_call(r);
	struct mint_request body;
	struct session session;
	struct mint mint;
	struct id tenant;

	TRY(body_decode(r, &form_mint_request, &body));
	TRY(mint_of(r, &body, &mint));
	TRY(token_mint(
	    &call, keys_to_sign(r), r->principal, &mint, &session, &tenant));
	reply_minted(r, &session, tenant);
	return OK;
}

enum err
token_rotate_post(struct request *r)
{
	int64_t token_us = r->app->settings->auth_token_ttl_us;
	struct call call = request_call(r);
	struct session session;

	TRY(session_rotate(&call, keys_to_sign(r), r->principal,
	    token_us / CLOCK_SECOND, &session));
	reply_minted(r, &session, r->principal->tenant);
	return OK;
}

static void
reply_revoked(struct request *r)
{
	static const struct message_body revoked = { STR_INIT(
	    "Token revoked") };

	reply_form(r, &form_message, &revoked);
}

enum err
own_token_revoke_post(struct request *r)
{
	struct call call = request_call(r);

	TRY(session_end_own(&call, r->app->keys, r->principal));
	reply_revoked(r);
	return OK;
}

enum err
token_revoke_post(struct request *r)
{
	TRY(token_delete(r));
	reply_revoked(r);
	return OK;
}

enum err
tokens_clean_post(struct request *r)
{
	struct call call = request_call(r);
	struct cleaned_body answer = { .message =
					   STR("Expired tokens cleaned up") };

	TRY(sessions_clean(
	    &call, request_tenant(r), clock_now_us(), &answer.count));
	reply_form(r, &form_cleaned, &answer);
	return OK;
}

enum err
token_key_rotate_post(struct request *r)
{
	struct call call = request_call(r);
	const struct keys *keys;

	TRY(keys_rotate(&call, &r->app->keys));
	keys = r->app->keys;

	const struct token_key_info answer = { str_from(keys->at[0].kid),
		(int64_t)keys->count };

	reply_form(r, &form_token_key, &answer);
	return OK;
}
