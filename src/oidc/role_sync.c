#include "oidc/role_sync.h"

#include "base/clock.h"
#include "identity/roles.h"
#include "record/audit.h"
#include "record/control.h"

struct sync {
	struct call *call;
	const struct subject *subject;
	const struct user *user;
	struct batch batch;
	struct rows members;
	size_t changes;
};

static enum err
read_members(struct sync *s)
{
	struct test where = { MEMBER_PRINCIPAL, TEST_EQ,
		value_id(s->user->id) };
	struct scan scan = { .entity = ENTITY_ROLE_MEMBERS,
		.index = INDEX_KEY,
		.where = &where,
		.where_count = 1 };

	return record_list(
	    s->call, &scan, ROLES_OF_PRINCIPAL_MAX + 1, 0, &s->members);
}

static const struct value *
member_of(const struct sync *s, struct id role)
{
	for (size_t i = 0; i < s->members.count; i++)
		if (id_eq(
			value_id_or_nil(s->members.row[i][MEMBER_ROLE]), role))
			return s->members.row[i];
	return NULL;
}

static bool
is_by_provider(const struct sync *s, const struct value *member)
{
	return str_eq(value_str_or_absent(member[MEMBER_PROVIDER]),
	    s->subject->provider->name);
}

static void
give(struct sync *s, struct id role)
{
	struct value *row;

	batch_expect(&s->batch, ENTITY_ROLES, value_id(role),
	    (struct test){ ROLE_TENANT, TEST_EQ, value_id(s->user->tenant) });
	row = batch_replace(&s->batch, ENTITY_ROLE_MEMBERS);
	row[MEMBER_PRINCIPAL] = value_id(s->user->id);
	row[MEMBER_ROLE] = value_id(role);
	row[MEMBER_TENANT] = value_id(s->user->tenant);
	row[MEMBER_ASSIGNED_US] = value_int(clock_now_us());
	row[MEMBER_PROVIDER] = value_text(s->subject->provider->name);
	s->changes++;
}

static void
take(struct sync *s, const struct value *member)
{
	batch_delete_row(&s->batch, ENTITY_ROLE_MEMBERS, member);
	s->changes++;
}

/* Roles beyond the bound of a user are not given: those of the first names
 * are. */
static enum err
compare_roles(struct sync *s)
{
	struct principal reader = { .role = ROLE_TENANT_ADMIN,
		.tenant = s->user->tenant,
		.acts_in = s->user->tenant };
	size_t has = s->members.count, left = 0;
	struct role_list roles = { .more = true };

	for (int64_t from = 0; roles.more; from += (int64_t)roles.count) {
		TRY(roles_list(s->call, &reader, 0, from, &roles));
		for (size_t i = 0; i < roles.count; i++) {
			const struct granted_role *role = &roles.at[i];
			const struct value *member = member_of(s, role->id);
			bool named = subject_has_role(s->subject, role->name);

			if (member != NULL && !named &&
			    is_by_provider(s, member)) {
				take(s, member);
				left++;
			}
			if (member == NULL && named &&
			    has - left < ROLES_OF_PRINCIPAL_MAX) {
				give(s, role->id);
				has++;
			}
		}
		if (roles.count == 0)
			break;
	}
	return OK;
}

/* The provider decides for users that it has made. */
static void
set_role(struct sync *s, struct user *io)
{
	enum role role =
	    s->subject->is_admin ? ROLE_TENANT_ADMIN : ROLE_TENANT_USER;
	struct update update;

	if (s->subject->provider->admin_values.count == 0 || io->role == role ||
	    !str_eq(io->provider, s->subject->provider->name))
		return;
	update = batch_update(&s->batch, ENTITY_USERS, value_id(io->id),
	    (struct test){ USER_ID, TEST_EQ, value_id(io->id) });
	update_set(update, USER_ROLE, value_int(role));
	update_set(update, USER_UPDATED_US, value_int(clock_now_us()));
	control_name_id(&s->batch, CONTROL_USER, io->id);
	io->role = role;
	s->changes++;
}

static enum err
apply(struct sync *s, int64_t said_us)
{
	enum verdict verdict;
	size_t failed;

	update_set(
	    batch_update(&s->batch, ENTITY_IDENTITIES, value_id(s->subject->id),
		(struct test){ IDENTITY_USER, TEST_EQ, value_id(s->user->id) }),
	    IDENTITY_SAID_US,
	    value_int(s->subject->issued_us > said_us ? s->subject->issued_us
						      : said_us));
	control_name_id(&s->batch, CONTROL_RIGHTS, s->user->id);
	audit_signed_in(s->call, s->user->id, s->user->username);
	audit_add_as(&s->batch, DEED_UPDATE_USER, s->user->tenant, s->user->id,
	    s->user->username);
	TRY(control_apply(&s->batch, s->user->tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(s->call->error, ERR_UNAVAILABLE,
		    "The user or a role was changed at this moment: try again");
	return OK;
}

enum err
role_sync(struct call *c, const struct subject *subject, int64_t said_us,
    struct user *io)
{
	struct sync s = {
		.call = c, .subject = subject, .user = io, .batch = batch_of(c)
	};
	struct user user = *io;

	if (subject->issued_us < said_us)
		return OK;
	TRY(read_members(&s));
	TRY(compare_roles(&s));
	set_role(&s, &user);
	if (s.changes == 0)
		return OK;
	TRY(apply(&s, said_us));
	*io = user;
	return OK;
}
