#include "api/access.h"

#include "api/basic_auth.h"
#include "api/current_keys.h"
#include "api/request_limit.h"
#include "api/session_cookie.h"
#include "api/sign_in_limit.h"
#include "app/app.h"
#include "app/freshness.h"
#include "config/settings.h"
#include "http/router.h"
#include "identity/authorize.h"
#include "identity/rights.h"
#include "identity/root_basic.h"
#include "identity/service_users.h"
#include "identity/sign_in.h"
#include "identity/tenants.h"
#include "oidc/bearer.h"
#include "oidc/federation.h"
#include "record/audit.h"

#define TENANT_HEADER "X-Pangolin-Tenant"

struct id
request_tenant(const struct request *r)
{
	return r->principal->acts_in;
}

static struct deed *
deed_of(struct request *r, enum audit_action action)
{
	struct str agent = request_header(r, STR("User-Agent"));
	struct deed *deed = ARENA_NEW(r->arena, struct deed, 1);

	*deed = (struct deed){ .action = action,
		.address = audit_text(r->arena, r->client, AUDIT_ADDRESS_MAX),
		.agent = audit_text(r->arena, agent, AUDIT_AGENT_MAX) };
	return deed;
}

/* The deed that the request is about to do, once it is known who asks. */
static void
note_deed(struct request *r)
{
	const struct principal *p = r->principal;
	struct deed *deed;

	if (r->usage.deed != NULL || r->route == NULL || r->route->deed == 0 ||
	    request_reads(r) ||
	    (p == NULL && (r->route->flags & ROUTE_PUBLIC) == 0))
		return;
	deed = deed_of(r, (enum audit_action)r->route->deed);
	if (p != NULL) {
		deed->user = p->id;
		deed->username =
		    p->username.ptr != NULL ? p->username : STR("");
	}
	r->usage.deed = deed;
}

struct call
request_call(struct request *r)
{
	note_deed(r);
	/* a request that writes reads the store */
	if (request_reads(r))
		reads_may_use(r->app, r->came_ns, &r->usage);
	r->usage.file_levels = r->app->levels;
	return (struct call){ .store = r->app->store,
		.arena = r->arena,
		.error = &r->error,
		.deadline_us = r->deadline_us,
		.nowait = r->nowait,
		.usage = &r->usage,
		.request = r->id };
}

void
access_tries(struct request *r, struct str name)
{
	struct str *tried = ARENA_NEW(r->arena, struct str, 1);

	*tried = name;
	r->tried = tried;
}

struct str
request_bearer(const struct request *r)
{
	struct str value = request_header(r, STR("Authorization"));
	struct str scheme = str_cut(&value, ' ');

	if (!str_eq_nocase(scheme, STR("Bearer")) || value.ptr == NULL)
		return (struct str){ 0 };
	return str_trim(value);
}

/* A token is taken only when the store, or what is cached of it, says so. */
static enum err
identify_by_token(
    struct request *r, struct call *c, struct str token, struct principal *ret)
{
	const struct keys *keys;
	enum err err;

	TRY(keys_to_verify(r, token, &keys));
	err = sign_in_bearer(c, keys, token, ret);
	if (err == ERR_UNAVAILABLE || err == ERR_TIMEOUT || err == ERR_INTERNAL)
		slot_add_on_thread(&r->app->slots.at[r->app->worker],
		    GAUGE_UNCHECKED_TOKENS, 1);
	return err;
}

static enum err
identify_by_cookie(
    struct request *r, struct call *c, struct str token, struct principal *ret)
{
	TRY(session_cookie_check(r));
	return identify_by_token(r, c, token, ret);
}

/* In no-auth mode all clients work in the tenant of the first start. */
static enum err
identify_nobody(struct call *c, struct principal *ret)
{
	struct tenant first;

	TRY(tenants_get_named(c, STR("default"), &first));
	*ret = principal_nobody(first.id);
	return OK;
}

/* Of a key that is refused the log has the public half. */
static enum err
identify_by_key(
    struct request *r, struct call *c, struct str key, struct principal *ret)
{
	struct sign_in_try tried;
	char text[ID_TEXT];
	struct id id;
	enum err err;

	TRY(sign_in_begin(r, (struct str){ 0 }, &tried));
	err = sign_in_api_key(c, key, ret);
	sign_in_end(r, &tried, err);

	if (err == ERR_NOT_AUTHORIZED && api_key_parse(key, &id)) {
		id_format(id, text);
		access_tries(r, arena_copy(r->arena, str_from(text)));
	}
	return err;
}

/* Root's name and password: whoever else has a password signs in by it. */
static enum err
identify_by_password(struct request *r, struct call *c,
    struct basic_auth *basic, struct principal *ret)
{
	struct sign_in_try tried;
	enum err err;

	if (!basic->is_valid)
		return fail(c->error, ERR_NOT_AUTHORIZED,
		    "Malformed Authorization header");
	TRY(sign_in_begin(r, basic->name, &tried));
	err = sign_in_root(c, r->app->keys, basic->name, basic->secret, ret);
	sign_in_end(r, &tried, err);
	if (err == ERR_NOT_AUTHORIZED)
		access_tries(r, basic->name);
	basic_auth_wipe(basic);
	return err;
}

bool
access_is_by_provider(struct request *r, struct str token)
{
	return r->app->providers != NULL &&
	       !token_may_be_ours(r->app->keys, token) &&
	       bearer_is_of_provider(r->arena, r->app->providers, token);
}

enum err
access_by_subject(struct request *r, struct call *c,
    const struct subject *subject, struct user *ret)
{
	struct deed *before = r->usage.deed;
	enum err err;

	r->usage.deed = deed_of(r, DEED_CREATE_USER);
	err = federation_user(c, subject, ret);
	r->usage.deed = before;
	return err;
}

/* The first sign-in of a provider's user makes a row on whichever route. */
enum err
access_by_provider(
    struct request *r, struct call *c, struct str token, struct principal *ret)
{
	struct deed *before = r->usage.deed;
	enum err err;

	r->usage.deed = deed_of(r, DEED_CREATE_USER);
	err = bearer_sign_in(c, r->app->providers, token, ret);
	r->usage.deed = before;
	return err;
}

static enum err
identify(struct request *r, struct call *c, struct principal *ret)
{
	struct str token = request_bearer(r);
	struct str key = request_header(r, STR("X-API-Key"));
	bool enabled = r->app->settings->auth_enabled;
	struct basic_auth basic = { 0 };
	struct str cookie;

	if (key.ptr != NULL)
		return identify_by_key(r, c, key, ret);
	if (token.ptr != NULL && access_is_by_provider(r, token))
		return access_by_provider(r, c, token, ret);
	if (token.ptr != NULL)
		return identify_by_token(r, c, token, ret);
	if (enabled)
		basic = basic_auth_read(r);
	if (basic.there)
		return identify_by_password(r, c, &basic, ret);
	if (!enabled)
		return identify_nobody(c, ret);
	cookie = session_cookie_token(r);
	if (cookie.len != 0)
		return identify_by_cookie(r, c, cookie, ret);
	return fail(c->error, ERR_NOT_AUTHORIZED,
	    "Missing or invalid authorization header");
}

static void
release_rights(void *arg)
{
	rights_release(arg);
}

/* Last of all that may fail: what it holds is released with the request. */
static enum err
find_rights(struct request *r, struct call *c, struct principal *io)
{
	struct rights *rights;

	if (io->role != ROLE_TENANT_USER || id_is_nil(io->acts_in))
		return OK;
	rights = ARENA_NEW(r->arena, struct rights, 1);
	TRY(rights_of(c, io, rights));
	io->rights = rights->packed;
	request_on_release(r, release_rights, rights);
	return OK;
}

static enum err
identify_and_enter(struct request *r)
{
	struct principal *principal = ARENA_NEW(r->arena, struct principal, 1);
	struct call call = request_call(r);

	TRY(identify(r, &call, principal));
	TRY(principal_enter(
	    &call, principal, request_header(r, STR(TENANT_HEADER))));
	TRY(find_rights(r, &call, principal));
	r->principal = principal;
	r->holding.tenant = principal->tenant;
	r->usage.tenant = request_tenant(r);
	return OK;
}

/* A request that is identified before its body comes has waited for a poll of
 * the heads, as a read does: so its principal may come from the cache, where
 * that is no older than the request.  The data it writes is read from the
 * store. */
enum err
access_identify(struct request *r)
{
	struct usage *u = &r->usage;
	enum err err;

	if (request_reads(r) || r->body.len != 0)
		return identify_and_enter(r);
	reads_may_use(r->app, r->came_ns, u);
	u->since_ns = r->came_ns;
	err = identify_and_enter(r);
	u->levels = NULL;
	u->watermarks = NULL;
	u->cache_hits = u->cache_misses = 0;
	return err;
}

enum err
access_authorize(struct request *r)
{
	enum action action = (enum action)r->route->action;

	TRY(request_limit_charge(r));
	if (!authorize_by_grants(r->principal, action)) {
		TRY(authorize(r->principal, action, &r->error));
		r->is_authorized = true;
		r->allowed = GRANT_EVERYTHING;
	}
	if ((r->route->flags & ROUTE_NO_TENANT) != 0)
		return OK;
	return principal_needs_tenant(r->principal, &r->error);
}
