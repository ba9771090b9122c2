/*
 * data_file.c - reads columns and metrics of files, and writes them for
 * clients.
 */
#include "iceberg/data_file.h"

#include <stdlib.h>

#include "base/list.h"
#include "iceberg/column_names.h"

/* ---- columns */
struct collected {
	struct arena *arena;
	struct file_column *at;
	size_t count, room;
};

static void
collect(struct collected *c, const struct schema_field *field)
{
	LIST_RESERVE(c->arena, c->at, c->count, c->room, 1);
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

enum err
columns_named(struct arena *a, const struct schema *schema, struct names names,
    bool case_sensitive, const char *pointer, struct file_columns *ret,
    struct error *e)
{
	struct collected c = { .arena = a };
	struct column_names index = { .schema = schema,
		.case_sensitive = case_sensitive };

	for (size_t i = 0; i < names.count; i++) {
		const struct column_name found =
		    column_names_find(&index, a, names.at[i]);

		if (found.first == NULL)
			return fail(e, ERR_BAD_REQUEST,
			    "%s/%zu: there is no column " STR_FMT, pointer, i,
			    STR_ARG(names.at[i]));
		collect(&c, found.first);
	}
	*ret = sorted(&c);
	return OK;
}

/* ---- metrics */

/* The values that a map has of the columns, in their order; NULL: none.  Maps
 * and columns are long: each is walked once. */
static const struct avro_value **
metric_of_each(
    struct arena *a, const struct avro_value *map, struct file_columns columns)
{
	const struct avro_value **each =
	    ARENA_NEW(a, const struct avro_value *, columns.count);
	size_t left = columns.count;

	for (size_t i = 0; map != NULL && i < map->as.list.count && left != 0;
	     i++) {
		struct file_column key;
		const struct file_column *column;
		const struct avro_value *value;

		if (!data_file_metric_at(map, i, &key.id, &value))
			continue;
		column = bsearch(&key, columns.at, columns.count,
		    sizeof(*columns.at), compare_ids);
		if (column == NULL || each[column - columns.at] != NULL)
			continue;
		each[column - columns.at] = value;
		left--;
	}
	return each;
}

static int64_t
count_in(const struct avro_value *v)
{
	return v != NULL && avro_is_number(v) ? v->as.i : -1;
}

static struct str
bound_in(const struct avro_value *v)
{
	if (v == NULL || v->type->kind != AVRO_BYTES)
		return (struct str){ 0 };
	return v->as.s;
}

struct file_metrics
data_file_metrics(
    struct arena *a, const struct data_file *f, struct file_columns columns)
{
	struct file_metrics metrics = { f->record_count, NULL, columns.count };
	const struct avro_value **values, **nulls, **nans, **lower, **upper;
	struct column_metrics *all;

	if (columns.count == 0)
		return metrics;
	all = ARENA_NEW(a, struct column_metrics, columns.count);
	values = metric_of_each(a, f->value_counts, columns);
	nulls = metric_of_each(a, f->null_counts, columns);
	nans = metric_of_each(a, f->nan_counts, columns);
	lower = metric_of_each(a, f->lower_bounds, columns);
	upper = metric_of_each(a, f->upper_bounds, columns);
	for (size_t i = 0; i < columns.count; i++)
		all[i] = (struct column_metrics){ columns.at[i].id,
			count_in(values[i]), count_in(nulls[i]),
			count_in(nans[i]), bound_in(lower[i]),
			bound_in(upper[i]) };
	metrics.columns = all;
	return metrics;
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
add_hex(struct buf *b, struct str bytes)
{
	buf_add_char(b, '"');
	buf_add_hex(b, bytes);
	buf_add_char(b, '"');
}

/* Adds the value that a map of counts has of a column; false: it has none. */
static bool
add_count(
    struct buf *b, const struct type *type, const struct avro_value *value)
{
	int64_t count = count_in(value);

	(void)type;
	if (count >= 0 && b != NULL)
		buf_add_int(b, count);
	return count >= 0;
}

/* A bound is hex of its binary form: the REST spec reads as if it were JSON of
 * the column's type, but that is what Java and Go write and read
 * (docs/adr/0032).  A damaged one is none. */
static bool
add_bound(
    struct buf *b, const struct type *type, const struct avro_value *value)
{
	struct str bytes = bound_in(value);
	struct literal ignored;
	bool good =
	    bytes.ptr != NULL && literal_from_bytes(type, bytes, &ignored);

	if (good && b != NULL)
		add_hex(b, bytes);
	return good;
}

/* Adds to no buffer, NULL, only tell whether there is anything to add. */
typedef bool add_statistic(
    struct buf *, const struct type *, const struct avro_value *);

struct statistics {
	struct buf *json;
	struct arena *scratch;
	struct file_columns columns;
};

/* Ids, and the values in the same order; a column without one is in neither. */
static void
add_map(const struct statistics *s, const char *name,
    const struct avro_value *map, add_statistic *add)
{
	static const char *const heads[] = { "{\"keys\":", ",\"values\":" };
	const struct avro_value **each =
	    metric_of_each(s->scratch, map, s->columns);
	struct buf *b = s->json;

	buf_printf(b, ",\"%s\":", name);
	for (int values = 0; values < 2; values++) {
		char before = '[';

		buf_add(b, str_from(heads[values]));
		for (size_t i = 0; i < s->columns.count; i++) {
			const struct file_column *column = &s->columns.at[i];

			if (!add(NULL, &column->type, each[i]))
				continue;
			buf_add_char(b, before);
			before = ',';
			if (values)
				(void)add(b, &column->type, each[i]);
			else
				buf_add_int(b, column->id);
		}
		buf_add(b, before == '[' ? STR("[]") : STR("]"));
	}
	buf_add_char(b, '}');
}

static void
add_statistics(const struct statistics *s, const struct data_file *f)
{
	if (s->columns.count == 0)
		return;
	add_map(s, "column-sizes", f->column_sizes, add_count);
	add_map(s, "value-counts", f->value_counts, add_count);
	add_map(s, "null-value-counts", f->null_counts, add_count);
	add_map(s, "nan-value-counts", f->nan_counts, add_count);
	add_map(s, "lower-bounds", f->lower_bounds, add_bound);
	add_map(s, "upper-bounds", f->upper_bounds, add_bound);
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
data_file_write(struct buf *b, struct arena *scratch, const struct data_file *f,
    int32_t spec_id, const struct partition_type *t,
    const struct literal *partition, struct file_columns columns)
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
	if (f->key_metadata.ptr != NULL) {
		buf_add(b, STR(",\"key-metadata\":"));
		add_hex(b, f->key_metadata);
	}
	add_ints(b, "split-offsets", f->split_offsets);
	add_int_or_none(b, "sort-order-id", f->sort_order_id);
	add_own_members(b, f);
	if (f->content == FILE_DATA)
		add_statistics(&(struct statistics){ b, scratch, columns }, f);
	buf_add_char(b, '}');
}
