#include "catalog/warehouse_twins.h"

#include "base/clock.h"
#include "catalog/warehouse_places.h"
#include "object/s3.h"
#include "record/pairs.h"

#define ENDPOINT STR("s3.endpoint")

struct twin {
	struct str root, endpoint;
	struct roots allowed;
};

static enum err
twin_of(struct call *c, struct str root, struct pairs config, struct twin *ret)
{
	ret->root = root;
	ret->endpoint = pairs_find(config, ENDPOINT);
	while (str_ends_with(ret->endpoint, STR("/")))
		ret->endpoint.len--;
	return allowed_locations(c->arena, config, &ret->allowed, c->error);
}

static bool
meets(struct str place, const struct twin *other)
{
	const struct root_identity id = { .root = place };
	bool meets = root_overlaps(&id, other->root);

	for (size_t i = 0; i < other->allowed.count && !meets; i++)
		meets = s3_is_location(other->allowed.at[i]) &&
			root_overlaps(&id, other->allowed.at[i]);
	return meets && s3_is_location(place);
}

static enum err
compare(struct call *c, const struct twin *new, const struct value *row)
{
	struct str root = value_str_or_absent(row[WAREHOUSE_ROOT]);
	struct pairs config;
	struct twin other;
	bool found;

	if (!s3_is_location(root))
		return OK;
	TRY(pairs_parse(
	    c, value_str_or_absent(row[WAREHOUSE_STORAGE]), &config));
	TRY(twin_of(c, root, config, &other));
	if (str_eq(new->endpoint, other.endpoint))
		return OK;
	found = meets(new->root, &other);
	for (size_t i = 0; i < new->allowed.count && !found; i++)
		found = meets(new->allowed.at[i], &other);
	if (!found)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "storage_config/s3.endpoint: warehouse '" STR_FMT
	    "' has the place at another endpoint, which locations do not "
	    "name: choose another prefix",
	    STR_ARG(value_str_or_absent(row[WAREHOUSE_NAME])));
}

static enum err
compare_all(struct call *c, const struct warehouse *w, const struct twin *new)
{
	struct test own = { WAREHOUSE_TENANT, TEST_EQ, value_id(w->tenant) };
	struct scan scan = { .entity = ENTITY_WAREHOUSES,
		.index = WAREHOUSES_BY_NAME,
		.where = &own,
		.where_count = 1 };
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		if (clock_mono_us() >= c->deadline_us)
			return fail(c->error, ERR_SLOW_DOWN,
			    "The other warehouses could not be looked at in "
			    "time");
		if (!id_eq(value_id_or_nil(rows.row[i][WAREHOUSE_ID]), w->id))
			TRY(compare(c, new, rows.row[i]));
		TRY(arena_check(c->arena, c->error));
	}
	return OK;
}

enum err
warehouse_twins_check(struct call *c, const struct warehouse *w,
    struct str root, struct pairs config)
{
	struct twin new;

	TRY(twin_of(c, root, config, &new));
	if (s3_is_location(root))
		return compare_all(c, w, &new);
	for (size_t i = 0; i < new.allowed.count; i++)
		if (s3_is_location(new.allowed.at[i]))
			return fail(c->error, ERR_BAD_REQUEST,
			    "storage_config/allowed-locations: a warehouse of "
			    "files has no keys for " STR_FMT,
			    STR_ARG(new.allowed.at[i]));
	return OK;
}
