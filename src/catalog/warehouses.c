/*
 * warehouses.c - a warehouse is read with its secrets by load() alone; what
 * leaves this file is masked.
 */
#include "catalog/warehouses.h"

#include "base/clock.h"
#include "cache/things.h"
#include "catalog/names.h"
#include "catalog/place.h"

#define CONFIG "storage_config/"
#define ALLOWED "allowed-locations"

static enum err
warehouse_missing(struct call *c, struct str name)
{
	return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
	    "Warehouse does not exist: " STR_FMT, STR_ARG(name));
}

/* ---- secrets */
static bool
is_secret(struct str name)
{
	static const char *const parts[] = { "secret", "password", "token",
		"private", "credential", "sas", "account-key", "account_key" };
	const char *end = name.ptr + name.len;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct str part = str_from(parts[i]);

		for (const char *p = name.ptr; p + part.len <= end; p++)
			if (str_eq_nocase((struct str){ p, part.len }, part))
				return true;
	}
	return false;
}

static void
mask_secrets(struct pairs config)
{
	for (size_t i = 0; i < config.count; i++)
		if (is_secret(config.at[i].name))
			config.at[i].value = STR(WAREHOUSE_MASK);
}

/* What was shown masked and came back so is what it was. */
static struct pairs
unmask_secrets(struct arena *a, struct pairs config, struct pairs stored)
{
	struct pair *at = ARENA_NEW(a, struct pair, config.count);

	for (size_t i = 0; i < config.count; i++) {
		struct str old = pairs_get(stored, config.at[i].name);

		at[i] = config.at[i];
		if (is_secret(at[i].name) && old.ptr != NULL &&
		    str_eq(at[i].value, STR(WAREHOUSE_MASK)))
			at[i].value = old;
	}
	return (struct pairs){ at, config.count };
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
		.vending_strategy = value_str_or_absent(row[WAREHOUSE_VENDING]),
		.created_us = value_int_or(row[WAREHOUSE_CREATED_US], 0),
	};
	struct str config = value_str_or_absent(row[WAREHOUSE_STORAGE]);

	if (config.ptr != NULL)
		TRY(json_to_pairs(
		    c->arena, config, &w.storage_config, c->error));
	TRY(places_parse(c->arena, pairs_get(w.storage_config, STR(ALLOWED)),
	    &w.allowed, c->error));
	*ret = w;
	return OK;
}

static enum err
load(struct call *c, struct id tenant, struct str name, struct warehouse *ret)
{
	const struct thing_ref ref = {
		.thing = THING_WAREHOUSE, .tenant = tenant, .name = name
	};
	const struct value *row;

	TRY(thing_get(c, &ref, &row));
	if (row == NULL)
		return warehouse_missing(c, name);
	return warehouse_of_row(c, row, ret);
}

enum err
warehouses_get(
    struct call *c, struct id tenant, struct str name, struct warehouse *ret)
{
	TRY(load(c, tenant, name, ret));
	mask_secrets(ret->storage_config);
	return OK;
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

	TRY(record_list(c, &scan, limit, offset, &rows));

	struct warehouse *at =
	    ARENA_NEW(c->arena, struct warehouse, rows.count);

	for (size_t i = 0; i < rows.count; i++) {
		TRY(warehouse_of_row(c, rows.row[i], &at[i]));
		mask_secrets(at[i].storage_config);
	}
	*ret = (struct warehouse_list){ at, rows.count };
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
root_of_config(struct call *c, struct pairs config, struct str *ret)
{
	static const char *const names[] = { "root", "location", "path" };
	struct str type = pairs_get(config, STR("type"));

	if (type.len != 0 && !str_eq_nocase(type, STR("file")) &&
	    !str_eq_nocase(type, STR("local")))
		return fail(c->error, ERR_BAD_REQUEST,
		    "storage_config/type: only file: warehouses are supported "
		    "by this release");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str given = pairs_get(config, str_from(names[i]));

		if (given.ptr != NULL)
			return place_parse(c->arena, given, ret, c->error);
	}
	return fail(c->error, ERR_BAD_REQUEST,
	    "storage_config/root: name the place, such as "
	    "\"file:///srv/warehouse\"; only file: warehouses are supported "
	    "by this release");
}

/* Nothing is taken that would be ignored. */
static enum err
options_check(bool use_sts, struct str vending, struct error *e)
{
	if (use_sts)
		return fail(e, ERR_BAD_REQUEST,
		    "use_sts: a file: warehouse has no credentials to give");
	if (vending.ptr != NULL && !str_eq(vending, STR("null")) &&
	    !str_eq(vending, STR("\"None\"")))
		return fail(e, ERR_BAD_REQUEST,
		    "vending_strategy: a file: warehouse has no credentials "
		    "to give");
	return OK;
}

static bool
reaches(const struct warehouse *w, struct str place)
{
	bool reached = place_overlaps(place, w->root);

	for (size_t i = 0; i < w->allowed.count && !reached; i++)
		reached = place_overlaps(place, w->allowed.at[i]);
	return reached;
}

/* One tenant's tables are not to be reached through another's warehouse. */
static enum err
overlap_check(
    struct call *c, struct id tenant, const char *what, struct str place)
{
	struct test where = { WAREHOUSE_TENANT, TEST_NE, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_WAREHOUSES,
		.index = INDEX_KEY,
		.where = &where,
		.where_count = 1 };
	struct warehouse other;
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		TRY(warehouse_of_row(c, rows.row[i], &other));
		if (reaches(&other, place))
			return fail(c->error, ERR_BAD_REQUEST,
			    "%s: the place is taken", what);
	}
	return OK;
}

static enum err
place_check(struct call *c, const struct place_rules *rules, struct id tenant,
    const char *what, struct str place)
{
	if (rules != NULL)
		TRY(place_allowed(rules, what, place, c->error));
	return overlap_check(c, tenant, what, place);
}

static enum err
allowed_check(struct call *c, const struct place_rules *rules, struct id tenant,
    struct pairs config)
{
	struct str list = pairs_get(config, STR(ALLOWED));
	struct places places;

	if (places_parse(c->arena, list, &places, c->error) != OK)
		return fail(c->error, ERR_BAD_REQUEST,
		    CONFIG ALLOWED
		    ": name places such as "
		    "\"file:///srv/lake\", with commas between them");
	for (size_t i = 0; i < places.count; i++)
		TRY(place_check(
		    c, rules, tenant, CONFIG ALLOWED, places.at[i]));
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
	    value_text(json_of_pairs(b->call->arena, w->storage_config));
	row[WAREHOUSE_VENDING] = value_text(w->vending_strategy);
	row[WAREHOUSE_CREATED_US] = value_int(w->created_us);
	control_name(b, THING_WAREHOUSE, w->name);
}

static enum err
name_taken(struct call *c, struct str name)
{
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Warehouse '" STR_FMT "' exists already", STR_ARG(name));
}

static enum err
insert_warehouse(struct call *c, const struct warehouse *w)
{
	struct value tenant = value_id(w->tenant);
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_expect(&b, ENTITY_TENANTS, tenant,
	    (struct test){ TENANT_ID, TEST_EQ, tenant });
	warehouse_put(&b, w);
	TRY(control_apply(&b, w->tenant, &verdict, &failed));
	if (verdict != VERDICT_CONFLICT)
		return OK;
	if (failed == 0)
		return fail(c->error, ERR_NOT_FOUND, "Tenant not found");
	return name_taken(c, w->name);
}

/* Before its directory is made, which cannot be taken back. */
static enum err
place_take(struct call *c, const struct place_rules *rules, struct id tenant,
    struct str root)
{
	TRY(place_check(c, rules, tenant, CONFIG "root", root));
	return place_prepare(root, c->error);
}

enum err
warehouses_create(struct call *c, const struct place_rules *rules,
    const struct warehouse *new, struct warehouse *ret)
{
	struct warehouse w = *new, other;

	w.id = id_v7();
	w.created_us = clock_now_us();
	TRY(warehouse_name_check(w.name, c->error));
	TRY(options_check(w.use_sts, w.vending_strategy, c->error));
	TRY(root_of_config(c, w.storage_config, &w.root));

	enum err err = load(c, w.tenant, w.name, &other);

	if (err == OK)
		return name_taken(c, w.name);
	if (err != ERR_NO_SUCH_WAREHOUSE)
		return err;
	TRY(allowed_check(c, rules, w.tenant, w.storage_config));
	TRY(place_take(c, rules, w.tenant, w.root));
	TRY(insert_warehouse(c, &w));
	return warehouses_get(c, w.tenant, w.name, ret);
}

static enum err
set_config(struct call *c, const struct place_rules *rules, struct update u,
    const struct warehouse *w, struct pairs config)
{
	struct pairs full = unmask_secrets(c->arena, config, w->storage_config);
	struct str root = { 0 };

	TRY(root_of_config(c, full, &root));
	TRY(allowed_check(c, rules, w->tenant, full));
	if (!str_eq(root, w->root)) {
		TRY(unused_check(c, w->tenant, w->name, "move"));
		TRY(place_take(c, rules, w->tenant, root));
	}
	update_set(u, WAREHOUSE_ROOT, value_text(root));
	update_set(
	    u, WAREHOUSE_STORAGE, value_text(json_of_pairs(c->arena, full)));
	return OK;
}

static enum err
set_changes(struct call *c, const struct place_rules *rules, struct update u,
    const struct warehouse *w, const struct warehouse_change *change)
{
	TRY(options_check(
	    change->use_sts > 0, change->vending_strategy, c->error));
	if (change->name.ptr != NULL && !str_eq(change->name, w->name)) {
		TRY(warehouse_name_check(change->name, c->error));
		TRY(unused_check(c, w->tenant, w->name, "be renamed"));
		update_set(u, WAREHOUSE_NAME, value_text(change->name));
	}
	if (change->storage_config.at != NULL)
		TRY(set_config(c, rules, u, w, change->storage_config));
	if (change->vending_strategy.ptr != NULL)
		update_set(
		    u, WAREHOUSE_VENDING, value_text(change->vending_strategy));
	return OK;
}

enum err
warehouses_update(struct call *c, const struct place_rules *rules,
    struct id tenant, struct str name, const struct warehouse_change *change,
    struct warehouse *ret)
{
	struct batch b = batch_of(c);
	enum verdict verdict = VERDICT_APPLIED;
	struct warehouse w = { 0 };
	size_t failed;

	TRY(load(c, tenant, name, &w));

	struct update u = batch_update(&b, ENTITY_WAREHOUSES, value_id(w.id),
	    (struct test){ WAREHOUSE_NAME, TEST_EQ, value_text(name) });

	TRY(set_changes(c, rules, u, &w, change));
	control_name(&b, THING_WAREHOUSE, name);
	if (change->name.ptr != NULL)
		control_name(&b, THING_WAREHOUSE, change->name);
	if (*u.set != 0)
		TRY(control_apply(&b, tenant, &verdict, &failed));
	if (change->name.ptr != NULL)
		name = change->name;
	if (verdict == VERDICT_CONFLICT)
		return name_taken(c, name);
	return warehouses_get(c, tenant, name, ret);
}

enum err
warehouses_delete(struct call *c, struct id tenant, struct str name)
{
	struct batch b = batch_of(c);
	struct warehouse w = { 0 };
	enum verdict verdict;
	size_t failed;

	TRY(load(c, tenant, name, &w));
	TRY(unused_check(c, tenant, name, "be deleted"));
	batch_delete(&b, ENTITY_WAREHOUSES, value_id(w.id));
	control_name(&b, THING_WAREHOUSE, name);
	return control_apply(&b, tenant, &verdict, &failed);
}
