#include "versions/merge_resolve.h"

#include "base/clock.h"
#include "catalog/property_limits.h"
#include "catalog/table_file.h"
#include "record/pairs.h"

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
check_location(struct call *c, const struct branch *in,
    const struct merge_conflict_row *row, struct str location)
{
	struct metadata m;
	struct str text;
	char uuid[ID_TEXT];

	TRY(location_guard(c, in, "resolved_value", location));
	TRY(table_file_read(c, location, &text));
	TRY(table_file_parse(c, text, &m));
	id_format(row->object, uuid);
	if (!str_eq(metadata_uuid(&m), str_from(uuid)))
		return fail(c->error, ERR_BAD_REQUEST,
		    "resolved_value: the metadata file is of another "
		    "table: " STR_FMT,
		    STR_ARG(location));
	return OK;
}

static enum err
check_decision(struct call *c, const struct branch *in,
    const struct merge_conflict_row *row, const struct merge_decision *d)
{
	bool is_namespace = row->key.space == SPACE_NAMESPACE;
	struct pairs properties;

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
	return check_location(c, in, row, d->location);
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
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_CONFLICT,
		    "Somebody else is working at this merge operation: look "
		    "at it again");
	return OK;
}
