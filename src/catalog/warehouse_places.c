#include "catalog/warehouse_places.h"

#include "base/clock.h"
#include "record/revision.h"

#define REVISION STR("warehouse places")
#define ALLOWED STR("allowed-locations")

enum err
allowed_locations(
    struct arena *a, struct pairs config, struct roots *ret, struct error *e)
{
	return roots_parse(a, pairs_find(config, ALLOWED), ret, e);
}

/* The revision is read first: a place that is taken afterwards changes it. */
enum err
taken_places_read(struct call *c, const struct root_rules *rules,
    struct id tenant, struct taken_places *ret)
{
	struct test others = { WAREHOUSE_TENANT, TEST_NE, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_WAREHOUSES,
		.index = INDEX_KEY,
		.where = &others,
		.where_count = 1 };

	*ret = (struct taken_places){ .call = c, .rules = rules };
	TRY(revision_read(c, REVISION, &ret->revision));
	return record_list(c, &scan, 0, 0, &ret->rows);
}

static enum err
reaches(struct call *c, const struct value *row,
    const struct root_identity *place, bool *ret)
{
	struct str config = value_str_or_absent(row[WAREHOUSE_STORAGE]);
	struct pairs pairs = { 0 };
	struct roots allowed;

	if (config.ptr != NULL)
		TRY(json_to_pairs(c->arena, config, &pairs, c->error));
	TRY(allowed_locations(c->arena, pairs, &allowed, c->error));
	*ret = root_overlaps(place, value_str_or_absent(row[WAREHOUSE_ROOT]));
	for (size_t i = 0; i < allowed.count && !*ret; i++)
		*ret = root_overlaps(place, allowed.at[i]);
	return OK;
}

static enum err
check_others(const struct taken_places *taken, const char *what,
    const struct root_identity *place)
{
	struct call *c = taken->call;
	struct arena_mark mark = arena_mark(c->arena);
	bool reached = false;

	for (size_t i = 0; i < taken->rows.count && !reached; i++) {
		if (clock_mono_us() >= c->deadline_us)
			return fail(c->error, ERR_SLOW_DOWN,
			    "The places of others could not be looked at in "
			    "time");
		TRY(reaches(c, taken->rows.row[i], place, &reached));
		arena_cut(c->arena, mark);
	}
	if (!reached)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST, "%s: the place is taken", what);
}

enum err
taken_places_check(
    const struct taken_places *taken, const char *what, struct str root)
{
	struct error *e = taken->call->error;
	struct root_identity place;

	TRY(root_identify(root, &place, e));
	if (taken->rules != NULL)
		TRY(root_allowed(taken->rules, what, &place, e));
	return check_others(taken, what, &place);
}

enum err
taken_places_check_all(
    const struct taken_places *taken, const char *what, struct str list)
{
	struct call *c = taken->call;
	struct roots places;

	if (roots_parse(c->arena, list, &places, c->error) != OK)
		return fail(c->error, ERR_BAD_REQUEST,
		    "%s: name places such as \"file:///srv/lake\", with commas "
		    "between them",
		    what);
	if (places.count > ALLOWED_LOCATIONS_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "%s: at most %d places are expected", what,
		    ALLOWED_LOCATIONS_MAX);
	for (size_t i = 0; i < places.count; i++)
		TRY(taken_places_check(taken, what, places.at[i]));
	return OK;
}

void
taken_places_expect(const struct taken_places *taken, struct batch *b)
{
	revision_swap(b, REVISION, taken->revision);
}
