/*
 * sign_in.c - each way to sign in ends in one row of the store, a user's
 * or a service user's, that says whether its owner is still active.
 */
#include "identity/sign_in.h"

#include <sodium.h>

#include "base/clock.h"
#include "cache/immutable_cache.h"
#include "cache/record_cache.h"
#include "calls/usage.h"
#include "identity/claims.h"
#include "identity/password_hash.h"
#include "identity/service_users.h"
#include "identity/sessions.h"

/* How old `last_used` may be before a use writes it again. */
#define LAST_USED_US (600 * CLOCK_SECOND)

/* How long a note about somebody may hold them up. */
#define NOTE_US (250 * CLOCK_MS)

static enum err
refuse(struct call *c, const char *message)
{
	return fail(c->error, ERR_NOT_AUTHORIZED, "%s", message);
}

struct principal
principal_of_user(const struct user *u)
{
	return (struct principal){ .kind = PRINCIPAL_USER,
		.role = u->role,
		.id = u->id,
		.tenant = u->tenant,
		.acts_in = u->tenant,
		.username = u->username,
		.created_us = u->created_us,
		.sessions_since_us = u->sessions_since_us };
}

static struct principal
principal_of_service_user(const struct service_user *s)
{
	return (struct principal){ .kind = PRINCIPAL_SERVICE_USER,
		.role = s->role,
		.id = s->id,
		.tenant = s->tenant,
		.acts_in = s->tenant,
		.username = s->name,
		.created_us = s->created_us,
		.sessions_since_us = s->sessions_since_us,
		.expires_us = s->expires_us };
}

static bool
may_sign_in(const struct service_user *s)
{
	return s->active &&
	       (s->expires_us == 0 || s->expires_us > clock_now_us());
}

bool
principal_of_row(
    bool service_user, const struct value *row, struct principal *ret)
{
	if (row == NULL)
		return false;
	if (service_user) {
		struct service_user s = service_user_of_row(row);

		*ret = principal_of_service_user(&s);
		return may_sign_in(&s);
	}

	struct user u = user_of_row(row);

	*ret = principal_of_user(&u);
	return u.active;
}

enum err
sign_in_token(struct call *c, const struct keys *keys, struct str token,
    struct principal *ret, struct claims *ret_claims)
{
	struct principal principal;
	struct claims claims;
	const struct value *row;

	TRY(claims_of(c, keys, token, &claims));

	const struct control_ref who = {
		.kind =
		    claims.service_user ? CONTROL_SERVICE_USER : CONTROL_USER,
		.tenant = claims.tenant_id,
		.id = claims.sub,
	};

	TRY(record_cache_find(c, &who, &row));
	if (!principal_of_row(claims.service_user, row, &principal) ||
	    !id_eq(principal.tenant, claims.tenant_id))
		return refuse(c, "Invalid token");
	TRY(session_check(c, keys, &claims, principal.sessions_since_us));
	if (claims.role > principal.role)
		principal.role = claims.role; /* as it was minted */
	principal.token = claims.session;
	principal.stateless = claims.stateless;
	principal.expires_us = claims.exp * CLOCK_SECOND;
	*ret = principal;
	*ret_claims = claims;
	return OK;
}

enum err
sign_in_bearer(struct call *c, const struct keys *keys, struct str token,
    struct principal *ret)
{
	struct claims ignored;

	return sign_in_token(c, keys, token, ret, &ignored);
}

/* A note in somebody's row.  That it cannot be written, or not soon, is no
 * reason to keep them out; nor has their request changed anything by it. */
static void
note(const struct call *c, struct batch *b, struct id tenant)
{
	struct error ignored;
	struct call quiet = *c;
	struct usage own = { .bulkheads = c->usage != NULL ? c->usage->bulkheads
							   : NULL };
	int64_t soon = clock_mono_us() + NOTE_US;
	enum verdict verdict;
	size_t failed;

	quiet.error = &ignored;
	quiet.usage = &own;
	if (quiet.deadline_us > soon)
		quiet.deadline_us = soon;
	b->call = &quiet;
	if (control_apply(b, tenant, &verdict, &failed) != OK)
		return;
}

static enum err
note_use(struct call *c, const struct service_user *s)
{
	struct batch b = batch_of(c);
	int64_t now = clock_now_us();

	if (s->last_used_us > now - LAST_USED_US)
		return OK;
	if (c->nowait)
		return usage_would_block(c, "A note is due");
	update_set(batch_update(&b, ENTITY_SERVICE_USERS, value_id(s->id),
		       (struct test){ SERVICE_USER_KEY_HASH, TEST_EQ,
			   value_bytes(s->key_hash) }),
	    SERVICE_USER_LAST_USED_US, value_int(now));
	control_name_id(&b, CONTROL_SERVICE_USER, s->id);
	note(c, &b, s->tenant);
	return OK;
}

/* A service user stays in its tenant, so the tenant to look in is cached as an
 * immutable value; *ret nil: it is not cached. */
static enum err
tenant_of_key(struct call *c, struct str name, struct id *ret)
{
	struct cached found;

	TRY(immutable_cache_find(c, name, &found));
	*ret = (struct id){ { 0 } };
	if (found.value.len == sizeof(ret->b))
		memcpy(ret->b, found.value.ptr, sizeof(ret->b));
	immutable_cache_release(c, &found);
	return OK;
}

static enum err
row_of_key(struct call *c, struct id id, const struct value **ret)
{
	struct control_ref ref = { .kind = CONTROL_SERVICE_USER, .id = id };
	char text[ID_TEXT];

	id_format(id, text);

	struct str name = arena_printf(c->arena, "key:%s", text);

	TRY(tenant_of_key(c, name, &ref.tenant));
	if (!id_is_nil(ref.tenant))
		return record_cache_find(c, &ref, ret);
	TRY(control_read(c, &ref, ret));
	if (*ret == NULL)
		return OK;
	ref.tenant = value_id_or_nil((*ret)[SERVICE_USER_TENANT]);
	immutable_cache_put(c, name,
	    (struct str){ (const char *)ref.tenant.b, sizeof(ref.tenant.b) },
	    CACHE_FOREVER);
	return OK;
}

enum err
sign_in_api_key(struct call *c, struct str key, struct principal *ret)
{
	uint8_t hash[API_KEY_HASH_BYTES];
	const struct value *row;
	struct id id;

	if (!api_key_parse(key, &id))
		return refuse(c, "Malformed X-API-Key header");
	TRY(row_of_key(c, id, &row));
	if (row == NULL)
		return refuse(c, "Invalid or expired API key");

	struct service_user s = service_user_of_row(row);

	api_key_hash(key, hash);
	if (s.key_hash.len != sizeof(hash) ||
	    sodium_memcmp(s.key_hash.ptr, hash, sizeof(hash)) != 0 ||
	    !may_sign_in(&s))
		return refuse(c, "Invalid or expired API key");
	TRY(note_use(c, &s));
	*ret = principal_of_service_user(&s);
	return OK;
}

/* The condition is the hash that was verified: a password that changes at
 * this moment is not put back. */
static void
note_login(struct call *c, const struct user *u, struct str password)
{
	struct batch b = batch_of(c);
	struct update update = batch_update(&b, ENTITY_USERS, value_id(u->id),
	    (struct test){
		USER_PASSWORD, TEST_EQ, value_text(u->password_hash) });
	struct str hash;

	update_set(update, USER_LAST_LOGIN_US, value_int(clock_now_us()));
	if (password_needs_rehash(c->arena, u->password_hash)) {
		struct error ignored;
		struct call quiet = *c;

		quiet.error = &ignored;
		if (password_hash(&quiet, password, &hash) == OK)
			update_set(update, USER_PASSWORD, value_text(hash));
	}
	control_name_id(&b, CONTROL_USER, u->id);
	note(c, &b, u->tenant);
}

enum err
sign_in_checked(
    struct call *c, const struct login *login, enum role role, struct user *ret)
{
	struct user user = { 0 };
	enum err err = users_get_named(c, login->username, &user);
	bool matches;

	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	TRY(password_verify(c, user.password_hash, login->password, &matches));
	if (!matches || !user.active || (role != 0 && user.role != role) ||
	    (!id_is_nil(login->tenant) && !id_eq(login->tenant, user.tenant)))
		return refuse(c, "Invalid credentials");
	note_login(c, &user, login->password);
	*ret = user;
	return OK;
}

enum err
sign_in_password(
    struct call *c, const struct login *login, struct principal *ret)
{
	struct user user;

	TRY(sign_in_checked(c, login, (enum role)0, &user));
	*ret = principal_of_user(&user);
	return OK;
}

enum err
sign_in_client(struct call *c, struct str client_id, struct str client_secret,
    struct principal *ret)
{
	struct login login = { client_id, client_secret, { { 0 } } };
	struct id id, of_key;
	enum err err;

	if (!id_parse(client_id, &id))
		return sign_in_password(c, &login, ret);
	if (!api_key_parse(client_secret, &of_key) || !id_eq(id, of_key))
		return refuse(c, "Invalid credentials");
	err = sign_in_api_key(c, client_secret, ret);
	if (err == ERR_NOT_AUTHORIZED)
		return refuse(c, "Invalid credentials");
	return err;
}

enum err
principal_now(
    struct call *c, struct id who, struct id tenant, struct principal *ret)
{
	const struct value *row;
	bool service_user = false;
	char text[ID_TEXT];

	if (id_is_nil(who)) {
		*ret = principal_nobody(tenant);
		return OK;
	}
	TRY(record_find_by_key(c, ENTITY_USERS, value_id(who), &row));
	if (row == NULL) {
		service_user = true;
		TRY(record_find_by_key(
		    c, ENTITY_SERVICE_USERS, value_id(who), &row));
	}
	id_format(who, text);
	if (!principal_of_row(service_user, row, ret))
		return fail(c->error, ERR_FORBIDDEN,
		    "User %s, who asked for this, may not sign in any more",
		    text);
	ret->acts_in = tenant;
	return OK;
}

static enum err
enter_as_root(struct call *c, struct principal *p, struct id tenant)
{
	const struct control_ref ref = { .kind = CONTROL_TENANT, .id = tenant };
	const struct value *row;

	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL)
		return fail(c->error, ERR_NOT_FOUND,
		    "X-Pangolin-Tenant: there is no such tenant");
	p->acts_in = tenant;
	return OK;
}

enum err
principal_enter(struct call *c, struct principal *p, struct str named)
{
	struct id tenant;

	if (named.len == 0)
		return OK;
	if (!id_parse(named, &tenant))
		return fail(c->error, ERR_BAD_REQUEST,
		    "X-Pangolin-Tenant is not a UUID");
	if (p->role == ROLE_ROOT)
		return enter_as_root(c, p, tenant);
	if (!id_eq(tenant, p->tenant))
		return fail(c->error, ERR_FORBIDDEN,
		    "User '" STR_FMT "' does not belong to this tenant",
		    STR_ARG(p->username));
	return OK;
}
