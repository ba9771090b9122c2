/* test_bootstrap.c - the first start, and the life of its password. */
#include <fcntl.h>

#include "catalog/catalogs.h"
#include "catalog/deleted_catalogs.h"
#include "catalog/warehouses.h"
#include "identity/bootstrap.h"
#include "identity/sign_in.h"
#include "tests/unit/people.h"
#include "tests/unit/scratch.h"

static struct first_start settings;

static int
begin(void **state)
{
	(void)open_store(state);
	make_scratch();
	settings = (struct first_start){ .state_dir = str_from(scratch) };
	return 0;
}

static int
end(void **state)
{
	remove_scratch();
	return close_store(state);
}

static bool
start(void)
{
	bool made = false;

	assert_ok(bootstrap(&call, &settings, &made));
	return made;
}

static struct str
password(void)
{
	struct str text;

	assert_ok(
	    password_file_read(call.arena, settings.state_dir, &text, &error));
	return text;
}

static void
names_its_users_as_it_was_told(void **state)
{
	struct login login = { STR("tenant_admin"), PASSWORD, { { 0 } } };
	struct principal p;

	(void)state;
	settings.root_name = STR("admin");
	settings.admin_password = PASSWORD;
	assert_true(start());
	assert_ok(sign_in_password(&call, &login, &p));
	assert_int_equal(p.role, ROLE_TENANT_ADMIN);
	login = (struct login){ STR("admin"), password(), { { 0 } } };
	assert_ok(sign_in_password(&call, &login, &p));
	assert_int_equal(p.role, ROLE_ROOT);
	assert_true(
	    str_eq(bootstrap_users(call.arena, &settings), STR("admin")));

	settings.root_name = STR("top"); /* there is a root already */
	assert_false(start());
}

static void
refuses_one_name_for_both(void **state)
{
	bool made;

	(void)state;
	settings.root_name = settings.admin_name = STR("top");
	assert_fails(bootstrap(&call, &settings, &made), ERR_VALIDATION,
	    "bootstrap_root_user and bootstrap_admin_user must differ");
}

static struct principal
sign_in(const char *name)
{
	struct login login = { str_from(name), password(), { { 0 } } };
	struct principal p = { 0 };

	assert_ok(sign_in_password(&call, &login, &p));
	return p;
}

static bool
change_password(const struct principal *by, struct str current)
{
	struct user_change change = {
		.password = PASSWORD, .active = -1, .current = current
	};
	bool settled;

	assert_ok(users_update(&call, by, by->id, &change, &settled));
	return settled;
}

static struct str
file_path_in(const char *dir)
{
	return arena_printf(call.arena, "%s/" PASSWORD_FILE, dir);
}

static void
makes_all_that_is_needed(void **state)
{
	struct catalog catalog;
	struct tenant tenant;
	struct principal top, boss;

	(void)state;
	assert_true(start());
	top = sign_in("root");
	boss = sign_in("admin");
	assert_int_equal(top.role, ROLE_ROOT);
	assert_true(id_is_nil(top.tenant));
	assert_int_equal(boss.role, ROLE_TENANT_ADMIN);
	assert_ok(tenants_get_named(&call, STR("default"), &tenant));
	assert_true(id_eq(boss.tenant, tenant.id));
	assert_ok(catalogs_get(&call, tenant.id, STR("default"), &catalog));
	assert_str(catalog.location,
	    arena_printf(call.arena, "file://%s/warehouse/default", scratch));
	assert_int_equal(
	    access(arena_printf(call.arena, "%s/warehouse", scratch).ptr, W_OK),
	    0);
}

static void
keeps_the_password_from_others(void **state)
{
	struct stat st;

	(void)state;
	assert_true(start());
	assert_int_equal(stat(file_path_in(scratch).ptr, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 25); /* one line */
}

static void
changes_nothing_the_second_time(void **state)
{
	struct tenant tenant;
	struct str first;

	(void)state;
	assert_true(start());
	first = password();
	assert_ok(tenants_get_named(&call, STR("default"), &tenant));
	assert_ok(catalogs_delete(&call, tenant.id, STR("default")));
	assert_false(start());
	assert_str(password(), first);

	struct catalog_list left;

	assert_ok(catalogs_list(&call, tenant.id, 0, 0, &left));
	assert_int_equal(left.count, 0);
}

static void
goes_on_with_the_password_of_a_start_that_died(void **state)
{
	(void)state;
	assert_ok(
	    password_file_make(settings.state_dir, STR("from before"), &error));
	assert_true(start());
	assert_str(password(), STR("from before"));
	(void)sign_in("root");
	(void)sign_in("admin");
}

static void
says_when_the_password_file_can_go(void **state)
{
	struct principal top, boss;

	(void)state;
	assert_true(start());
	top = sign_in("root");
	boss = sign_in("admin");
	assert_false(change_password(&top, password()));
	assert_true(change_password(&boss, password()));
	assert_false(change_password(&boss, PASSWORD)); /* it was said once */
	assert_ok(password_file_remove(settings.state_dir, &error));
	assert_null(password().ptr);
	assert_ok(password_file_remove(settings.state_dir, &error));
}

static void
says_so_when_admin_is_deleted_too(void **state)
{
	struct principal top, boss;
	bool settled;

	(void)state;
	assert_true(start());
	top = sign_in("root");
	boss = sign_in("admin");
	assert_false(change_password(&top, password()));
	assert_ok(users_delete(&call, &top, boss.id, &settled));
	assert_true(settled);
}

static void
removes_a_file_that_was_left_behind(void **state)
{
	struct principal top, boss;

	(void)state;
	assert_true(start());
	top = sign_in("root");
	boss = sign_in("admin");
	assert_false(change_password(&top, password()));
	assert_false(start());
	assert_non_null(password().ptr); /* admin still has it */
	assert_true(change_password(&boss, password()));
	assert_false(start());
	assert_null(password().ptr);
}

static void
leaves_no_file_on_a_node_that_came_second(void **state)
{
	char first[80];

	(void)state;
	(void)snprintf(first, sizeof(first), "%s/a", scratch);
	assert_int_equal(mkdir(first, 0700), 0);
	settings.state_dir = str_from(first);
	assert_true(start());
	settings.state_dir = str_from(scratch);
	assert_ok(password_file_make(
	    settings.state_dir, STR("not in the store"), &error));
	assert_false(start());
	assert_null(password().ptr);
	settings.state_dir = str_from(first);
	(void)sign_in("root");
}

/* The store tells of no root, and then another node is faster. */
static enum err (*real_apply)(struct call *, int64_t, struct unit *, size_t);
static struct store_ops faster_ops;

static enum err
apply_second(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct first_start other_node = { .state_dir = settings.state_dir };
	char dir[80];
	bool made = false;

	(void)snprintf(dir, sizeof(dir), "%s/other", scratch);
	(void)mkdir(dir, 0700);
	other_node.state_dir = str_from(dir);
	faster_ops.apply = real_apply;
	assert_ok(bootstrap(c, &other_node, &made));
	assert_true(made);
	return real_apply(c, branch, units, count);
}

static void
gives_way_to_a_node_that_was_faster(void **state)
{
	const struct store_ops *ops = call.store->ops;

	(void)state;
	faster_ops = *ops;
	real_apply = ops->apply;
	faster_ops.apply = apply_second;
	call.store->ops = &faster_ops;
	assert_false(start());
	call.store->ops = ops;
	assert_null(password().ptr);
	settings.state_dir = arena_printf(call.arena, "%s/other", scratch);
	(void)sign_in("root");
	(void)sign_in("admin");
}

/* Hashing it would be the largest part of a start. */
static void
trusts_the_file_where_nobody_else_makes_users(void **state)
{
	struct str path = file_path_in(scratch);

	(void)state;
	settings.alone = true;
	assert_true(start());

	FILE *f = fopen(arena_cstr(call.arena, path), "w");

	assert_non_null(f);
	(void)fputs("abcdefghijklmnopqrstuvwx\n", f);
	(void)fclose(f);
	assert_false(start());
	assert_str(password(), STR("abcdefghijklmnopqrstuvwx"));
	settings.alone = false;
	assert_false(start());
	assert_null(password().ptr);
}

static void
makes_root_alone_if_asked_to(void **state)
{
	struct tenant tenant;

	(void)state;
	settings.root_only = true;
	assert_true(start());
	(void)sign_in("root");
	assert_int_equal(
	    tenants_get_named(&call, STR("default"), &tenant), ERR_NOT_FOUND);
	settings.root_only = false;
	assert_false(start());
	assert_int_equal(
	    tenants_get_named(&call, STR("default"), &tenant), ERR_NOT_FOUND);
}

static void
takes_another_place_for_the_warehouse(void **state)
{
	struct warehouse warehouse;
	struct tenant tenant;

	(void)state;
	settings.warehouse_root =
	    arena_printf(call.arena, "%s/else/where/", scratch);
	assert_true(start());
	assert_ok(tenants_get_named(&call, STR("default"), &tenant));
	assert_ok(warehouses_get(&call, tenant.id, STR("default"), &warehouse));
	assert_str(warehouse.root,
	    arena_printf(call.arena, "file://%s/else/where", scratch));
}

static void
names_the_file_it_cannot_write(void **state)
{
	bool made;

	(void)state;
	settings.state_dir = arena_printf(call.arena, "%s/none", scratch);
	assert_int_equal(bootstrap(&call, &settings, &made), ERR_INTERNAL);
	assert_non_null(
	    strstr(error.message, file_path_in(settings.state_dir.ptr).ptr));
	assert_non_null(strstr(error.message, "chown"));
}

static void
does_not_follow_a_link(void **state)
{
	struct str target = arena_printf(call.arena, "%s/target", scratch);
	bool made;

	(void)state;
	assert_ok(
	    password_file_make(settings.state_dir, STR("elsewhere"), &error));
	assert_int_equal(rename(file_path_in(scratch).ptr, target.ptr), 0);
	assert_int_equal(symlink(target.ptr, file_path_in(scratch).ptr), 0);
	assert_int_equal(bootstrap(&call, &settings, &made), ERR_INTERNAL);
}

static void
does_not_take_an_empty_file_for_a_password(void **state)
{
	int fd = open(
	    file_path_in(scratch).ptr, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	bool made;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(bootstrap(&call, &settings, &made), ERR_INTERNAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_its_users_as_it_was_told),
		TEST(refuses_one_name_for_both),
		TEST(makes_all_that_is_needed),
		TEST(keeps_the_password_from_others),
		TEST(changes_nothing_the_second_time),
		TEST(goes_on_with_the_password_of_a_start_that_died),
		TEST(says_when_the_password_file_can_go),
		TEST(says_so_when_admin_is_deleted_too),
		TEST(removes_a_file_that_was_left_behind),
		TEST(leaves_no_file_on_a_node_that_came_second),
		TEST(gives_way_to_a_node_that_was_faster),
		TEST(trusts_the_file_where_nobody_else_makes_users),
		TEST(makes_root_alone_if_asked_to),
		TEST(takes_another_place_for_the_warehouse),
		TEST(names_the_file_it_cannot_write),
		TEST(does_not_follow_a_link),
		TEST(does_not_take_an_empty_file_for_a_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
