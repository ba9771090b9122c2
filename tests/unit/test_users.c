/* test_users.c - who may make, see and change whom. */
#include "identity/password_hash.h"
#include "tests/unit/people.h"
#include "tests/unit/rival_store.h"

static const struct user_change nothing = { .active = -1 };

static enum err
create(const struct principal *by, const char *name, const char *email,
    struct id tenant, enum role role)
{
	struct new_user new = { .username = str_from(name),
		.email = str_from(email),
		.password = PASSWORD,
		.tenant = tenant,
		.role = role };
	struct user made;

	return users_create(&call, by, &new, &made);
}

static void
makes_a_user_who_can_be_read(void **state)
{
	struct user got;

	(void)state;
	assert_ok(create(&admin, "ann", "a@x", acme, ROLE_TENANT_USER));
	assert_ok(users_get_named(&call, STR("ann"), &got));
	assert_str(got.email, STR("a@x"));
	assert_true(id_eq(got.tenant, acme));
	assert_int_equal(got.role, ROLE_TENANT_USER);
	assert_true(got.active);
	assert_false(got.first_password);
	assert_true(got.created_us > 0);
	assert_int_equal(got.last_login_us, 0);
	assert_true(str_starts_with(got.password_hash, STR("$argon2id$")));
}

static void
lets_only_the_right_ones_create(void **state)
{
	const struct {
		const struct principal *by;
		struct id tenant;
		enum role role;
		enum err want;
	} cases[] = {
		{ &root, acme, ROLE_ROOT, ERR_FORBIDDEN },
		{ &root, acme, ROLE_TENANT_ADMIN, OK },
		{ &root, acme, ROLE_TENANT_USER, OK },
		{ &root, { { 0 } }, ROLE_TENANT_ADMIN, ERR_BAD_REQUEST },
		{ &root, { { 9 } }, ROLE_TENANT_ADMIN, ERR_BAD_REQUEST },
		{ &admin, acme, ROLE_ROOT, ERR_FORBIDDEN },
		{ &admin, acme, ROLE_TENANT_ADMIN, OK },
		{ &admin, { { 0 } }, ROLE_TENANT_USER, OK },
		{ &admin, other, ROLE_TENANT_ADMIN, ERR_FORBIDDEN },
		{ &admin, other, ROLE_TENANT_USER, ERR_FORBIDDEN },
		{ &bob, acme, ROLE_TENANT_USER, ERR_FORBIDDEN },
		{ &bob, acme, ROLE_TENANT_ADMIN, ERR_FORBIDDEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%zu", i);

		enum err got = create(
		    cases[i].by, name, name, cases[i].tenant, cases[i].role);

		if (got != cases[i].want)
			fail_msg("row %zu: %d, %s", i, got, error.message);
	}
}

static void
keeps_names_and_emails_unique_over_tenants(void **state)
{
	(void)state;
	assert_fails(create(&admin, "bob", "new@x", acme, ROLE_TENANT_USER),
	    ERR_ALREADY_EXISTS, "User 'bob' exists already");
	assert_fails(
	    create(&admin, "rob", "bob@example.org", acme, ROLE_TENANT_USER),
	    ERR_ALREADY_EXISTS,
	    "A user with the email 'bob@example.org' exists already");
}

static void
does_not_tell_which_name_is_another_tenants(void **state)
{
	static const char taken[] =
	    "This username or email is taken: choose another";

	(void)state;
	assert_fails(create(&stranger, "bob", "new@x", other, ROLE_TENANT_USER),
	    ERR_ALREADY_EXISTS, taken);
	assert_fails(create(&stranger, "rob", "bob@example.org", other,
			 ROLE_TENANT_USER),
	    ERR_ALREADY_EXISTS, taken);
}

static void
refuses_names_that_mean_something_else(void **state)
{
	static const char *const bad[] = { "", "a:b", "a\nb", "\xff", ".",
		"01890000-0000-7000-8000-000000000000" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    create(&admin, bad[i], "e@x", acme, ROLE_TENANT_USER),
		    ERR_BAD_REQUEST);
	assert_int_equal(
	    create(&admin, "ann", "", acme, ROLE_TENANT_USER), ERR_BAD_REQUEST);
}

static void
hides_whom_one_may_not_see(void **state)
{
	struct principal named = root;
	struct user got;

	(void)state;
	assert_ok(users_get(&call, &admin, bob.id, &got));
	assert_ok(users_get(&call, &bob, bob.id, &got));
	assert_ok(users_get(&call, &root, bob.id, &got));
	assert_fails(users_get(&call, &bob, admin.id, &got), ERR_NOT_FOUND,
	    "User not found");
	assert_fails(users_get(&call, &stranger, bob.id, &got), ERR_NOT_FOUND,
	    "User not found");
	assert_fails(users_get(&call, &admin, root.id, &got), ERR_NOT_FOUND,
	    "User not found");
	assert_fails(users_get(&call, &admin, id_v4(), &got), ERR_NOT_FOUND,
	    "User not found");
	named.acts_in = other;
	assert_fails(users_get(&call, &named, bob.id, &got), ERR_NOT_FOUND,
	    "User not found");
}

static void
changes_and_deletes_only_whom_one_sees(void **state)
{
	struct user_change change = nothing;
	bool settled;

	(void)state;
	change.password = STR("hijacked!");
	assert_fails(users_update(&call, &stranger, bob.id, &change, &settled),
	    ERR_NOT_FOUND, "User not found");
	assert_fails(users_delete(&call, &stranger, bob.id, &settled),
	    ERR_NOT_FOUND, "User not found");
	assert_fails(users_update(&call, &bob, admin.id, &change, &settled),
	    ERR_NOT_FOUND, "User not found");
	assert_fails(users_update(&call, &admin, root.id, &change, &settled),
	    ERR_NOT_FOUND, "User not found");
	assert_fails(users_delete(&call, &admin, root.id, &settled),
	    ERR_NOT_FOUND, "User not found");
}

static void
lists_the_users_of_one_tenant_by_name(void **state)
{
	struct principal named = root;
	struct user_list list;

	(void)state;
	assert_ok(users_list(&call, &admin, 0, 0, &list));
	assert_int_equal(list.count, 2);
	assert_str(list.at[0].username, STR("admin"));
	assert_str(list.at[1].username, STR("bob"));
	assert_ok(users_list(&call, &admin, 1, 1, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].username, STR("bob"));
	assert_ok(users_list(&call, &stranger, 0, 0, &list));
	assert_int_equal(list.count, 1);
	assert_ok(users_list(&call, &root, 0, 0, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].username, STR("root"));
	named.acts_in = acme;
	assert_ok(users_list(&call, &named, 0, 0, &list));
	assert_int_equal(list.count, 2);
}

static void
lists_only_itself_to_a_user(void **state)
{
	struct user_list list;

	(void)state;
	assert_ok(users_list(&call, &bob, 0, 0, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.at[0].username, STR("bob"));
	assert_ok(users_list(&call, &bob, 0, 1, &list));
	assert_int_equal(list.count, 0);
}

static void
changes_what_is_given(void **state)
{
	struct user_change change = { .email = STR("new@x"),
		.password = STR("another one"),
		.active = 0 };
	struct user got;
	bool settled, same;

	(void)state;
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
	assert_false(settled);
	assert_ok(users_get(&call, &admin, bob.id, &got));
	assert_str(got.email, STR("new@x"));
	assert_false(got.active);
	assert_true(got.updated_us > got.created_us);
	assert_str(got.username, STR("bob"));
	assert_ok(password_verify(
	    &call, got.password_hash, STR("another one"), &same));
	assert_true(same);
}

static void
guards_the_active_flag(void **state)
{
	struct user_change off = { .active = 0 }, on = { .active = 1 };
	bool settled;

	(void)state;
	assert_fails(users_update(&call, &bob, bob.id, &on, &settled),
	    ERR_FORBIDDEN, "Only admins can change user status");
	assert_fails(users_update(&call, &admin, admin.id, &off, &settled),
	    ERR_BAD_REQUEST, "Cannot deactivate yourself");
	assert_fails(users_update(&call, &root, root.id, &off, &settled),
	    ERR_BAD_REQUEST, "Cannot deactivate yourself");
}

static void
ones_own_password_needs_the_one_before(void **state)
{
	struct user_change change = { .password = STR("another one"),
		.active = -1 };
	struct user got;
	bool settled;

	(void)state;
	assert_fails(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_BAD_REQUEST,
	    "current-password: needed to change your own password");
	change.current = STR("wrong horse");
	assert_fails(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_FORBIDDEN, "current-password: is not your password");
	change.current = change.password;
	assert_int_equal(users_update(&call, &root, root.id, &change, &settled),
	    ERR_FORBIDDEN); /* who has none cannot show it */
	change.current = PASSWORD;
	assert_ok(users_update(&call, &bob, bob.id, &change, &settled));
	assert_ok(users_get(&call, &bob, bob.id, &got));
	assert_int_equal(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_FORBIDDEN);
	change.current = (struct str){ 0 };
	assert_ok(users_update(&call, &admin, bob.id, &change, &settled));
}

static void
keep_bob_out(void)
{
	struct user_change off = { .active = 0 };
	bool settled;

	assert_ok(users_update(&call, &admin, bob.id, &off, &settled));
}

static void
a_new_password_keeps_no_session_past_the_end_of_all(void **state)
{
	struct user_change change = { .current = PASSWORD,
		.password = STR("another one"),
		.active = -1 };
	struct user got;
	bool settled;

	(void)state;
	race(call.store, keep_bob_out);
	assert_fails(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_CONFLICT, "The user was changed by somebody else meanwhile");
	assert_ok(users_get(&call, &admin, bob.id, &got));
	assert_false(got.active);
}

static void
refuses_bad_changes(void **state)
{
	struct user_change change = nothing;
	bool settled;

	(void)state;
	change.password = STR("short");
	assert_int_equal(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_BAD_REQUEST);
	change = nothing;
	change.email = STR("admin@example.org");
	assert_fails(users_update(&call, &bob, bob.id, &change, &settled),
	    ERR_ALREADY_EXISTS,
	    "A user with the email 'admin@example.org' exists already");
}

static void
deletes_others_but_not_oneself(void **state)
{
	struct user got;
	bool settled;

	(void)state;
	assert_fails(users_delete(&call, &admin, admin.id, &settled),
	    ERR_BAD_REQUEST, "Cannot delete yourself");
	assert_ok(users_delete(&call, &admin, bob.id, &settled));
	assert_false(settled);
	assert_int_equal(users_get(&call, &admin, bob.id, &got), ERR_NOT_FOUND);
	assert_ok(users_delete(&call, &root, admin.id, &settled));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, open_store_with_people, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_a_user_who_can_be_read),
		TEST(lets_only_the_right_ones_create),
		TEST(keeps_names_and_emails_unique_over_tenants),
		TEST(does_not_tell_which_name_is_another_tenants),
		TEST(refuses_names_that_mean_something_else),
		TEST(hides_whom_one_may_not_see),
		TEST(changes_and_deletes_only_whom_one_sees),
		TEST(lists_the_users_of_one_tenant_by_name),
		TEST(lists_only_itself_to_a_user),
		TEST(changes_what_is_given),
		TEST(guards_the_active_flag),
		TEST(ones_own_password_needs_the_one_before),
		TEST(a_new_password_keeps_no_session_past_the_end_of_all),
		TEST(refuses_bad_changes),
		TEST(deletes_others_but_not_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
