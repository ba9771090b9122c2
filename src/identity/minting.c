#include "identity/minting.h"

#include "identity/sign_in.h"
#include "record/batch.h"

#define HOUR_S 3600

static enum err
find_named(struct call *c, struct str name, bool *ret_service_user,
    const struct value **ret)
{
	struct test where = { USER_USERNAME, TEST_EQ, value_text(name) };
	struct id id;

	*ret_service_user = id_parse(name, &id);
	if (*ret_service_user)
		return record_find_by_key(
		    c, ENTITY_SERVICE_USERS, value_id(id), ret);
	return record_find(c, ENTITY_USERS, USERS_BY_USERNAME, &where, 1, ret);
}

static enum err
find_oneself(struct call *c, const struct principal *by, bool *ret_service_user,
    const struct value **ret)
{
	*ret_service_user = by->kind == PRINCIPAL_SERVICE_USER;
	return record_find_by_key(c,
	    *ret_service_user ? ENTITY_SERVICE_USERS : ENTITY_USERS,
	    value_id(by->id), ret);
}

/* Whose token it will be.  Of another tenant nobody is found. */
static enum err
find_owner(struct call *c, const struct principal *by, const struct mint *mint,
    struct id tenant, struct principal *ret)
{
	const struct value *row;
	bool service_user, may_sign_in;

	if (mint->username.len != 0)
		TRY(find_named(c, mint->username, &service_user, &row));
	else
		TRY(find_oneself(c, by, &service_user, &row));
	may_sign_in = principal_of_row(service_user, row, ret);
	if (row == NULL || !id_eq(ret->tenant, tenant))
		return fail(c->error, ERR_NOT_FOUND,
		    "username: there is no such user or service user in this "
		    "tenant");
	if (!may_sign_in)
		return fail(c->error, ERR_FORBIDDEN,
		    "username: '" STR_FMT "' may not sign in",
		    STR_ARG(ret->username));
	return OK;
}

/* Roles with a larger number may less. */
static enum err
limit_role(struct call *c, const struct principal *by, enum role asked,
    struct principal *io)
{
	enum role role = asked != 0 ? asked : io->role;

	if (role < by->role || io->role < by->role)
		return fail(c->error, ERR_FORBIDDEN,
		    "Cannot mint a token more privileged than the caller");
	if (role < io->role)
		return fail(c->error, ERR_FORBIDDEN,
		    "roles: '" STR_FMT "' is " STR_FMT " only",
		    STR_ARG(io->username), STR_ARG(role_name(io->role)));
	if (io->role == ROLE_ROOT && role != ROLE_ROOT)
		return fail(c->error, ERR_BAD_REQUEST,
		    "roles: root has no role in a tenant");
	io->role = role;
	return OK;
}

enum err
token_mint(struct call *c, const struct keys *keys, const struct principal *by,
    const struct mint *mint, struct session *ret, struct id *ret_tenant)
{
	int64_t life_s = mint->hours * HOUR_S;
	struct keys kept = *keys; /* no token of minutes instead */
	struct id tenant = mint->tenant;
	struct principal owner;

	kept.stateless_s = 0;
	if (id_is_nil(tenant))
		tenant = by->acts_in;
	if (by->role != ROLE_ROOT && !id_eq(tenant, by->tenant))
		return fail(c->error, ERR_FORBIDDEN,
		    "Cannot mint a token for another tenant");
	TRY(find_owner(c, by, mint, tenant, &owner));
	TRY(limit_role(c, by, mint->role, &owner));
	*ret_tenant = owner.tenant;
	return session_open(
	    c, &kept, &owner, &(struct session_times){ life_s, life_s }, ret);
}
