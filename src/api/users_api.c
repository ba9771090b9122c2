/* users_api.c - the routes of sign-in, sign-out and users. */
#include "api/access.h"
#include "api/current_keys.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/sign_in_limit.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "identity/password_file.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"
#include "identity/users.h"

static struct user_info
info_of(const struct user *u)
{
	return (struct user_info){ .id = u->id,
		.tenant = u->tenant,
		.username = u->username,
		.email = u->email,
		.role = choice_of_role(u->role),
		.oauth_provider = u->provider,
		.active = u->active ? FORM_TRUE : FORM_FALSE,
		.created_us = u->created_us,
		.last_login_us =
		    u->last_login_us != 0 ? u->last_login_us : FORM_NO_INT };
}

/* A service user, or nobody in no-auth mode: what there is to say.  Nobody is
 * as old as the server. */
static struct user_info
info_of_principal(const struct app *app, const struct principal *p)
{
	bool nobody = p->kind == PRINCIPAL_NOBODY;

	return (struct user_info){ .id = p->id,
		.tenant = p->acts_in,
		.username = p->username,
		.email = STR(""),
		.role = choice_of_role(p->role),
		.active = FORM_TRUE,
		.created_us = nobody ? app->started_us : p->created_us,
		.last_login_us = FORM_NO_INT };
}

enum err
app_config_get(struct request *r)
{
	const struct app_config config = {
		r->app->settings->auth_enabled ? FORM_TRUE : FORM_FALSE
	};

	reply_form(r, &form_app_config, &config);
	return OK;
}

enum err
login_post(struct request *r)
{
	struct call call = request_call(r);
	struct principal principal;
	struct sign_in_try tried;
	struct login_request body;
	struct user user;
	enum err err;

	TRY(body_decode(r, &form_login_request, &body));
	access_tries(r, body.username);
	TRY(sign_in_begin(r, body.username, &tried));
	err = sign_in_password(&call,
	    &(struct login){ body.username, body.password, body.tenant },
	    &principal);
	sign_in_end(r, &tried, err);
	TRY(err);
	TRY(users_get(&call, &principal, principal.id, &user));

	const struct settings *settings = r->app->settings;
	const struct session_times times = { settings->auth_token_ttl_us /
						 CLOCK_SECOND,
		settings->auth_session_lifetime_us / CLOCK_SECOND };
	struct session session;

	TRY(session_open(&call, keys_to_sign(r), &principal, &times, &session));

	const struct login_response answer = { session.token, info_of(&user),
		session.expires_us };

	reply_no_store(r);
	reply_form(r, &form_login_response, &answer);
	return OK;
}

enum err
me_get(struct request *r)
{
	struct user_info info = info_of_principal(r->app, r->principal);

	if (r->principal->kind == PRINCIPAL_USER) {
		struct call call = request_call(r);
		struct user user;

		TRY(users_get(&call, r->principal, r->principal->id, &user));
		info = info_of(&user);
	}
	reply_form(r, &form_user_info, &info);
	return OK;
}

enum err
users_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct user_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(users_list(&call, r->principal, range.limit, range.offset, &found));

	struct user_info *infos =
	    ARENA_NEW(r->arena, struct user_info, found.count);

	for (size_t i = 0; i < found.count; i++)
		infos[i] = info_of(&found.at[i]);
	reply_forms(r, &form_user_info, infos, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
user_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct create_user_request body;
	struct user made;

	TRY(body_decode(r, &form_create_user_request, &body));

	const struct new_user new = { .username = body.username,
		.email = body.email,
		.password = body.password,
		.tenant = body.tenant,
		.role = role_of_choice(body.role) };

	TRY(users_create(&call, r->principal, &new, &made));

	struct user_info info = info_of(&made);

	reply_made(r, &form_user_info, &info);
	return OK;
}

enum err
user_get(struct request *r)
{
	struct call call = request_call(r);
	struct user user;
	struct id id;

	TRY(arg_id(r, 0, "User id", &id));
	TRY(users_get(&call, r->principal, id, &user));

	struct user_info info = info_of(&user);

	reply_form(r, &form_user_info, &info);
	return OK;
}

/* Nobody has the password of the first start any more: away with its file. */
static enum err
forget_first_password(struct request *r, bool settled)
{
	if (!settled)
		return OK;
	return password_file_remove(r->app->state_dir, &r->error);
}

/* Users show their password to change it, which is wrong where it is
 * ERR_FORBIDDEN. */
static enum err
begin_own(struct request *r, struct id id,
    const struct update_user_request *body, struct sign_in_try *ret)
{
	*ret = (struct sign_in_try){ 0 };
	return body->password.ptr != NULL && id_eq(id, r->principal->id)
		   ? sign_in_begin_again(r, ret)
		   : OK;
}

/* A new password, or "active", ends the pause after too many wrong ones. */
static enum err
forgive(struct request *r, struct call *c, struct id id)
{
	struct user user;

	TRY(users_get(c, r->principal, id, &user));
	sign_in_forgive(r, user.username);
	return OK;
}

enum err
user_update_put(struct request *r)
{
	struct call call = request_call(r);
	struct update_user_request body;
	struct sign_in_try tried;
	bool settled = false;
	struct id id;
	enum err err;

	TRY(arg_id(r, 0, "User id", &id));
	TRY(body_decode(r, &form_update_user_request, &body));
	TRY(begin_own(r, id, &body, &tried));
	err = users_update(&call, r->principal, id,
	    &(struct user_change){
		body.email, body.password, body.active, body.current },
	    &settled);
	sign_in_end(r, &tried, err == ERR_FORBIDDEN ? ERR_NOT_AUTHORIZED : err);
	TRY(err);
	TRY(forget_first_password(r, settled));
	if (body.password.ptr != NULL || body.active == FORM_TRUE)
		TRY(forgive(r, &call, id));
	r->reply.content_type = "text/plain";
	reply_part(r, STR("User updated"));
	return OK;
}

enum err
user_delete(struct request *r)
{
	struct call call = request_call(r);
	bool settled = false;
	struct id id;

	TRY(arg_id(r, 0, "User id", &id));
	TRY(users_delete(&call, r->principal, id, &settled));
	return forget_first_password(r, settled);
}
