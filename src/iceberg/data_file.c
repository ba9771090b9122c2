/* data_file.c - columns and metrics of files. */
#include "iceberg/data_file.h"

#include <stdlib.h>

/* ---- columns */
struct collected {
	struct arena *arena;
	struct file_column *at;
	size_t count, room;
};

static void
collect(struct collected *c, const struct schema_field *field)
{
	if (c->count == c->room) {
		size_t room = c->room == 0 ? 8 : c->room * 2;

		c->at = arena_grow(c->arena, c->at, c->room * sizeof(*c->at),
		    room * sizeof(*c->at));
		c->room = room;
	}
	c->at[c->count++] = (struct file_column){ field->id, field->type };
}

static int
compare_ids(const void *a, const void *b)
{
	const struct file_column *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static struct file_columns
sorted(struct collected *c)
{
	size_t count = 0;

	if (c->count != 0)
		qsort(c->at, c->count, sizeof(*c->at), compare_ids);
	for (size_t i = 0; i < c->count; i++)
		if (count == 0 || c->at[count - 1].id != c->at[i].id)
			c->at[count++] = c->at[i];
	return (struct file_columns){ c->at, count };
}

static void
collect_filter(struct collected *c, const struct expression *e)
{
	if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_OR) {
		collect_filter(c, e->left);
		collect_filter(c, e->right);
	} else if (e->term.field != NULL) {
		collect(c, e->term.field);
	}
}

struct file_columns
columns_of_filter(struct arena *a, const struct expression *filter)
{
	struct collected c = { .arena = a };

	collect_filter(&c, filter);
	return sorted(&c);
}

static const struct schema_field *
field_named(const struct schema *schema, struct str name, bool case_sensitive)
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_field *f = &schema->fields[i];

		if (case_sensitive ? str_eq(f->path, name)
				   : str_eq_nocase(f->path, name))
			return f;
	}
	return NULL;
}

enum err
columns_named(struct arena *a, const struct schema *schema, struct names names,
    bool case_sensitive, const char *pointer, struct file_columns *ret,
    struct error *e)
{
	struct collected c = { .arena = a };

	for (size_t i = 0; i < names.count; i++) {
		const struct schema_field *field =
		    field_named(schema, names.at[i], case_sensitive);

		if (field == NULL)
			return fail(e, ERR_BAD_REQUEST,
			    "%s/%zu: there is no column " STR_FMT, pointer, i,
			    STR_ARG(names.at[i]));
		collect(&c, field);
	}
	*ret = sorted(&c);
	return OK;
}

/* ---- metrics */
static int64_t
count_in(const struct avro_value *map, int32_t column)
{
	const struct avro_value *v = data_file_metric(map, column);

	return v != NULL && avro_is_number(v) ? v->as.i : -1;
}

static struct str
bound_in(const struct avro_value *map, int32_t column)
{
	const struct avro_value *v = data_file_metric(map, column);

	if (v == NULL || v->type->kind != AVRO_BYTES)
		return (struct str){ 0 };
	return v->as.s;
}

struct file_metrics
data_file_metrics(
    struct arena *a, const struct data_file *f, struct file_columns columns)
{
	struct column_metrics *all =
	    ARENA_NEW(a, struct column_metrics, columns.count);

	for (size_t i = 0; i < columns.count; i++) {
		int32_t id = columns.at[i].id;

		all[i] =
		    (struct column_metrics){ id, count_in(f->value_counts, id),
			    count_in(f->null_counts, id),
			    count_in(f->nan_counts, id),
			    bound_in(f->lower_bounds, id),
			    bound_in(f->upper_bounds, id) };
	}
	return (struct file_metrics){ f->record_count, all, columns.count };
}

/* ---- JSON */
static void
add_int(struct buf *b, const char *name, int64_t n)
{
	buf_printf(b, ",\"%s\":", name);
	buf_add_int(b, n);
}

static void
add_int_or_none(struct buf *b, const char *name, int64_t n)
{
	if (n != MANIFEST_NONE)
		add_int(b, name, n);
}

static void
add_ints(struct buf *b, const char *name, const struct avro_value *list)
{
	if (list == NULL)
		return;
	buf_printf(b, ",\"%s\":", name);

	char before = '[';

	for (size_t i = 0; i < list->as.list.count; i++) {
		const struct avro_value *v = &list->as.list.at[i];

		if (!avro_is_number(v))
			continue;
		buf_add_char(b, before);
		buf_add_int(b, v->as.i);
		before = ',';
	}
	buf_add(b, before == '[' ? STR("[]") : STR("]"));
}

static void
add_hex(struct buf *b, const char *name, struct str bytes)
{
	if (bytes.ptr == NULL)
		return;
	buf_printf(b, ",\"%s\":\"", name);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(b, "%02X", (unsigned char)bytes.ptr[i]);
	buf_add_char(b, '"');
}

/* The value of one column in a map of counts or bounds; false: none. */
static bool
statistic(const struct avro_value *map, const struct file_column *column,
    bool bounds, struct literal *ret)
{
	struct str bytes;

	if (bounds) {
		bytes = bound_in(map, column->id);
		return bytes.ptr != NULL &&
		       literal_from_bytes(&column->type, bytes, ret);
	}
	*ret = (struct literal){ .state = LITERAL_VALUE,
		.kind = TYPE_LONG,
		.as.i = count_in(map, column->id) };
	return ret->as.i >= 0;
}

/* Ids, and the values in the same order. */
static void
add_map(struct buf *b, const char *name, const struct avro_value *map,
    struct file_columns columns, bool bounds)
{
	static const char *const heads[] = { "{\"keys\":", ",\"values\":" };

	buf_printf(b, ",\"%s\":", name);
	for (int values = 0; values < 2; values++) {
		char before = '[';

		buf_add(b, str_from(heads[values]));
		for (size_t i = 0; i < columns.count; i++) {
			struct literal v;

			if (!statistic(map, &columns.at[i], bounds, &v))
				continue;
			buf_add_char(b, before);
			before = ',';
			if (values)
				literal_write(b, &v);
			else
				buf_add_int(b, columns.at[i].id);
		}
		buf_add(b, before == '[' ? STR("[]") : STR("]"));
	}
	buf_add_char(b, '}');
}

static void
add_statistics(
    struct buf *b, const struct data_file *f, struct file_columns columns)
{
	if (columns.count == 0)
		return;
	add_map(b, "column-sizes", f->column_sizes, columns, false);
	add_map(b, "value-counts", f->value_counts, columns, false);
	add_map(b, "null-value-counts", f->null_counts, columns, false);
	add_map(b, "nan-value-counts", f->nan_counts, columns, false);
	add_map(b, "lower-bounds", f->lower_bounds, columns, true);
	add_map(b, "upper-bounds", f->upper_bounds, columns, true);
}

static void
add_partition(
    struct buf *b, const struct partition_type *t, const struct literal *values)
{
	buf_add(b, STR(",\"partition\":["));
	for (size_t i = 0; i < t->count; i++) {
		if (i != 0)
			buf_add_char(b, ',');
		literal_write(b, &values[i]);
	}
	buf_add_char(b, ']');
}

/* Writers spell it in capitals, the REST spec does not. */
static void
add_format(struct buf *b, struct str format)
{
	buf_add(b, STR(",\"file-format\":\""));
	for (size_t i = 0; i < format.len; i++) /* letters only */
		buf_add_char(b, (char)(format.ptr[i] | 0x20));
	buf_add_char(b, '"');
}

static void
add_own_members(struct buf *b, const struct data_file *f)
{
	if (f->content == FILE_DATA)
		add_int_or_none(b, "first-row-id", f->first_row_id);
	if (f->content == FILE_EQUALITY_DELETES)
		add_ints(b, "equality-ids", f->equality_ids);
	if (f->content != FILE_POSITION_DELETES)
		return;
	add_int_or_none(b, "content-offset", f->content_offset);
	add_int_or_none(b, "content-size-in-bytes", f->content_size);
	if (f->referenced_data_file.ptr != NULL) {
		buf_add(b, STR(",\"referenced-data-file\":"));
		buf_add_json(b, f->referenced_data_file);
	}
}

void
data_file_write(struct buf *b, const struct data_file *f, int32_t spec_id,
    const struct partition_type *t, const struct literal *partition,
    struct file_columns columns)
{
	static const char *const contents[] = { "data", "position-deletes",
		"equality-deletes" };

	buf_printf(
	    b, "{\"content\":\"%s\",\"file-path\":", contents[f->content]);
	buf_add_json(b, f->path);
	add_format(b, f->format);
	add_int(b, "spec-id", spec_id);
	add_partition(b, t, partition);
	add_int(b, "file-size-in-bytes", f->size);
	add_int(b, "record-count", f->record_count);
	add_hex(b, "key-metadata", f->key_metadata);
	add_ints(b, "split-offsets", f->split_offsets);
	add_int_or_none(b, "sort-order-id", f->sort_order_id);
	add_own_members(b, f);
	if (f->content == FILE_DATA)
		add_statistics(b, f, columns);
	buf_add_char(b, '}');
}
