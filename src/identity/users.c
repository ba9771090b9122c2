/*
 * users.c - every function begins with the check whom `by` may see; the rest
 * differs only in the fields it writes.
 */
#include "identity/users.h"

#include "base/clock.h"
#include "catalog/names.h"
#include "identity/password_hash.h"
#include "identity/roles.h"
#include "identity/sessions.h"
#include "record/audit.h"
#include "record/control.h"

struct user
user_of_row(const struct value *row)
{
	return (struct user){
		.id = value_id_or_nil(row[USER_ID]),
		.tenant = value_id_or_nil(row[USER_TENANT]),
		.username = value_str_or_absent(row[USER_USERNAME]),
		.email = value_str_or_absent(row[USER_EMAIL]),
		.role =
		    (enum role)value_int_or(row[USER_ROLE], ROLE_TENANT_USER),
		.active = value_int_or(row[USER_ACTIVE], 0) != 0,
		.created_us = value_int_or(row[USER_CREATED_US], 0),
		.updated_us = value_int_or(row[USER_UPDATED_US], 0),
		.last_login_us = value_int_or(row[USER_LAST_LOGIN_US], 0),
		.first_password =
		    value_int_or(row[USER_FIRST_PASSWORD], 0) != 0,
		.sessions_since_us = value_int_or(row[USER_SESSIONS_SINCE], 0),
		.password_hash = value_str_or_absent(row[USER_PASSWORD]),
		.provider = value_str_or_absent(row[USER_PROVIDER]),
	};
}

void
user_put(struct batch *b, const struct user *u)
{
	struct value *row = batch_insert(b, ENTITY_USERS);

	row[USER_ID] = value_id(u->id);
	row[USER_TENANT] = value_id_or_null(u->tenant);
	row[USER_USERNAME] = value_text(u->username);
	row[USER_EMAIL] = value_text(u->email);
	row[USER_PASSWORD] = value_text(u->password_hash);
	row[USER_ROLE] = value_int(u->role);
	row[USER_ACTIVE] = value_int(u->active);
	row[USER_CREATED_US] = value_int(u->created_us);
	row[USER_UPDATED_US] = value_int(u->updated_us);
	row[USER_FIRST_PASSWORD] = value_int(u->first_password);
	row[USER_PROVIDER] = value_text(u->provider);
	control_name_id(b, CONTROL_USER, u->id);
}

static enum err
user_missing(struct call *c)
{
	return fail(c->error, ERR_NOT_FOUND, "User not found");
}

enum err
users_get_named(struct call *c, struct str username, struct user *ret)
{
	struct test where = { USER_USERNAME, TEST_EQ, value_text(username) };
	const struct value *row;

	TRY(record_find(c, ENTITY_USERS, USERS_BY_USERNAME, &where, 1, &row));
	if (row == NULL)
		return user_missing(c);
	*ret = user_of_row(row);
	return OK;
}

enum err
users_with_first_password(struct call *c, int64_t *ret)
{
	struct test where = { USER_FIRST_PASSWORD, TEST_EQ, value_int(1) };
	struct scan scan = { .entity = ENTITY_USERS,
		.index = INDEX_KEY,
		.limit = 1,
		.where = &where,
		.where_count = 1 };

	return store_count(c, &scan, ret);
}

static bool
is_self(const struct principal *by, struct id id)
{
	return by->kind == PRINCIPAL_USER && id_eq(by->id, id);
}

static bool
may_see(const struct principal *by, const struct user *u)
{
	if (is_self(by, u->id))
		return true;
	if (by->role == ROLE_ROOT && id_is_nil(by->acts_in))
		return true;
	return by->role != ROLE_TENANT_USER && !id_is_nil(by->acts_in) &&
	       id_eq(u->tenant, by->acts_in);
}

enum err
users_get(
    struct call *c, const struct principal *by, struct id id, struct user *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_USERS, value_id(id), &row));
	if (row == NULL)
		return user_missing(c);

	struct user user = user_of_row(row);

	if (!may_see(by, &user))
		return user_missing(c);
	*ret = user;
	return OK;
}

static enum err
list_oneself(struct call *c, const struct principal *by, int64_t offset,
    struct user_list *ret)
{
	struct user *at = ARENA_NEW(c->arena, struct user, 1);

	*ret = (struct user_list){ .at = at };
	if (by->kind != PRINCIPAL_USER || offset != 0)
		return OK;
	TRY(users_get(c, by, by->id, at));
	ret->count = 1;
	return OK;
}

enum err
users_list(struct call *c, const struct principal *by, int64_t limit,
    int64_t offset, struct user_list *ret)
{
	struct test where = { USER_TENANT, TEST_EQ,
		value_id_or_null(by->acts_in) };
	struct scan scan = { .entity = ENTITY_USERS,
		.index = USERS_BY_TENANT,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	if (by->role == ROLE_TENANT_USER)
		return list_oneself(c, by, offset, ret);
	TRY(record_page(c, &scan, limit, offset, &rows));

	struct user *at = ARENA_NEW(c->arena, struct user, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		at[i] = user_of_row(rows.row[i]);
	*ret = (struct user_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

/* One text names a user or a service user, alone or before a ':'. */
static enum err
username_check(struct str username, struct error *e)
{
	struct id id;

	TRY(name_check(username, "User", e));
	if (id_parse(username, &id))
		return fail(e, ERR_BAD_REQUEST, "username: may not be a UUID");
	if (memchr(username.ptr, ':', username.len) != NULL)
		return fail(
		    e, ERR_BAD_REQUEST, "username: may not have a colon");
	return OK;
}

static enum err
email_check(struct str email, struct error *e)
{
	if (email.len == 0)
		return fail(e, ERR_BAD_REQUEST, "email: may not be empty");
	if (email.len > USERNAME_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "email: at most %d bytes are expected", USERNAME_MAX);
	return OK;
}

static enum err
may_create(const struct principal *by, const struct new_user *new,
    struct id tenant, struct error *e)
{
	if (new->role == ROLE_ROOT)
		return fail(
		    e, ERR_FORBIDDEN, "Cannot create another Root user");
	if (by->role == ROLE_TENANT_USER)
		return fail(e, ERR_FORBIDDEN,
		    "User '" STR_FMT "' may not create users",
		    STR_ARG(by->username));
	if (id_is_nil(tenant))
		return fail(
		    e, ERR_BAD_REQUEST, "tenant_id: name the user's tenant");
	if (by->role != ROLE_ROOT && !id_eq(tenant, by->tenant))
		return fail(
		    e, ERR_FORBIDDEN, "Cannot create user for another tenant");
	return OK;
}

/* Whether a user that the caller's tenant may know has it. */
static enum err
is_known(struct call *c, const struct principal *by, uint16_t index,
    uint16_t field, struct str text, bool *ret)
{
	const struct test where = { field, TEST_EQ, value_text(text) };
	const struct value *row;

	TRY(record_find(c, ENTITY_USERS, index, &where, 1, &row));
	*ret = row != NULL &&
	       ((by->role == ROLE_ROOT && id_is_nil(by->acts_in)) ||
		   id_eq(value_id_or_nil(row[USER_TENANT]), by->acts_in));
	return OK;
}

static enum err
email_taken(struct call *c, const struct principal *by, struct str email)
{
	bool known;

	TRY(is_known(c, by, USERS_BY_EMAIL, USER_EMAIL, email, &known));
	if (!known)
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "This username or email is taken: choose another");
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "A user with the email '" STR_FMT "' exists already",
	    STR_ARG(email));
}

/* The store says that a unit failed, and the index is not in it.  Both are
 * unique over all tenants: which of them is taken is told only of users of
 * the caller's own. */
static enum err
taken(struct call *c, const struct principal *by, const struct user *user)
{
	bool known;

	TRY(is_known(
	    c, by, USERS_BY_USERNAME, USER_USERNAME, user->username, &known));
	if (known)
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "User '" STR_FMT "' exists already",
		    STR_ARG(user->username));
	return email_taken(c, by, user->email);
}

static enum err
insert_user(struct call *c, const struct principal *by, const struct user *user)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_add(&b, ENTITY_TENANTS, value_id(user->tenant), TENANT_REVISION,
	    NULL, 0);
	user_put(&b, user);
	audit_add(&b, user->tenant, user->id, user->username);
	TRY(control_apply(&b, user->tenant, &verdict, &failed));
	if (verdict != VERDICT_CONFLICT)
		return OK;
	if (failed == 0)
		return fail(c->error, ERR_BAD_REQUEST,
		    "tenant_id: there is no such tenant");
	return taken(c, by, user);
}

enum err
users_create(struct call *c, const struct principal *by,
    const struct new_user *new, struct user *ret)
{
	int64_t now = clock_now_us();
	struct user user = { .id = id_v7(),
		.tenant = id_is_nil(new->tenant) ? by->acts_in : new->tenant,
		.username = new->username,
		.email = new->email,
		.role = new->role,
		.active = true,
		.created_us = now,
		.updated_us = now };

	TRY(may_create(by, new, user.tenant, c->error));
	TRY(username_check(user.username, c->error));
	TRY(email_check(user.email, c->error));
	TRY(password_check(new->password, c->error));
	TRY(password_hash(c, new->password, &user.password_hash));
	TRY(insert_user(c, by, &user));
	*ret = user;
	return OK;
}

/* The change has happened: a count that fails cannot make it undone, and the
 * next start looks again. */
static bool
is_settled(const struct call *c)
{
	struct error ignored;
	struct call quiet = *c;
	int64_t left;

	quiet.error = &ignored;
	return users_with_first_password(&quiet, &left) == OK && left == 0;
}

static enum err
may_change(const struct principal *by, const struct user *user,
    const struct user_change *change, struct error *e)
{
	if (change->active >= 0 && by->role == ROLE_TENANT_USER)
		return fail(
		    e, ERR_FORBIDDEN, "Only admins can change user status");
	if (change->active == 0 && is_self(by, user->id))
		return fail(e, ERR_BAD_REQUEST, "Cannot deactivate yourself");
	if (change->active == 0 && user->role == ROLE_ROOT)
		return fail(e, ERR_BAD_REQUEST, "Cannot deactivate root");
	if (change->email.ptr != NULL)
		TRY(email_check(change->email, e));
	if (change->password.ptr != NULL)
		TRY(password_check(change->password, e));
	return OK;
}

/* A user that is made inactive has no session left when it is active again. */
static bool
ends_sessions(const struct user_change *change)
{
	return change->password.ptr != NULL || change->active == 0;
}

static enum err
set_changes(struct call *c, struct update u, const struct user_change *change,
    int64_t since_us)
{
	if (change->email.ptr != NULL)
		update_set(u, USER_EMAIL, value_text(change->email));
	if (change->active >= 0)
		update_set(u, USER_ACTIVE, value_int(change->active != 0));
	if (change->password.ptr != NULL) {
		struct str hash;

		TRY(password_hash(c, change->password, &hash));
		update_set(u, USER_PASSWORD, value_text(hash));
		update_set(u, USER_FIRST_PASSWORD, value_int(0));
	}
	if (ends_sessions(change))
		update_set(u, USER_SESSIONS_SINCE, value_int(since_us));
	update_set(u, USER_UPDATED_US, value_int(clock_now_us()));
	return OK;
}

/* A stolen token must not be enough to take over the account. */
static enum err
check_current(
    struct call *c, const struct user *user, const struct user_change *change)
{
	bool matches;

	if (change->current.ptr == NULL)
		return fail(c->error, ERR_BAD_REQUEST,
		    "current-password: needed to change your own password");
	TRY(password_verify(c, user->password_hash, change->current, &matches));
	if (!matches)
		return fail(c->error, ERR_FORBIDDEN,
		    "current-password: is not your password");
	return OK;
}

/* The conditions of a change.  A user that changes its own password keeps its
 * session: neither another password nor `active` false has ended it since it
 * was checked, both of which set sessions_since. */
static struct test
condition(const struct user *user, bool own_password)
{
	if (!own_password)
		return (struct test){ USER_TENANT, TEST_EQ,
			value_id_or_null(user->tenant) };
	return (struct test){ USER_SESSIONS_SINCE, TEST_EQ,
		user->sessions_since_us != 0
		    ? value_int(user->sessions_since_us)
		    : value_null() };
}

/* Why the user's row was not changed. */
static enum err
changed_meanwhile(struct call *c, const struct principal *by,
    const struct user *before, const struct user_change *change)
{
	struct user now = { 0 };

	TRY(users_get(c, by, before->id, &now)); /* it may be gone */
	if (change->email.ptr == NULL ||
	    now.sessions_since_us != before->sessions_since_us)
		return fail(c->error, ERR_CONFLICT,
		    "The user was changed by somebody else meanwhile");
	return email_taken(c, by, change->email);
}

enum err
users_update(struct call *c, const struct principal *by, struct id id,
    const struct user_change *change, bool *ret_settled)
{
	bool own_password = change->password.ptr != NULL && is_self(by, id);
	struct batch b = batch_of(c);
	struct user user = { 0 };
	enum verdict verdict;
	size_t failed;

	TRY(users_get(c, by, id, &user));
	TRY(may_change(by, &user, change, c->error));
	if (own_password)
		TRY(check_current(c, &user, change));

	int64_t since_us = sessions_since_after(user.sessions_since_us);
	struct update u = batch_update(
	    &b, ENTITY_USERS, value_id(id), condition(&user, own_password));

	TRY(set_changes(c, u, change, since_us));
	control_name_id(&b, CONTROL_USER, id);
	if (own_password && !id_is_nil(by->token) && !by->stateless)
		session_keep(&b, by->token, since_us);
	audit_add(&b, user.tenant, id, user.username);
	TRY(control_apply(&b, user.tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT && failed == 1)
		return fail(
		    c->error, ERR_NOT_AUTHORIZED, "Token has been revoked");
	if (verdict == VERDICT_CONFLICT)
		return changed_meanwhile(c, by, &user, change);
	*ret_settled = user.first_password && change->password.ptr != NULL &&
		       is_settled(c);
	return OK;
}

enum err
users_delete(
    struct call *c, const struct principal *by, struct id id, bool *ret_settled)
{
	struct batch b = batch_of(c);
	struct user user = { 0 };
	enum verdict verdict;
	size_t failed;

	if (is_self(by, id))
		return fail(
		    c->error, ERR_BAD_REQUEST, "Cannot delete yourself");
	TRY(users_get(c, by, id, &user));
	if (user.role == ROLE_ROOT)
		return fail(c->error, ERR_BAD_REQUEST, "Cannot delete root");
	batch_delete(&b, ENTITY_USERS, value_id(id));
	grantee_forget(&b, id);
	batch_purge(&b, ENTITY_IDENTITIES, IDENTITIES_OF_USER_MAX,
	    (struct test){ IDENTITY_USER, TEST_EQ, value_id(id) });
	control_name_id(&b, CONTROL_USER, id);
	audit_add(&b, user.tenant, id, user.username);
	TRY(control_apply(&b, user.tenant, &verdict, &failed));
	*ret_settled = user.first_password && is_settled(c);
	return OK;
}
