/*
 * manifest_write.c - writes the entries of a manifest, and the row of its list.
 */
#include "iceberg/manifest_write.h"

#include "iceberg/manifest_record.h"
#include "iceberg/member.h"

/* ---- fields of a file */
#define BLOCK_SIZE ((int64_t)64 << 20) /* "always write a default" in v1 */

static const struct data_file *
file_of(const void *subject)
{
	return subject;
}

#define VALUE(name, put, value)                                                \
	static bool name(struct buf *b, const void *subject)                   \
	{                                                                      \
		put(b, file_of(subject)->value);                               \
		return true;                                                   \
	}

/* Absent numbers are MANIFEST_NONE, absent texts have no pointer. */
#define OPTIONAL(name, put, value, is_there)                                   \
	static bool name(struct buf *b, const void *subject)                   \
	{                                                                      \
		if (!(file_of(subject)->is_there))                             \
			return false;                                          \
		put(b, file_of(subject)->value);                               \
		return true;                                                   \
	}

/* The pairs that are what they should be: others say nothing. */
static void
put_map(struct buf *b, const struct avro_value *map, bool bytes)
{
	const struct avro_value *value;
	size_t count = 0;
	int32_t id;

	for (int writing = 0; writing < 2; writing++) {
		if (writing && count != 0)
			avro_put_long(b, (int64_t)count);
		for (size_t i = 0; i < map->as.list.count; i++) {
			if (!data_file_metric_at(map, i, &id, &value) ||
			    (bytes ? value->type->kind != AVRO_BYTES
				   : !avro_is_number(value)))
				continue;
			count++;
			if (!writing)
				continue;
			avro_put_long(b, id);
			if (bytes)
				avro_put_bytes(b, value->as.s);
			else
				avro_put_long(b, value->as.i);
		}
	}
	avro_put_long(b, 0);
}

static void
put_counts(struct buf *b, const struct avro_value *map)
{
	put_map(b, map, false);
}

static void
put_bounds(struct buf *b, const struct avro_value *map)
{
	put_map(b, map, true);
}

static void
put_numbers(struct buf *b, const struct avro_value *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->as.list.count; i++)
		count += avro_is_number(&list->as.list.at[i]);
	if (count != 0)
		avro_put_long(b, (int64_t)count);
	for (size_t i = 0; i < list->as.list.count; i++)
		if (avro_is_number(&list->as.list.at[i]))
			avro_put_long(b, list->as.list.at[i].as.i);
	avro_put_long(b, 0);
}

static void
put_partition(struct buf *b, const struct avro_value *record)
{
	avro_put_value(b, record->type, record);
}

VALUE(put_content, avro_put_long, content)
VALUE(put_path, avro_put_bytes, path)
VALUE(put_format, avro_put_bytes, format)
VALUE(put_tuple, put_partition, partition)
VALUE(put_records, avro_put_long, record_count)
VALUE(put_size, avro_put_long, size)
OPTIONAL(put_sizes, put_counts, column_sizes, column_sizes)
OPTIONAL(put_values, put_counts, value_counts, value_counts)
OPTIONAL(put_nulls, put_counts, null_counts, null_counts)
OPTIONAL(put_nans, put_counts, nan_counts, nan_counts)
OPTIONAL(put_lower, put_bounds, lower_bounds, lower_bounds)
OPTIONAL(put_upper, put_bounds, upper_bounds, upper_bounds)
OPTIONAL(put_key, avro_put_bytes, key_metadata, key_metadata.ptr)
OPTIONAL(put_splits, put_numbers, split_offsets, split_offsets)
OPTIONAL(put_equality, put_numbers, equality_ids, equality_ids)
OPTIONAL(
    put_order, avro_put_long, sort_order_id, sort_order_id != MANIFEST_NONE)
OPTIONAL(
    put_first_row, avro_put_long, first_row_id, first_row_id != MANIFEST_NONE)
OPTIONAL(put_referenced, avro_put_bytes, referenced_data_file,
    referenced_data_file.ptr)
OPTIONAL(
    put_offset, avro_put_long, content_offset, content_offset != MANIFEST_NONE)
OPTIONAL(put_length, avro_put_long, content_size, content_size != MANIFEST_NONE)

static bool
put_block_size(struct buf *b, const void *subject)
{
	(void)subject;
	avro_put_long(b, BLOCK_SIZE);
	return true;
}

/* Iceberg's maps by number (table spec, "Avro"). */
#define MAP(key, value, type)                                                  \
	"{\"type\":\"array\",\"logicalType\":\"map\",\"items\":{\"type\":"     \
	"\"record\",\"name\":\"k" #key "_v" #value "\",\"fields\":["           \
	"{\"name\":\"key\",\"type\":\"int\",\"field-id\":" #key "},"           \
	"{\"name\":\"value\",\"type\":\"" type "\",\"field-id\":" #value       \
	"}]}}"
#define LIST(element, type)                                                    \
	"{\"type\":\"array\",\"items\":\"" type "\",\"element-id\":" #element  \
	"}"

#define EVER RECORD_NEVER
#define NEVER RECORD_NEVER

/* clang-format off */
static const struct record_field fields[] = {
	{ 134, "content",     "\"int\"",    2, EVER, 2, put_content },
	{ 100, "file_path",   "\"string\"", 1, EVER, 1, put_path },
	{ 101, "file_format", "\"string\"", 1, EVER, 1, put_format },
	{ 102, "partition",   NULL,         1, EVER, 1, put_tuple },
	{ 103, "record_count",        "\"long\"", 1, EVER, 1, put_records },
	{ 104, "file_size_in_bytes",  "\"long\"", 1, EVER, 1, put_size },
	{ 105, "block_size_in_bytes", "\"long\"", 1, 2,    1, put_block_size },
	{ 108, "column_sizes",      MAP(117, 118, "long"),  1, EVER, NEVER,
	    put_sizes },
	{ 109, "value_counts",      MAP(119, 120, "long"),  1, EVER, NEVER,
	    put_values },
	{ 110, "null_value_counts", MAP(121, 122, "long"),  1, EVER, NEVER,
	    put_nulls },
	{ 137, "nan_value_counts",  MAP(138, 139, "long"),  1, EVER, NEVER,
	    put_nans },
	{ 125, "lower_bounds",      MAP(126, 127, "bytes"), 1, EVER, NEVER,
	    put_lower },
	{ 128, "upper_bounds",      MAP(129, 130, "bytes"), 1, EVER, NEVER,
	    put_upper },
	{ 131, "key_metadata",      "\"bytes\"",            1, EVER, NEVER,
	    put_key },
	{ 132, "split_offsets",     LIST(133, "long"),      1, EVER, NEVER,
	    put_splits },
	{ 135, "equality_ids",      LIST(136, "int"),       2, EVER, NEVER,
	    put_equality },
	{ 140, "sort_order_id",     "\"int\"",              1, EVER, NEVER,
	    put_order },
	{ 142, "first_row_id",      "\"long\"",             3, EVER, NEVER,
	    put_first_row },
	{ 143, "referenced_data_file", "\"string\"",        2, EVER, NEVER,
	    put_referenced },
	{ 144, "content_offset",    "\"long\"",             3, EVER, NEVER,
	    put_offset },
	{ 145, "content_size_in_bytes", "\"long\"",         3, EVER, NEVER,
	    put_length },
};
/* clang-format on */

static const struct record_fields file_fields = { fields,
	sizeof(fields) / sizeof(fields[0]) };

/* ---- fields of an entry */
struct added_file {
	int64_t snapshot_id;
	int version;
	const struct data_file *file;
};

static bool
put_status(struct buf *b, const void *subject)
{
	(void)subject;
	avro_put_long(b, ENTRY_ADDED);
	return true;
}

static bool
put_snapshot(struct buf *b, const void *subject)
{
	avro_put_long(b, ((const struct added_file *)subject)->snapshot_id);
	return true;
}

/* Inherited by what is added ("Sequence Number Inheritance"). */
static bool
put_none(struct buf *b, const void *subject)
{
	(void)b;
	(void)subject;
	return false;
}

static bool
put_file(struct buf *b, const void *subject)
{
	const struct added_file *added = subject;

	return record_fields_put(b, file_fields, added->version, added->file);
}

/* clang-format off */
static const struct record_field entry_table[] = {
	{ 0, "status",               "\"int\"",  1, EVER, 1, put_status },
	{ 1, "snapshot_id",          "\"long\"", 1, 2,    1, put_snapshot },
	{ 1, "snapshot_id",          "\"long\"", 2, EVER, NEVER,
	    put_snapshot },
	{ 3, "sequence_number",      "\"long\"", 2, EVER, NEVER, put_none },
	{ 4, "file_sequence_number", "\"long\"", 2, EVER, NEVER, put_none },
	{ 2, "data_file",            NULL,       1, EVER, 1, put_file },
};
/* clang-format on */

static const struct record_fields entry_fields = { entry_table,
	sizeof(entry_table) / sizeof(entry_table[0]) };

/* ---- the type of partitions */

/* The record that a field's type is, or may be. */
static yyjson_val *
record_type(yyjson_val *field)
{
	yyjson_val *type = json_member(field, STR("type"));

	if (yyjson_is_arr(type)) {
		yyjson_arr_iter it = yyjson_arr_iter_with(type);

		while ((type = yyjson_arr_iter_next(&it)) != NULL)
			if (yyjson_is_obj(type))
				break;
	}
	for (int i = 0; i < AVRO_DEPTH_MAX; i++) {
		yyjson_val *inner = json_member(type, STR("type"));

		if (!yyjson_is_obj(inner))
			break;
		type = inner;
	}
	return type;
}

static yyjson_val *
field_by_id(yyjson_val *record, int64_t id)
{
	yyjson_val *list = json_member(record, STR("fields")), *field;
	yyjson_arr_iter it = yyjson_arr_iter_with(list);

	while ((field = yyjson_arr_iter_next(&it)) != NULL) {
		yyjson_val *has = json_member(field, STR("field-id"));

		if (yyjson_is_int(has) && yyjson_get_sint(has) == id)
			return field;
	}
	return NULL;
}

/* Its name is one that nothing else in a manifest has. */
enum err
manifest_partition_schema(struct arena *a, const struct manifest_reader *m,
    struct str *ret, struct error *e)
{
	struct str text = pairs_find(m->file.meta, STR("avro.schema"));
	yyjson_mut_doc *doc = json_new(a);
	yyjson_val *root = NULL;
	yyjson_mut_val *type;

	TRY(json_parse(a, text, &root, e));
	root = record_type(field_by_id(root, 2));
	type = yyjson_val_mut_copy(doc, record_type(field_by_id(root, 102)));
	if (!yyjson_mut_is_obj(type))
		return fail(e, ERR_BAD_REQUEST,
		    "Manifest " STR_FMT ": its partitions have no type",
		    STR_ARG(m->manifest->path));
	member_put_string(doc, type, "name", STR("r102"));
	yyjson_mut_obj_remove_key(type, "namespace");
	*ret = json_mut_text(a, type);
	return arena_check(a, e);
}

/* ---- the file */
static struct str
schema_of(struct arena *a, const struct manifest_setting *s)
{
	struct buf file = buf_in(a), entry = buf_in(a);

	record_fields_schema(
	    &file, "r2", file_fields, s->format_version, s->partition);
	record_fields_schema(&entry, "manifest_entry", entry_fields,
	    s->format_version, buf_str(&file));
	return buf_str(&entry);
}

/* Without the type of a column nobody can say what it holds. */
static bool
can_summarise(const struct partition_type *type)
{
	for (size_t i = 0; i < type->count; i++)
		if (type->columns[i].type.kind == TYPE_UNKNOWN)
			return false;
	return true;
}

struct manifest_writer
manifest_writer_new(struct arena *a, const struct manifest_setting *s)
{
	struct pair meta[] = { { STR("schema"), s->schema },
		{ STR("partition-spec"), s->spec },
		{ STR("partition-spec-id"), arena_printf(a, "%d", s->spec_id) },
		{ STR("format-version"),
		    arena_printf(a, "%d", s->format_version) },
		{ STR("content"), STR("data") } };
	struct pairs pairs = { meta, s->format_version >= 2 ? 5 : 4 };
	size_t count = s->type.count;
	struct manifest_writer w = { .arena = a,
		.setting = s,
		.file = avro_writer_new(
		    a, AVRO_DEFLATED, schema_of(a, s), pairs, s->sync) };

	w.row = (struct manifest){ .path = s->path,
		.spec_id = s->spec_id,
		.added_snapshot_id = s->snapshot_id,
		.first_row_id = MANIFEST_NONE };
	if (can_summarise(&s->type)) {
		w.summaries = ARENA_NEW(a, struct partition_summary, count + 1);
		w.lowest = ARENA_NEW(a, struct literal, count);
		w.highest = ARENA_NEW(a, struct literal, count);
		w.values = ARENA_NEW(a, struct literal, count);
	}
	return w;
}

/* The value outlives the record that it was read from. */
static void
remember(struct arena *a, struct literal *kept, const struct literal *value)
{
	*kept = *value;
	if (value->kind == TYPE_STRING || value->kind == TYPE_UUID ||
	    value->kind == TYPE_FIXED || value->kind == TYPE_BINARY)
		kept->as.s = arena_copy(a, value->as.s);
}

static void
summarise(struct manifest_writer *w, size_t i, const struct literal *value)
{
	struct literal *low = &w->lowest[i], *high = &w->highest[i];

	if (value->state == LITERAL_NULL) {
		w->summaries[i].contains_null = true;
		return;
	}
	if (literal_is_nan(value)) {
		w->summaries[i].contains_nan = 1;
		return;
	}
	if (low->state == LITERAL_NULL || literal_compare(value, low) < 0)
		remember(w->arena, low, value);
	if (high->state == LITERAL_NULL || literal_compare(value, high) > 0)
		remember(w->arena, high, value);
}

static enum err
add_partition(
    struct manifest_writer *w, const struct data_file *f, struct error *e)
{
	const struct partition_type *type = &w->setting->type;

	if (w->summaries == NULL || type->count == 0)
		return OK;
	TRY(partition_read(type, f->partition, w->values, e));
	for (size_t i = 0; i < type->count; i++)
		summarise(w, i, &w->values[i]);
	return OK;
}

static enum err
count_file(
    struct manifest_writer *w, const struct data_file *f, struct error *e)
{
	w->row.added_files++;
	if (__builtin_add_overflow(
		w->row.added_rows, f->record_count, &w->row.added_rows))
		return fail(e, ERR_BAD_REQUEST,
		    "The files that are added have more rows than 64 bits "
		    "count");
	return OK;
}

enum err
manifest_writer_add(
    struct manifest_writer *w, const struct data_file *f, struct error *e)
{
	const struct manifest_setting *s = w->setting;
	const struct added_file added = { s->snapshot_id, s->format_version,
		f };

	TRY(add_partition(w, f, e));
	TRY(count_file(w, f, e));
	if (!record_fields_put(
		&w->file.block, entry_fields, s->format_version, &added))
		return fail(e, ERR_BAD_REQUEST,
		    "A data file lacks what its manifest must say of it");
	avro_writer_end_record(&w->file);
	return arena_check(w->arena, e);
}

static struct str
bound_of(struct arena *a, const struct literal *l)
{
	struct buf b = buf_in(a);

	if (l->state != LITERAL_VALUE)
		return (struct str){ 0 };
	literal_to_bytes(&b, l);
	return buf_str(&b);
}

enum err
manifest_writer_finish(struct manifest_writer *w, struct str *ret_bytes,
    struct manifest *ret_row, struct error *e)
{
	size_t count = w->setting->type.count;

	for (size_t i = 0; w->summaries != NULL && i < count; i++) {
		w->summaries[i].lower = bound_of(w->arena, &w->lowest[i]);
		w->summaries[i].upper = bound_of(w->arena, &w->highest[i]);
	}
	w->row.summaries = w->summaries;
	w->row.summary_count = count;
	TRY(avro_writer_finish(&w->file, ret_bytes, e));
	w->row.length = (int64_t)ret_bytes->len;
	*ret_row = w->row;
	return OK;
}
