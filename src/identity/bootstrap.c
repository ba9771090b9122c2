/*
 * bootstrap.c - the password goes to its file before anything goes to the
 * store: a crash between the two leaves a file that the next start reads.
 */
#include "identity/bootstrap.h"

#include "base/clock.h"
#include "catalog/catalogs.h"
#include "catalog/warehouse_root.h"
#include "catalog/warehouses.h"
#include "identity/password_hash.h"
#include "identity/tenants.h"
#include "identity/users.h"
#include "record/control.h"
#include "record/restore_mark.h"

#define ROOT_NAME STR("root")
#define ADMIN_NAME STR("admin")
#define DEFAULT_NAME STR("default")

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
    struct str password)
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
		.first_password = true };

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
	return add_user(
	    batch, ADMIN_NAME, ROLE_TENANT_ADMIN, tenant.id, password);
}

/* All in one unit: a server that finds root finds everything. */
static enum err
first_start(struct call *c, const struct first_start *b, bool *ret_made)
{
	struct batch batch = batch_of(c);
	struct id no_tenant = { 0 };
	struct str password;
	enum verdict verdict;
	struct user root;
	size_t failed;

	TRY(hold_password(c, b, &password));
	restore_mark_expect_none(&batch);
	TRY(add_user(&batch, ROOT_NAME, ROLE_ROOT, no_tenant, password));
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

	enum err err = users_get_named(c, ROOT_NAME, &root);

	if (err == ERR_NOT_FOUND)
		return fail(c->error, ERR_CONFLICT,
		    "The store has no user root, and yet a user or tenant of "
		    "the first start: it cannot be made complete");
	return err;
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
	struct user root;
	bool made = false;
	enum err err;

	TRY(restore_mark_refuse(c));
	err = users_get_named(c, ROOT_NAME, &root);
	if (err == ERR_NOT_FOUND)
		err = first_start(c, b, &made);
	TRY(err);
	if (!made || b->password.ptr != NULL)
		TRY(tidy_password_file(c, b));
	*ret_made = made;
	return OK;
}
