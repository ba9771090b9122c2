/* test_catalogs.c - catalogs of a tenant, and their branch `main`. */
#include "catalog/catalogs.h"
#include "catalog/deleted_catalogs.h"
#include "catalog/warehouses.h"
#include "tests/unit/people.h"
#include "tests/unit/scratch.h"

static const struct catalog unset;
static struct str root_place;

static struct str
at(const char *below)
{
	return arena_printf(
	    call.arena, STR_FMT "%s", STR_ARG(root_place), below);
}

static int
begin(void **state)
{
	(void)open_store(state);
	make_scratch();
	acme = new_tenant("acme");
	other = new_tenant("other");
	root_place = arena_printf(call.arena, "file://%s/wh", scratch);

	struct pair place = { STR("root"), root_place };
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = { &place, 1 } };
	struct warehouse made;

	assert_ok(warehouses_create(&call, NULL, &new, &made));
	return 0;
}

static int
end(void **state)
{
	remove_scratch();
	return close_store(state);
}

static enum err
create(struct catalog new, struct catalog *ret)
{
	new.tenant = id_is_nil(new.tenant) ? acme : new.tenant;
	return catalogs_create(&call, &new, ret);
}

#define IN_WAREHOUSE .name = STR("sales"), .warehouse = STR("wh")

static void
makes_a_catalog_with_its_branch(void **state)
{
	struct pair pairs[] = { { STR("owner"), STR("ann") } };
	struct catalog new = { IN_WAREHOUSE, .properties = { pairs, 1 } };
	struct catalog made, got;
	const struct value *ref;

	(void)state;
	assert_ok(create(new, &made));
	assert_ok(catalogs_get(&call, acme, STR("sales"), &got));
	assert_true(id_eq(got.id, made.id));
	assert_str(got.location, at("/sales"));
	assert_null(got.storage_location.ptr);
	assert_str(pairs_find(got.properties, STR("owner")), STR("ann"));
	assert_true(got.main_branch > 0);
	assert_ok(record_find_by_key(
	    &call, ENTITY_REFS, value_int(got.main_branch), &ref));
	assert_non_null(ref);
	assert_str(value_str_or_absent(ref[REF_NAME]), STR("main"));
	assert_true(id_eq(value_id_or_nil(ref[REF_CATALOG]), got.id));
	assert_int_equal(value_int_or(ref[REF_STATE], 0), REF_LIVE);
	assert_int_equal(value_int_or(ref[REF_KIND], 0), REF_BRANCH);
}

static void
places_a_catalog_in_its_warehouse(void **state)
{
	struct catalog inside = { IN_WAREHOUSE,
		.storage_location = at("/x/y/") };
	struct catalog outside = { IN_WAREHOUSE,
		.storage_location = STR("file:///elsewhere") };
	struct catalog path = { IN_WAREHOUSE, .storage_location = STR("/srv") };
	struct catalog climbing = { IN_WAREHOUSE,
		.storage_location = at("/../x") };
	struct catalog lost = { .name = STR("lost"),
		.storage_location = at("/x") };
	struct catalog nowhere = { .name = STR("nowhere"),
		.warehouse = STR("") };
	struct catalog got;

	(void)state;
	assert_ok(create(inside, &got));
	assert_ok(catalogs_get(&call, acme, STR("sales"), &got));
	assert_str(got.location, at("/x/y"));
	assert_str(got.storage_location, at("/x/y/"));
	assert_int_equal(create(outside, &got), ERR_BAD_REQUEST);
	assert_int_equal(create(path, &got), ERR_BAD_REQUEST);
	assert_int_equal(create(climbing, &got), ERR_BAD_REQUEST);
	assert_int_equal(create(lost, &got), ERR_BAD_REQUEST);
	assert_ok(create(nowhere, &got));
	assert_ok(catalogs_get(&call, acme, STR("nowhere"), &got));
	assert_int_equal(got.location.len, 0);
	assert_null(got.warehouse.ptr);
}

static void
refuses_what_cannot_be(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "a@b",
		"a\x1fz", "\xff" };
	struct catalog federated = { IN_WAREHOUSE, .type = CATALOG_FEDERATED };
	struct catalog astray = { .name = STR("a"), .warehouse = STR("none") };
	struct catalog got;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(catalog_name_check(str_from(bad[i]), &error),
		    ERR_BAD_REQUEST);
	assert_int_equal(catalog_name_check(STR("caf\xc3\xa9 1"), &error), OK);
	assert_int_equal(create(federated, &got), ERR_BAD_REQUEST);
	assert_fails(create(astray, &got), ERR_BAD_REQUEST,
	    "warehouse_name: there is no warehouse 'none'");
}

static void
keeps_names_unique_in_a_tenant(void **state)
{
	struct catalog new = { IN_WAREHOUSE }, got;
	struct catalog theirs = { .name = STR("sales"), .tenant = other };

	(void)state;
	assert_ok(create(new, &got));
	assert_fails(create(new, &got), ERR_ALREADY_EXISTS,
	    "Catalog 'sales' exists already");
	assert_ok(create(theirs, &got));
}

static void
keeps_tenants_apart(void **state)
{
	struct catalog new = { IN_WAREHOUSE }, change = unset, got;
	struct catalog_list list;

	(void)state;
	assert_ok(create(new, &got));
	new.tenant = other;
	assert_int_equal(create(new, &got), ERR_BAD_REQUEST);
	assert_fails(catalogs_get(&call, other, STR("sales"), &got),
	    ERR_NO_SUCH_WAREHOUSE, "Catalog does not exist: sales");
	assert_int_equal(
	    catalogs_update(&call, other, STR("sales"), &change, &got),
	    ERR_NO_SUCH_WAREHOUSE);
	assert_int_equal(
	    catalogs_delete(&call, other, STR("sales")), ERR_NO_SUCH_WAREHOUSE);
	assert_ok(catalogs_list(&call, other, 0, 0, &list));
	assert_int_equal(list.count, 0);
}

static void
lists_by_name(void **state)
{
	struct catalog b = { .name = STR("b"), .warehouse = STR("wh") };
	struct catalog a = { .name = STR("a") };
	struct catalog_list list;
	struct catalog got;

	(void)state;
	assert_ok(create(b, &got));
	assert_ok(create(a, &got));
	assert_ok(catalogs_list(&call, acme, 0, 0, &list));
	assert_int_equal(list.count, 2);
	assert_str(list.at[0].name, STR("a"));
	assert_ok(catalogs_list(&call, acme, 1, 1, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].name, STR("b"));
}

static void
changes_what_is_given(void **state)
{
	struct pair pairs[] = { { STR("k"), STR("v") } };
	struct catalog new = { IN_WAREHOUSE }, got, change = unset;

	(void)state;
	assert_ok(create(new, &got));
	change.properties = (struct pairs){ pairs, 1 };
	assert_ok(catalogs_update(&call, acme, STR("sales"), &change, &got));
	assert_str(got.location, at("/sales"));
	change = (struct catalog){ .storage_location = at("/new") };
	assert_ok(catalogs_update(&call, acme, STR("sales"), &change, &got));
	assert_ok(catalogs_get(&call, acme, STR("sales"), &got));
	assert_str(got.location, at("/new"));
	assert_str(got.warehouse, STR("wh"));
	assert_str(pairs_find(got.properties, STR("k")), STR("v"));
	change = (struct catalog){ .warehouse = STR("none") };
	assert_int_equal(
	    catalogs_update(&call, acme, STR("sales"), &change, &got),
	    ERR_BAD_REQUEST);
}

static void
frees_the_name_and_buries_the_branches(void **state)
{
	struct catalog new = { IN_WAREHOUSE }, first, second, got;
	const struct value *ref;

	(void)state;
	assert_ok(create(new, &first));
	assert_ok(catalogs_delete(&call, acme, STR("sales")));
	assert_int_equal(catalogs_get(&call, acme, STR("sales"), &got),
	    ERR_NO_SUCH_WAREHOUSE);
	assert_ok(record_find_by_key(
	    &call, ENTITY_REFS, value_int(first.main_branch), &ref));
	assert_non_null(ref);
	assert_int_equal(value_int_or(ref[REF_STATE], 0), REF_DELETED);
	assert_int_equal(
	    catalogs_delete(&call, acme, STR("sales")), ERR_NO_SUCH_WAREHOUSE);
	assert_ok(create(new, &second));
	assert_int_not_equal(first.main_branch, second.main_branch);
}

static void
numbers_branches_with_47_bits(void **state)
{
	int64_t all = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t n = branch_number();

		assert_true(n > 0);
		all |= n;
	}
	assert_true(all == ((int64_t)1 << 47) - 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_a_catalog_with_its_branch),
		TEST(places_a_catalog_in_its_warehouse),
		TEST(refuses_what_cannot_be),
		TEST(keeps_names_unique_in_a_tenant),
		TEST(keeps_tenants_apart),
		TEST(lists_by_name),
		TEST(changes_what_is_given),
		TEST(frees_the_name_and_buries_the_branches),
		TEST(numbers_branches_with_47_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
