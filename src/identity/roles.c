#include "identity/roles.h"

#include "base/clock.h"
#include "calls/store_call.h"
#include "catalog/names.h"
#include "identity/permissions.h"
#include "record/audit.h"
#include "record/control.h"

/* Rows of members that the deletion of a role deletes with it; those beyond
 * stay, and give nothing. */
#define MEMBERS_DELETED 1000

/* ---- reading */
static enum err
role_missing(struct call *c)
{
	return fail(c->error, ERR_NOT_FOUND, "Role not found");
}

static enum err
role_of_row(struct call *c, const struct value *row, struct granted_role *ret)
{
	*ret = (struct granted_role){
		.id = value_id_or_nil(row[ROLE_ID]),
		.tenant = value_id_or_nil(row[ROLE_TENANT]),
		.name = value_str_or_absent(row[ROLE_NAME]),
		.description = value_str_or_absent(row[ROLE_DESCRIPTION]),
		.created_by = value_id_or_nil(row[ROLE_CREATED_BY]),
		.created_us = value_int_or(row[ROLE_CREATED_US], 0),
		.updated_us = value_int_or(row[ROLE_UPDATED_US], 0),
	};
	return grants_parse(
	    c, value_str_or_absent(row[ROLE_GRANTS]), &ret->grants);
}

static bool
is_in_tenant(const struct value *row, uint16_t field, struct id tenant)
{
	return row != NULL && id_eq(value_id_or_nil(row[field]), tenant);
}

enum err
roles_get(struct call *c, const struct principal *by, struct id id,
    struct granted_role *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_ROLES, value_id(id), &row));
	if (!is_in_tenant(row, ROLE_TENANT, by->acts_in))
		return role_missing(c);
	return role_of_row(c, row, ret);
}

static enum err
roles_of_rows(struct call *c, const struct rows *rows, struct role_list *ret)
{
	struct granted_role *at =
	    ARENA_NEW(c->arena, struct granted_role, rows->count);
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (rows->row[i] != NULL)
			TRY(role_of_row(c, rows->row[i], &at[n++]));
	*ret = (struct role_list){ at, n, rows->next.ptr != NULL };
	return OK;
}

enum err
roles_list(struct call *c, const struct principal *by, int64_t limit,
    int64_t offset, struct role_list *ret)
{
	struct test where = { ROLE_TENANT, TEST_EQ, value_id(by->acts_in) };
	struct scan scan = { .entity = ENTITY_ROLES,
		.index = ROLES_BY_NAME,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));
	return roles_of_rows(c, &rows, ret);
}

/* ---- writing */
static enum err
check(const struct granted_role *role, struct error *e)
{
	TRY(name_check(role->name, "Role", e));
	if (role->description.len > ROLE_DESCRIPTION_MAX)
		return fail(e, ERR_BAD_REQUEST, "description: at most %d bytes",
		    ROLE_DESCRIPTION_MAX);
	return OK;
}

static enum err
name_taken(struct call *c, struct str name)
{
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Role '" STR_FMT "' exists already", STR_ARG(name));
}

enum err
roles_create(struct call *c, const struct principal *by,
    const struct granted_role *new, struct granted_role *ret)
{
	struct granted_role role = *new;
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct value *row;
	size_t failed;

	TRY(check(new, c->error));
	role.id = id_v7();
	role.tenant = by->acts_in;
	role.created_by = by->id;
	role.created_us = role.updated_us = clock_now_us();
	batch_add(&b, ENTITY_TENANTS, value_id(role.tenant), TENANT_REVISION,
	    NULL, 0);
	row = batch_insert(&b, ENTITY_ROLES);
	row[ROLE_ID] = value_id(role.id);
	row[ROLE_TENANT] = value_id(role.tenant);
	row[ROLE_NAME] = value_text(role.name);
	row[ROLE_DESCRIPTION] = value_text(role.description);
	row[ROLE_GRANTS] = value_text(grants_text(c->arena, role.grants));
	row[ROLE_CREATED_BY] = value_id_or_null(role.created_by);
	row[ROLE_CREATED_US] = value_int(role.created_us);
	row[ROLE_UPDATED_US] = value_int(role.updated_us);
	control_name_id(&b, CONTROL_ROLE, role.id);
	audit_add(&b, role.tenant, role.id, role.name);
	TRY(control_apply(&b, role.tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT && failed == 0)
		return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
	if (verdict == VERDICT_CONFLICT)
		return name_taken(c, role.name);
	*ret = role;
	return OK;
}

/* A change of a role that is there. */
static struct update
update_of(struct batch *b, const struct granted_role *role)
{
	control_name_id(b, CONTROL_ROLE, role->id);
	return batch_update(b, ENTITY_ROLES, value_id(role->id),
	    (struct test){ ROLE_TENANT, TEST_EQ, value_id(role->tenant) });
}

enum err
roles_replace(
    struct call *c, const struct principal *by, const struct granted_role *to)
{
	struct batch b = batch_of(c);
	struct granted_role role;
	enum verdict verdict;
	struct update u;
	size_t failed;

	TRY(check(to, c->error));
	TRY(roles_get(c, by, to->id, &role));
	u = update_of(&b, &role);
	update_set(u, ROLE_NAME, value_text(to->name));
	update_set(u, ROLE_DESCRIPTION, value_text(to->description));
	update_set(
	    u, ROLE_GRANTS, value_text(grants_text(c->arena, to->grants)));
	update_set(u, ROLE_UPDATED_US, value_int(clock_now_us()));
	audit_add(&b, role.tenant, role.id, to->name);
	TRY(control_apply(&b, role.tenant, &verdict, &failed));
	if (verdict != VERDICT_CONFLICT)
		return OK;
	TRY(roles_get(c, by, to->id, &role)); /* it may be gone */
	return name_taken(c, to->name);
}

enum err
roles_delete(struct call *c, const struct principal *by, struct id id)
{
	struct batch b = batch_of(c);
	struct granted_role role;
	enum verdict verdict;
	size_t failed;

	TRY(roles_get(c, by, id, &role));
	batch_delete(&b, ENTITY_ROLES, value_id(id));
	control_name_id(&b, CONTROL_ROLE, id);
	batch_purge(&b, ENTITY_ROLE_MEMBERS, MEMBERS_DELETED,
	    (struct test){ MEMBER_ROLE, TEST_EQ, value_id(id) });
	audit_add(&b, role.tenant, id, role.name);
	return control_apply(&b, role.tenant, &verdict, &failed);
}

/* ---- members */
enum err
grantee_find(struct call *c, const struct principal *by, struct id principal,
    uint16_t *ret_entity)
{
	const struct value *row;

	*ret_entity = ENTITY_USERS;
	TRY(record_find_by_key(c, ENTITY_USERS, value_id(principal), &row));
	if (is_in_tenant(row, USER_TENANT, by->acts_in))
		return OK;
	*ret_entity = ENTITY_SERVICE_USERS;
	TRY(record_find_by_key(
	    c, ENTITY_SERVICE_USERS, value_id(principal), &row));
	if (is_in_tenant(row, SERVICE_USER_TENANT, by->acts_in))
		return OK;
	return fail(c->error, ERR_NOT_FOUND, "User or Service User not found");
}

void
grantee_expect(struct batch *b, uint16_t entity, struct id principal)
{
	uint16_t key =
	    entity == ENTITY_USERS ? (uint16_t)USER_ID : SERVICE_USER_ID;

	batch_expect(b, entity, value_id(principal),
	    (struct test){ key, TEST_EQ, value_id(principal) });
}

void
grantee_forget(struct batch *b, struct id principal)
{
	batch_purge(b, ENTITY_ROLE_MEMBERS, ROLES_OF_PRINCIPAL_MAX,
	    (struct test){ MEMBER_PRINCIPAL, TEST_EQ, value_id(principal) });
	batch_purge(b, ENTITY_PERMISSIONS, 2 * PERMISSIONS_OF_PRINCIPAL_MAX,
	    (struct test){
		PERMISSION_PRINCIPAL, TEST_EQ, value_id(principal) });
}

static enum err
memberships(struct call *c, struct id principal, struct rows *ret)
{
	struct test where = { MEMBER_PRINCIPAL, TEST_EQ, value_id(principal) };
	struct scan scan = { .entity = ENTITY_ROLE_MEMBERS,
		.index = INDEX_KEY,
		.where = &where,
		.where_count = 1 };

	return record_list(c, &scan, ROLES_OF_PRINCIPAL_MAX + 1, 0, ret);
}

/* Roles that are gone, or of another tenant, are left out. */
static enum err
load_roles(struct call *c, struct id tenant, const struct rows *members,
    struct role_list *ret)
{
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, members->count);
	struct rows rows;

	*ret = (struct role_list){ 0 };
	if (members->count == 0)
		return OK;
	for (size_t i = 0; i < members->count; i++)
		keys[i] = &members->row[i][MEMBER_ROLE];
	TRY(store_get(c, ENTITY_ROLES, keys, members->count, &rows));
	for (size_t i = 0; i < rows.count; i++)
		if (!is_in_tenant(rows.row[i], ROLE_TENANT, tenant))
			rows.row[i] = NULL;
	return roles_of_rows(c, &rows, ret);
}

enum err
roles_of(struct call *c, const struct principal *by, struct id principal,
    struct role_list *ret)
{
	struct rows members;

	TRY(memberships(c, principal, &members));
	return load_roles(c, by->acts_in, &members, ret);
}

static bool
has_role(const struct rows *members, struct id role)
{
	for (size_t i = 0; i < members->count; i++)
		if (id_eq(value_id_or_nil(members->row[i][MEMBER_ROLE]), role))
			return true;
	return false;
}

static enum err
insert_member(struct call *c, const struct principal *by, uint16_t entity,
    struct id principal, const struct granted_role *role)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct value *row;
	size_t failed;

	grantee_expect(&b, entity, principal);
	batch_expect(&b, ENTITY_ROLES, value_id(role->id),
	    (struct test){ ROLE_TENANT, TEST_EQ, value_id(by->acts_in) });
	row = batch_replace(&b, ENTITY_ROLE_MEMBERS);
	row[MEMBER_PRINCIPAL] = value_id(principal);
	row[MEMBER_ROLE] = value_id(role->id);
	row[MEMBER_TENANT] = value_id(by->acts_in);
	row[MEMBER_ASSIGNED_BY] = value_id_or_null(by->id);
	row[MEMBER_ASSIGNED_US] = value_int(clock_now_us());
	control_name_id(&b, CONTROL_RIGHTS, principal);
	audit_add(&b, by->acts_in, role->id, role->name);
	TRY(control_apply(&b, by->acts_in, &verdict, &failed));
	if (verdict != VERDICT_CONFLICT)
		return OK;
	return failed == 0 ? fail(c->error, ERR_NOT_FOUND,
				 "User or Service User not found")
			   : role_missing(c);
}

enum err
role_assign(struct call *c, const struct principal *by, struct id principal,
    struct id role)
{
	struct granted_role found;
	struct rows members;
	uint16_t entity;

	TRY(grantee_find(c, by, principal, &entity));
	TRY(roles_get(c, by, role, &found));
	TRY(memberships(c, principal, &members));
	if (has_role(&members, role))
		return OK;
	if (members.count >= ROLES_OF_PRINCIPAL_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "role-id: a user has at most %d roles",
		    ROLES_OF_PRINCIPAL_MAX);
	return insert_member(c, by, entity, principal, &found);
}

enum err
role_revoke(struct call *c, const struct principal *by, struct id principal,
    struct id role)
{
	const struct value key[] = { value_id(principal), value_id(role) };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows members;
	uint16_t entity;
	size_t failed;

	TRY(grantee_find(c, by, principal, &entity));
	TRY(memberships(c, principal, &members));
	if (!has_role(&members, role))
		return role_missing(c);
	batch_delete_row(&b, ENTITY_ROLE_MEMBERS, key);
	control_name_id(&b, CONTROL_RIGHTS, principal);
	audit_add(&b, by->acts_in, role, (struct str){ 0 });
	return control_apply(&b, by->acts_in, &verdict, &failed);
}
