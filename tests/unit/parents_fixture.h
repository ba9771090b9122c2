/* parents_fixture.h - a tenant, and the operations that race in it. */
#ifndef PANGOLIN_PARENTS_FIXTURE_H
#define PANGOLIN_PARENTS_FIXTURE_H

#include "catalog/branch.h"
#include "catalog/deleted_catalogs.h"
#include "catalog/namespaces.h"
#include "catalog/tables.h"
#include "catalog/warehouses.h"
#include "identity/service_users.h"
#include "identity/tenants.h"
#include "identity/users.h"
#include "record/control.h"
#include "record/revision.h"
#include "tasks/tasks.h"
#include "tests/unit/both_stores.h"
#include "tests/unit/rival_store.h"

static const struct principal root = { .kind = PRINCIPAL_USER,
	.role = ROLE_ROOT };
static struct principal admin; /* of acme */
static struct id acme, other;

static inline struct id
new_tenant(const char *name)
{
	struct tenant new = { .name = str_from(name) }, made;

	assert_ok(tenants_create(&call, &new, &made));
	return made.id;
}

static inline int
begin(void **state)
{
	(void)open_named(state);
	acme = new_tenant("acme");
	other = new_tenant("other");
	admin = (struct principal){ .kind = PRINCIPAL_USER,
		.role = ROLE_TENANT_ADMIN,
		.tenant = acme,
		.acts_in = acme };
	return 0;
}

/* ---- what races; each is OK, or an error */
static inline enum err
make_user(void)
{
	struct new_user new = { .username = STR("ann"),
		.email = STR("ann@example.org"),
		.password = STR("correct horse"),
		.tenant = acme,
		.role = ROLE_TENANT_USER };
	struct user made;

	return users_create(&call, &root, &new, &made);
}

static inline enum err
make_service_user(void)
{
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_USER };
	struct service_user made;
	struct str key;

	return service_users_create(&call, &admin, &new, &made, &key);
}

static inline struct pair
place(const char *member, const char *name)
{
	return (struct pair){ str_from(member),
		arena_printf(call.arena, "file://%s/%s", scratch, name) };
}

static inline enum err
warehouse_at(struct id tenant, const char *name, const char *at)
{
	struct pair config = place("root", at);
	struct warehouse new = { .tenant = tenant,
		.name = str_from(name),
		.storage_config = { &config, 1 } };
	struct warehouse made;

	return warehouses_create(&call, NULL, &new, &made);
}

static inline enum err
make_warehouse(void)
{
	return warehouse_at(acme, "wh", "a");
}

static inline enum err
take_the_place(void)
{
	return warehouse_at(other, "theirs", "a/b");
}

/* warehouse_at(acme, "mine", "c") is there. */
static inline enum err
change_mine(struct pair *config, size_t count)
{
	const struct warehouse_change change = {
		.storage_config = { config, count }, .use_sts = -1
	};
	struct warehouse made;

	return warehouses_update(
	    &call, NULL, acme, STR("mine"), &change, &made);
}

static inline enum err
allow_the_place(void)
{
	struct pair config[] = { place("root", "c"),
		place("allowed-locations", "a") };

	return change_mine(config, 2);
}

static inline enum err
move_to_the_place(void)
{
	struct pair config[] = { place("root", "a") };

	return change_mine(config, 1);
}

static inline enum err
make_catalog(void)
{
	struct catalog new = { .tenant = acme, .name = STR("alone") }, made;

	return catalogs_create(&call, &new, &made);
}

static inline enum err
use_warehouse(void)
{
	struct catalog new = {
		.tenant = acme, .name = STR("sales"), .warehouse = STR("wh")
	};
	struct catalog made;

	return catalogs_create(&call, &new, &made);
}

/* make_catalog() was before. */
static inline enum err
come_to_use_warehouse(void)
{
	struct catalog change = { .warehouse = STR("wh") }, made;

	return catalogs_update(&call, acme, STR("alone"), &change, &made);
}

static inline enum err
delete_warehouse(void)
{
	return warehouses_delete(&call, acme, STR("wh"));
}

static inline enum err
rename_warehouse(void)
{
	const struct warehouse_change change = { .name = STR("new"),
		.use_sts = -1 };
	struct warehouse made;

	return warehouses_update(&call, NULL, acme, STR("wh"), &change, &made);
}

static inline enum err
move_warehouse(void)
{
	struct pair config = place("root", "elsewhere");
	const struct warehouse_change change = {
		.storage_config = { &config, 1 }, .use_sts = -1
	};
	struct warehouse made;

	return warehouses_update(&call, NULL, acme, STR("wh"), &change, &made);
}

static inline enum err
delete_tenant(void)
{
	return tenants_delete(&call, acme);
}

static inline enum err
submit_task(void)
{
	const struct task new = { .tenant = acme,
		.kind = STR("verify_catalog"),
		.catalog = STR("alone") };
	struct id made;

	return tasks_submit(&call, &new, 1, &made);
}

/* ---- in catalog `sales` */
static inline enum err
make_named(const char *path)
{
	const struct namespace new = { .path = str_from(path) };
	struct branch b;

	TRY(branch_open(&call, acme, STR("sales"), &b));
	return namespaces_create(&call, &b, &new);
}

static inline enum err
make_namespace(void)
{
	return make_named("ns");
}

static inline enum err
make_child(void)
{
	return make_named("ns\x1F"
			  "child");
}

static inline enum err
drop_namespace(void)
{
	struct branch b;

	TRY(branch_open(&call, acme, STR("sales"), &b));
	return namespaces_drop(&call, &b, STR("ns"));
}

static inline enum err
make_table(void)
{
	struct table_request request = { .ident = { STR("ns"), STR("t") } };
	struct relation made;
	yyjson_val *body;
	struct branch b;

	TRY(branch_open(&call, acme, STR("sales"), &b));
	TRY(json_parse(call.arena,
	    STR("{\"name\":\"t\",\"schema\":"
		"{\"type\":\"struct\",\"fields\":[]}}"),
	    &body, &error));
	request.body = body;
	return tables_create(&call, &b, &request, &made);
}

static inline enum err
make_catalog_in_warehouse(void)
{
	TRY(make_warehouse());
	return use_warehouse();
}

static inline enum err
make_namespace_in_catalog(void)
{
	TRY(make_catalog_in_warehouse());
	return make_namespace();
}

static inline enum err
delete_catalog(void)
{
	return catalogs_delete(&call, acme, STR("sales"));
}

static inline enum err
nothing(void)
{
	return OK;
}

static inline enum err
make_mine(void)
{
	return warehouse_at(acme, "mine", "c");
}

#endif
