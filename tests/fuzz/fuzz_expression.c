/*
 * fuzz_expression.c - filters from hostile bytes, held against hostile bounds.
 *
 * The input is a filter in JSON and, behind a NUL, bytes that counts, bounds
 * and partition values are taken from.
 * What is accepted must be written as JSON that reads as the same filter.
 */
#include <stdlib.h>

#include "iceberg/evaluate.h"
#include "tests/fuzz/pool_thread.h"
#include "tests/unit/work_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Of columns c1, c2, ... */
static const char *const types[] = { "int", "long", "float", "double",
	"decimal(38, 4)", "date", "time", "timestamp", "timestamptz_ns",
	"string", "uuid", "fixed[4]", "binary", "boolean", "variant" };

static const char *const transforms[] = { "identity", "bucket[7]",
	"truncate[3]", "year", "month", "day", "hour", "void" };

static void
read_columns(struct arena *a, struct schema *ret)
{
	struct buf text = buf_in(a);
	yyjson_val *v = NULL;
	struct error e;

	buf_add(&text, STR("{\"type\":\"struct\",\"fields\":["));
	for (size_t i = 0; i < COUNT(types); i++)
		buf_printf(&text,
		    "{\"id\":%zu,\"name\":\"c%zu\",\"required\":%s,"
		    "\"type\":\"%s\"},",
		    i + 1, i + 1, i == 0 ? "true" : "false", types[i]);
	buf_add(&text,
	    STR("{\"id\":100,\"name\":\"s\",\"required\":false,\"type\":{"
		"\"type\":\"struct\",\"fields\":[{\"id\":101,\"name\":\"n\","
		"\"required\":true,\"type\":\"int\"}]}}]}"));
	if (json_parse(a, buf_str(&text), &v, &e) != OK ||
	    schema_read(a, yyjson_val_mut_copy(json_new(a), v), ret, &e) != OK)
		abort();
}

/* Every transform of every column that takes it. */
static struct partition_type
read_partitions(struct arena *a, const struct schema *schema)
{
	size_t room = COUNT(types) * COUNT(transforms), count = 0;
	struct partition_field *fields =
	    ARENA_NEW(a, struct partition_field, room);

	for (size_t i = 0; i < room; i++) {
		struct partition_field *field = &fields[count];
		size_t column = i / COUNT(transforms);

		field->source_id = (int32_t)column + 1;
		field->id = (int32_t)i + 1000;
		if (transform_parse(str_from(transforms[i % COUNT(transforms)]),
			&field->transform) &&
		    transform_accepts(
			&field->transform, schema->fields[column].type.kind))
			count++;
	}
	return partition_type_of(
	    a, &(struct partition_spec){ fields, count }, schema, 1);
}

/* ---- taking bytes for what is needed */

static unsigned char
take_byte(struct str *bytes)
{
	unsigned char c = 0;

	if (bytes->len != 0) {
		c = (unsigned char)*bytes->ptr;
		*bytes = str_skip(*bytes, 1);
	}
	return c;
}

/* Up to 18 bytes, or none. */
static struct str
take_some(struct str *bytes)
{
	size_t len = take_byte(bytes) % 20;
	struct str some = { bytes->ptr, len < bytes->len ? len : bytes->len };

	if (len == 19)
		return (struct str){ 0 };
	*bytes = str_skip(*bytes, some.len);
	return some;
}

static struct str
written(struct arena *a, const struct expression *filter)
{
	struct buf b = buf_in(a);

	expression_write(&b, filter);
	return buf_str(&b);
}

static void
must_read_again(struct arena *a, const struct expression *filter,
    const struct expression_context *context)
{
	struct str text = written(a, filter);
	const struct expression *again = NULL;
	yyjson_val *v = NULL;
	struct error e;

	if (json_parse(a, text, &v, &e) != OK ||
	    expression_read(a, v, context, &again, &e) != OK ||
	    !str_eq(text, written(a, again)))
		abort();
}

static void
against_file(const struct expression *filter, struct str *bytes)
{
	struct column_metrics columns[COUNT(types)];

	for (size_t i = 0; i < COUNT(types); i++) {
		columns[i] = (struct column_metrics){ .id = (int32_t)i + 1,
			.values = take_byte(bytes) % 4 - 1,
			.nulls = take_byte(bytes) % 4 - 1,
			.nans = take_byte(bytes) % 4 - 1 };
		columns[i].lower = take_some(bytes);
		columns[i].upper = take_some(bytes);
	}

	struct file_metrics file = { 3, columns, COUNT(columns) };

	(void)evaluate_file(filter, &file, plenty());
}

/* A manifest of one partition is not skipped when the partition is not. */
static void
against_partition(const struct expression *filter,
    struct partition_column *column, struct str bounds)
{
	struct partition_type type = { column, 1 };
	struct partition_summary summary = { .lower = bounds, .upper = bounds };
	struct literal value;

	if (!literal_from_bytes(&column->type, bounds, &value))
		value = (struct literal){ .state = LITERAL_NULL };
	summary.contains_null = value.state == LITERAL_NULL;
	summary.contains_nan = literal_is_nan(&value);

	enum match manifest =
	    evaluate_manifest(filter, &type, &summary, plenty());
	enum match partition =
	    evaluate_partition(filter, &type, &value, plenty());

	if (manifest == MATCHES_NONE && partition != MATCHES_NONE)
		abort();
}

static void
against_partitions(struct arena *a, const struct expression *filter,
    const struct expression_context *context, struct str *bytes)
{
	struct partition_type type = read_partitions(a, context->schema);
	struct literal *values = ARENA_NEW(a, struct literal, type.count);

	for (size_t i = 0; i < type.count; i++) {
		struct partition_column *column = &type.columns[i];
		struct str bounds = take_some(bytes);

		against_partition(filter, column, bounds);
		if (!literal_from_bytes(&column->type, bounds, &values[i]))
			values[i] = (struct literal){ .state = LITERAL_NULL };
	}
	must_read_again(
	    a, evaluate_residual(a, filter, &type, values, plenty()), context);
}

static int
try_input(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct arena *a = arena_new();
	struct str text = str_cut(&bytes, '\0');
	struct expression_context context = { .case_sensitive = size % 2 != 0,
		.pointer = "" };
	const struct expression *filter = NULL;
	struct schema schema;
	yyjson_val *v = NULL;
	struct error e;

	read_columns(a, &schema);
	context.schema = &schema;
	if (json_parse(a, text, &v, &e) == OK &&
	    expression_read(a, v, &context, &filter, &e) == OK) {
		must_read_again(a, filter, &context);
		against_file(filter, &bytes);
		against_partitions(a, filter, &context, &bytes);
	}
	arena_free(a);
	return 0;
}
