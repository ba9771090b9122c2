/*
 * bootstrap.c - the password goes to its file before anything goes to the
 * store: a crash between the two leaves a file that the next start reads.
 */
#include "identity/bootstrap.h"

#include "base/clock.h"
#include "catalog/catalogs.h"
#include "catalog/names.h"
#include "catalog/warehouse_root.h"
#include "catalog/warehouses.h"
#include "identity/password_hash.h"
#include "identity/tenants.h"
#include "identity/users.h"
#include "record/control.h"
#include "record/restore_mark.h"

#define DEFAULT_NAME STR("default")

static struct str
root_name(const struct first_start *b)
{
	return b->root_name.len != 0 ? b->root_name : STR("root");
}

struct str
bootstrap_admin_name(const struct first_start *b)
{
	if (b->admin_name.len != 0)
		return b->admin_name;
	return str_eq(root_name(b), STR("admin")) ? STR("tenant_admin")
						  : STR("admin");
}

struct str
bootstrap_users(struct arena *a, const struct first_start *b)
{
	struct str root = root_name(b), admin = bootstrap_admin_name(b);

	if (b->root_only || b->admin_password.len != 0)
		return root;
	return arena_printf(
	    a, STR_FMT " and " STR_FMT, STR_ARG(root), STR_ARG(admin));
}

static enum err
check_names(struct call *c, const struct first_start *b)
{
	TRY(name_check(root_name(b), "User", c->error));
	TRY(name_check(bootstrap_admin_name(b), "User", c->error));
	if (str_eq(root_name(b), bootstrap_admin_name(b)))
		return fail(c->error, ERR_VALIDATION,
		    "bootstrap_root_user and bootstrap_admin_user must differ");
	return OK;
}

/* The password in the file: that of a start which did not get further, or a
 * new one. */
static enum err
hold_password(struct call *c, const struct first_start *b, struct str *ret)
{
	struct str state_dir = b->state_dir;

	if (b->password.ptr != NULL) {
		*ret = b->password;
		return OK;
	}
	TRY(password_file_read(c->arena, state_dir, ret, c->error));
	if (ret->ptr != NULL)
		return OK;
	TRY(password_file_make(state_dir, password_random(c->arena), c->error));
	return password_file_read(c->arena, state_dir, ret, c->error);
}

static enum err
add_user(struct batch *b, struct str name, enum role role, struct id tenant,
    struct str password, bool has_first)
{
	struct call *c = b->call;
	int64_t now = clock_now_us();
	struct user user = { .id = id_v7(),
		.tenant = tenant,
		.username = name,
		.email = arena_printf(
		    c->arena, STR_FMT "@pangolin.local", STR_ARG(name)),
		.role = role,
		.active = true,
		.created_us = now,
		.updated_us = now,
		.first_password = has_first };

	TRY(password_hash(c, password, &user.password_hash));
	user_put(b, &user);
	return OK;
}

static enum err
default_root(struct call *c, const struct first_start *b, struct str *ret)
{
	struct str given = b->warehouse_root;

	if (given.len == 0)
		given = arena_printf(
		    c->arena, STR_FMT "/warehouse", STR_ARG(b->state_dir));
	TRY(root_parse(c->arena, given, ret, c->error));
	return root_prepare(*ret, c->error);
}

static enum err
make_warehouse(struct call *c, const struct first_start *b, struct id tenant,
    struct warehouse *ret)
{
	struct pair *config = ARENA_NEW(c->arena, struct pair, 2);
	struct warehouse w = { .id = id_v7(),
		.tenant = tenant,
		.name = DEFAULT_NAME,
		.storage_config = b->storage,
		.use_sts = pairs_find(b->storage, STR("s3.role-arn")).len != 0,
		.created_us = clock_now_us() };

	if (b->storage.count != 0)
		return warehouses_prepare(c, &w, ret);
	TRY(roots_parse(c->arena, b->allowed_locations, &w.allowed, c->error));
	TRY(default_root(c, b, &w.root));
	config[0] = (struct pair){ STR("root"), w.root };
	config[1] =
	    (struct pair){ STR("allowed-locations"), b->allowed_locations };
	w.row_config =
	    (struct pairs){ config, b->allowed_locations.len != 0 ? 2 : 1 };
	*ret = w;
	return OK;
}

/* A tenant that can be worked in at once. */
static enum err
add_tenant(
    struct batch *batch, const struct first_start *b, struct str password)
{
	struct tenant tenant = { .id = id_v7(),
		.name = DEFAULT_NAME,
		.created_us = clock_now_us() };
	struct warehouse warehouse;
	struct catalog catalog = { .id = id_v7(),
		.tenant = tenant.id,
		.name = DEFAULT_NAME,
		.type = CATALOG_LOCAL,
		.warehouse = DEFAULT_NAME,
		.main_branch = branch_number() };

	TRY(make_warehouse(batch->call, b, tenant.id, &warehouse));
	tenant_put(batch, &tenant);
	warehouse_put(batch, &warehouse);
	catalog_put(batch, &catalog);
	if (b->admin_password.len != 0)
		return add_user(batch, bootstrap_admin_name(b),
		    ROLE_TENANT_ADMIN, tenant.id, b->admin_password, false);
	return add_user(batch, bootstrap_admin_name(b), ROLE_TENANT_ADMIN,
	    tenant.id, password, true);
}

/* By its name, which an index has, or by any other. */
static enum err
has_root(struct call *c, const struct first_start *b, bool *ret)
{
	struct test where = { USER_ROLE, TEST_EQ, value_int(ROLE_ROOT) };
	const struct value *row;
	struct user root;
	enum err err = users_get_named(c, root_name(b), &root);

	*ret = err == OK && root.role == ROLE_ROOT;
	if (*ret || (err != OK && err != ERR_NOT_FOUND))
		return err;
	TRY(record_find(c, ENTITY_USERS, INDEX_KEY, &where, 1, &row));
	*ret = row != NULL;
	return OK;
}

/* All in one unit: a server that finds root finds everything. */
static enum err
first_start(struct call *c, const struct first_start *b, bool *ret_made)
{
	struct batch batch = batch_of(c);
	struct id no_tenant = { 0 };
	struct str password;
	enum verdict verdict;
	bool there;
	size_t failed;

	TRY(check_names(c, b));
	TRY(hold_password(c, b, &password));
	restore_mark_expect_none(&batch);
	TRY(add_user(
	    &batch, root_name(b), ROLE_ROOT, no_tenant, password, true));
	if (!b->root_only)
		TRY(add_tenant(&batch, b, password));
	/* of what is inside the new tenant nobody has asked yet: the system's
	 * log is enough */
	TRY(control_apply(&batch, no_tenant, &verdict, &failed));
	*ret_made = verdict == VERDICT_APPLIED;
	if (*ret_made)
		return OK;

	/* another node was first, unless something else is in the way */
	TRY(restore_mark_refuse(c));

	TRY(has_root(c, b, &there));
	if (!there)
		return fail(c->error, ERR_CONFLICT,
		    "The store has no user root, and yet a user or tenant of "
		    "the first start: it cannot be made complete");
	return OK;
}

/* Is this the password that somebody still has from the first start?  Where
 * nobody else makes users the file's is the only one there was; hashing would
 * be the largest part of a start. */
static enum err
is_in_use(struct call *c, struct str password, bool alone, bool *ret)
{
	struct test where = { USER_FIRST_PASSWORD, TEST_EQ, value_int(1) };
	struct scan scan = { .entity = ENTITY_USERS,
		.index = INDEX_KEY,
		.where = &where,
		.where_count = 1 };
	struct rows rows;
	bool same = false;

	TRY(record_list(c, &scan, 0, 0, &rows));
	same = alone && rows.count != 0;
	for (size_t i = 0; i < rows.count && !same; i++)
		TRY(password_verify(c,
		    value_str_or_absent(rows.row[i][USER_PASSWORD]), password,
		    &same));
	*ret = same;
	return OK;
}

/* A file that tells a password which opens nothing only misleads: both users
 * have another one, or another node has made them. */
static enum err
tidy_password_file(struct call *c, const struct first_start *b)
{
	struct str password;
	bool in_use;

	TRY(password_file_read(c->arena, b->state_dir, &password, c->error));
	if (password.ptr == NULL)
		return OK;
	TRY(is_in_use(c, password, b->alone, &in_use));
	return in_use ? OK : password_file_remove(b->state_dir, c->error);
}

enum err
bootstrap(struct call *c, const struct first_start *b, bool *ret_made)
{
	bool made = false, there;

	TRY(restore_mark_refuse(c));
	TRY(has_root(c, b, &there));
	if (!there)
		TRY(first_start(c, b, &made));
	if (!made || b->password.ptr != NULL)
		TRY(tidy_password_file(c, b));
	*ret_made = made;
	return OK;
}
