/*
 * catalogs.c - catalogs as rows; where tables live follows from the warehouse.
 */
#include "catalog/catalogs.h"

#include "base/clock.h"
#include "cache/record_cache.h"
#include "catalog/names.h"
#include "catalog/page.h"
#include "catalog/property_limits.h"
#include "catalog/refs.h"
#include "catalog/retention.h"
#include "catalog/warehouse_root.h"
#include "catalog/warehouses.h"
#include "object/object.h"
#include "record/audit.h"
#include "record/control.h"
#include "record/pairs.h"
#include "record/retry.h"

#define MAIN STR("main")

enum err
catalog_name_check(struct str name, struct error *e)
{
	TRY(name_check(name, "Catalog", e));
	if (memchr(name.ptr, '/', name.len) != NULL ||
	    memchr(name.ptr, '@', name.len) != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Catalog name may have neither '/' nor '@'");
	return OK;
}

static enum err
catalog_missing(struct call *c, struct str name)
{
	return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
	    "Catalog does not exist: " STR_FMT, STR_ARG(name));
}

/* ---- reading */
static struct str
without_slash(struct str location)
{
	while (str_ends_with(location, STR("/")))
		location.len--;
	return location;
}

/* Below which its tables live: as given, or a directory of its own. */
static struct str
location_of(struct call *c, const struct catalog *catalog, struct str root)
{
	if (catalog->storage_location.ptr != NULL)
		return without_slash(catalog->storage_location);
	if (root.ptr == NULL)
		return STR("");
	return arena_printf(c->arena, STR_FMT "/" STR_FMT, STR_ARG(root),
	    STR_ARG(catalog->name));
}

static enum err
place_of_warehouse(struct call *c, struct catalog *io)
{
	struct warehouse w = { 0 };

	if (io->warehouse.ptr != NULL) {
		enum err err = warehouses_get(c, io->tenant, io->warehouse, &w);

		if (err != OK && err != ERR_NO_SUCH_WAREHOUSE)
			return err;
	}
	io->location = location_of(c, io, w.root);
	io->allowed = w.allowed;
	return OK;
}

/* All but the location and the properties. */
static struct catalog
catalog_named(const struct value *row)
{
	return (struct catalog){
		.id = value_id_or_nil(row[CATALOG_ID]),
		.tenant = value_id_or_nil(row[CATALOG_TENANT]),
		.name = value_str_or_absent(row[CATALOG_NAME]),
		.type = (enum catalog_type)value_int_or(
		    row[CATALOG_TYPE], CATALOG_LOCAL),
		.warehouse = value_str_or_absent(row[CATALOG_WAREHOUSE]),
		.storage_location = value_str_or_absent(row[CATALOG_LOCATION]),
		.main_branch = value_int_or(row[CATALOG_MAIN], 0),
		.is_shared = value_int_or(row[CATALOG_SHARED], 0) != 0,
		.purged_us = value_int_or(row[CATALOG_PURGED_US], 0),
	};
}

/* All but the location. */
static enum err
catalog_of_row(struct call *c, const struct value *row, struct catalog *ret)
{
	struct catalog catalog = catalog_named(row);

	TRY(pairs_parse(c, value_str_or_absent(row[CATALOG_PROPERTIES]),
	    &catalog.properties));
	*ret = catalog;
	return OK;
}

static enum err
get_row(
    struct call *c, struct id tenant, struct str name, const struct value **ret)
{
	const struct control_ref ref = {
		.kind = CONTROL_CATALOG, .tenant = tenant, .name = name
	};

	TRY(record_cache_find(c, &ref, ret));
	return *ret != NULL ? OK : catalog_missing(c, name);
}

enum err
catalogs_get_to_read(
    struct call *c, struct id tenant, struct str name, struct catalog *ret)
{
	const struct value *row;

	TRY(get_row(c, tenant, name, &row));
	*ret = catalog_named(row);
	return OK;
}

enum err
catalogs_get(
    struct call *c, struct id tenant, struct str name, struct catalog *ret)
{
	struct catalog catalog;
	const struct value *row;

	TRY(get_row(c, tenant, name, &row));
	TRY(catalog_of_row(c, row, &catalog));
	TRY(place_of_warehouse(c, &catalog));
	*ret = catalog;
	return OK;
}

bool
catalog_holds(const struct catalog *catalog, struct str location)
{
	return object_location_is_below(location, catalog->location) ||
	       roots_hold(catalog->allowed, location);
}

enum err
catalogs_list(struct call *c, struct id tenant, int64_t limit, int64_t offset,
    struct catalog_list *ret)
{
	struct test where = { CATALOG_TENANT, TEST_EQ, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_CATALOGS,
		.index = CATALOGS_BY_NAME,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));

	struct catalog *at = ARENA_NEW(c->arena, struct catalog, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		TRY(catalog_of_row(c, rows.row[i], &at[i]));
	*ret = (struct catalog_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

/* ---- checks */
/* Fills in the location; a catalog without a warehouse has none. */
static enum err
place_catalog(struct call *c, struct catalog *io, struct warehouse *ret)
{
	struct warehouse w = { 0 };
	struct str root;

	if (io->warehouse.len == 0) {
		if (io->storage_location.len != 0)
			return fail(c->error, ERR_BAD_REQUEST,
			    "storage_location: name its warehouse in "
			    "warehouse_name");
		io->location = STR("");
		*ret = w;
		return OK;
	}

	enum err err = warehouses_get(c, io->tenant, io->warehouse, &w);

	if (err == ERR_NO_SUCH_WAREHOUSE)
		return fail(c->error, ERR_BAD_REQUEST,
		    "warehouse_name: there is no warehouse '" STR_FMT "'",
		    STR_ARG(io->warehouse));
	TRY(err);
	io->location = location_of(c, io, w.root);
	TRY(object_location_check(io->location, c->error));
	TRY(root_parse(c->arena, io->location, &root, c->error));
	if (!str_eq(root, w.root) && !object_location_is_below(root, w.root))
		return fail(c->error, ERR_BAD_REQUEST,
		    "storage_location: it is not in the warehouse's "
		    "place, " STR_FMT,
		    STR_ARG(w.root));
	*ret = w;
	return OK;
}

/* Empty texts are what was not given. */
static void
drop_empty(struct catalog *io)
{
	if (io->warehouse.len == 0)
		io->warehouse = (struct str){ 0 };
	if (io->storage_location.len == 0)
		io->storage_location = (struct str){ 0 };
}

/* ---- writing */
static void
main_put(struct batch *b, const struct catalog *catalog)
{
	struct value *row = batch_insert(b, ENTITY_REFS);

	row[REF_ID] = value_int(catalog->main_branch);
	row[REF_CATALOG] = value_id(catalog->id);
	row[REF_NAME] = value_text(MAIN);
	row[REF_KIND] = value_int(REF_BRANCH);
	row[REF_STATE] = value_int(REF_LIVE);
	row[REF_HORIZON] = value_int(0);
	row[REF_PROTECTED] = value_int(0);
	row[REF_TYPE] = value_int(BRANCH_INGEST);
	row[REF_PARTIAL] = value_int(0);
	row[REF_CREATED_US] = value_int(clock_now_us());
}

void
catalog_put(struct batch *b, const struct catalog *catalog)
{
	struct value *row = batch_insert(b, ENTITY_CATALOGS);

	row[CATALOG_ID] = value_id(catalog->id);
	row[CATALOG_TENANT] = value_id(catalog->tenant);
	row[CATALOG_NAME] = value_text(catalog->name);
	row[CATALOG_TYPE] = value_int(catalog->type);
	row[CATALOG_WAREHOUSE] = value_text(catalog->warehouse);
	row[CATALOG_LOCATION] = value_text(catalog->storage_location);
	row[CATALOG_PROPERTIES] =
	    value_text(json_of_pairs(b->call->arena, catalog->properties));
	row[CATALOG_MAIN] = value_int(catalog->main_branch);
	row[CATALOG_CREATED_US] = value_int(clock_now_us());
	control_name(b, CONTROL_CATALOG, catalog->name);
	main_put(b, catalog);
}

void
catalog_share(struct batch *b, const struct catalog *catalog)
{
	const struct value key = value_id(catalog->id);
	const struct test same = { CATALOG_NAME, TEST_EQ,
		value_text(catalog->name) };

	if (catalog->is_shared) {
		batch_expect(b, ENTITY_CATALOGS, key, same);
		return;
	}
	update_set(batch_update(b, ENTITY_CATALOGS, key, same), CATALOG_SHARED,
	    value_int(1));
	control_name(b, CONTROL_CATALOG, catalog->name);
}

/* The warehouse must have this name and place when the unit is judged; a unit
 * that changes it afterwards sees that it is used. */
static void
use_warehouse(
    struct batch *b, const struct catalog *catalog, const struct warehouse *w)
{
	const struct test same[] = {
		{ WAREHOUSE_NAME, TEST_EQ, value_text(catalog->warehouse) },
		{ WAREHOUSE_ROOT, TEST_EQ, value_text(w->root) },
	};

	if (!id_is_nil(w->id))
		batch_add(b, ENTITY_WAREHOUSES, value_id(w->id),
		    WAREHOUSE_REVISION, same, 2);
}

/* Tables stay where they are: a catalog that has any moves only to a place
 * around its own. */
static enum err
tables_allow_move(struct call *c, const struct catalog *from, struct str to)
{
	bool any;

	if (str_eq(from->location, to) ||
	    object_location_is_below(from->location, to))
		return OK;
	TRY(catalog_holds_namespaces(c, from, &any));
	if (!any)
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "Catalog '" STR_FMT "' holds namespaces, whose tables would be "
	    "outside its new place: move them to another catalog, or drop them",
	    STR_ARG(from->name));
}

/* VERDICT_CONFLICT: its warehouse has changed meanwhile. */
static enum err
insert_catalog(struct call *c, const struct catalog *catalog,
    const struct warehouse *w, enum verdict *ret)
{
	struct batch b = batch_of(c);
	size_t failed;

	batch_add(&b, ENTITY_TENANTS, value_id(catalog->tenant),
	    TENANT_REVISION, NULL, 0);
	use_warehouse(&b, catalog, w);

	size_t row = b.count;

	catalog_put(&b, catalog);
	audit_add(&b, catalog->tenant, catalog->id, catalog->name);
	TRY(control_apply(&b, catalog->tenant, ret, &failed));
	if (*ret != VERDICT_CONFLICT)
		return OK;
	if (failed == row)
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "Catalog '" STR_FMT "' exists already",
		    STR_ARG(catalog->name));
	if (failed > row) /* the random number of its branch is taken */
		return fail(
		    c->error, ERR_UNAVAILABLE, "Try again: a number is taken");
	if (failed == 0)
		return fail(c->error, ERR_BAD_REQUEST,
		    "The tenant has just been deleted");
	return OK;
}

static enum err
lost_races(struct call *c, struct str warehouse)
{
	return fail(c->error, ERR_CONFLICT,
	    "Warehouse '" STR_FMT "' is being changed by others: try again",
	    STR_ARG(warehouse));
}

enum err
catalogs_create(struct call *c, const struct catalog *new, struct catalog *ret)
{
	struct catalog catalog = *new;
	struct warehouse warehouse;
	enum verdict verdict;

	TRY(catalog_name_check(catalog.name, c->error));
	if (catalog.type != CATALOG_LOCAL)
		return fail(c->error, ERR_BAD_REQUEST,
		    "catalog_type: only Local catalogs are supported by this "
		    "release");
	TRY(properties_fit(catalog.properties, "properties", c->error));
	TRY(retention_check(catalog.properties, c->error));
	catalog.id = id_v7();
	catalog.main_branch = branch_number();
	drop_empty(&catalog);

	struct retry retry = retry_of(c);

	do {
		TRY(place_catalog(c, &catalog, &warehouse));
		TRY(insert_catalog(c, &catalog, &warehouse, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return lost_races(c, catalog.warehouse);
	*ret = catalog;
	return OK;
}

/* A change that changes nothing writes nothing: neither a row nor a commit. */
static bool
catalog_is_as(const struct catalog *a, const struct catalog *b)
{
	return str_eq(a->warehouse, b->warehouse) &&
	       str_eq(a->storage_location, b->storage_location) &&
	       pairs_eq(a->properties, b->properties);
}

/* The catalog as it will be, checked. */
static enum err
changed_catalog(struct call *c, const struct catalog *change,
    struct catalog *io, struct warehouse *ret)
{
	if (change->warehouse.ptr != NULL)
		io->warehouse = change->warehouse;
	if (change->storage_location.ptr != NULL)
		io->storage_location = change->storage_location;
	if (change->properties.at != NULL)
		io->properties = change->properties;
	drop_empty(io);
	TRY(properties_fit(io->properties, "properties", c->error));
	TRY(retention_check(io->properties, c->error));
	return place_catalog(c, io, ret);
}

/* VERDICT_CONFLICT: its warehouse has changed meanwhile. */
static enum err
try_update(struct call *c, struct id tenant, struct str name,
    const struct catalog *change, struct catalog *io, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct catalog before;
	struct warehouse warehouse;
	size_t failed;

	TRY(catalogs_get(c, tenant, name, io));
	before = *io;
	TRY(changed_catalog(c, change, io, &warehouse));
	*ret = VERDICT_APPLIED;
	if (catalog_is_as(io, &before))
		return OK;
	TRY(tables_allow_move(c, &before, io->location));
	use_warehouse(&b, io, &warehouse);

	size_t row = b.count;
	struct update u = batch_update(&b, ENTITY_CATALOGS, value_id(io->id),
	    (struct test){ CATALOG_NAME, TEST_EQ, value_text(name) });

	/* the two are checked together, so they are written together */
	update_set(u, CATALOG_WAREHOUSE, value_text(io->warehouse));
	update_set(u, CATALOG_LOCATION, value_text(io->storage_location));
	if (change->properties.at != NULL)
		update_set(u, CATALOG_PROPERTIES,
		    value_text(json_of_pairs(c->arena, io->properties)));
	control_name(&b, CONTROL_CATALOG, name);
	audit_add(&b, tenant, io->id, name);
	TRY(control_apply(&b, tenant, ret, &failed));
	if (*ret == VERDICT_CONFLICT && failed == row)
		return fail(c->error, ERR_CONFLICT,
		    "Catalog '" STR_FMT "' has just been deleted",
		    STR_ARG(name));
	return OK;
}

enum err
catalogs_update(struct call *c, struct id tenant, struct str name,
    const struct catalog *change, struct catalog *ret)
{
	struct retry retry = retry_of(c);
	struct catalog catalog = { 0 };
	enum verdict verdict;

	do
		TRY(try_update(c, tenant, name, change, &catalog, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return lost_races(c, catalog.warehouse);
	*ret = catalog;
	return OK;
}
