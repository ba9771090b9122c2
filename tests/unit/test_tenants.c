/* test_tenants.c - tenants, and what keeps one from being deleted. */
#include "identity/service_users.h"
#include "tests/unit/people.h"

static void
reads_what_was_made(void **state)
{
	struct pair pairs[] = { { STR("team"), STR("\"data\"") } };
	struct tenant new = { .name = STR("third"),
		.properties = { pairs, 1 } };
	struct tenant made, got;

	(void)state;
	assert_ok(tenants_create(&call, &new, &made));
	assert_ok(tenants_get(&call, &root, made.id, &got));
	assert_str(got.name, STR("third"));
	assert_int_equal(got.properties.count, 1);
	assert_str(pairs_find(got.properties, STR("team")), STR("\"data\""));
	assert_true(got.created_us > 0);
	assert_ok(tenants_get_named(&call, STR("third"), &got));
	assert_true(id_eq(got.id, made.id));
}

static void
shows_others_only_their_own(void **state)
{
	struct tenant got;

	(void)state;
	assert_ok(tenants_get(&call, &bob, acme, &got));
	assert_fails(tenants_get(&call, &admin, other, &got), ERR_NOT_FOUND,
	    "Tenant not found");
	assert_fails(tenants_get(&call, &root, id_v4(), &got), ERR_NOT_FOUND,
	    "Tenant not found");
}

static void
keeps_names_unique(void **state)
{
	struct tenant new = { .name = STR("acme") }, made;

	(void)state;
	assert_fails(tenants_create(&call, &new, &made), ERR_ALREADY_EXISTS,
	    "Tenant 'acme' exists already");
	assert_fails(tenants_update(&call, other, &new, &made),
	    ERR_ALREADY_EXISTS, "Tenant 'acme' exists already");
	new.name = STR("");
	assert_int_equal(tenants_create(&call, &new, &made), ERR_BAD_REQUEST);
}

static void
lists_by_name(void **state)
{
	struct tenant_list list;

	(void)state;
	(void)new_tenant("aaa");
	assert_ok(tenants_list(&call, 0, 0, &list));
	assert_int_equal(list.count, 3);
	assert_str(list.at[0].name, STR("aaa"));
	assert_str(list.at[2].name, STR("other"));
	assert_ok(tenants_list(&call, 1, 1, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].name, STR("acme"));
	assert_int_equal(tenants_list(&call, -1, 0, &list), ERR_BAD_REQUEST);
}

static void
changes_what_is_given(void **state)
{
	struct pair pairs[] = { { STR("k"), STR("v") } };
	struct tenant change = { .properties = { pairs, 1 } };
	struct tenant nothing = { .name = { 0 } }, got;

	(void)state;
	assert_ok(tenants_update(&call, acme, &change, &got));
	assert_str(got.name, STR("acme"));
	change = (struct tenant){ .name = STR("acme2") };
	assert_ok(tenants_update(&call, acme, &change, &got));
	assert_ok(tenants_update(&call, acme, &nothing, &got));
	assert_ok(tenants_get(&call, &root, acme, &got));
	assert_str(got.name, STR("acme2"));
	assert_str(pairs_find(got.properties, STR("k")), STR("v"));
	assert_int_equal(
	    tenants_update(&call, id_v4(), &change, &got), ERR_NOT_FOUND);
}

static void
keeps_a_tenant_that_still_has_something(void **state)
{
	struct service_user new = { .name = STR("etl"),
		.role = ROLE_TENANT_USER };
	struct service_user made;
	struct tenant got;
	struct str key;
	bool settled;

	(void)state;
	assert_ok(service_users_create(&call, &stranger, &new, &made, &key));
	assert_fails(tenants_delete(&call, other), ERR_CONFLICT,
	    "Tenant 'other' still has: users, service users");
	assert_ok(service_users_delete(&call, &stranger, made.id));
	assert_ok(users_delete(&call, &root, stranger.id, &settled));
	assert_ok(tenants_delete(&call, other));
	assert_int_equal(tenants_get(&call, &root, other, &got), ERR_NOT_FOUND);
	assert_int_equal(tenants_delete(&call, other), ERR_NOT_FOUND);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, open_store_with_people, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_was_made),
		TEST(shows_others_only_their_own),
		TEST(keeps_names_unique),
		TEST(lists_by_name),
		TEST(changes_what_is_given),
		TEST(keeps_a_tenant_that_still_has_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
