/*
 * warehouses.c - warehouses as rows.
 */
#include "catalog/warehouses.h"

#include "base/clock.h"
#include "cache/record_cache.h"
#include "catalog/config_mask.h"
#include "catalog/names.h"
#include "catalog/storage_probe.h"
#include "catalog/warehouse_clients.h"
#include "catalog/warehouse_places.h"
#include "catalog/warehouse_root.h"
#include "catalog/warehouse_storage.h"
#include "catalog/warehouse_twins.h"
#include "record/audit.h"
#include "record/control.h"
#include "record/pairs.h"
#include "record/retry.h"

#define CONFIG "storage_config/"
#define ALLOWED "allowed-locations"

static enum err
warehouse_missing(struct call *c, struct str name)
{
	return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
	    "Warehouse does not exist: " STR_FMT, STR_ARG(name));
}

/* ---- reading */
static enum err
warehouse_of_row(struct call *c, const struct value *row, struct warehouse *ret)
{
	struct warehouse w = {
		.id = value_id_or_nil(row[WAREHOUSE_ID]),
		.tenant = value_id_or_nil(row[WAREHOUSE_TENANT]),
		.name = value_str_or_absent(row[WAREHOUSE_NAME]),
		.root = value_str_or_absent(row[WAREHOUSE_ROOT]),
		.use_sts = value_int_or(row[WAREHOUSE_USE_STS], 0) != 0,
		.row_vending = value_str_or_absent(row[WAREHOUSE_VENDING]),
		.created_us = value_int_or(row[WAREHOUSE_CREATED_US], 0),
		.revision = value_int_or(row[WAREHOUSE_REVISION], 0),
	};

	TRY(pairs_parse(
	    c, value_str_or_absent(row[WAREHOUSE_STORAGE]), &w.row_config));
	TRY(allowed_locations(c->arena, w.row_config, &w.allowed, c->error));
	w.storage_config = storage_config_of_row(c->arena, w.row_config);
	config_mask(w.storage_config);
	TRY(warehouse_vending_shown(c, w.row_vending, &w.vending_strategy));
	*ret = w;
	return OK;
}

/* The warehouse as it is stored now, with its revision, for changes of it. */
static enum err
load_stored(struct call *c, struct id tenant, struct str name,
    struct warehouse *ret, struct value *ret_revision)
{
	const struct control_ref ref = {
		.kind = CONTROL_WAREHOUSE, .tenant = tenant, .name = name
	};
	const struct value *row;

	TRY(control_read(c, &ref, &row));
	if (row == NULL)
		return warehouse_missing(c, name);
	*ret_revision = row[WAREHOUSE_REVISION];
	return warehouse_of_row(c, row, ret);
}

enum err
warehouses_get(
    struct call *c, struct id tenant, struct str name, struct warehouse *ret)
{
	const struct control_ref ref = {
		.kind = CONTROL_WAREHOUSE, .tenant = tenant, .name = name
	};
	const struct value *row;

	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL)
		return warehouse_missing(c, name);
	TRY(warehouse_of_row(c, row, ret));
	return warehouse_clients_tell(c, ret);
}

enum err
warehouses_list(struct call *c, struct id tenant, int64_t limit, int64_t offset,
    struct warehouse_list *ret)
{
	struct test where = { WAREHOUSE_TENANT, TEST_EQ, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_WAREHOUSES,
		.index = WAREHOUSES_BY_NAME,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));

	struct warehouse *at =
	    ARENA_NEW(c->arena, struct warehouse, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		TRY(warehouse_of_row(c, rows.row[i], &at[i]));
	*ret = (struct warehouse_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

/* ---- checks */
static enum err
warehouse_name_check(struct str name, struct error *e)
{
	TRY(name_check(name, "Warehouse", e));
	if (memchr(name.ptr, '/', name.len) != NULL)
		return fail(
		    e, ERR_BAD_REQUEST, "Warehouse name may not have a slash");
	return OK;
}

static enum err
unused_check(
    struct call *c, struct id tenant, struct str name, const char *what)
{
	struct test where[] = {
		{ CATALOG_TENANT, TEST_EQ, value_id(tenant) },
		{ CATALOG_WAREHOUSE, TEST_EQ, value_text(name) },
	};
	const struct value *row;

	TRY(record_find(c, ENTITY_CATALOGS, CATALOGS_BY_NAME, where, 2, &row));
	if (row == NULL)
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "Warehouse '" STR_FMT "' cannot %s: catalog '" STR_FMT "' uses it",
	    STR_ARG(name), what,
	    STR_ARG(value_str_or_absent(row[CATALOG_NAME])));
}

/* ---- writing */
void
warehouse_put(struct batch *b, const struct warehouse *w)
{
	struct value *row = batch_insert(b, ENTITY_WAREHOUSES);

	row[WAREHOUSE_ID] = value_id(w->id);
	row[WAREHOUSE_TENANT] = value_id(w->tenant);
	row[WAREHOUSE_NAME] = value_text(w->name);
	row[WAREHOUSE_ROOT] = value_text(w->root);
	row[WAREHOUSE_USE_STS] = value_int(w->use_sts);
	row[WAREHOUSE_STORAGE] =
	    value_text(json_of_pairs(b->call->arena, w->row_config));
	row[WAREHOUSE_VENDING] = value_text(w->row_vending);
	row[WAREHOUSE_CREATED_US] = value_int(w->created_us);
	control_name(b, CONTROL_WAREHOUSE, w->name);
}

static enum err
name_taken(struct call *c, struct str name)
{
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Warehouse '" STR_FMT "' exists already", STR_ARG(name));
}

/* VERDICT_CONFLICT: another place was taken meanwhile. */
static enum err
insert_warehouse(struct call *c, const struct warehouse *w,
    const struct taken_places *taken, enum verdict *ret)
{
	struct batch b = batch_of(c);
	size_t failed;

	batch_add(
	    &b, ENTITY_TENANTS, value_id(w->tenant), TENANT_REVISION, NULL, 0);
	taken_places_expect(taken, &b);
	warehouse_put(&b, w);
	audit_add(&b, w->tenant, w->id, w->name);
	TRY(control_apply(&b, w->tenant, ret, &failed));
	if (*ret != VERDICT_CONFLICT || failed == 1)
		return OK;
	if (failed == 0)
		return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
	return name_taken(c, w->name);
}

/* Before its directory is made, which cannot be taken back. */
static enum err
take_root(const struct taken_places *taken, const struct storage_draft *d)
{
	TRY(taken_places_check(taken, CONFIG "root", d->root));
	if (d->storage.scheme == STORAGE_S3)
		return OK;
	return root_prepare(d->root, taken->call->error);
}

/* Tries the place of a draft, which is allowed. */
static enum err
probe(struct call *c, const struct storage_draft *d, struct storage_probe *ret)
{
	const struct s3_settings settings = storage_draft_s3(d);
	struct error why = { 0 };

	if (d->storage.scheme == STORAGE_S3)
		return storage_probe_s3(c, &settings, d->storage.prefix, ret);

	enum err err = root_prepare(d->root, &why);

	*ret =
	    storage_probe_of(err, arena_copy(c->arena, str_from(why.message)));
	return OK;
}

static enum err
check_reach(const struct taken_places *taken, const struct storage_draft *d)
{
	struct storage_probe probed;

	if (d->storage.scheme != STORAGE_S3 || taken->rules == NULL ||
	    !taken->rules->probed)
		return OK;
	TRY(probe(taken->call, d, &probed));
	return storage_probe_check(&probed, taken->call->error);
}

/* All warehouses of a bucket can move to another endpoint, one by one. */
static bool
stays(const struct warehouse *w, const struct storage_draft *d)
{
	return str_eq(w->root, d->root) &&
	       str_eq(pairs_find(w->row_config, STR(ALLOWED)),
		   pairs_find(d->config, STR(ALLOWED)));
}

static enum err
check_allowed(const struct taken_places *taken, const struct warehouse *w,
    const struct storage_draft *d)
{
	TRY(taken_places_check_all(
	    taken, CONFIG ALLOWED, pairs_find(d->config, STR(ALLOWED))));
	if (stays(w, d))
		return OK;
	return warehouse_twins_check(taken->call, w, d->root, d->config);
}

static enum err
try_create(struct call *c, const struct root_rules *rules,
    const struct storage_draft *d, const struct warehouse *w, enum verdict *ret)
{
	const struct warehouse none = { .id = w->id, .tenant = w->tenant };
	struct taken_places taken;
	struct warehouse other;
	enum err err = warehouses_get(c, w->tenant, w->name, &other);

	if (err == OK)
		return name_taken(c, w->name);
	if (err != ERR_NO_SUCH_WAREHOUSE)
		return err;
	TRY(taken_places_read(c, rules, w->tenant, &taken));
	TRY(check_allowed(&taken, &none, d));
	TRY(take_root(&taken, d));
	TRY(check_reach(&taken, d));
	return insert_warehouse(c, w, &taken, ret);
}

static enum err
lost_races(struct call *c, struct str name)
{
	return fail(c->error, ERR_CONFLICT,
	    "Warehouse '" STR_FMT "', or places of others, are being changed: "
	    "try again",
	    STR_ARG(name));
}

static enum err
new_warehouse(struct call *c, const struct warehouse *new,
    struct storage_draft *ret_draft, struct warehouse *ret)
{
	const struct warehouse_change change = { .storage_config =
						     new->storage_config,
		.use_sts = new->use_sts,
		.vending_strategy = new->vending_strategy };
	struct warehouse w = { .id = id_v7(),
		.tenant = new->tenant,
		.name = new->name,
		.use_sts = new->use_sts,
		.created_us = clock_now_us() };

	TRY(warehouse_name_check(w.name, c->error));
	TRY(storage_draft_make(c, &w, &change, ret_draft));
	TRY(storage_draft_seal(
	    c, w.id, ret_draft, &w.row_config, &w.row_vending));
	w.root = ret_draft->root;
	*ret = w;
	return OK;
}

enum err
warehouses_prepare(
    struct call *c, const struct warehouse *new, struct warehouse *ret)
{
	struct storage_probe probed;
	struct storage_draft draft;

	TRY(new_warehouse(c, new, &draft, ret));
	TRY(probe(c, &draft, &probed));
	return storage_probe_check(&probed, c->error);
}

enum err
warehouses_create(struct call *c, const struct root_rules *rules,
    const struct warehouse *new, struct warehouse *ret)
{
	struct storage_draft draft;
	enum verdict verdict;
	struct warehouse w;

	TRY(new_warehouse(c, new, &draft, &w));

	struct retry retry = retry_of(c);

	do
		TRY(try_create(c, rules, &draft, &w, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return lost_races(c, w.name);
	return warehouses_get(c, w.tenant, w.name, ret);
}

static enum err
set_storage(const struct taken_places *taken, struct update u,
    const struct warehouse *w, const struct warehouse_change *change)
{
	struct call *c = taken->call;
	struct storage_draft d;
	struct pairs config;
	struct str vending;

	TRY(storage_draft_make(c, w, change, &d));
	TRY(check_allowed(taken, w, &d));
	if (!str_eq(d.root, w->root)) {
		TRY(unused_check(c, w->tenant, w->name, "move"));
		TRY(take_root(taken, &d));
		update_set(u, WAREHOUSE_ROOT, value_text(d.root));
	}
	if (!storage_draft_differs(c, w, &d))
		return OK;
	TRY(check_reach(taken, &d));
	TRY(storage_draft_seal(c, w->id, &d, &config, &vending));
	update_set(
	    u, WAREHOUSE_STORAGE, value_text(json_of_pairs(c->arena, config)));
	update_set(u, WAREHOUSE_VENDING, value_text(vending));
	update_set(u, WAREHOUSE_USE_STS, value_int(d.use_sts));
	return OK;
}

enum err
warehouses_probe(struct call *c, const struct root_rules *rules,
    struct id tenant, struct str name, const struct warehouse_change *change,
    struct storage_probe *ret)
{
	struct warehouse w = { .tenant = tenant };
	struct taken_places taken;
	struct storage_draft d;
	struct value revision;
	enum err err = load_stored(c, tenant, name, &w, &revision);

	if (err != OK &&
	    (err != ERR_NO_SUCH_WAREHOUSE || change->storage_config.at == NULL))
		return err;
	TRY(storage_draft_make(c, &w, change, &d));
	TRY(taken_places_read(c, rules, tenant, &taken));
	TRY(taken_places_check(&taken, CONFIG "root", d.root));
	return probe(c, &d, ret);
}

static bool
changes_storage(const struct warehouse_change *change)
{
	return change->storage_config.at != NULL ||
	       change->vending_strategy.ptr != NULL || change->use_sts >= 0;
}

static enum err
set_changes(const struct taken_places *taken, struct update u,
    const struct warehouse *w, const struct warehouse_change *change)
{
	struct call *c = taken->call;

	if (change->name.ptr != NULL && !str_eq(change->name, w->name)) {
		TRY(warehouse_name_check(change->name, c->error));
		TRY(unused_check(c, w->tenant, w->name, "be renamed"));
		update_set(u, WAREHOUSE_NAME, value_text(change->name));
	}
	return changes_storage(change) ? set_storage(taken, u, w, change) : OK;
}

/* The unit fails unless the warehouse is as it was read. */
static void
expect_unchanged(
    struct batch *b, const struct warehouse *w, struct value revision)
{
	batch_expect(b, ENTITY_WAREHOUSES, value_id(w->id),
	    (struct test){ WAREHOUSE_REVISION, TEST_EQ, revision });
}

/* VERDICT_CONFLICT: it, or a place, was taken or changed meanwhile. */
static enum err
try_update(struct call *c, const struct root_rules *rules, struct id tenant,
    struct str name, const struct warehouse_change *change, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct warehouse w = { 0 };
	struct taken_places taken;
	struct value revision;
	size_t failed;

	TRY(load_stored(c, tenant, name, &w, &revision));
	TRY(taken_places_read(c, rules, tenant, &taken));
	expect_unchanged(&b, &w, revision);
	if (changes_storage(change))
		taken_places_expect(&taken, &b);

	size_t row = b.count;
	struct update u = batch_update(&b, ENTITY_WAREHOUSES, value_id(w.id),
	    (struct test){ WAREHOUSE_NAME, TEST_EQ, value_text(name) });

	*ret = VERDICT_APPLIED;
	TRY(set_changes(&taken, u, &w, change));
	if (*u.set == 0)
		return OK;
	update_set(
	    u, WAREHOUSE_REVISION, value_int(value_int_or(revision, 0) + 1));
	control_name(&b, CONTROL_WAREHOUSE, name);
	if (change->name.ptr != NULL)
		control_name(&b, CONTROL_WAREHOUSE, change->name);
	audit_add(&b, tenant, w.id, name);
	TRY(control_apply(&b, tenant, ret, &failed));
	if (*ret == VERDICT_CONFLICT && failed == row)
		return name_taken(c, change->name);
	return OK;
}

enum err
warehouses_update(struct call *c, const struct root_rules *rules,
    struct id tenant, struct str name, const struct warehouse_change *change,
    struct warehouse *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_update(c, rules, tenant, name, change, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return lost_races(c, name);
	if (change->name.ptr != NULL)
		name = change->name;
	return warehouses_get(c, tenant, name, ret);
}

static enum err
try_delete(struct call *c, struct id tenant, struct str name, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct warehouse w = { 0 };
	struct value revision;
	size_t failed;

	TRY(load_stored(c, tenant, name, &w, &revision));
	TRY(unused_check(c, tenant, name, "be deleted"));
	batch_delete_when(&b, ENTITY_WAREHOUSES, value_id(w.id),
	    (struct test){ WAREHOUSE_REVISION, TEST_EQ, revision });
	control_name(&b, CONTROL_WAREHOUSE, name);
	audit_add(&b, tenant, w.id, name);
	return control_apply(&b, tenant, ret, &failed);
}

enum err
warehouses_delete(struct call *c, struct id tenant, struct str name)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_delete(c, tenant, name, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_CONFLICT ? lost_races(c, name) : OK;
}
