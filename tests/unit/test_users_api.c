/* test_users_api.c - the routes of sign-in and users. */
#include "tests/unit/handling.h"

#define NO_ARG ((struct str){ 0 })

static void
login_gives_a_token_that_no_cache_keeps(void **state)
{
	(void)state;
	assert_handled(login_post, NULL, NO_ARG,
	    "{\"username\":\"bob\",\"password\":\"correct horse\","
	    "\"tenant-id\":null}",
	    0);
	assert_true(member("token").len > 100);
	assert_str(reply_value("Cache-Control"), STR("no-store"));

	yyjson_val *user = json_member(answer_json(), STR("user"));

	assert_str(json_str(json_member(user, STR("username"))), STR("bob"));
	assert_str(
	    json_str(json_member(user, STR("tenant-id"))), text_of(acme));
	assert_str(
	    json_str(json_member(user, STR("role"))), STR("tenant-user"));
}

static void
login_refuses_a_wrong_password_without_a_hint(void **state)
{
	(void)state;
	assert_refused(login_post, NULL, NO_ARG,
	    "{\"username\":\"bob\",\"password\":\"wrong\"}", ERR_NOT_AUTHORIZED,
	    "Invalid credentials");
	assert_refused(login_post, NULL, NO_ARG,
	    "{\"username\":\"nobody\",\"password\":\"wrong\"}",
	    ERR_NOT_AUTHORIZED, "Invalid credentials");
}

static void
everybody_sees_itself(void **state)
{
	struct principal nobody = principal_nobody(acme);

	(void)state;
	assert_handled(me_get, &bob, NO_ARG, "", 0);
	assert_str(member("email"), STR("bob@example.org"));
	assert_handled(me_get, &nobody, NO_ARG, "", 0);
	assert_str(member("role"), STR("tenant-admin"));
}

static void
a_user_is_made_changed_and_deleted(void **state)
{
	(void)state;
	assert_handled(user_create_post, &admin, NO_ARG,
	    "{\"username\":\"eve\",\"email\":\"e@example.org\","
	    "\"password\":\"a long password\",\"role\":\"tenant-user\"}",
	    201);

	struct str eve = member("id");

	assert_null(memmem(answer().ptr, answer().len, "password", 8));
	assert_str(member("tenant-id"), text_of(acme));
	assert_handled(user_update_put, &admin, eve,
	    "{\"email\":\"eve@example.org\",\"active\":false}", 0);
	assert_str(answer(), STR("User updated"));
	assert_handled(user_get, &admin, eve, "", 0);
	assert_str(member("email"), STR("eve@example.org"));
	assert_handled(user_delete, &admin, eve, "", 0);
	assert_int_equal(request.reply.part_count, 0);
	assert_refused(
	    user_get, &admin, eve, "", ERR_NOT_FOUND, "User not found");
}

static void
root_is_not_made_twice(void **state)
{
	(void)state;
	assert_int_equal(handle(user_create_post, &root, NO_ARG,
			     "{\"username\":\"r\",\"email\":\"r@example.org\","
			     "\"password\":\"a long password\","
			     "\"role\":\"root\"}"),
	    ERR_FORBIDDEN);
}

static void
users_are_listed_by_range(void **state)
{
	(void)state;
	query = STR("limit=1&offset=1");
	assert_handled(users_list_get, &admin, NO_ARG, "", 0);

	yyjson_val *users = answer_json();

	assert_int_equal(yyjson_arr_size(users), 1);
	assert_str(
	    json_str(json_member(yyjson_arr_get_first(users), STR("username"))),
	    STR("bob"));
	query = STR("offset=9");
	assert_handled(users_list_get, &admin, NO_ARG, "", 0);
	assert_str(answer(), STR("[]"));
}

static void
a_bad_range_is_named(void **state)
{
	static const char *const queries[] = { "limit=0", "limit=-1", "limit=x",
		"limit=", "limit=2147483648" };

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		query = str_from(queries[i]);
		assert_refused(users_list_get, &admin, NO_ARG, "",
		    ERR_BAD_REQUEST,
		    "limit: expected a number from 1 to 2147483647");
	}
	query = STR("offset=-1");
	assert_refused(users_list_get, &admin, NO_ARG, "", ERR_BAD_REQUEST,
	    "offset: expected a number from 0 to 2147483647");
}

static void
a_bad_id_is_named(void **state)
{
	(void)state;
	assert_refused(user_get, &admin, STR("alice"), "", ERR_BAD_REQUEST,
	    "User id 'alice' is not a UUID");
	assert_refused(user_update_put, &admin, STR(""), "{}", ERR_BAD_REQUEST,
	    "User id '' is not a UUID");
}

static void
app_config_says_whether_to_sign_in(void **state)
{
	(void)state;
	assert_handled(app_config_get, NULL, NO_ARG, "", 0);
	assert_str(answer(), STR("{\"auth_enabled\":true}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(login_gives_a_token_that_no_cache_keeps),
		TEST(login_refuses_a_wrong_password_without_a_hint),
		TEST(everybody_sees_itself),
		TEST(a_user_is_made_changed_and_deleted),
		TEST(root_is_not_made_twice),
		TEST(users_are_listed_by_range),
		TEST(a_bad_range_is_named),
		TEST(a_bad_id_is_named),
		TEST(app_config_says_whether_to_sign_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
