#include "versions/merge_operations.h"

#include "base/clock.h"
#include "catalog/branch.h"
#include "catalog/moved.h"
#include "record/pairs.h"
#include "versions/merge_steps.h"

/* ---- operations */
static struct merge_operation
operation_of(const struct value *row)
{
	return (struct merge_operation){
		.id = value_id_or_nil(row[OPERATION_ID]),
		.tenant = value_id_or_nil(row[OPERATION_TENANT]),
		.catalog = value_id_or_nil(row[OPERATION_CATALOG]),
		.status =
		    (enum merge_status)value_int_or(row[OPERATION_STATUS], 0),
		.source_name = value_str_or_absent(row[OPERATION_SOURCE_NAME]),
		.target_name = value_str_or_absent(row[OPERATION_TARGET_NAME]),
		.source = { value_int_or(row[OPERATION_SOURCE], 0),
		    value_int_or(row[OPERATION_SOURCE_SEQ], 0) },
		.target = { value_int_or(row[OPERATION_TARGET], 0),
		    value_int_or(row[OPERATION_TARGET_SEQ], 0) },
		.base = value_id_or_nil(row[OPERATION_BASE]),
		.message = value_str_or_absent(row[OPERATION_MESSAGE]),
		.squash = value_int_or(row[OPERATION_SQUASH], 0) != 0,
		.conflicts = value_int_or(row[OPERATION_CONFLICTS], 0),
		.created_by = value_id_or_nil(row[OPERATION_CREATED_BY]),
		.created_us = value_int_or(row[OPERATION_CREATED_US], 0),
		.finished_us = value_int_or(row[OPERATION_FINISHED_US], 0),
		.result = value_id_or_nil(row[OPERATION_RESULT]),
		.revision = value_int_or(row[OPERATION_REVISION], 0),
	};
}

enum err
operations_get(
    struct call *c, struct id tenant, struct id id, struct merge_operation *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_MERGE_OPERATIONS, value_id(id), &row));
	if (row == NULL ||
	    !id_eq(value_id_or_nil(row[OPERATION_TENANT]), tenant))
		return fail(
		    c->error, ERR_NOT_FOUND, "Merge operation not found");
	*ret = operation_of(row);
	return OK;
}

enum err
operations_list(struct call *c, const struct catalog *catalog, int64_t limit,
    int64_t offset, struct operation_list *ret)
{
	const struct test where = { OPERATION_CATALOG, TEST_EQ,
		value_id(catalog->id) };
	const struct scan scan = { .entity = ENTITY_MERGE_OPERATIONS,
		.index = OPERATIONS_BY_CATALOG,
		.descending = true,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));
	*ret = (struct operation_list){
		ARENA_NEW(c->arena, struct merge_operation, rows.count + 1),
		rows.count, rows.next.ptr != NULL
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = operation_of(rows.row[i]);
	return OK;
}

enum err
operations_use(struct call *c, const struct catalog *catalog, int64_t branch,
    struct id *ret)
{
	static const uint16_t side[] = { OPERATION_SOURCE, OPERATION_TARGET };

	*ret = (struct id){ 0 };
	for (int i = 0; i < 2; i++) {
		const struct test where[] = {
			{ OPERATION_CATALOG, TEST_EQ, value_id(catalog->id) },
			{ OPERATION_STATUS, TEST_LT,
			    value_int(STATUS_COMPLETED) },
			{ side[i], TEST_EQ, value_int(branch) },
		};
		const struct value *row;

		TRY(record_find(c, ENTITY_MERGE_OPERATIONS,
		    OPERATIONS_BY_CATALOG, where, 3, &row));
		if (row != NULL) {
			*ret = value_id_or_nil(row[OPERATION_ID]);
			return OK;
		}
	}
	return OK;
}

void
operation_insert(struct batch *b, const struct merge_operation *op)
{
	struct value *row = batch_insert(b, ENTITY_MERGE_OPERATIONS);

	row[OPERATION_ID] = value_id(op->id);
	row[OPERATION_TENANT] = value_id(op->tenant);
	row[OPERATION_CATALOG] = value_id(op->catalog);
	row[OPERATION_STATUS] = value_int(op->status);
	row[OPERATION_SOURCE] = value_int(op->source.branch);
	row[OPERATION_SOURCE_NAME] = value_text(op->source_name);
	row[OPERATION_TARGET] = value_int(op->target.branch);
	row[OPERATION_TARGET_NAME] = value_text(op->target_name);
	row[OPERATION_SOURCE_SEQ] = value_int(op->source.seq);
	row[OPERATION_TARGET_SEQ] = value_int(op->target.seq);
	row[OPERATION_BASE] = value_id_or_null(op->base);
	row[OPERATION_MESSAGE] = value_text(op->message);
	row[OPERATION_SQUASH] = value_int(op->squash);
	row[OPERATION_CONFLICTS] = value_int(op->conflicts);
	row[OPERATION_CREATED_BY] = value_id_or_null(op->created_by);
	row[OPERATION_CREATED_US] = value_int(op->created_us);
	if (op->finished_us != 0)
		row[OPERATION_FINISHED_US] = value_int(op->finished_us);
	row[OPERATION_RESULT] = value_id_or_null(op->result);
	row[OPERATION_REVISION] = value_int(1);
}

void
operation_update(struct batch *b, const struct merge_operation *op)
{
	struct update u =
	    batch_update(b, ENTITY_MERGE_OPERATIONS, value_id(op->id),
		(struct test){
		    OPERATION_REVISION, TEST_EQ, value_int(op->revision) });

	update_set(u, OPERATION_STATUS, value_int(op->status));
	update_set(u, OPERATION_SOURCE_SEQ, value_int(op->source.seq));
	update_set(u, OPERATION_TARGET_SEQ, value_int(op->target.seq));
	update_set(u, OPERATION_BASE, value_id_or_null(op->base));
	update_set(u, OPERATION_CONFLICTS, value_int(op->conflicts));
	if (op->finished_us != 0)
		update_set(
		    u, OPERATION_FINISHED_US, value_int(op->finished_us));
	update_set(u, OPERATION_RESULT, value_id_or_null(op->result));
	update_set(u, OPERATION_REVISION, value_int(op->revision + 1));
}

/* ---- conflicts */
static struct merge_conflict_row
conflict_of(const struct value *row)
{
	return (struct merge_conflict_row){
		.id = value_id_or_nil(row[CONFLICT_ID]),
		.operation = value_id_or_nil(row[CONFLICT_OPERATION]),
		.order = value_int_or(row[CONFLICT_ORDER], 0),
		.kind =
		    (enum merge_conflict)value_int_or(row[CONFLICT_KIND], 0),
		.key = { (enum space)value_int_or(row[CONFLICT_SPACE], 0),
		    value_str_or_absent(row[CONFLICT_NS]),
		    value_str_or_absent(row[CONFLICT_NAME]) },
		.object = value_id_or_nil(row[CONFLICT_OBJECT]),
		.in_source = value_int_or(row[CONFLICT_IN_SOURCE], 0) != 0,
		.what = value_str_or_absent(row[CONFLICT_WHAT]),
		.reason = value_str_or_absent(row[CONFLICT_REASON]),
		.source = { value_int_or(row[CONFLICT_SOURCE_BRANCH], 0),
		    value_int_or(row[CONFLICT_SOURCE_SEQ], 0) },
		.target = { value_int_or(row[CONFLICT_TARGET_BRANCH], 0),
		    value_int_or(row[CONFLICT_TARGET_SEQ], 0) },
		.base_value = value_str_or_absent(row[CONFLICT_BASE_VALUE]),
		.source_value = value_str_or_absent(row[CONFLICT_SOURCE_VALUE]),
		.target_value = value_str_or_absent(row[CONFLICT_TARGET_VALUE]),
		.created_us = value_int_or(row[CONFLICT_CREATED_US], 0),
		.strategy = (int)value_int_or(row[CONFLICT_STRATEGY], 0),
		.value = value_str_or_absent(row[CONFLICT_VALUE]),
		.resolved_by = value_id_or_nil(row[CONFLICT_RESOLVED_BY]),
		.resolved_us = value_int_or(row[CONFLICT_RESOLVED_US], 0),
	};
}

static struct scan
conflicts_of(struct test *where, struct id operation)
{
	*where =
	    (struct test){ CONFLICT_OPERATION, TEST_EQ, value_id(operation) };
	return (struct scan){ .entity = ENTITY_MERGE_CONFLICTS,
		.index = CONFLICTS_BY_OPERATION,
		.where = where,
		.where_count = 1 };
}

enum err
conflicts_list(struct call *c, struct id operation, int64_t limit,
    int64_t offset, struct conflict_list *ret)
{
	struct test where;
	struct scan scan = conflicts_of(&where, operation);
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));
	*ret = (struct conflict_list){
		ARENA_NEW(c->arena, struct merge_conflict_row, rows.count + 1),
		rows.count, rows.next.ptr != NULL
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = conflict_of(rows.row[i]);
	return OK;
}

enum err
conflicts_all(struct call *c, struct id operation, struct conflict_list *ret)
{
	struct test where;
	struct scan scan = conflicts_of(&where, operation);
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	*ret = (struct conflict_list){
		ARENA_NEW(c->arena, struct merge_conflict_row, rows.count + 1),
		rows.count, false
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = conflict_of(rows.row[i]);
	return OK;
}

enum err
conflicts_get(struct call *c, struct id id, struct merge_conflict_row *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_MERGE_CONFLICTS, value_id(id), &row));
	if (row == NULL)
		return fail(c->error, ERR_NOT_FOUND, "Conflict not found");
	*ret = conflict_of(row);
	return OK;
}

enum err
conflicts_open(struct call *c, struct id operation, int64_t *ret)
{
	const struct test where[] = {
		{ CONFLICT_OPERATION, TEST_EQ, value_id(operation) },
		{ CONFLICT_STRATEGY, TEST_EQ, value_null() },
	};
	const struct scan scan = { .entity = ENTITY_MERGE_CONFLICTS,
		.index = CONFLICTS_BY_OPERATION,
		.limit = 1,
		.where = where,
		.where_count = 2 };

	return store_count(c, &scan, ret);
}

void
conflict_resolve(struct batch *b, const struct merge_conflict_row *row)
{
	struct update u =
	    batch_update(b, ENTITY_MERGE_CONFLICTS, value_id(row->id),
		(struct test){
		    CONFLICT_OPERATION, TEST_EQ, value_id(row->operation) });

	update_set(u, CONFLICT_STRATEGY, value_int(row->strategy));
	update_set(u, CONFLICT_VALUE, value_text(row->value));
	update_set(u, CONFLICT_RESOLVED_BY, value_id_or_null(row->resolved_by));
	update_set(u, CONFLICT_RESOLVED_US, value_int(row->resolved_us));
}

/* The value of a version, as people read it. */
static struct str
value_of(struct arena *a, const struct version *v, struct str schema)
{
	char object[ID_TEXT];
	struct pair pair[5] = { 0 };
	size_t count = 0;

	if (v->kind == 0)
		return (struct str){ 0 };
	id_format(v->object, object);
	pair[count++] = (struct pair){ STR("name"), item_shown(a, v) };
	pair[count++] = (struct pair){ STR("state"),
		v->deleted ? STR("dropped") : STR("live") };
	pair[count++] =
	    (struct pair){ STR("id"), arena_copy(a, str_from(object)) };
	if (v->kind == KIND_NAMESPACE)
		pair[count++] = (struct pair){ STR("properties"),
			version_has_moved(v) ? STR("{}") : v->body };
	else
		pair[count++] =
		    (struct pair){ STR("metadata_location"), v->location };
	if (schema.ptr != NULL)
		pair[count++] = (struct pair){ STR("schema"), schema };
	return json_of_pairs(a, (struct pairs){ pair, count });
}

struct merge_conflict_row
conflict_of_item(struct arena *a, const struct merge_item *item)
{
	const struct str none = { 0 };

	return (struct merge_conflict_row){ .id = id_v4(),
		.kind = item->conflict,
		.key = item->key,
		.object = version_is_live(&item->target) ? item->target.object
							 : item->source.object,
		.in_source = item->deleted_in_source,
		.what = item->what,
		.reason = item->reason,
		.source = item->source.origin,
		.target = item->target.origin,
		.base_value =
		    item->has_base ? value_of(a, &item->base, none) : none,
		.source_value = value_of(a, &item->source, item->source_schema),
		.target_value = value_of(a, &item->target, item->target_schema),
		.created_us = clock_now_us() };
}

void
conflict_insert(struct batch *b, const struct merge_conflict_row *c)
{
	struct value *row = batch_insert(b, ENTITY_MERGE_CONFLICTS);

	row[CONFLICT_ID] = value_id(c->id);
	row[CONFLICT_OPERATION] = value_id(c->operation);
	row[CONFLICT_ORDER] = value_int(c->order);
	row[CONFLICT_KIND] = value_int(c->kind);
	row[CONFLICT_SPACE] = value_int(c->key.space);
	row[CONFLICT_NS] = value_text(c->key.ns);
	row[CONFLICT_NAME] = value_text(c->key.name);
	row[CONFLICT_OBJECT] = value_id(c->object);
	row[CONFLICT_IN_SOURCE] = value_int(c->in_source);
	row[CONFLICT_WHAT] = value_text(c->what);
	row[CONFLICT_REASON] = value_text(c->reason);
	row[CONFLICT_SOURCE_BRANCH] = value_int(c->source.branch);
	row[CONFLICT_SOURCE_SEQ] = value_int(c->source.seq);
	row[CONFLICT_TARGET_BRANCH] = value_int(c->target.branch);
	row[CONFLICT_TARGET_SEQ] = value_int(c->target.seq);
	row[CONFLICT_BASE_VALUE] = value_text(c->base_value);
	row[CONFLICT_SOURCE_VALUE] = value_text(c->source_value);
	row[CONFLICT_TARGET_VALUE] = value_text(c->target_value);
	row[CONFLICT_CREATED_US] = value_int(c->created_us);
	if (c->strategy == 0)
		return;
	row[CONFLICT_STRATEGY] = value_int(c->strategy);
	row[CONFLICT_VALUE] = value_text(c->value);
	row[CONFLICT_RESOLVED_BY] = value_id_or_null(c->resolved_by);
	row[CONFLICT_RESOLVED_US] = value_int(c->resolved_us);
}
