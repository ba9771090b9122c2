/* test_catalogs_api.c - the routes of warehouses, and of catalogs in them. */
#include "tests/unit/handling.h"
#include "tests/unit/scratch.h"

#define NO_ARG ((struct str){ 0 })

static int
set_up(void **state)
{
	make_scratch();
	return begin(state);
}

static int
tear_down(void **state)
{
	remove_scratch();
	return close_store(state);
}

static void
make_warehouse(const char *name)
{
	struct str body = arena_printf(call.arena,
	    "{\"name\":\"%s\",\"storage_config\":{\"root\":\"file://%s/%s\"}}",
	    name, scratch, name);

	assert_handled(warehouse_create_post, &admin, NO_ARG, body.ptr, 201);
}

static void
make_catalog(const char *name)
{
	struct str body = arena_printf(call.arena,
	    "{\"name\":\"%s\",\"warehouse_name\":\"wh\","
	    "\"properties\":{\"k\":\"v\"}}",
	    name);

	assert_handled(catalog_create_post, &admin, NO_ARG, body.ptr, 201);
}

static void
a_warehouse_is_made_changed_and_deleted(void **state)
{
	(void)state;
	make_warehouse("wh");
	assert_str(member("tenant_id"), text_of(acme));
	assert_handled(warehouse_update_put, &admin, STR("wh"),
	    "{\"use_sts\":null,\"name\":\"lake\"}", 0);
	assert_handled(warehouse_get, &bob, STR("lake"), "", 0);
	assert_str(member("name"), STR("lake"));
	assert_handled(warehouses_list_get, &bob, NO_ARG, "", 0);
	assert_int_equal(yyjson_arr_size(answer_json()), 1);
	assert_handled(warehouse_delete, &admin, STR("lake"), "", 0);
	assert_int_equal(request.reply.part_count, 0);
	assert_int_equal(handle(warehouse_get, &bob, STR("lake"), ""),
	    ERR_NO_SUCH_WAREHOUSE);
}

static void
a_catalog_is_made_changed_and_deleted(void **state)
{
	(void)state;
	make_warehouse("wh");
	make_catalog("c");
	assert_str(member("catalog_type"), STR("Local"));
	assert_str(member("warehouse_name"), STR("wh"));
	assert_true(yyjson_is_null(
	    json_member(answer_json(), STR("federated_config"))));
	assert_handled(
	    catalog_update_put, &admin, STR("c"), "{\"properties\":{}}", 0);
	assert_int_equal(
	    handle(catalog_get, &bob, STR("c"), ""), ERR_FORBIDDEN);
	assert_handled(catalog_get, &admin, STR("c"), "", 0);
	assert_str(json_text(call.arena,
		       json_member(answer_json(), STR("properties"))),
	    STR("{}"));
	assert_handled(catalogs_list_get, &bob, NO_ARG, "", 0);
	assert_int_equal(yyjson_arr_size(answer_json()), 0);
	assert_handled(catalogs_list_get, &admin, NO_ARG, "", 0);
	assert_int_equal(yyjson_arr_size(answer_json()), 1);
	assert_handled(catalog_delete, &admin, STR("c"), "", 0);
	assert_int_equal(
	    handle(catalog_get, &admin, STR("c"), ""), ERR_NO_SUCH_WAREHOUSE);
	assert_int_equal(
	    handle(catalog_get, &bob, STR("c"), ""), ERR_FORBIDDEN);
}

static void
another_tenant_sees_none_of_it(void **state)
{
	(void)state;
	make_warehouse("wh");
	make_catalog("c");
	assert_handled(catalogs_list_get, &stranger, NO_ARG, "", 0);
	assert_str(answer(), STR("[]"));
	assert_handled(warehouses_list_get, &stranger, NO_ARG, "", 0);
	assert_str(answer(), STR("[]"));
	assert_int_equal(handle(catalog_get, &stranger, STR("c"), ""),
	    ERR_NO_SUCH_WAREHOUSE);
	assert_int_equal(handle(warehouse_delete, &stranger, STR("wh"), ""),
	    ERR_NO_SUCH_WAREHOUSE);
	assert_int_equal(handle(catalog_update_put, &stranger, STR("c"), "{}"),
	    ERR_NO_SUCH_WAREHOUSE);
}

static void
federated_catalogs_are_refused(void **state)
{
	(void)state;
	assert_refused(catalog_create_post, &admin, NO_ARG,
	    "{\"name\":\"f\",\"catalog_type\":\"Federated\","
	    "\"federated_config\":{\"properties\":{\"uri\":\"u\"}}}",
	    ERR_NOT_IMPLEMENTED,
	    "/catalog_type: federated catalogs are not supported");
}

static void
a_wrong_member_is_named(void **state)
{
	(void)state;
	assert_refused(warehouse_create_post, &admin, NO_ARG,
	    "{\"name\":\"w\",\"storage_config\":{\"s3.bucket\":1}}",
	    ERR_UNPROCESSABLE, "/storage_config/s3.bucket: expected a string");
	assert_refused(catalog_update_put, &admin, STR("c"),
	    "{\"name\":\"new\"}", ERR_UNPROCESSABLE, "/name: unknown member");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_warehouse_is_made_changed_and_deleted),
		TEST(a_catalog_is_made_changed_and_deleted),
		TEST(another_tenant_sees_none_of_it),
		TEST(federated_catalogs_are_refused),
		TEST(a_wrong_member_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
