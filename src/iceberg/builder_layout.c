/*
 * builder_layout.c - updates of schemas, partition specs and sort orders.
 *
 * Adding what is there already reuses it and changes nothing, as in the
 * reference implementation; clients' own schema-id, spec-id and order-id are
 * ignored.
 */
#include "iceberg/builder.h"
#include "iceberg/member.h"
#include "iceberg/partition.h"
#include "iceberg/sort_order.h"

/* An entry was reused: it is "the last added" only if this request added it. */
static void
note_reused(struct added *added, int64_t id)
{
	added->any = int_map_find(&added->ids, id) != NULL;
	added->last = (int32_t)id;
}

static void
note_added(struct builder *b, struct added *added, int32_t id)
{
	*int_map_slot(&added->ids, id, b->metadata->arena) = added;
	added->any = true;
	added->last = id;
	b->changed = true;
}

/* The id after the largest of a list; `first` in an empty one. */
static enum err
next_id(const struct builder *b, const struct id_list *list, int32_t first,
    int32_t *ret, struct error *e)
{
	int64_t next = first;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, list->name));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(entry, list->id_name));

		if (id >= next)
			next = id + 1;
	}
	if (next > INT32_MAX)
		return fail(e, ERR_VALIDATION, "No %s is left after %d in '%s'",
		    list->id_name, INT32_MAX, list->name);
	*ret = (int32_t)next;
	return OK;
}

/* Give the entry its id and append it. */
static void
add_entry(struct builder *b, struct id_list *list, struct added *added,
    int32_t id, yyjson_mut_val *json)
{
	member_put_number(b->metadata->doc, json, list->id_name, id);
	id_list_put(list, id, json);
	note_added(b, added, id);
}

/* The id an update names, with -1 resolved. */
static enum err
chosen_id(const yyjson_mut_val *update, const char *name,
    const struct added *added, const char *what, int32_t *ret, struct error *e)
{
	TRY(member_int(update, name, ret, e));
	if (*ret != -1)
		return OK;
	if (!added->any)
		return fail(e, ERR_VALIDATION,
		    "Cannot set last added %s: no %s has been added", what,
		    what);
	*ret = added->last;
	return OK;
}

static void
choose(struct builder *b, const char *name, int32_t id)
{
	if (metadata_number(b->metadata, name, -1) == id)
		return;
	metadata_put_number(b->metadata, name, id);
	b->changed = true;
	b->layout_changed = true;
}

/* DuckDB adds a new table's schema, spec and order before it sets the current
 * schema: until that is set, the last schema added stands in for it. */
static int64_t
current_schema_id(const struct builder *b)
{
	int64_t id = metadata_number(b->metadata, "current-schema-id", -1);

	if (id == -1 && b->context->create && b->added_schemas.any)
		id = b->added_schemas.last;
	return id;
}

/* The current schema, read once however many specs bind to it. */
static enum err
current_schema(struct builder *b, const struct schema **ret, struct error *e)
{
	const struct metadata *m = b->metadata;
	yyjson_mut_val *json = id_list_find(&b->schemas, current_schema_id(b));

	if (json == NULL)
		return fail(
		    e, ERR_VALIDATION, "The table has no current schema");
	if (b->current.json != json)
		TRY(schema_read(m->arena, json, &b->current, e));
	*ret = &b->current;
	return OK;
}

static bool
as_many_columns(const yyjson_mut_val *a, const yyjson_mut_val *b)
{
	return yyjson_mut_arr_size(member_find(a, "fields")) ==
	       yyjson_mut_arr_size(member_find(b, "fields"));
}

static enum err
find_same_schema(
    struct builder *b, const struct schema *schema, bool *ret, struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, "schemas"));
	yyjson_mut_val *json;

	*ret = false;
	while (!*ret && (json = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(json, "schema-id"));
		struct schema other;

		/* reading is the dear part */
		if (!as_many_columns(schema->json, json))
			continue;
		if (id_list_find(&b->schemas, id) != json)
			continue; /* removed by this request */
		TRY(schema_read(b->metadata->arena, json, &other, e));
		*ret = schema_equal(schema, &other);
		if (*ret)
			note_reused(&b->added_schemas, id);
	}
	return OK;
}

enum err
add_schema(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *json = NULL;
	struct schema schema;
	bool same = false;
	int32_t id = 0;

	TRY(member_get(update, "schema", MEMBER_OBJECT, &json, e));
	TRY(schema_read(m->arena, json, &schema, e));
	TRY(schema_check_version(&schema, metadata_format_version(m), e));

	/* the client's own is advice that the spec deprecates */
	TRY(member_check_id(update, "last-column-id", e));

	int64_t last = metadata_number(m, "last-column-id", 0);

	if (schema_highest_id(&schema) <= last) {
		TRY(find_same_schema(b, &schema, &same, e));
		if (same)
			return OK;
	} else {
		metadata_put_number(
		    m, "last-column-id", schema_highest_id(&schema));
	}
	TRY(next_id(b, &b->schemas, 0, &id, e));
	add_entry(b, &b->schemas, &b->added_schemas, id, json);
	return OK;
}

enum err
set_current_schema(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	int32_t id = 0;

	TRY(chosen_id(
	    update, "schema-id", &b->added_schemas, "schema", &id, e));
	if (id_list_find(&b->schemas, id) == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot set current schema to unknown schema: %d", id);
	choose(b, "current-schema-id", id);
	return OK;
}

void
complete_current_schema(struct builder *b)
{
	int64_t id = current_schema_id(b);

	if (id != -1)
		metadata_put_number(b->metadata, "current-schema-id", id);
}

/* Remove the listed ids, but never the one in use. */
static enum err
remove_listed(struct builder *b, yyjson_mut_val *update, const char *name,
    struct id_list *list, int64_t in_use, struct error *e)
{
	yyjson_mut_val *ids = NULL, *id;

	TRY(member_get(update, name, MEMBER_ARRAY, &ids, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(ids);

	while ((id = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (!member_is(id, MEMBER_INT))
			return fail(e, ERR_BAD_REQUEST,
			    "Field '%s' must hold 32-bit integers", name);
		if (member_number(id) == in_use)
			return fail(e, ERR_VALIDATION, "Cannot remove the %s",
			    list == &b->schemas ? "current schema"
						: "default partition spec");
		if (id_list_remove(list, member_number(id)))
			b->changed = true;
	}
	return OK;
}

enum err
remove_schemas(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return remove_listed(b, update, "schema-ids", &b->schemas,
	    metadata_number(b->metadata, "current-schema-id", -1), e);
}

enum err
remove_partition_specs(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return remove_listed(b, update, "spec-ids", &b->specs,
	    metadata_number(b->metadata, "default-spec-id", -1), e);
}

/* Table spec, "Partition Evolution": v1 writers find fields by position. */
static enum err
check_sequential(const struct metadata *m, const yyjson_mut_val *json,
    const struct partition_spec *spec, struct error *e)
{
	if (metadata_format_version(m) > 1)
		return OK;
	for (size_t i = 0; i < spec->count; i++)
		if (spec->fields[i].id != PARTITION_FIRST_ID + (int32_t)i)
			return fail(e, ERR_VALIDATION,
			    "Spec does not use sequential IDs that are "
			    "required in v1: " STR_FMT,
			    STR_ARG(json_mut_text(m->arena, json)));
	return OK;
}

static enum err
find_compatible_spec(struct builder *b, const struct partition_spec *spec,
    bool *ret, struct error *e)
{
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(
	    metadata_list(b->metadata, "partition-specs"));
	yyjson_mut_val *json;

	*ret = false;
	while (!*ret && (json = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(json, "spec-id"));
		struct partition_spec other;

		if (id_list_find(&b->specs, id) != json)
			continue; /* removed by this request */
		TRY(partition_spec_read(b->metadata->arena, json, &other, e));
		*ret = partition_spec_compatible(spec, &other);
		if (*ret)
			note_reused(&b->added_specs, id);
	}
	return OK;
}

enum err
add_spec(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *json = NULL;
	struct partition_spec spec;
	const struct schema *schema = NULL;
	bool same = false;
	int32_t id = 0;

	TRY(member_get(update, "spec", MEMBER_OBJECT, &json, e));
	TRY(partition_spec_read(m->arena, json, &spec, e));
	TRY(current_schema(b, &schema, e));
	TRY(partition_spec_check(&spec, schema, e));
	TRY(partition_spec_check_names(m->arena, &spec, schema, e));

	int32_t last = (int32_t)metadata_number(
	    m, "last-partition-id", PARTITION_FIRST_ID - 1);

	TRY(partition_spec_number(&spec, m->doc, last, e));
	TRY(find_compatible_spec(b, &spec, &same, e));
	if (same)
		return OK;
	TRY(check_sequential(m, json, &spec, e));
	TRY(next_id(b, &b->specs, 0, &id, e));
	if (partition_spec_last_id(&spec) > last)
		metadata_put_number(
		    m, "last-partition-id", partition_spec_last_id(&spec));
	add_entry(b, &b->specs, &b->added_specs, id, json);
	return OK;
}

enum err
set_default_spec(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	int32_t id = 0;

	TRY(chosen_id(update, "spec-id", &b->added_specs, "spec", &id, e));
	if (id_list_find(&b->specs, id) == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot set default partition spec to unknown spec: %d",
		    id);
	choose(b, "default-spec-id", id);
	return OK;
}

static enum err
find_same_order(struct builder *b, const struct sort_order *order, bool *ret,
    struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, "sort-orders"));
	yyjson_mut_val *json;

	*ret = false;
	while (!*ret && (json = yyjson_mut_arr_iter_next(&it)) != NULL) {
		struct sort_order other;

		TRY(sort_order_read(b->metadata->arena, json, &other, e));
		*ret = sort_order_equal(order, &other);
		if (*ret)
			note_reused(&b->added_orders,
			    member_number(member_find(json, "order-id")));
	}
	return OK;
}

enum err
add_sort_order(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *json = NULL;
	struct sort_order order;
	const struct schema *schema = NULL;
	bool same = false;
	int32_t id = SORT_ORDER_UNSORTED;

	TRY(member_get(update, "sort-order", MEMBER_OBJECT, &json, e));
	TRY(sort_order_read(m->arena, json, &order, e));
	TRY(current_schema(b, &schema, e));
	TRY(sort_order_check(&order, schema, e));
	TRY(find_same_order(b, &order, &same, e));
	if (same)
		return OK;
	if (order.count != 0)
		TRY(next_id(b, &b->orders, SORT_ORDER_UNSORTED + 1, &id, e));
	add_entry(b, &b->orders, &b->added_orders, id, json);
	return OK;
}

enum err
set_default_sort_order(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	int32_t id = 0;

	TRY(chosen_id(
	    update, "sort-order-id", &b->added_orders, "sort order", &id, e));
	if (id_list_find(&b->orders, id) == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot set default sort order to unknown sort order: %d",
		    id);
	choose(b, "default-sort-order-id", id);
	return OK;
}
