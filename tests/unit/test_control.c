/* test_control.c - whoever writes policy names it on the tenant's log. */
#include "record/control.h"

#include "catalog/catalogs.h"
#include "catalog/deleted_catalogs.h"
#include "catalog/warehouses.h"
#include "identity/bootstrap.h"
#include "identity/service_users.h"
#include "identity/sign_in.h"
#include "identity/tenants.h"
#include "identity/users.h"
#include "tests/unit/both_stores.h"

static const struct id no_tenant;
static struct principal root;

static int64_t
head_of(struct id tenant)
{
	struct point at = { control_log(tenant), 0 };

	assert_ok(store_heads(&call, &at, 1));
	return at.seq;
}

/* What was named above a position: "users/<id> ", one after the other. */
static const char *
named(struct id tenant, int64_t above)
{
	struct point from = { control_log(tenant), above };
	struct versions found;
	struct str text = STR("");

	assert_ok(store_changes(&call, from, INT64_MAX, 100, &found));
	for (size_t i = 0; i < found.count; i++)
		text = arena_printf(call.arena, STR_FMT STR_FMT "/" STR_FMT " ",
		    STR_ARG(text), STR_ARG(found.at[i].key.ns),
		    STR_ARG(found.at[i].key.name));
	return text.ptr;
}

static const char *
with_id(const char *kind, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_printf(call.arena, "%s/%s ", kind, text).ptr;
}

/* No file of a password: the test gives one. */
static int
start(void **state)
{
	const struct first_start what = { .state_dir = str_from(scratch),
		.password = STR("correct horse"),
		.warehouse_root =
		    arena_printf(call.arena, "%s/warehouse", scratch) };
	struct user user;
	bool made;

	(void)state;
	assert_ok(bootstrap(&call, &what, &made));
	assert_true(made);
	assert_ok(users_get_named(&call, STR("root"), &user));
	root = (struct principal){ .kind = PRINCIPAL_USER,
		.role = ROLE_ROOT,
		.id = user.id,
		.username = STR("root") };
	return 0;
}

static int
open_and_start(void **state)
{
	(void)open_named(state);
	return start(state);
}

static struct tenant
new_tenant(const char *name)
{
	struct tenant new = { .name = str_from(name) }, made;

	assert_ok(tenants_create(&call, &new, &made));
	return made;
}

static struct user
new_user(struct id tenant)
{
	struct new_user new = { .username = STR("bob"),
		.email = STR("bob@example.org"),
		.password = STR("correct horse"),
		.tenant = tenant,
		.role = ROLE_TENANT_USER };
	struct user made;

	assert_ok(users_create(&call, &root, &new, &made));
	return made;
}

/* ---- tests */
static void
the_first_start_names_root_and_the_tenant(void **state)
{
	struct tenant first;

	(void)state;
	assert_int_equal(head_of(no_tenant), 1);
	assert_ok(tenants_get_named(&call, STR("default"), &first));
	assert_non_null(strstr(named(no_tenant, 0), with_id("users", root.id)));
	assert_non_null(
	    strstr(named(no_tenant, 0), with_id("tenants", first.id)));
	assert_non_null(strstr(named(no_tenant, 0), "tenant-names/default "));
}

static void
a_renamed_tenant_is_named_by_both_names(void **state)
{
	struct tenant acme = new_tenant("acme"), change = { 0 }, changed;
	int64_t before = head_of(no_tenant);

	(void)state;
	change.name = STR("emca");
	assert_ok(tenants_update(&call, acme.id, &change, &changed));
	assert_int_equal(head_of(no_tenant), before + 1);
	assert_non_null(strstr(named(no_tenant, before), "tenant-names/acme "));
	assert_non_null(strstr(named(no_tenant, before), "tenant-names/emca "));
	assert_non_null(
	    strstr(named(no_tenant, before), with_id("tenants", acme.id)));
	assert_ok(tenants_delete(&call, acme.id));
	assert_non_null(
	    strstr(named(no_tenant, before + 1), with_id("tenants", acme.id)));
}

static void
every_write_of_a_user_is_on_its_tenants_log(void **state)
{
	struct tenant acme = new_tenant("acme");
	struct user_change change = { .active = 0 };
	struct login login = { STR("bob"), STR("correct horse"), { { 0 } } };
	struct user bob = new_user(acme.id);
	const char *name = with_id("users", bob.id);
	struct principal principal;
	bool settled;

	(void)state;
	assert_int_equal(head_of(acme.id), 1);
	assert_ok(sign_in_password(&call, &login, &principal));
	assert_int_equal(head_of(acme.id), 2);
	assert_ok(users_update(&call, &root, bob.id, &change, &settled));
	assert_int_equal(head_of(acme.id), 3);
	assert_ok(users_delete(&call, &root, bob.id, &settled));
	assert_int_equal(head_of(acme.id), 4);
	for (int64_t i = 0; i < 4; i++)
		assert_non_null(strstr(named(acme.id, i), name));
}

static void
every_write_of_a_service_user_is_on_its_tenants_log(void **state)
{
	struct tenant acme = new_tenant("acme");
	struct principal by = {
		.role = ROLE_TENANT_ADMIN, .tenant = acme.id, .acts_in = acme.id
	};
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_USER };
	struct service_user_change change = { .active = 0 };
	struct service_user etl;
	struct principal principal;
	struct str key;

	(void)state;
	assert_ok(service_users_create(&call, &by, &new, &etl, &key));
	assert_ok(sign_in_api_key(&call, key, &principal));
	assert_ok(sign_in_api_key(&call, key, &principal));
	assert_int_equal(head_of(acme.id), 2); /* the second leaves no note */
	assert_ok(service_users_rotate(&call, &by, etl.id, &etl, &key));
	assert_ok(service_users_update(&call, &by, etl.id, &change, &etl));
	assert_ok(service_users_delete(&call, &by, etl.id));
	assert_int_equal(head_of(acme.id), 5);

	const char *name = with_id("service-users", etl.id);

	for (int64_t i = 0; i < 5; i++)
		assert_non_null(strstr(named(acme.id, i), name));
}

static void
every_write_of_a_catalog_is_on_its_tenants_log(void **state)
{
	struct tenant acme = new_tenant("acme");
	struct catalog new = { .tenant = acme.id, .name = STR("sales") };
	struct pair one = { STR("a"), STR("b") };
	struct catalog change = { .properties = { &one, 1 } }, made;

	(void)state;
	assert_ok(catalogs_create(&call, &new, &made));
	assert_ok(
	    catalogs_update(&call, acme.id, STR("sales"), &change, &made));
	assert_ok(catalogs_delete(&call, acme.id, STR("sales")));
	assert_string_equal(
	    named(acme.id, 0), "catalogs/sales catalogs/sales catalogs/sales ");
}

static void
a_renamed_warehouse_is_named_by_both_names(void **state)
{
	struct tenant acme = new_tenant("acme");
	struct pair root_at = { STR("root"),
		arena_printf(call.arena, "%s/acme", scratch) };
	struct warehouse new = { .tenant = acme.id,
		.name = STR("old"),
		.storage_config = { &root_at, 1 } };
	struct warehouse_change change = { .name = STR("new") };
	struct warehouse made;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &made));
	assert_ok(warehouses_update(
	    &call, NULL, acme.id, STR("old"), &change, &made));
	assert_string_equal(
	    named(acme.id, 1), "warehouses/new warehouses/old ");
	assert_ok(warehouses_delete(&call, acme.id, STR("new")));
	assert_string_equal(named(acme.id, 2), "warehouses/new ");
}

/* What an earlier release left: rows, and no log. */
static void
a_store_without_control_logs_gets_one_with_the_first_write(void **state)
{
	struct user old = { .id = id_v7(),
		.tenant = id_v7(),
		.username = STR("old"),
		.email = STR("old@example.org"),
		.active = true };
	struct user_change change = { .active = 0 };
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;
	bool settled;

	(void)state;
	user_put(&b, &old);
	b.put_count = 0;
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(head_of(old.tenant), 0);
	assert_ok(users_update(&call, &root, old.id, &change, &settled));
	assert_string_equal(named(old.tenant, 0), with_id("users", old.id));
}

static void
logs_of_tenants_are_no_branches_and_differ(void **state)
{
	struct id one = { { 1 } }, two = { { 2 } };

	(void)state;
	assert_true(control_log(one) != control_log(two));
	assert_true(control_log(one) != control_log(no_tenant));
	assert_true(control_log(one) > (int64_t)1 << 47);
	assert_true(branch_number() < (int64_t)1 << 47);
}

/* clang-format off */
#define STARTED(name, store) \
	{ #name " on " store, name, open_and_start, close_named, (void *)store }
#define STARTED_ON_BOTH(name) STARTED(name, "memory"), STARTED(name, "sqlite")

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED_ON_BOTH(the_first_start_names_root_and_the_tenant),
		STARTED_ON_BOTH(a_renamed_tenant_is_named_by_both_names),
		STARTED_ON_BOTH(every_write_of_a_user_is_on_its_tenants_log),
		STARTED_ON_BOTH(every_write_of_a_service_user_is_on_its_tenants_log),
		STARTED_ON_BOTH(every_write_of_a_catalog_is_on_its_tenants_log),
		STARTED_ON_BOTH(a_renamed_warehouse_is_named_by_both_names),
		STARTED_ON_BOTH(a_store_without_control_logs_gets_one_with_the_first_write),
		cmocka_unit_test(logs_of_tenants_are_no_branches_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
/* clang-format on */
