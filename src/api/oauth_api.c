/*
 * oauth_api.c - POST /v1/oauth/tokens (RFC 6749, 4.4; RFC 8693).
 *
 * Errors of a request have OAuth's own form (RFC 6749, 5.2), so such an error
 * is a reply and the handler returns OK; only a server that cannot answer
 * fails.
 */
#include "api/access.h"
#include "api/basic_auth.h"
#include "api/current_keys.h"
#include "api/form_body.h"
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/sign_in_limit.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "http/reply.h"
#include "identity/sessions.h"
#include "identity/sign_in.h"

#define ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"
#define ID_TOKEN "urn:ietf:params:oauth:token-type:id_token"
#define JWT "urn:ietf:params:oauth:token-type:jwt"
#define TOKEN_EXCHANGE "urn:ietf:params:oauth:grant-type:token-exchange"

/* The answer when something was wrong with the request. */
struct refusal {
	int status;
	const char *error; /* NULL: nothing was wrong */
	const char *description;
};

/* The principal that gets a token, and its session. */
struct grant {
	struct principal principal;
	bool goes_on;          /* with the session that these are of */
	struct claims session; /* of the token that is exchanged */
};

static void
reply_refusal(struct request *r, const struct refusal *refusal)
{
	const struct oauth_error answer = { str_from(refusal->error),
		str_from(refusal->description) };

	r->reply.status = refusal->status;
	if (refusal->status == 401)
		reply_header(r, "WWW-Authenticate", STR("Basic"));
	if (refusal->status == 429)
		reply_wait(r);
	reply_form(r, &form_oauth_error, &answer);
	r->error.code = OK; /* it has been told */
}

/* The principal of the request.  `refuse->error` says what is wrong with it. */
static enum err
identify_client(struct request *r, struct oauth_token_request *body,
    struct principal *ret, struct refusal *refuse)
{
	struct basic_auth basic = basic_auth_read(r);
	struct call call = request_call(r);
	struct sign_in_try tried;
	struct id program;
	enum err err;

	if (basic.there && !basic.is_valid) {
		*refuse = (struct refusal){ 401, "invalid_client",
			"Malformed Authorization header" };
		return OK;
	}
	if (basic.there) {
		body->client_id = basic.name;
		body->client_secret = basic.secret;
	}
	if (body->client_id.len == 0 || body->client_secret.len == 0) {
		*refuse = (struct refusal){ 401, "invalid_client",
			"client_id and client_secret are needed" };
		return OK;
	}
	access_tries(r, body->client_id);
	err = sign_in_begin(r,
	    id_parse(body->client_id, &program) ? (struct str){ 0 }
						: body->client_id,
	    &tried);
	if (err == ERR_SLOW_DOWN) {
		*refuse = (struct refusal){ 429, "temporarily_unavailable",
			"Too many failed sign-ins" };
		return OK;
	}
	TRY(err);
	err = sign_in_client(&call, body->client_id, body->client_secret, ret);
	sign_in_end(r, &tried, err);
	if (err != ERR_NOT_AUTHORIZED)
		return err;
	*refuse = (struct refusal){ 401, "invalid_client",
		"Invalid client credentials" };
	return OK;
}

/* Does the client show credentials of its own, too? */
static bool
shows_credentials(
    const struct request *r, const struct oauth_token_request *body)
{
	return basic_auth_read(r).there || body->client_secret.len != 0;
}

static enum err
refuse_subject(struct refusal *refuse)
{
	*refuse = (struct refusal){ 400, "invalid_grant",
		"subject_token is not valid" };
	return OK;
}

/* Iceberg's Java client exchanges a token that has expired so.  Its
 * credentials alone would do, so a new session begins; the token must not be
 * somebody else's. */
static enum err
identify_client_of_subject(struct request *r, struct oauth_token_request *body,
    struct grant *ret, struct refusal *refuse)
{
	const struct keys *keys;
	struct claims said;

	TRY(identify_client(r, body, &ret->principal, refuse));
	TRY(keys_to_verify(r, body->subject_token, &keys));
	if (refuse->error == NULL &&
	    token_read(r->arena, keys, body->subject_token, &said) &&
	    !id_eq(said.sub, ret->principal.id))
		return refuse_subject(refuse);
	return OK;
}

static bool
is_token_type(struct str type)
{
	return str_eq(type, STR(ACCESS_TOKEN)) || str_eq(type, STR(JWT)) ||
	       str_eq(type, STR(ID_TOKEN));
}

/* A token of ours for a new one, which is how clients renew theirs, or a token
 * of a provider for one of ours. */
static enum err
identify_subject(struct request *r, struct oauth_token_request *body,
    struct grant *ret, struct refusal *refuse)
{
	struct call call = request_call(r);
	const struct keys *keys;
	enum err err;

	if (body->subject_token.len == 0 ||
	    !is_token_type(body->subject_token_type)) {
		*refuse = (struct refusal){ 400, "invalid_request",
			"subject_token must be an access token" };
		return OK;
	}
	if (shows_credentials(r, body))
		return identify_client_of_subject(r, body, ret, refuse);
	if (access_is_by_provider(r, body->subject_token)) {
		err = access_by_provider(
		    r, &call, body->subject_token, &ret->principal);
		return err == ERR_NOT_AUTHORIZED ? refuse_subject(refuse) : err;
	}
	ret->goes_on = true;
	TRY(keys_to_verify(r, body->subject_token, &keys));
	err = sign_in_token(
	    &call, keys, body->subject_token, &ret->principal, &ret->session);
	return err == ERR_NOT_AUTHORIZED ? refuse_subject(refuse) : err;
}

static enum err
identify(struct request *r, struct oauth_token_request *body, struct grant *ret,
    struct refusal *refuse)
{
	if (str_eq(body->grant_type, STR("client_credentials")))
		return identify_client(r, body, &ret->principal, refuse);
	if (str_eq(body->grant_type, STR(TOKEN_EXCHANGE)))
		return identify_subject(r, body, ret, refuse);
	if (body->grant_type.len == 0)
		*refuse = (struct refusal){ 400, "invalid_request",
			"grant_type is missing" };
	else
		*refuse = (struct refusal){ 400, "unsupported_grant_type",
			"grant_type must be client_credentials or "
			"token-exchange" };
	return OK;
}

static enum err
open_session(struct request *r, const struct grant *grant, struct session *ret,
    struct refusal *refuse)
{
	struct call call = request_call(r);
	const struct settings *settings = r->app->settings;
	const struct session_times times = { settings->auth_token_ttl_us /
						 CLOCK_SECOND,
		settings->auth_session_lifetime_us / CLOCK_SECOND };
	enum err err;

	if (!grant->goes_on)
		return session_open(
		    &call, keys_to_sign(r), &grant->principal, &times, ret);
	err = session_refresh(&call, keys_to_sign(r), &grant->principal,
	    &grant->session, &times, ret);
	return err == ERR_NOT_AUTHORIZED ? refuse_subject(refuse) : err;
}

static void
reply_token(struct request *r, const struct session *session, struct str scope)
{
	const struct oauth_token_response answer = {
		.access_token = session->token,
		.token_type = STR("bearer"),
		.issued_token_type = STR(ACCESS_TOKEN),
		.expires_in =
		    (session->expires_us - session->issued_us) / CLOCK_SECOND,
		.scope = scope,
	};

	reply_form(r, &form_oauth_token_response, &answer);
}

enum err
oauth_token_post(struct request *r)
{
	struct oauth_token_request body;
	struct refusal refuse = { .error = NULL };
	struct grant grant = { 0 };
	struct session session;

	reply_no_store(r);
	if (form_decode_pairs(&form_oauth_token_request, r->arena, r->body,
		&body, &r->error) != OK) {
		refuse = (struct refusal){ 400, "invalid_request",
			r->error.message };
		reply_refusal(r, &refuse);
		return OK;
	}
	TRY(identify(r, &body, &grant, &refuse));
	if (refuse.error == NULL)
		TRY(open_session(r, &grant, &session, &refuse));
	if (refuse.error == NULL)
		reply_token(r, &session, body.scope);
	else
		reply_refusal(r, &refuse);
	return OK;
}
