#include "iceberg/partition_type.h"

static struct type
source_type(const struct schema *schemas, size_t count, int32_t id)
{
	for (size_t i = 0; i < count; i++) {
		const struct schema_field *field =
		    schema_field_of(&schemas[i], id);

		if (field != NULL)
			return field->type;
	}
	return (struct type){ .kind = TYPE_UNKNOWN };
}

static struct type
value_type(const struct transform *transform, const struct type *source)
{
	if (!transform_accepts(transform, source->kind))
		return (struct type){ .kind = TYPE_UNKNOWN };
	return transform_type(transform, source);
}

struct partition_type
partition_type_of(struct arena *a, const struct partition_spec *spec,
    const struct schema *schemas, size_t count)
{
	struct partition_type type = {
		.columns = ARENA_NEW(a, struct partition_column, spec->count),
		.count = spec->count,
	};

	for (size_t i = 0; i < spec->count; i++) {
		const struct partition_field *field = &spec->fields[i];
		struct type source =
		    source_type(schemas, count, field->source_id);

		type.columns[i] = (struct partition_column){
			.source_id = field->source_id,
			/* v1 numbers them in order when they have no id */
			.id = field->id != -1 ? field->id
					      : PARTITION_FIRST_ID + (int32_t)i,
			.name = field->name,
			.transform = field->transform,
			.source = source,
			.type = value_type(&field->transform, &source),
		};
	}
	return type;
}

enum err
partition_read(const struct partition_type *type,
    const struct avro_value *record, struct literal *ret, struct error *e)
{
	for (size_t i = 0; i < type->count; i++) {
		const struct partition_column *column = &type->columns[i];
		const struct avro_value *value = avro_field(record, column->id);

		if (column->type.kind == TYPE_UNKNOWN)
			value = NULL;
		if (!literal_from_avro(&column->type, value, &ret[i]))
			return fail(e, ERR_BAD_REQUEST,
			    "A manifest has a value of the partition " STR_FMT
			    " that is no %s",
			    STR_ARG(column->name),
			    type_name(column->type.kind));
	}
	return OK;
}
