/*
 * oidc_api.c - sign-in with a provider: the two addresses that a browser is
 * sent to, and the exchange of the code that it ends with.
 */
#include "api/access.h"
#include "api/current_keys.h"
#include "api/form_body.h"
#include "api/forms_oidc.h"
#include "api/handlers.h"
#include "api/links.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/oidc_settings.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"
#include "oidc/code_flow.h"
#include "oidc/federation.h"
#include "oidc/provider_http.h"
#include "oidc/sign_in_codes.h"

/* Binds a code to the browser whose page takes it. */
#define CODE_COOKIE "pangolin-exchange"

enum err
oauth_providers_get(struct request *r)
{
	const struct settings *s = r->app->settings;
	struct str *names = ARENA_NEW(r->arena, struct str, s->oidc_count);
	struct oauth_providers answer = { { names, 0 } };

	for (size_t i = 0; i < s->oidc_count; i++)
		if (s->oidc[i].client_id.len != 0)
			names[answer.providers.count++] = s->oidc[i].name;
	reply_form(r, &form_oauth_providers, &answer);
	return OK;
}

/* The provider that the path names. */
static enum err
find_provider(struct request *r, struct provider **ret)
{
	struct provider *p = provider_named(r->app->providers, r->arg[0]);

	if (p == NULL || provider_settings(p)->client_id.len == 0)
		return fail(
		    &r->error, ERR_BAD_REQUEST, "Invalid OAuth provider");
	*ret = p;
	return OK;
}

/* Where the provider sends browsers back to: "BASE/oauth/callback/NAME". */
static struct str
callback_of(const struct request *r, const struct provider *p)
{
	const struct oidc_settings *s = provider_settings(p);
	struct str base = link_base(r);

	if (s->redirect_uri.len != 0)
		return s->redirect_uri;
	if (base.ptr == NULL)
		return (struct str){ 0 };
	while (str_ends_with(base, STR("/")))
		base.len--;
	return arena_printf(r->arena, STR_FMT "/oauth/callback/" STR_FMT,
	    STR_ARG(base), STR_ARG(s->name));
}

/* The URL of our own page; ptr NULL: `redirect_uri` has another path. */
static struct str
page_of(const struct request *r, struct str callback)
{
	struct str tail = arena_printf(
	    r->arena, "/oauth/callback/" STR_FMT, STR_ARG(r->arg[0]));

	if (!str_ends_with(callback, tail))
		return (struct str){ 0 };
	callback.len -= tail.len - 1; /* with the slash */
	return callback;
}

static enum err
check_return(struct request *r, struct str page, struct str *io)
{
	const struct str_list *allowed = &r->app->settings->auth_redirect_uris;

	if (io->len == 0)
		*io = page.len != 0         ? page
		      : allowed->count != 0 ? allowed->at[0]
					    : (struct str){ 0 };
	if (io->len != 0 && str_eq(*io, page))
		return OK;
	for (size_t i = 0; i < allowed->count; i++)
		if (str_eq(*io, allowed->at[i]))
			return OK;
	return fail(&r->error, ERR_BAD_REQUEST,
	    "redirect_uri is not allowed: the setting auth.redirect_uris "
	    "does not have it");
}

/* ---- cookies, which scripts do not see */

/* The path of a URL with a host. */
static struct str
path_of(struct str url)
{
	struct str rest = url;

	(void)str_cut(&rest, ':');
	rest = str_skip(rest, 2);
	(void)str_cut(&rest, '/');
	return rest.ptr != NULL ? (struct str){ rest.ptr - 1, rest.len + 1 }
				: STR("/");
}

static void
set_cookie(struct request *r, struct cookie c, struct str url, int64_t age_s,
    const char *same_site)
{
	struct str path = path_of(url);

	reply_header(r, "Set-Cookie",
	    arena_printf(r->arena,
		STR_FMT "=" STR_FMT "; Path=" STR_FMT
			"; Max-Age=%lld; HttpOnly; SameSite=%s%s",
		STR_ARG(c.name), STR_ARG(c.value), STR_ARG(path),
		(long long)age_s, same_site,
		str_starts_with(url, STR("https:")) ? "; Secure" : ""));
}

static void
redirect(struct request *r, struct str to)
{
	r->reply.status = 303;
	reply_header(r, "Location", to);
	reply_header(r, "Referrer-Policy", STR("no-referrer"));
	reply_no_store(r);
}

static struct str
with_argument(struct arena *a, struct str url, const char *name, struct str v)
{
	struct buf b = buf_in(a);

	buf_add(&b, url);
	buf_add_char(&b, memchr(url.ptr, '?', url.len) != NULL ? '&' : '?');
	buf_add(&b, str_from(name));
	buf_add_char(&b, '=');
	provider_encode(&b, v);
	return buf_str(&b);
}

/* ---- the way there */
enum err
oauth_authorize_get(struct request *r)
{
	struct call call = request_call(r);
	struct str location, to = { 0 }, callback;
	struct provider *p;
	struct cookie cookie;

	TRY(find_provider(r, &p));
	TRY(request_query(r, "redirect_uri", &to));
	callback = callback_of(r, p);
	if (callback.ptr == NULL)
		return fail(&r->error, ERR_UNAVAILABLE,
		    "Sign-in with a provider needs the setting public_url, or "
		    "a trusted proxy that says it");
	TRY(check_return(r, page_of(r, callback), &to));
	TRY(code_flow_begin(
	    &call, r->app->keys, p, callback, to, &location, &cookie));
	set_cookie(r, cookie, callback, CODE_FLOW_LIFE_S, "Lax");
	redirect(r, location);
	return OK;
}

/* ---- the way back */
static enum err
read_answer(struct request *r, struct code_flow_answer *ret)
{
	TRY(request_query(r, "code", &ret->code));
	TRY(request_query(r, "state", &ret->state));
	TRY(request_query(r, "iss", &ret->issuer));
	TRY(request_query(r, "error", &ret->error));
	ret->cookies = request_header(r, STR("Cookie"));
	return OK;
}

/* Our own page is given a code that only this browser can redeem; another site
 * may have no cookies of ours. */
static struct str
bind_code(struct request *r, struct str page, struct str return_to)
{
	struct cookie cookie = { STR(CODE_COOKIE), STR("") };
	char text[ID_TEXT];

	if (!str_eq(page, return_to))
		return STR("");
	id_format(id_v4(), text);
	cookie.value = arena_copy(r->arena, str_from(text));
	set_cookie(r, cookie,
	    arena_printf(
		r->arena, STR_FMT "api/v1/oauth/exchange", STR_ARG(page)),
	    SIGN_IN_CODE_LIFE_S, "Strict");
	return cookie.value;
}

static enum err
finish(struct request *r, struct provider *p, struct str callback,
    const struct code_flow_answer *answer, const struct code_flow_state *state)
{
	struct call call = request_call(r);
	struct subject subject;
	struct user user;
	struct str code;

	TRY(code_flow_end(&call, p, callback, answer, state, &subject));
	TRY(access_by_subject(r, &call, &subject, &user));
	TRY(sign_in_code_make(&call, &user,
	    bind_code(r, page_of(r, callback), state->return_to), &code));
	redirect(r, with_argument(r->arena, state->return_to, "code", code));
	return OK;
}

/* People see why on the page where they wanted to be. */
static bool
may_tell_on_page(struct request *r, enum err err)
{
	struct str accept = request_header(r, STR("Accept"));

	return (err == ERR_NOT_AUTHORIZED || err == ERR_FORBIDDEN) &&
	       accept.len != 0 &&
	       memmem(accept.ptr, accept.len, "text/html", 9) != NULL;
}

enum err
oauth_callback_get(struct request *r)
{
	struct call call = request_call(r);
	struct code_flow_answer answer = { 0 };
	struct code_flow_state state;
	struct provider *p;
	struct str callback, why;
	struct cookie ended;
	enum err err;

	TRY(find_provider(r, &p));
	TRY(read_answer(r, &answer));
	callback = callback_of(r, p);
	TRY(code_flow_open(&call, keys_to_sign(r), p, &answer, &state));
	err = finish(r, p, callback, &answer, &state);
	if (err != OK && !may_tell_on_page(r, err))
		return err;
	if (err != OK) {
		why = arena_copy(r->arena, str_from(r->error.message));
		r->error.code = OK;
		redirect(
		    r, with_argument(r->arena, state.return_to, "error", why));
	}
	ended = (struct cookie){ state.cookie.name, STR("") };
	set_cookie(r, ended, callback, 0, "Lax");
	return OK;
}

/* ---- the token */
enum err
oauth_exchange_post(struct request *r)
{
	struct call call = request_call(r);
	const struct settings *s = r->app->settings;
	const struct session_times times = { s->auth_token_ttl_us /
						 CLOCK_SECOND,
		s->auth_session_lifetime_us / CLOCK_SECOND };
	struct str binding =
	    cookie_find(request_header(r, STR("Cookie")), STR(CODE_COOKIE));
	struct exchange_request body;
	struct principal principal;
	struct session session;
	struct user user;
	enum err err;

	TRY(body_decode(r, &form_exchange_request, &body));
	err = sign_in_code_redeem(
	    &call, body.code, binding.ptr != NULL ? binding : STR(""), &user);
	if (err == ERR_BAD_REQUEST && binding.ptr != NULL)
		err = sign_in_code_redeem(&call, body.code, STR(""), &user);
	TRY(err);
	access_tries(r, user.username);
	principal = principal_of_user(&user);
	TRY(session_open(&call, keys_to_sign(r), &principal, &times, &session));

	const struct exchanged_token answer = { session.token, STR("Bearer") };

	reply_no_store(r);
	reply_form(r, &form_exchanged_token, &answer);
	return OK;
}
