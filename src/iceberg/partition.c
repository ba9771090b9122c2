/* partition.c - reads and checks partition specs. */
#include "iceberg/partition.h"

#include "base/str_map.h"
#include "iceberg/member.h"

static enum err
read_field(yyjson_mut_val *json, struct partition_field *field, struct error *e)
{
	yyjson_mut_val *id = NULL;
	struct str transform;

	if (!member_is(json, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST,
		    "Each entry of 'fields' in a spec must be an object");
	*field = (struct partition_field){ .json = json, .id = -1 };
	TRY(member_int(json, "source-id", &field->source_id, e));
	TRY(member_string(json, "name", &field->name, e));
	TRY(member_string(json, "transform", &transform, e));
	TRY(member_optional(json, "field-id", MEMBER_INT, &id, e));
	if (!transform_parse(transform, &field->transform))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid transform of partition field " STR_FMT
		    ": " STR_FMT,
		    STR_ARG(field->name), STR_ARG(transform));
	if (field->name.len == 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot use empty partition name for source id %d",
		    field->source_id);
	if (id == NULL)
		return OK;
	field->id = (int32_t)member_number(id);
	if (field->id < 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid field-id of partition field " STR_FMT ": %d",
		    STR_ARG(field->name), field->id);
	return OK;
}

static enum err
check_unique(
    struct arena *a, const struct partition_spec *spec, struct error *e)
{
	struct str *names = ARENA_NEW(a, struct str, spec->count);
	struct int_map ids = { 0 };

	for (size_t i = 0; i < spec->count; i++) {
		const struct partition_field *field = &spec->fields[i];

		names[i] = field->name;
		if (field->id < 0)
			continue;

		void **slot = int_map_slot(&ids, field->id, a);

		if (*slot != NULL)
			return fail(e, ERR_ILLEGAL_ARGUMENT,
			    "Cannot use field id more than once in a spec: "
			    "%d",
			    field->id);
		*slot = field->json;
	}

	struct str twice = member_duplicate(names, spec->count);

	if (twice.ptr != NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot use partition name more than once: " STR_FMT,
		    STR_ARG(twice));
	return OK;
}

/* Two fields may share a source, as day and bucket do, not a transform. */
static enum err
check_redundant(
    struct arena *a, const struct partition_spec *spec, struct error *e)
{
	struct int_map seen = { 0 };

	for (size_t i = 0; i < spec->count; i++) {
		const struct partition_field *field = &spec->fields[i];
		int64_t key = (int64_t)field->transform.kind << 32 |
			      field->transform.width;
		void **slot = int_map_slot(
		    &seen, key ^ (int64_t)field->source_id * (1 << 20), a);
		const struct partition_field *other = *slot;

		if (field->transform.kind == TRANSFORM_VOID)
			continue;
		if (other != NULL && other->source_id == field->source_id &&
		    transform_equal(&other->transform, &field->transform))
			return fail(e, ERR_ILLEGAL_ARGUMENT,
			    "Cannot add redundant partition: " STR_FMT
			    " conflicts with " STR_FMT,
			    STR_ARG(other->name), STR_ARG(field->name));
		*slot = &spec->fields[i];
	}
	return OK;
}

enum err
partition_spec_read(struct arena *a, yyjson_mut_val *json,
    struct partition_spec *ret, struct error *e)
{
	yyjson_mut_val *fields = NULL, *field;
	struct partition_spec spec = { 0 };

	TRY(member_check_id(json, "spec-id", e));
	TRY(member_get(json, "fields", MEMBER_ARRAY, &fields, e));
	if (yyjson_mut_arr_size(fields) > PARTITION_FIELDS_MAX)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid partition spec: more than %d fields",
		    PARTITION_FIELDS_MAX);
	spec.fields =
	    ARENA_NEW(a, struct partition_field, yyjson_mut_arr_size(fields));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(fields);

	while ((field = yyjson_mut_arr_iter_next(&it)) != NULL)
		TRY(read_field(field, &spec.fields[spec.count++], e));
	TRY(check_unique(a, &spec, e));
	TRY(check_redundant(a, &spec, e));
	*ret = spec;
	return OK;
}

static enum err
check_source(const struct partition_field *field, const struct schema *schema,
    struct error *e)
{
	const struct schema_field *source =
	    schema_field_of(schema, field->source_id);
	const struct schema_field *repeated;

	if (source == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot find source column for partition field: "
		    "%d: " STR_FMT ": " STR_FMT "(%d)",
		    field->id, STR_ARG(field->name),
		    STR_ARG(field->transform.text), field->source_id);
	if (type_is_nested(source->type.kind))
		return fail(e, ERR_VALIDATION,
		    "Cannot partition by non-primitive source field: %s",
		    type_name(source->type.kind));
	if (!transform_accepts(&field->transform, source->type.kind))
		return fail(e, ERR_VALIDATION,
		    "Invalid source type %s for transform: " STR_FMT,
		    type_name(source->type.kind),
		    STR_ARG(field->transform.text));
	repeated = schema_repeated_parent(schema, source);
	if (repeated != NULL)
		return fail(e, ERR_VALIDATION,
		    "Invalid partition field parent: %s",
		    type_name(repeated->type.kind));
	return OK;
}

enum err
partition_spec_check(const struct partition_spec *spec,
    const struct schema *schema, struct error *e)
{
	for (size_t i = 0; i < spec->count; i++)
		if (spec->fields[i].transform.kind != TRANSFORM_VOID)
			TRY(check_source(&spec->fields[i], schema, e));
	return OK;
}

/* The column has its name. */
static bool
hides(const struct partition_field *field, const struct schema_field *column)
{
	if (field->transform.kind == TRANSFORM_VOID)
		return false;
	return field->transform.kind != TRANSFORM_IDENTITY ||
	       field->source_id != column->id;
}

enum err
partition_spec_check_names(struct arena *a, const struct partition_spec *spec,
    const struct schema *schema, struct error *e)
{
	struct str_map by_name = str_map_in(a);

	for (size_t i = 0; i < spec->count; i++)
		*str_map_slot(&by_name, spec->fields[i].name) =
		    &spec->fields[i];
	for (size_t i = 0; i < schema->count; i++) {
		const struct partition_field *field =
		    str_map_find(&by_name, schema->fields[i].path);

		if (field != NULL && hides(field, &schema->fields[i]))
			return fail(e, ERR_VALIDATION,
			    "Cannot create partition from name that "
			    "exists in schema: " STR_FMT,
			    STR_ARG(field->name));
	}
	return OK;
}

enum err
partition_spec_number(struct partition_spec *spec, yyjson_mut_doc *doc,
    int32_t last, struct error *e)
{
	size_t numbered = 0;

	for (size_t i = 0; i < spec->count; i++)
		numbered += spec->fields[i].id >= 0;
	if (numbered == spec->count)
		return OK;
	if (numbered != 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot parse spec with missing field IDs: %zu missing of "
		    "%zu fields",
		    spec->count - numbered, spec->count);
	if (spec->count > (size_t)(INT32_MAX - last))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "No partition field ids are left after %d", last);
	for (size_t i = 0; i < spec->count; i++) {
		spec->fields[i].id = ++last;
		member_put_number(doc, spec->fields[i].json, "field-id", last);
	}
	return OK;
}

int32_t
partition_spec_last_id(const struct partition_spec *spec)
{
	int32_t last = PARTITION_FIRST_ID - 1;

	for (size_t i = 0; i < spec->count; i++)
		if (spec->fields[i].id > last)
			last = spec->fields[i].id;
	return last;
}

bool
partition_spec_compatible(
    const struct partition_spec *a, const struct partition_spec *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->fields[i].source_id != b->fields[i].source_id ||
		    !str_eq(a->fields[i].name, b->fields[i].name) ||
		    !transform_equal(
			&a->fields[i].transform, &b->fields[i].transform))
			return false;
	return true;
}
