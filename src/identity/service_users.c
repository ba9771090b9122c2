/*
 * service_users.c - each API key contains its service user's id, so a key is
 * checked by one look-up, without a search over hashes.
 */
#include "identity/service_users.h"

#include <stdlib.h>

#include <sodium.h>

#include "base/clock.h"
#include "catalog/names.h"
#include "identity/roles.h"
#include "identity/sessions.h"
#include "record/audit.h"
#include "record/control.h"

#define KEY_PREFIX STR("pgl_")
#define KEY_RANDOM_BYTES 32
#define KEY_RANDOM_TEXT 43 /* base64url of it */
#define KEY_ID_TEXT 32     /* hex */
#define KEY_LEN (4 + KEY_ID_TEXT + 1 + KEY_RANDOM_TEXT)

struct service_user
service_user_of_row(const struct value *row)
{
	return (struct service_user){
		.id = value_id_or_nil(row[SERVICE_USER_ID]),
		.tenant = value_id_or_nil(row[SERVICE_USER_TENANT]),
		.name = value_str_or_absent(row[SERVICE_USER_NAME]),
		.description =
		    value_str_or_absent(row[SERVICE_USER_DESCRIPTION]),
		.role = (enum role)value_int_or(
		    row[SERVICE_USER_ROLE], ROLE_TENANT_USER),
		.active = value_int_or(row[SERVICE_USER_ACTIVE], 0) != 0,
		.created_us = value_int_or(row[SERVICE_USER_CREATED_US], 0),
		.created_by = value_id_or_nil(row[SERVICE_USER_CREATED_BY]),
		.last_used_us = value_int_or(row[SERVICE_USER_LAST_USED_US], 0),
		.expires_us = value_int_or(row[SERVICE_USER_EXPIRES_US], 0),
		.sessions_since_us =
		    value_int_or(row[SERVICE_USER_SESSIONS_SINCE], 0),
		.key_hash = value_str_or_absent(row[SERVICE_USER_KEY_HASH]),
	};
}

static void
service_user_put(struct batch *b, const struct service_user *s)
{
	struct value *row = batch_insert(b, ENTITY_SERVICE_USERS);

	row[SERVICE_USER_ID] = value_id(s->id);
	row[SERVICE_USER_TENANT] = value_id(s->tenant);
	row[SERVICE_USER_NAME] = value_text(s->name);
	row[SERVICE_USER_DESCRIPTION] = value_text(s->description);
	row[SERVICE_USER_KEY_HASH] = value_bytes(s->key_hash);
	row[SERVICE_USER_ROLE] = value_int(s->role);
	row[SERVICE_USER_ACTIVE] = value_int(s->active);
	row[SERVICE_USER_CREATED_US] = value_int(s->created_us);
	row[SERVICE_USER_CREATED_BY] = value_id_or_null(s->created_by);
	if (s->expires_us != 0)
		row[SERVICE_USER_EXPIRES_US] = value_int(s->expires_us);
	control_name_id(b, CONTROL_SERVICE_USER, s->id);
}

/* ---- keys */
void
api_key_hash(struct str key, uint8_t ret[API_KEY_HASH_BYTES])
{
	(void)crypto_hash_sha256(ret, (const unsigned char *)key.ptr, key.len);
}

bool
api_key_parse(struct str key, struct id *ret)
{
	size_t len;

	if (key.len != KEY_LEN || !str_starts_with(key, KEY_PREFIX))
		return false;
	key = str_skip(key, KEY_PREFIX.len);
	return key.ptr[KEY_ID_TEXT] == '_' &&
	       sodium_hex2bin(ret->b, sizeof(ret->b), key.ptr, KEY_ID_TEXT,
		   NULL, &len, NULL) == 0 &&
	       len == sizeof(ret->b);
}

static struct str
api_key_new(struct arena *a, struct id id)
{
	uint8_t secret[KEY_RANDOM_BYTES];
	char hex[KEY_ID_TEXT + 1], text[KEY_RANDOM_TEXT + 1];

	if (sodium_init() < 0)
		abort();
	randombytes_buf(secret, sizeof(secret));
	(void)sodium_bin2hex(hex, sizeof(hex), id.b, sizeof(id.b));
	(void)sodium_bin2base64(text, sizeof(text), secret, sizeof(secret),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return arena_printf(a, STR_FMT "%s_%s", STR_ARG(KEY_PREFIX), hex, text);
}

static struct str
hash_of(struct arena *a, struct str key)
{
	uint8_t *hash = ARENA_NEW(a, uint8_t, API_KEY_HASH_BYTES);

	api_key_hash(key, hash);
	return (struct str){ (const char *)hash, API_KEY_HASH_BYTES };
}

/* ---- reading */
enum err
service_users_get(struct call *c, const struct principal *by, struct id id,
    struct service_user *ret)
{
	const struct value *row;

	TRY(principal_needs_tenant(by, c->error));
	TRY(record_find_by_key(c, ENTITY_SERVICE_USERS, value_id(id), &row));
	if (row == NULL ||
	    !id_eq(value_id_or_nil(row[SERVICE_USER_TENANT]), by->acts_in))
		return fail(c->error, ERR_NOT_FOUND, "Service user not found");
	*ret = service_user_of_row(row);
	return OK;
}

enum err
service_users_list(struct call *c, const struct principal *by, int64_t limit,
    int64_t offset, struct service_user_list *ret)
{
	struct test where = { SERVICE_USER_TENANT, TEST_EQ,
		value_id(by->acts_in) };
	struct scan scan = { .entity = ENTITY_SERVICE_USERS,
		.index = SERVICE_USERS_BY_NAME,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(principal_needs_tenant(by, c->error));
	TRY(record_page(c, &scan, limit, offset, &rows));

	struct service_user *at =
	    ARENA_NEW(c->arena, struct service_user, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		at[i] = service_user_of_row(rows.row[i]);
	*ret =
	    (struct service_user_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

/* ---- writing */
static enum err
may_manage(const struct principal *by, struct error *e)
{
	if (by->role == ROLE_TENANT_USER)
		return fail(e, ERR_FORBIDDEN,
		    "User '" STR_FMT "' may not manage service users",
		    STR_ARG(by->username));
	return principal_needs_tenant(by, e);
}

static enum err
name_taken(struct call *c, struct str name)
{
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Service user '" STR_FMT "' exists already", STR_ARG(name));
}

static enum err
new_check(const struct service_user *new, struct error *e)
{
	TRY(name_check(new->name, "Service user", e));
	if (new->role == ROLE_ROOT)
		return fail(e, ERR_FORBIDDEN, "A service user cannot be root");
	if (new->expires_us != 0 && new->expires_us <= clock_now_us())
		return fail(e, ERR_BAD_REQUEST,
		    "expires_in_days: the key would never be valid");
	return OK;
}

static enum err
insert_service_user(struct call *c, const struct service_user *s)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_add(
	    &b, ENTITY_TENANTS, value_id(s->tenant), TENANT_REVISION, NULL, 0);
	service_user_put(&b, s);
	audit_add(&b, s->tenant, s->id, s->name);
	TRY(control_apply(&b, s->tenant, &verdict, &failed));
	if (verdict != VERDICT_CONFLICT)
		return OK;
	if (failed == 0)
		return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
	return name_taken(c, s->name);
}

enum err
service_users_create(struct call *c, const struct principal *by,
    const struct service_user *new, struct service_user *ret,
    struct str *ret_key)
{
	struct service_user user = { .id = id_v7(),
		.tenant = by->acts_in,
		.name = new->name,
		.description = new->description,
		.role = new->role,
		.active = true,
		.created_us = clock_now_us(),
		.created_by = by->id,
		.expires_us = new->expires_us };

	TRY(may_manage(by, c->error));
	TRY(new_check(new, c->error));

	struct str key = api_key_new(c->arena, user.id);

	user.key_hash = hash_of(c->arena, key);
	TRY(insert_service_user(c, &user));
	*ret = user;
	*ret_key = key;
	return OK;
}

/* A change of a service user that is there; its tenant never changes. */
static struct update
update_of(struct batch *b, const struct service_user *s)
{
	control_name_id(b, CONTROL_SERVICE_USER, s->id);
	return batch_update(b, ENTITY_SERVICE_USERS, value_id(s->id),
	    (struct test){ SERVICE_USER_TENANT, TEST_EQ, value_id(s->tenant) });
}

static void
end_sessions(struct update u, const struct service_user *s)
{
	update_set(u, SERVICE_USER_SESSIONS_SINCE,
	    value_int(sessions_since_after(s->sessions_since_us)));
}

static enum err
set_changes(struct call *c, struct update u,
    const struct service_user_change *change, struct service_user *io)
{
	if (change->name.ptr != NULL) {
		TRY(name_check(change->name, "Service user", c->error));
		io->name = change->name;
		update_set(u, SERVICE_USER_NAME, value_text(io->name));
	}
	if (change->description.ptr != NULL) {
		io->description = change->description;
		update_set(
		    u, SERVICE_USER_DESCRIPTION, value_text(io->description));
	}
	if (change->active >= 0) {
		io->active = change->active != 0;
		update_set(u, SERVICE_USER_ACTIVE, value_int(io->active));
	}
	if (change->active == 0)
		end_sessions(u, io);
	return OK;
}

enum err
service_users_update(struct call *c, const struct principal *by, struct id id,
    const struct service_user_change *change, struct service_user *ret)
{
	struct batch b = batch_of(c);
	struct service_user user = { 0 }, again;
	enum verdict verdict = VERDICT_APPLIED;
	size_t failed;

	TRY(may_manage(by, c->error));
	TRY(service_users_get(c, by, id, &user));

	struct update u = update_of(&b, &user);

	TRY(set_changes(c, u, change, &user));
	if (*u.set != 0) {
		audit_add(&b, user.tenant, id, user.name);
		TRY(control_apply(&b, user.tenant, &verdict, &failed));
	}
	if (verdict == VERDICT_CONFLICT) {
		TRY(service_users_get(c, by, id, &again)); /* or it is gone */
		return name_taken(c, user.name);
	}
	*ret = user;
	return OK;
}

enum err
service_users_delete(struct call *c, const struct principal *by, struct id id)
{
	struct batch b = batch_of(c);
	struct service_user user = { 0 };
	enum verdict verdict;
	size_t failed;

	TRY(may_manage(by, c->error));
	TRY(service_users_get(c, by, id, &user));
	batch_delete(&b, ENTITY_SERVICE_USERS, value_id(id));
	grantee_forget(&b, id);
	control_name_id(&b, CONTROL_SERVICE_USER, id);
	audit_add(&b, user.tenant, id, user.name);
	return control_apply(&b, user.tenant, &verdict, &failed);
}

enum err
service_users_rotate(struct call *c, const struct principal *by, struct id id,
    struct service_user *ret, struct str *ret_key)
{
	struct batch b = batch_of(c);
	struct service_user user = { 0 };
	enum verdict verdict;
	size_t failed;

	TRY(may_manage(by, c->error));
	TRY(service_users_get(c, by, id, &user));

	struct str key = api_key_new(c->arena, id);

	struct update u = update_of(&b, &user);

	user.key_hash = hash_of(c->arena, key);
	update_set(u, SERVICE_USER_KEY_HASH, value_bytes(user.key_hash));
	end_sessions(u, &user);
	audit_add(&b, user.tenant, id, user.name);
	TRY(control_apply(&b, user.tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_NOT_FOUND, "Service user not found");
	*ret = user;
	*ret_key = key;
	return OK;
}
