#include "oidc/federation.h"

#include "base/clock.h"
#include "catalog/names.h"
#include "identity/tenants.h"
#include "oidc/role_sync.h"
#include "record/audit.h"
#include "record/control.h"

#define NAMES_MAX 3 /* that are tried for a new user */

static enum err
find_tenant(struct call *c, const struct subject *s, struct id *ret)
{
	struct tenant tenant;
	enum err err = OK;

	if (id_parse(s->tenant, ret))
		return OK;
	err = tenants_get_named(c, s->tenant, &tenant);
	if (err == ERR_NOT_FOUND)
		return fail(c->error, ERR_FORBIDDEN,
		    "The provider '" STR_FMT "' names the tenant '" STR_FMT
		    "', which is not here",
		    STR_ARG(s->provider->name), STR_ARG(s->tenant));
	TRY(err);
	*ret = tenant.id;
	return OK;
}

/* The row of a subject's identity. */
struct known {
	bool found;   /* and so is its user */
	struct id of; /* the user in the row, which may be deleted; nil:
		       * there is no row */
	int64_t said_us;
	struct user user;
};

static enum err
find_user(struct call *c, const struct subject *s, struct known *ret)
{
	const struct value *row;

	*ret = (struct known){ 0 };
	TRY(record_find_by_key(c, ENTITY_IDENTITIES, value_id(s->id), &row));
	if (row == NULL)
		return OK;
	ret->said_us = value_int_or(row[IDENTITY_SAID_US], 0);
	ret->of = value_id_or_nil(row[IDENTITY_USER]);
	TRY(record_find_by_key(c, ENTITY_USERS, value_id(ret->of), &row));
	if (row == NULL)
		return OK;
	ret->user = user_of_row(row);
	ret->found = true;
	return OK;
}

/* Of several first sign-ins of a subject at once one decides who it is. */
static void
expect_identity(struct batch *b, const struct subject *s, const struct known *k)
{
	struct value *key = ARENA_NEW(b->call->arena, struct value, 1);

	*key = value_id(s->id);
	if (id_is_nil(k->of))
		batch_expect_absent(b, ENTITY_IDENTITIES, key);
	else
		batch_expect(b, ENTITY_IDENTITIES, *key,
		    (struct test){ IDENTITY_USER, TEST_EQ, value_id(k->of) });
}

static void
put_identity(struct batch *b, const struct subject *s, const struct user *u)
{
	struct value *row = batch_replace(b, ENTITY_IDENTITIES);

	row[IDENTITY_ID] = value_id(s->id);
	row[IDENTITY_USER] = value_id(u->id);
	row[IDENTITY_TENANT] = value_id(u->tenant);
	row[IDENTITY_PROVIDER] = value_text(s->provider->name);
	row[IDENTITY_SUBJECT] = value_text(s->subject);
	row[IDENTITY_CREATED_US] = value_int(clock_now_us());
}

/* ---- the first sign-in of a user that an admin has made */
static enum err
link_user(
    struct call *c, const struct subject *s, struct id tenant, struct known *io)
{
	const struct test where = { USER_EMAIL, TEST_EQ, value_text(s->email) };
	struct batch b = batch_of(c);
	const struct value *row = NULL;
	enum verdict verdict;
	struct user user;
	size_t failed;

	if (!subject_email_is_believed(s))
		return OK;
	TRY(record_find(c, ENTITY_USERS, USERS_BY_EMAIL, &where, 1, &row));
	if (row == NULL)
		return OK;
	user = user_of_row(row);
	/* another provider's user may have got the address from there */
	if (user.role == ROLE_ROOT || user.provider.ptr != NULL ||
	    !id_eq(user.tenant, tenant))
		return OK;
	batch_expect(&b, ENTITY_USERS, value_id(user.id),
	    (struct test){ USER_EMAIL, TEST_EQ, value_text(s->email) });
	expect_identity(&b, s, io);
	put_identity(&b, s, &user);
	audit_signed_in(c, user.id, user.username);
	audit_add_as(&b, DEED_UPDATE_USER, user.tenant, user.id, user.username);
	TRY(control_apply(&b, user.tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The user was changed at this moment: try again");
	io->user = user;
	io->found = true;
	return OK;
}

/* ---- the first sign-in of a stranger */

/* Names to try, in this order: the provider's, the same with a mark that only
 * this subject has, the mark alone. */
static struct str
name_to_try(struct arena *a, const struct subject *s, unsigned nth)
{
	char text[ID_TEXT];
	struct error ignored;
	struct str name = s->username;
	struct id id;

	id_format(s->id, text);
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == ':')
			name.len = i;
	if (nth == 2 || name.len == 0 || name.len > USERNAME_MAX - 10 ||
	    id_parse(name, &id) || name_check(name, "User", &ignored) != OK)
		return arena_printf(
		    a, STR_FMT "-%s", STR_ARG(s->provider->name), text);
	return nth == 0 ? name
			: arena_printf(a, STR_FMT "-%.8s", STR_ARG(name), text);
}

/* RFC 2606, 2: nobody gets mail there. */
static struct str
email_to_try(struct arena *a, const struct subject *s, unsigned nth)
{
	char text[ID_TEXT];

	id_format(s->id, text);
	if (nth == 0 && s->email.len != 0 && s->email.len <= USERNAME_MAX)
		return s->email;
	return arena_printf(
	    a, "%s@" STR_FMT ".invalid", text, STR_ARG(s->provider->name));
}

static enum err
insert_user(struct call *c, const struct subject *s, const struct known *known,
    const struct user *user, enum verdict *ret, size_t *ret_failed)
{
	struct batch b = batch_of(c);

	batch_add(&b, ENTITY_TENANTS, value_id(user->tenant), TENANT_REVISION,
	    NULL, 0);
	expect_identity(&b, s, known);
	user_put(&b, user);
	put_identity(&b, s, user);
	audit_signed_in(c, user->id, user->username);
	audit_add_as(
	    &b, DEED_CREATE_USER, user->tenant, user->id, user->username);
	return control_apply(&b, user->tenant, ret, ret_failed);
}

static enum err
make_user(
    struct call *c, const struct subject *s, struct id tenant, struct known *io)
{
	int64_t now = clock_now_us();
	struct user user = { .id = id_v7(),
		.tenant = tenant,
		.role = s->is_admin ? ROLE_TENANT_ADMIN : ROLE_TENANT_USER,
		.active = true,
		.created_us = now,
		.updated_us = now,
		.provider = s->provider->name };
	enum verdict verdict;
	size_t failed;

	for (unsigned i = 0; i < NAMES_MAX && !io->found; i++) {
		user.username = name_to_try(c->arena, s, i);
		user.email = email_to_try(c->arena, s, i);
		TRY(insert_user(c, s, io, &user, &verdict, &failed));
		if (verdict != VERDICT_CONFLICT) {
			io->user = user;
			io->found = true;
			return OK;
		}
		if (failed == 0)
			return fail(c->error, ERR_FORBIDDEN,
			    "The provider '" STR_FMT
			    "' names a tenant that is not here",
			    STR_ARG(s->provider->name));
		TRY(find_user(c, s, io));
	}
	if (!io->found)
		return fail(c->error, ERR_UNAVAILABLE,
		    "No name was free for the new user: try again");
	return OK;
}

static enum err
admit(
    struct call *c, const struct subject *s, struct id tenant, struct known *io)
{
	TRY(link_user(c, s, tenant, io));
	if (io->found)
		return OK;
	if (!s->provider->allow_public_signup)
		return fail(c->error, ERR_NOT_AUTHORIZED,
		    "The provider '" STR_FMT
		    "' knows you, but there is no such user here: an "
		    "administrator has to make one",
		    STR_ARG(s->provider->name));
	return make_user(c, s, tenant, io);
}

enum err
federation_user(struct call *c, const struct subject *s, struct user *ret)
{
	struct known known;
	struct user *user = &known.user;
	struct id tenant;

	TRY(find_tenant(c, s, &tenant));
	TRY(find_user(c, s, &known));
	if (!known.found)
		TRY(admit(c, s, tenant, &known));
	if (!id_eq(user->tenant, tenant))
		return fail(c->error, ERR_FORBIDDEN,
		    "User '" STR_FMT "' is in another tenant than the provider "
		    "'" STR_FMT "' says",
		    STR_ARG(user->username), STR_ARG(s->provider->name));
	if (!user->active)
		return fail(c->error, ERR_NOT_AUTHORIZED,
		    "User '" STR_FMT "' is not active",
		    STR_ARG(user->username));
	if (s->provider->roles_claim.len != 0)
		TRY(role_sync(c, s, known.said_us, user));
	*ret = *user;
	return OK;
}
