#include "versions/merge_resolve.h"

#include "base/clock.h"
#include "catalog/location_claims.h"
#include "catalog/location_rows.h"
#include "catalog/property_limits.h"
#include "catalog/table_file.h"
#include "object/object.h"
#include "record/audit.h"
#include "record/pairs.h"
#include "versions/merge_steps.h"

/* As a decision is stored: a map of texts. */
#define LOCATION STR("metadata_location")
#define PROPERTIES STR("properties")

static struct str
value_of(struct arena *a, const struct merge_decision *d)
{
	struct pair pair = { LOCATION, d->location };

	if (d->properties.ptr != NULL)
		pair = (struct pair){ PROPERTIES, d->properties };
	if (pair.value.ptr == NULL)
		return (struct str){ 0 };
	return json_of_pairs(a, (struct pairs){ &pair, 1 });
}

enum err
merge_resolutions(
    struct call *c, const struct conflict_list *rows, struct str_map *ret)
{
	*ret = str_map_in(c->arena);
	for (size_t i = 0; i < rows->count; i++) {
		const struct merge_conflict_row *row = &rows->at[i];
		struct merge_resolution *r;
		struct pairs value;

		if (row->strategy == 0)
			continue;
		TRY(pairs_parse(c, row->value, &value));
		r = ARENA_NEW(c->arena, struct merge_resolution, 1);
		*r = (struct merge_resolution){ .source = row->source,
			.target = row->target,
			.conflict = row->kind,
			.strategy = (enum merge_strategy)row->strategy,
			.location = pairs_find(value, LOCATION),
			.body = pairs_find(value, PROPERTIES) };
		*str_map_slot(ret, key_text(c->arena, row->key)) = r;
	}
	return OK;
}

/* ---- a decision */
/* Another version of the same table or view, where the catalog has files. */
static enum err
check_location(struct call *c, const struct branch *in, struct id object,
    struct str location, struct str *ret_place)
{
	struct metadata m;
	struct str text;
	char uuid[ID_TEXT];

	TRY(location_guard(c, in, "resolved_value", location));
	TRY(table_file_read(c, location, &text));
	TRY(table_file_parse(c, text, &m));
	TRY(table_places_guard(c, in, NULL, &m));
	id_format(object, uuid);
	if (!str_eq(metadata_uuid(&m), str_from(uuid)))
		return fail(c->error, ERR_BAD_REQUEST,
		    "resolved_value: the metadata file is of another "
		    "table: " STR_FMT,
		    STR_ARG(location));
	*ret_place = metadata_location(&m);
	return OK;
}

static enum err
check_decision(struct call *c, const struct branch *in,
    const struct merge_conflict_row *row, const struct merge_decision *d)
{
	bool is_namespace = row->key.space == SPACE_NAMESPACE;
	struct pairs properties;
	struct str place;

	if (d->strategy != STRATEGY_MANUAL)
		return OK;
	if (d->properties.ptr != NULL && is_namespace) {
		TRY(pairs_parse(c, d->properties, &properties));
		return properties_fit(properties, "resolved_value", c->error);
	}
	if (d->properties.ptr != NULL && row->kind == CONFLICT_OF_METADATA)
		return OK;
	if (is_namespace || d->location.ptr == NULL)
		return fail(c->error, ERR_BAD_REQUEST,
		    "resolved_value: expected %s",
		    is_namespace ? "{\"properties\": {...}}"
				 : "{\"metadata_location\": \"...\"}");
	return check_location(c, in, row->object, d->location, &place);
}

static enum err
find(struct call *c, const struct branch *in, struct id id,
    struct merge_conflict_row *ret_row, struct merge_operation *ret_op)
{
	TRY(conflicts_get(c, id, ret_row));
	TRY(operations_get(c, in->catalog.tenant, ret_row->operation, ret_op));
	if (!operation_is_open(ret_op))
		return fail(c->error, ERR_CONFLICT,
		    "The merge operation is completed or aborted");
	return OK;
}

enum err
merges_resolve(
    struct call *c, const struct branch *in, const struct merge_decision *d)
{
	struct merge_conflict_row row;
	struct merge_operation op;
	struct batch b = batch_of(c);
	enum verdict verdict;
	int64_t open;
	size_t failed;

	TRY(find(c, in, d->conflict, &row, &op));
	TRY(check_decision(c, in, &row, d));
	TRY(conflicts_open(c, op.id, &open));
	if (row.strategy == 0)
		open--;
	op.status = open == 0 ? STATUS_READY : STATUS_RESOLVING;
	row.strategy = (int)d->strategy;
	row.value = value_of(c->arena, d);
	row.resolved_by = d->decided_by;
	row.resolved_us = clock_now_us();
	conflict_resolve(&b, &row);
	operation_update(&b, &op);
	audit_add(&b, op.tenant, row.id, row.key.name);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_CONFLICT,
		    "Somebody else is working at this merge operation: look "
		    "at it again");
	return OK;
}

/* ---- what was decided, when it is carried out */
const struct merge_resolution *
merge_decided_file(const struct merge_item *item)
{
	const struct merge_resolution *r = item->decided;

	return r != NULL && r->location.ptr != NULL && item_is_put(item) &&
		       str_eq(item->put.location, r->location)
		   ? r
		   : NULL;
}

/* A location that the table has on neither side would have to be claimed for
 * it, as commits of the table do. */
static bool
has_place(const struct merge_item *item, struct str place)
{
	const struct version *sides[] = { &item->source, &item->target };

	for (int i = 0; i < 2; i++)
		if (version_is_live(sides[i]) &&
		    id_eq(sides[i]->object, item->put.object) &&
		    location_claims_cover(sides[i]->body, place))
			return true;
	return false;
}

/* A sweep that empties a purged table's place has looked for what is there
 * (tasks/purge_places.h): a file that is put there now it would delete. */
static enum err
check_file(struct call *c, const struct branch *target,
    const struct merge_item *item, struct str location)
{
	struct str place;

	TRY(check_location(c, target, item->put.object, location, &place));
	if (!has_place(item, place))
		return fail(c->error, ERR_BAD_REQUEST,
		    "its location is the table's on neither side: " STR_FMT,
		    STR_ARG(place));
	if (has_place(item, location))
		return OK;
	return location_rows_check_doomed(
	    c, object_path(location), ERR_BAD_REQUEST);
}

static enum err
check_again(struct call *c, const struct branch *target,
    const struct merge_item *item, struct str location)
{
	enum err err = check_file(c, target, item, location);
	struct str why;

	if (err != ERR_NOT_FOUND && err != ERR_BAD_REQUEST)
		return err;
	why = arena_copy(c->arena, str_from(c->error->message));
	return fail(c->error, ERR_CONFLICT,
	    "The metadata file that was decided for " STR_FMT
	    " cannot be taken, decide again: " STR_FMT,
	    STR_ARG(item_shown(c->arena, &item->put)), STR_ARG(why));
}

enum err
merge_decisions_check(
    struct call *c, const struct branch *target, const struct merge_plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct merge_resolution *r = merge_decided_file(p->at[i]);
		struct arena_mark mark = arena_mark(c->arena);

		if (r == NULL)
			continue;
		TRY(check_again(c, target, p->at[i], r->location));
		arena_cut(c->arena, mark);
	}
	return OK;
}
