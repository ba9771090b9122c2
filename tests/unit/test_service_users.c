/* test_service_users.c - programs and their API keys. */
#include "identity/service_users.h"
#include "identity/sign_in.h"
#include "tests/unit/people.h"

static const struct service_user_change nothing = { .active = -1 };
static struct service_user etl;
static struct str key;

static int
begin(void **state)
{
	struct service_user new = { .name = STR("etl"),
		.description = STR("nightly"),
		.role = ROLE_TENANT_USER };

	(void)open_store_with_people(state);
	assert_ok(service_users_create(&call, &admin, &new, &etl, &key));
	return 0;
}

static void
shows_a_key_once_and_stores_its_hash(void **state)
{
	uint8_t hash[API_KEY_HASH_BYTES];
	struct service_user got;
	struct id id;

	(void)state;
	assert_int_equal(key.len, 80);
	assert_true(api_key_parse(key, &id));
	assert_true(id_eq(id, etl.id));
	assert_ok(service_users_get(&call, &admin, etl.id, &got));
	api_key_hash(key, hash);
	assert_int_equal(got.key_hash.len, sizeof(hash));
	assert_memory_equal(got.key_hash.ptr, hash, sizeof(hash));
	assert_str(got.name, STR("etl"));
	assert_str(got.description, STR("nightly"));
	assert_true(id_eq(got.created_by, admin.id));
	assert_true(id_eq(got.tenant, acme));
	assert_true(got.active);
}

static void
reads_only_whole_keys(void **state)
{
	static const char *const bad[] = { "", "pgl_", "pgl", "nokey",
		"pgl_zz890000000070008000000000000000_"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"pgl_01890000000070008000000000000000-"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"pgx_01890000000070008000000000000000_"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct id id;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(api_key_parse(str_from(bad[i]), &id));
	for (size_t len = 0; len < key.len; len++)
		assert_false(api_key_parse((struct str){ key.ptr, len }, &id));
	assert_false(api_key_parse((struct str){ 0 }, &id));
}

static void
keeps_tenants_apart(void **state)
{
	struct service_user_change change = { .active = 0 };
	struct service_user_list list;
	struct service_user got;
	struct str fresh;

	(void)state;
#define HIDDEN(expr) assert_fails(expr, ERR_NOT_FOUND, "Service user not found")
	HIDDEN(service_users_get(&call, &stranger, etl.id, &got));
	HIDDEN(service_users_update(&call, &stranger, etl.id, &change, &got));
	HIDDEN(service_users_delete(&call, &stranger, etl.id));
	HIDDEN(service_users_rotate(&call, &stranger, etl.id, &got, &fresh));
#undef HIDDEN
	assert_ok(service_users_list(&call, &stranger, 0, 0, &list));
	assert_int_equal(list.count, 0);
	assert_ok(service_users_list(&call, &admin, 0, 0, &list));
	assert_int_equal(list.count, 1);
	assert_int_equal(
	    service_users_list(&call, &root, 0, 0, &list), ERR_BAD_REQUEST);
}

static void
bounds_who_is_made_and_by_whom(void **state)
{
	struct service_user new = { .name = STR("x"), .role = ROLE_ROOT };
	struct service_user made;
	struct str fresh;

	(void)state;
	assert_fails(service_users_create(&call, &admin, &new, &made, &fresh),
	    ERR_FORBIDDEN, "A service user cannot be root");
	new.role = ROLE_TENANT_USER;
	assert_fails(service_users_create(&call, &bob, &new, &made, &fresh),
	    ERR_FORBIDDEN, "User 'bob' may not manage service users");
	assert_int_equal(
	    service_users_create(&call, &root, &new, &made, &fresh),
	    ERR_BAD_REQUEST);
	new.expires_us = 1;
	assert_int_equal(
	    service_users_create(&call, &admin, &new, &made, &fresh),
	    ERR_BAD_REQUEST);
	new.expires_us = 0;
	new.name = STR("etl");
	assert_fails(service_users_create(&call, &admin, &new, &made, &fresh),
	    ERR_ALREADY_EXISTS, "Service user 'etl' exists already");
	assert_ok(service_users_create(&call, &stranger, &new, &made, &fresh));
}

static void
changes_what_is_given(void **state)
{
	struct service_user_change change = nothing;
	struct service_user got;

	(void)state;
	change.name = STR("elt");
	assert_ok(service_users_update(&call, &admin, etl.id, &change, &got));
	change = nothing;
	change.active = 0;
	assert_ok(service_users_update(&call, &admin, etl.id, &change, &got));
	assert_ok(service_users_update(&call, &admin, etl.id, &nothing, &got));
	assert_ok(service_users_get(&call, &admin, etl.id, &got));
	assert_str(got.name, STR("elt"));
	assert_str(got.description, STR("nightly"));
	assert_false(got.active);
}

static void
refuses_the_old_key_after_a_rotation(void **state)
{
	struct service_user got;
	struct principal p;
	struct str fresh;

	(void)state;
	assert_ok(service_users_rotate(&call, &admin, etl.id, &got, &fresh));
	assert_false(str_eq(fresh, key));
	assert_ok(sign_in_api_key(&call, fresh, &p));
	assert_fails(sign_in_api_key(&call, key, &p), ERR_NOT_AUTHORIZED,
	    "Invalid or expired API key");
}

static void
deletes_for_good(void **state)
{
	struct service_user got;
	struct principal p;

	(void)state;
	assert_ok(service_users_delete(&call, &admin, etl.id));
	assert_int_equal(
	    service_users_get(&call, &admin, etl.id, &got), ERR_NOT_FOUND);
	assert_int_equal(sign_in_api_key(&call, key, &p), ERR_NOT_AUTHORIZED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_a_key_once_and_stores_its_hash),
		TEST(reads_only_whole_keys),
		TEST(keeps_tenants_apart),
		TEST(bounds_who_is_made_and_by_whom),
		TEST(changes_what_is_given),
		TEST(refuses_the_old_key_after_a_rotation),
		TEST(deletes_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
