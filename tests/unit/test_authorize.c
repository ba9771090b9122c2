/* test_authorize.c - who may do what. */
#include "identity/authorize.h"
#include "tests/unit/unit.h"

static const struct id here = { { 1 } }, there = { { 2 } };

static struct principal
somebody(enum role role)
{
	struct id tenant = role == ROLE_ROOT ? (struct id){ { 0 } } : here;

	return (struct principal){ .kind = PRINCIPAL_USER,
		.role = role,
		.tenant = tenant,
		.acts_in = here,
		.username = STR("bob") };
}

static bool
may(struct principal p, enum action action)
{
	struct error e;

	return authorize(&p, action, &e) == OK;
}

static void
names_who_and_what(void **state)
{
	struct principal bob = somebody(ROLE_TENANT_USER);
	struct error e;

	(void)state;
	assert_int_equal(
	    authorize(&bob, ACTION_TABLE_CREATE, &e), ERR_FORBIDDEN);
	assert_string_equal(e.message, "User 'bob' may not create tables");
	bob.kind = PRINCIPAL_SERVICE_USER;
	assert_int_equal(
	    authorize(&bob, ACTION_TENANT_LIST, &e), ERR_FORBIDDEN);
	assert_string_equal(
	    e.message, "Service user 'bob' may not list tenants");
}

static void
gives_each_role_its_actions(void **state)
{
	static const struct {
		enum action action;
		bool root, admin, user;
	} cases[] = {
		{ ACTION_SIGNED_IN, true, true, true },
		{ ACTION_CONFIG_READ, true, true, true },
		{ ACTION_CATALOG_LIST, true, true, true },
		{ ACTION_CATALOG_READ, true, true, false },
		{ ACTION_WAREHOUSE_READ, true, true, true },
		{ ACTION_USER_SELF, true, true, true },
		{ ACTION_USER_READ, true, true, true },
		{ ACTION_TENANT_READ, true, true, true },
		{ ACTION_NAMESPACE_LIST, true, true, false },
		{ ACTION_NAMESPACE_CREATE, true, true, false },
		{ ACTION_TABLE_LIST, true, true, false },
		{ ACTION_TABLE_READ, true, true, false },
		{ ACTION_TABLE_CREATE, true, true, false },
		{ ACTION_TABLE_WRITE, true, true, false },
		{ ACTION_TABLE_DELETE, true, true, false },
		{ ACTION_CATALOG_MANAGE, true, true, false },
		{ ACTION_WAREHOUSE_MANAGE, true, true, false },
		{ ACTION_USER_MANAGE, true, true, false },
		{ ACTION_SERVICE_USER_MANAGE, true, true, false },
		{ ACTION_TASK_MANAGE, true, true, false },
		{ ACTION_TENANT_LIST, true, false, false },
		{ ACTION_TENANT_CREATE, true, false, false },
		{ ACTION_TENANT_UPDATE, true, false, false },
		{ ACTION_TENANT_DELETE, true, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum action a = cases[i].action;

		if (may(somebody(ROLE_ROOT), a) != cases[i].root ||
		    may(somebody(ROLE_TENANT_ADMIN), a) != cases[i].admin ||
		    may(somebody(ROLE_TENANT_USER), a) != cases[i].user)
			fail_msg("row %zu is decided otherwise", i);
	}
}

static void
refuses_what_has_no_row(void **state)
{
	(void)state;
	assert_false(may(somebody(ROLE_ROOT), ACTION_UNSET));
	assert_false(may(somebody(ROLE_ROOT), ACTION_COUNT));
	assert_false(may(somebody(ROLE_ROOT), (enum action) - 1));
}

static void
keeps_everybody_in_their_tenant(void **state)
{
	struct principal admin = somebody(ROLE_TENANT_ADMIN);
	struct principal root = somebody(ROLE_ROOT);

	(void)state;
	admin.acts_in = there;
	root.acts_in = there;
	assert_false(may(admin, ACTION_CATALOG_READ));
	assert_false(may(admin, ACTION_TABLE_READ));
	assert_true(may(root, ACTION_CATALOG_READ));
	admin.tenant = admin.acts_in = (struct id){ { 0 } };
	assert_false(may(admin, ACTION_CATALOG_READ));
}

static void
knows_roles_by_their_wire_names(void **state)
{
	enum role role;

	(void)state;
	for (int r = ROLE_ROOT; r <= ROLE_TENANT_USER; r++) {
		assert_true(role_parse(role_name((enum role)r), &role));
		assert_int_equal(role, r);
	}
	assert_str(role_name(ROLE_TENANT_ADMIN), STR("tenant-admin"));
	assert_false(role_parse(STR("Root"), &role));
	assert_false(role_parse(STR(""), &role));
}

static void
asks_root_for_a_tenant(void **state)
{
	struct principal root = somebody(ROLE_ROOT);
	struct error e;

	(void)state;
	assert_int_equal(principal_needs_tenant(&root, &e), OK);
	root.acts_in = (struct id){ { 0 } };
	assert_int_equal(principal_needs_tenant(&root, &e), ERR_BAD_REQUEST);
}

static void
lets_nobody_administer_one_tenant(void **state)
{
	struct principal nobody = principal_nobody(here);

	(void)state;
	assert_true(may(nobody, ACTION_TABLE_CREATE));
	assert_false(may(nobody, ACTION_TENANT_CREATE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_who_and_what),
		cmocka_unit_test(gives_each_role_its_actions),
		cmocka_unit_test(refuses_what_has_no_row),
		cmocka_unit_test(keeps_everybody_in_their_tenant),
		cmocka_unit_test(knows_roles_by_their_wire_names),
		cmocka_unit_test(asks_root_for_a_tenant),
		cmocka_unit_test(lets_nobody_administer_one_tenant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
