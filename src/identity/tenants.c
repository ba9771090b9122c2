/*
 * tenants.c - tenants as rows; at the end the entities that must be gone before
 * a tenant is deleted.
 */
#include "identity/tenants.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cache/record_cache.h"
#include "catalog/names.h"
#include "catalog/property_limits.h"
#include "record/audit.h"
#include "record/control.h"
#include "record/pairs.h"
#include "record/retry.h"

/* Tenants are on the system's log. */
#define NO_TENANT ((struct id){ { 0 } })

static enum err
tenant_of_row(struct call *c, const struct value *row, struct tenant *ret)
{
	struct tenant tenant = {
		.id = value_id_or_nil(row[TENANT_ID]),
		.name = value_str_or_absent(row[TENANT_NAME]),
		.created_us = value_int_or(row[TENANT_CREATED_US], 0),
	};

	TRY(pairs_parse(c, value_str_or_absent(row[TENANT_PROPERTIES]),
	    &tenant.properties));
	*ret = tenant;
	return OK;
}

static enum err
tenant_missing(struct call *c)
{
	return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
}

static enum err
tenant_load(struct call *c, struct id id, struct tenant *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_TENANTS, value_id(id), &row));
	if (row == NULL)
		return tenant_missing(c);
	return tenant_of_row(c, row, ret);
}

enum err
tenants_get(struct call *c, const struct principal *by, struct id id,
    struct tenant *ret)
{
	if (by->role != ROLE_ROOT && !id_eq(by->tenant, id))
		return tenant_missing(c);
	return tenant_load(c, id, ret);
}

enum err
tenants_get_named(struct call *c, struct str name, struct tenant *ret)
{
	const struct control_ref by_name = { .kind = CONTROL_TENANT_NAME,
		.name = name };
	const struct value *row;

	TRY(record_cache_find(c, &by_name, &row));
	if (row == NULL)
		return tenant_missing(c);
	return tenant_of_row(c, row, ret);
}

enum err
tenants_list(
    struct call *c, int64_t limit, int64_t offset, struct tenant_list *ret)
{
	struct scan scan = { .entity = ENTITY_TENANTS,
		.index = TENANTS_BY_NAME };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));

	struct tenant *at = ARENA_NEW(c->arena, struct tenant, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		TRY(tenant_of_row(c, rows.row[i], &at[i]));
	*ret = (struct tenant_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

/* A tenant is cached by its id, and by its name. */
static void
name_tenant(struct batch *b, struct id id, struct str name)
{
	control_name_id(b, CONTROL_TENANT, id);
	control_name(b, CONTROL_TENANT_NAME, name);
}

void
tenant_put(struct batch *b, const struct tenant *t)
{
	struct value *row = batch_insert(b, ENTITY_TENANTS);

	row[TENANT_ID] = value_id(t->id);
	row[TENANT_NAME] = value_text(t->name);
	row[TENANT_PROPERTIES] =
	    value_text(json_of_pairs(b->call->arena, t->properties));
	row[TENANT_CREATED_US] = value_int(t->created_us);
	name_tenant(b, t->id, t->name);
}

static enum err
name_taken(struct call *c, struct str name)
{
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Tenant '" STR_FMT "' exists already", STR_ARG(name));
}

enum err
tenants_create(struct call *c, const struct tenant *new, struct tenant *ret)
{
	struct tenant tenant = { .id = id_v7(),
		.name = new->name,
		.properties = new->properties,
		.created_us = clock_now_us() };
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	TRY(name_check(tenant.name, "Tenant", c->error));
	TRY(properties_fit(tenant.properties, "properties", c->error));
	tenant_put(&b, &tenant);
	audit_add(&b, tenant.id, tenant.id, tenant.name);
	TRY(control_apply(&b, NO_TENANT, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return name_taken(c, tenant.name);
	*ret = tenant;
	return OK;
}

enum err
tenants_update(struct call *c, struct id id, const struct tenant *change,
    struct tenant *ret)
{
	struct batch b = batch_of(c);
	struct update u = batch_update(&b, ENTITY_TENANTS, value_id(id),
	    (struct test){ TENANT_ID, TEST_EQ, value_id(id) });
	struct tenant tenant = { 0 };
	enum verdict verdict = VERDICT_APPLIED;
	size_t failed;

	TRY(tenant_load(c, id, &tenant));
	name_tenant(&b, id, tenant.name);
	if (change->name.ptr != NULL && !str_eq(change->name, tenant.name)) {
		TRY(name_check(change->name, "Tenant", c->error));
		control_name(&b, CONTROL_TENANT_NAME, change->name);
		tenant.name = change->name;
		update_set(u, TENANT_NAME, value_text(tenant.name));
	}
	if (change->properties.at != NULL &&
	    !pairs_eq(change->properties, tenant.properties)) {
		TRY(properties_fit(change->properties, "properties", c->error));
		tenant.properties = change->properties;
		update_set(u, TENANT_PROPERTIES,
		    value_text(json_of_pairs(c->arena, tenant.properties)));
	}
	if (*u.set != 0) {
		audit_add(&b, id, id, tenant.name);
		TRY(control_apply(&b, NO_TENANT, &verdict, &failed));
	}
	if (verdict == VERDICT_CONFLICT)
		return name_taken(c, tenant.name);
	*ret = tenant;
	return OK;
}

/* The entities that belong to a tenant, each with an index that begins with
 * it. */
static const struct owned {
	const char *what;
	uint16_t entity, index, tenant;
} owned[] = {
	{ "users", ENTITY_USERS, USERS_BY_TENANT, USER_TENANT },
	{ "service users", ENTITY_SERVICE_USERS, SERVICE_USERS_BY_NAME,
	    SERVICE_USER_TENANT },
	{ "warehouses", ENTITY_WAREHOUSES, WAREHOUSES_BY_NAME,
	    WAREHOUSE_TENANT },
	{ "catalogs", ENTITY_CATALOGS, CATALOGS_BY_NAME, CATALOG_TENANT },
};

static enum err
add_what_is_left(struct call *c, struct id tenant, struct buf *left)
{
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		struct test where = { owned[i].tenant, TEST_EQ,
			value_id(tenant) };
		const struct value *row;

		TRY(record_find(
		    c, owned[i].entity, owned[i].index, &where, 1, &row));
		if (row != NULL)
			buf_printf(left, "%s%s", left->len != 0 ? ", " : "",
			    owned[i].what);
	}
	return OK;
}

/* VERDICT_CONFLICT: something was made in it meanwhile. */
static enum err
try_delete(struct call *c, struct id id, enum verdict *ret)
{
	struct buf left = buf_in(c->arena);
	struct batch b = batch_of(c);
	const struct value *row;
	struct tenant tenant = { 0 };
	size_t failed;

	TRY(record_find_by_key(c, ENTITY_TENANTS, value_id(id), &row));
	if (row == NULL)
		return tenant_missing(c);
	TRY(tenant_of_row(c, row, &tenant));
	TRY(add_what_is_left(c, id, &left));
	if (left.len != 0)
		return fail(c->error, ERR_CONFLICT,
		    "Tenant '" STR_FMT "' still has: " STR_FMT,
		    STR_ARG(tenant.name), STR_ARG(buf_str(&left)));
	batch_delete_when(&b, ENTITY_TENANTS, value_id(id),
	    (struct test){ TENANT_REVISION, TEST_EQ, row[TENANT_REVISION] });
	name_tenant(&b, id, tenant.name);
	audit_add(&b, id, id, tenant.name);
	return control_apply(&b, NO_TENANT, ret, &failed);
}

enum err
tenants_delete(struct call *c, struct id id)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_delete(c, id, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT,
		    "Something is being made in the tenant: try again");
	return OK;
}
