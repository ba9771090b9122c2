/*
 * create_table.c - assigns the ids of a new table's columns.
 *
 * Clients number columns as they like, from 0 or from 1, so a request's ids
 * only tie its parts together; the table's are assigned here.
 */
#include "iceberg/create_table.h"

#include "base/clock.h"
#include "iceberg/member.h"
#include "iceberg/metadata_check.h"
#include "iceberg/partition.h"
#include "iceberg/properties.h"
#include "iceberg/sort_order.h"
#include "iceberg/updates.h"

struct request {
	yyjson_mut_val *schema, *spec, *order, *properties; /* or NULL */
	struct str location;                                /* or absent */
	int version;
};

static struct str
without_slashes(struct str location)
{
	while (str_ends_with(location, STR("/")))
		location.len--;
	return location;
}

/* The reserved property format-version; REST has no other place for it. */
static enum err
read_version(const yyjson_mut_val *properties, int *ret, struct error *e)
{
	yyjson_mut_val *text = member_find(properties, "format-version");
	int64_t version = METADATA_VERSION_DEFAULT;

	if (text != NULL && !str_to_int(json_mut_str(text), &version))
		version = 0;
	if (version < 1 || version > METADATA_VERSION_MAX)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Unsupported format version: " STR_FMT
		    " (supported: 1 to %d)",
		    STR_ARG(json_mut_str(text)), METADATA_VERSION_MAX);
	*ret = (int)version;
	return OK;
}

static enum err
read_request(const yyjson_mut_val *json, struct request *ret, struct error *e)
{
	struct request r = { 0 };
	yyjson_mut_val *location = NULL;

	if (!member_is(json, MEMBER_OBJECT))
		return fail(
		    e, ERR_BAD_REQUEST, "The request must be an object");
	TRY(member_get(json, "schema", MEMBER_OBJECT, &r.schema, e));
	TRY(member_optional(json, "partition-spec", MEMBER_OBJECT, &r.spec, e));
	TRY(member_optional(json, "write-order", MEMBER_OBJECT, &r.order, e));
	TRY(member_optional(
	    json, "properties", MEMBER_OBJECT, &r.properties, e));
	TRY(member_optional(json, "location", MEMBER_STRING, &location, e));
	TRY(member_strings_only(r.properties, "properties", e));
	r.location = without_slashes(json_mut_str(location));
	if (location != NULL && r.location.len == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "Field 'location' must not be empty");
	TRY(read_version(r.properties, &r.version, e));
	*ret = r;
	return OK;
}

static void
put_chosen(struct metadata *m, const char *list, const char *id_name,
    const char *chosen, int32_t id, yyjson_mut_val *json)
{
	member_put_number(m->doc, json, id_name, id);
	yyjson_mut_arr_append(
	    metadata_list(m, list), yyjson_mut_val_mut_copy(m->doc, json));
	metadata_put_number(m, chosen, id);
}

/* The layout of a request, checked, in the request's ids. */
struct layout {
	struct schema schema;
	yyjson_mut_val *spec_json, *order_json;
	struct partition_spec spec;
	struct sort_order order;
};

/* The request's json, or the same without fields. */
static yyjson_mut_val *
or_no_fields(const struct metadata *m, yyjson_mut_val *json)
{
	if (json != NULL)
		return json;
	json = yyjson_mut_obj(m->doc);
	member_put(m->doc, json, "fields", yyjson_mut_arr(m->doc));
	return json;
}

static enum err
read_layout(const struct metadata *m, const struct request *r,
    struct layout *ret, struct error *e)
{
	struct arena *a = m->arena;

	ret->spec_json = or_no_fields(m, r->spec);
	ret->order_json = or_no_fields(m, r->order);
	TRY(schema_read(a, r->schema, &ret->schema, e));
	TRY(schema_check_version(&ret->schema, r->version, e));
	TRY(member_within(partition_spec_read(a, ret->spec_json, &ret->spec, e),
	    "partition-spec", e));
	TRY(partition_spec_check(&ret->spec, &ret->schema, e));
	TRY(partition_spec_check_names(a, &ret->spec, &ret->schema, e));
	TRY(member_within(sort_order_read(a, ret->order_json, &ret->order, e),
	    "write-order", e));
	return sort_order_check(&ret->order, &ret->schema, e);
}

/* The source of a partition or sort field in the table's numbers.  A void
 * field's column may be gone; then it has none. */
static void
renumber_source(const struct metadata *m, const struct schema *schema,
    yyjson_mut_val *field, int32_t source_id)
{
	const struct schema_field *source = schema_field_of(schema, source_id);

	member_put_number(
	    m->doc, field, "source-id", source != NULL ? source->id : -1);
}

static enum err
put_layout(struct metadata *m, const struct request *r, struct error *e)
{
	struct layout layout = { 0 };
	struct partition_spec *spec = &layout.spec;
	struct sort_order *order = &layout.order;

	TRY(read_layout(m, r, &layout, e));
	schema_renumber(&layout.schema, m->doc);
	for (size_t i = 0; i < spec->count; i++) {
		renumber_source(m, &layout.schema, spec->fields[i].json,
		    spec->fields[i].source_id);
		spec->fields[i].id = -1;
	}
	TRY(partition_spec_number(spec, m->doc, PARTITION_FIRST_ID - 1, e));
	for (size_t i = 0; i < order->count; i++)
		renumber_source(m, &layout.schema, order->fields[i].json,
		    order->fields[i].source_id);
	metadata_put_number(
	    m, "last-column-id", schema_highest_id(&layout.schema));
	metadata_put_number(
	    m, "last-partition-id", partition_spec_last_id(spec));
	put_chosen(
	    m, "schemas", "schema-id", "current-schema-id", 0, r->schema);
	put_chosen(m, "partition-specs", "spec-id", "default-spec-id", 0,
	    layout.spec_json);
	put_chosen(m, "sort-orders", "order-id", "default-sort-order-id",
	    order->count != 0 ? SORT_ORDER_UNSORTED + 1 : SORT_ORDER_UNSORTED,
	    layout.order_json);
	return OK;
}

/* The request's properties win over the defaults. */
static enum err
put_properties(struct metadata *m, yyjson_mut_val *properties, bool staged,
    int64_t now_ms, struct error *e)
{
	yyjson_mut_val *defaults = yyjson_mut_obj(m->doc);
	char now[CLOCK_TEXT];

	member_put_string(
	    m->doc, defaults, "write.parquet.compression-codec", STR("zstd"));
	clock_format(now_ms * CLOCK_MS, now);
	if (staged)
		member_put_string(m->doc, defaults, "created-at",
		    arena_copy(m->arena, str_from(now)));
	(void)properties_set(m, defaults);
	(void)properties_set(m, properties);
	return properties_check(m, e);
}

enum err
create_table(struct arena *a, const yyjson_val *request,
    const struct table_seed *seed, bool staged, struct metadata *ret,
    struct error *e)
{
	yyjson_mut_doc *doc = json_new(a);
	yyjson_mut_val *json =
	    yyjson_val_mut_copy(doc, (yyjson_val *)(uintptr_t)request);
	struct request r = { 0 };

	TRY(member_names_unique(a, json, e));
	TRY(read_request(json, &r, e));

	struct metadata m = metadata_new(a, r.version, seed->uuid,
	    r.location.len != 0 ? r.location : seed->location, seed->now_ms);

	TRY(put_layout(&m, &r, e));
	TRY(put_properties(&m, r.properties, staged, seed->now_ms, e));
	metadata_fit_version(&m);
	TRY(metadata_check(&m, e));
	*ret = m;
	return OK;
}

/* The version of the first upgrade-format-version; one that cannot be is left
 * for the update itself to refuse. */
static int
first_version(const yyjson_val *updates)
{
	yyjson_arr_iter it =
	    yyjson_arr_iter_with((yyjson_val *)(uintptr_t)updates);
	yyjson_val *update;

	while ((update = yyjson_arr_iter_next(&it)) != NULL) {
		yyjson_val *version =
		    json_member(update, STR("format-version"));
		uint64_t n = yyjson_get_uint(version);

		if (!str_eq_nocase(json_str(json_member(update, STR("action"))),
			STR("upgrade-format-version")))
			continue;
		if (yyjson_is_uint(version) && n >= 1 &&
		    n <= METADATA_VERSION_MAX)
			return (int)n;
		break;
	}
	return METADATA_VERSION_DEFAULT;
}

enum err
create_from_updates(struct arena *a, const yyjson_val *updates,
    const struct table_seed *seed, struct metadata *ret, struct error *e)
{
	struct metadata m = metadata_new(a, first_version(updates), seed->uuid,
	    seed->location, seed->now_ms);
	struct update_context context = { .now_ms = seed->now_ms,
		.create = true };
	struct update_result result;

	m.deadline_us = seed->deadline_us;
	TRY(updates_apply(&m, updates, &context, &result, e));
	*ret = m;
	return OK;
}
