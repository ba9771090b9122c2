#include "catalog/warehouse_clients.h"

#include "calls/usage.h"
#include "catalog/warehouse_places.h"
#include "catalog/warehouse_storage.h"
#include "object/object.h"
#include "object/s3.h"
#include "object/s3_clients.h"
#include "record/pairs.h"

static struct warehouse_bytes *counted;

enum err
warehouse_clients_tell(struct call *c, const struct warehouse *w)
{
	struct str roots[S3_ROOTS_MAX] = { w->root };
	struct s3_warehouse told = { .id = w->id,
		.tenant = w->tenant,
		.revision = w->revision,
		.roots = roots,
		.root_count = 1 };
	struct s3_settings settings;
	struct error why = { 0 };
	struct call quiet = *c;

	if (!s3_is_location(w->root) || s3_clients_have(w->id, w->revision))
		return OK;
	if (c->nowait)
		return usage_would_block(c, "The clients are made anew.");
	for (size_t i = 0;
	     i < w->allowed.count && told.root_count < S3_ROOTS_MAX; i++)
		roots[told.root_count++] = w->allowed.at[i];
	quiet.error = &why;
	if (warehouse_s3_settings(&quiet, w, &settings) == OK) {
		settings.http.bytes = warehouse_bytes_row(counted, w->id);
		told.settings = &settings;
	}
	told.why = why.message;
	s3_clients_set(&told);
	return OK;
}

/* ---- finding it */
static bool
is_at_or_below(struct str location, struct str root)
{
	return str_eq(location, root) ||
	       object_location_is_below(location, root);
}

static enum err
has_location(
    struct call *c, const struct value *row, struct str location, bool *ret)
{
	struct roots allowed;
	struct pairs config;

	*ret =
	    is_at_or_below(location, value_str_or_absent(row[WAREHOUSE_ROOT]));
	if (*ret || !s3_is_location(value_str_or_absent(row[WAREHOUSE_ROOT])))
		return OK;
	TRY(pairs_parse(
	    c, value_str_or_absent(row[WAREHOUSE_STORAGE]), &config));
	TRY(allowed_locations(c->arena, config, &allowed, c->error));
	for (size_t i = 0; i < allowed.count && !*ret; i++)
		*ret = is_at_or_below(location, allowed.at[i]);
	return OK;
}

static enum err
tell_by_row(struct call *c, const struct value *row)
{
	struct warehouse w;
	enum err err = warehouses_get(c, value_id_or_nil(row[WAREHOUSE_TENANT]),
	    value_str_or_absent(row[WAREHOUSE_NAME]), &w);

	return err == ERR_NO_SUCH_WAREHOUSE ? OK : err;
}

/* The warehouses of the call's tenant, whoever else may have the location. */
static enum err
look_through(struct call *c, struct str location)
{
	const struct test of_tenant = { WAREHOUSE_TENANT, TEST_EQ,
		value_id(usage_tenant(c)) };
	const struct scan all = { .entity = ENTITY_WAREHOUSES,
		.index = WAREHOUSES_BY_NAME,
		.where = &of_tenant,
		.where_count = 1 };
	struct rows rows;
	bool has;

	TRY(record_list(c, &all, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		TRY(has_location(c, rows.row[i], location, &has));
		if (has)
			TRY(tell_by_row(c, rows.row[i]));
		TRY(arena_check(c->arena, c->error));
	}
	return OK;
}

static enum err
look_for(struct call *c, struct str location, struct id warehouse)
{
	const struct value *row = NULL;

	if (!id_is_nil(warehouse)) {
		TRY(record_find_by_key(
		    c, ENTITY_WAREHOUSES, value_id(warehouse), &row));
		if (row != NULL)
			return tell_by_row(c, row);
		/* it was deleted: its client goes */
		s3_clients_set(&(struct s3_warehouse){ .id = warehouse });
	}
	return look_through(c, location);
}

void
warehouse_clients_start(struct warehouse_bytes *bytes)
{
	counted = bytes;
	s3_clients_look_by(look_for);
}
