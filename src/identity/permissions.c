#include "identity/permissions.h"

#include "base/clock.h"
#include "calls/store_call.h"
#include "identity/roles.h"
#include "record/audit.h"
#include "record/control.h"

static enum err
permission_of_row(
    struct call *c, const struct value *row, struct permission *ret)
{
	struct grants grants;

	*ret = (struct permission){
		.id = value_id_or_nil(row[PERMISSION_ID]),
		.tenant = value_id_or_nil(row[PERMISSION_TENANT]),
		.principal = value_id_or_nil(row[PERMISSION_PRINCIPAL]),
		.granted_by = value_id_or_nil(row[PERMISSION_GRANTED_BY]),
		.granted_us = value_int_or(row[PERMISSION_GRANTED_US], 0),
	};
	TRY(grants_parse(
	    c, value_str_or_absent(row[PERMISSION_GRANT]), &grants));
	if (grants.count == 1)
		ret->grant = grants.at[0];
	return OK;
}

enum err
permissions_list(struct call *c, const struct principal *by,
    struct id principal, int64_t limit, int64_t offset,
    struct permission_list *ret)
{
	const struct test where[] = {
		{ PERMISSION_PRINCIPAL, TEST_EQ, value_id(principal) },
		{ PERMISSION_TENANT, TEST_EQ, value_id(by->acts_in) },
	};
	bool all = id_is_nil(principal);
	struct scan scan = { .entity = ENTITY_PERMISSIONS,
		.index = all ? PERMISSIONS_BY_TENANT : PERMISSIONS_BY_PRINCIPAL,
		.where = all ? where + 1 : where,
		.where_count = all ? 1 : 2 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));

	struct permission *at =
	    ARENA_NEW(c->arena, struct permission, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		TRY(permission_of_row(c, rows.row[i], &at[i]));
	*ret =
	    (struct permission_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

static enum err
has_room(struct call *c, struct id principal)
{
	struct test where = { PERMISSION_PRINCIPAL, TEST_EQ,
		value_id(principal) };
	struct scan scan = { .entity = ENTITY_PERMISSIONS,
		.index = PERMISSIONS_BY_PRINCIPAL,
		.limit = 1,
		.where = &where,
		.where_count = 1 };
	int64_t count;

	TRY(store_count(c, &scan, &count));
	if (count < PERMISSIONS_OF_PRINCIPAL_MAX)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "user-id: it has %d permissions: put some into a role",
	    PERMISSIONS_OF_PRINCIPAL_MAX);
}

static struct str
id_text(struct arena *a, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_copy(a, str_from(text));
}

enum err
permissions_grant(struct call *c, const struct principal *by,
    struct id principal, const struct grant *grant, struct permission *ret)
{
	struct permission p = { .id = id_v7(),
		.tenant = by->acts_in,
		.principal = principal,
		.grant = *grant,
		.granted_by = by->id,
		.granted_us = clock_now_us() };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct value *row;
	uint16_t entity;
	size_t failed;

	TRY(grantee_find(c, by, principal, &entity));
	TRY(has_room(c, principal));
	grantee_expect(&b, entity, principal);
	row = batch_insert(&b, ENTITY_PERMISSIONS);
	row[PERMISSION_ID] = value_id(p.id);
	row[PERMISSION_TENANT] = value_id(p.tenant);
	row[PERMISSION_PRINCIPAL] = value_id(p.principal);
	row[PERMISSION_GRANT] =
	    value_text(grants_text(c->arena, (struct grants){ &p.grant, 1 }));
	row[PERMISSION_GRANTED_BY] = value_id_or_null(p.granted_by);
	row[PERMISSION_GRANTED_US] = value_int(p.granted_us);
	control_name_id(&b, CONTROL_RIGHTS, principal);
	audit_add(&b, p.tenant, p.id, id_text(c->arena, principal));
	TRY(control_apply(&b, p.tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(
		    c->error, ERR_NOT_FOUND, "User or Service User not found");
	*ret = p;
	return OK;
}

enum err
permissions_revoke(struct call *c, const struct principal *by, struct id id)
{
	struct batch b = batch_of(c);
	const struct value *row;
	enum verdict verdict;
	size_t failed;

	TRY(record_find_by_key(c, ENTITY_PERMISSIONS, value_id(id), &row));
	if (row == NULL ||
	    !id_eq(value_id_or_nil(row[PERMISSION_TENANT]), by->acts_in))
		return fail(c->error, ERR_NOT_FOUND, "Permission not found");
	batch_delete(&b, ENTITY_PERMISSIONS, value_id(id));
	control_name_id(
	    &b, CONTROL_RIGHTS, value_id_or_nil(row[PERMISSION_PRINCIPAL]));
	audit_add(&b, by->acts_in, id,
	    id_text(c->arena, value_id_or_nil(row[PERMISSION_PRINCIPAL])));
	return control_apply(&b, by->acts_in, &verdict, &failed);
}
