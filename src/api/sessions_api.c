/* sessions_api.c - the routes that list and end sessions. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "app/app.h"
#include "base/clock.h"
#include "identity/sessions.h"
#include "identity/users.h"

static enum err
reply_sessions(struct request *r, struct id id)
{
	struct call call = request_call(r);
	int64_t now = clock_now_us();
	struct session_list found;
	struct range range;
	struct user user;

	TRY(query_range(r, &range));
	TRY(users_get(&call, r->principal, id, &user));
	TRY(sessions_list(&call, id, user.sessions_since_us, range.limit,
	    range.offset, &found));

	struct token_info *infos =
	    ARENA_NEW(r->arena, struct token_info, found.count);

	for (size_t i = 0; i < found.count; i++) {
		const struct session_info *s = &found.at[i];
		bool good = !s->ended && s->expires_us > now;

		infos[i] = (struct token_info){ .id = s->id,
			.tenant = user.tenant,
			.user = user.id,
			.username = user.username,
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
