/* test_service_users_api.c - the routes of service users, and of tenants. */
#include "identity/sign_in.h"
#include "tests/unit/handling.h"

#define NO_ARG ((struct str){ 0 })
#define ETL                                                                    \
	"{\"name\":\"etl\",\"description\":null,\"role\":\"tenant-user\","     \
	"\"expires_in_days\":90}"

static bool
answer_holds(const char *text)
{
	return memmem(answer().ptr, answer().len, text, strlen(text)) != NULL;
}

static void
a_key_is_shown_once(void **state)
{
	(void)state;
	assert_handled(service_user_create_post, &admin, NO_ARG, ETL, 201);

	struct str id = member("id"), key = member("api_key");
	struct principal who;

	assert_str(reply_value("Cache-Control"), STR("no-store"));
	assert_str(member("created_by"), text_of(admin.id));
	assert_ok(sign_in_api_key(&call, key, &who));
	assert_handled(service_user_get, &admin, id, "", 0);
	assert_str(member("tenant-id"), text_of(acme));
	assert_false(answer_holds("key"));
	assert_handled(service_users_list_get, &admin, NO_ARG, "", 0);
	assert_true(answer_holds("etl"));
	assert_false(answer_holds("key"));
	assert_false(answer_holds("pgl_"));
}

static void
rotating_refuses_the_old_key(void **state)
{
	struct principal who;

	(void)state;
	assert_handled(service_user_create_post, &admin, NO_ARG, ETL, 201);

	struct str id = member("id"), old = member("api_key");

	assert_handled(service_user_rotate_post, &admin, id, "", 0);
	assert_str(reply_value("Cache-Control"), STR("no-store"));
	assert_ok(sign_in_api_key(&call, member("api_key"), &who));
	assert_int_equal(sign_in_api_key(&call, old, &who), ERR_NOT_AUTHORIZED);
}

static void
a_service_user_is_changed_and_deleted(void **state)
{
	(void)state;
	assert_handled(service_user_create_post, &admin, NO_ARG, ETL, 201);

	struct str id = member("id");

	assert_handled(service_user_update_put, &admin, id,
	    "{\"active\":false,\"description\":\"nightly\"}", 0);
	assert_str(answer(), STR("{\"status\":\"updated\"}"));
	assert_handled(service_user_get, &admin, id, "", 0);
	assert_str(member("description"), STR("nightly"));
	assert_true(answer_holds("\"active\":false"));
	assert_int_equal(
	    handle(service_user_delete, &stranger, id, ""), ERR_NOT_FOUND);
	assert_handled(service_user_delete, &admin, id, "", 0);
	assert_int_equal(
	    handle(service_user_get, &admin, id, ""), ERR_NOT_FOUND);
}

static void
a_key_lives_for_a_sane_time(void **state)
{
	static const char *const days[] = { "0", "-1", "36501",
		"9223372036854775807" };

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		assert_refused(service_user_create_post, &admin, NO_ARG,
		    arena_printf(call.arena,
			"{\"name\":\"e\",\"role\":\"tenant-user\","
			"\"expires_in_days\":%s}",
			days[i])
			.ptr,
		    ERR_BAD_REQUEST,
		    "/expires_in_days: expected a number from 1 to 36500");
}

/* ---- tenants */
static void
a_tenant_is_made_changed_and_deleted(void **state)
{
	(void)state;
	assert_handled(
	    tenant_create_post, &root, NO_ARG, "{\"name\":\"new\"}", 201);

	struct str id = member("id");

	assert_true(answer_holds("\"properties\":{}"));
	assert_handled(
	    tenant_update_put, &root, id, "{\"properties\":{\"k\":\"v\"}}", 0);
	assert_handled(tenant_get, &root, id, "", 0);
	assert_true(answer_holds("\"name\":\"new\""));
	assert_true(answer_holds("\"properties\":{\"k\":\"v\"}"));
	assert_handled(tenants_list_get, &root, NO_ARG, "", 0);
	assert_int_equal(yyjson_arr_size(answer_json()), 3);
	assert_handled(tenant_delete, &root, id, "", 0);
	assert_refused(
	    tenant_get, &root, id, "", ERR_NOT_FOUND, "Tenant not found");
}

static void
others_see_their_own_tenant_alone(void **state)
{
	(void)state;
	assert_handled(tenant_get, &bob, text_of(acme), "", 0);
	assert_refused(tenant_get, &bob, text_of(other), "", ERR_NOT_FOUND,
	    "Tenant not found");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_shown_once),
		TEST(rotating_refuses_the_old_key),
		TEST(a_service_user_is_changed_and_deleted),
		TEST(a_key_lives_for_a_sane_time),
		TEST(a_tenant_is_made_changed_and_deleted),
		TEST(others_see_their_own_tenant_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
