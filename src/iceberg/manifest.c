/* manifest.c - reads the entries of a manifest, with what they inherit. */
#include "iceberg/manifest.h"

#include "iceberg/manifest_field.h"

/* Field ids of the specification, "Manifest Entry Fields". */
enum {
	ENTRY_STATUS = 0,
	ENTRY_SNAPSHOT = 1,
	ENTRY_FILE = 2,
	ENTRY_SEQUENCE = 3,

	FILE_PATH = 100,
	FILE_FORMAT = 101,
	FILE_PARTITION = 102,
	FILE_RECORDS = 103,
	FILE_SIZE = 104,
	FILE_COLUMN_SIZES = 108,
	FILE_VALUE_COUNTS = 109,
	FILE_NULL_COUNTS = 110,
	FILE_LOWER_BOUNDS = 125,
	FILE_UPPER_BOUNDS = 128,
	FILE_KEY_METADATA = 131,
	FILE_SPLIT_OFFSETS = 132,
	FILE_CONTENT = 134,
	FILE_EQUALITY_IDS = 135,
	FILE_NAN_COUNTS = 137,
	FILE_SORT_ORDER = 140,
	FILE_FIRST_ROW = 142,
	FILE_REFERENCED = 143,
	FILE_CONTENT_OFFSET = 144,
	FILE_CONTENT_SIZE = 145
};

#define WHAT "Manifest"

/* ---- what is read */

/* Every field of a file that is no metric, and room for those. */
static const struct avro_wanted file_fields[] = {
	{ FILE_PATH, NULL },
	{ FILE_FORMAT, NULL },
	{ FILE_PARTITION, NULL },
	{ FILE_RECORDS, NULL },
	{ FILE_SIZE, NULL },
	{ FILE_KEY_METADATA, NULL },
	{ FILE_SPLIT_OFFSETS, NULL },
	{ FILE_CONTENT, NULL },
	{ FILE_EQUALITY_IDS, NULL },
	{ FILE_SORT_ORDER, NULL },
	{ FILE_FIRST_ROW, NULL },
	{ FILE_REFERENCED, NULL },
	{ FILE_CONTENT_OFFSET, NULL },
	{ FILE_CONTENT_SIZE, NULL },
};

static const struct {
	unsigned metrics; /* enum manifest_metrics */
	int id;
} metric_fields[] = {
	{ MANIFEST_COUNTS, FILE_VALUE_COUNTS },
	{ MANIFEST_COUNTS, FILE_NULL_COUNTS },
	{ MANIFEST_COUNTS, FILE_NAN_COUNTS },
	{ MANIFEST_BOUNDS, FILE_LOWER_BOUNDS },
	{ MANIFEST_BOUNDS, FILE_UPPER_BOUNDS },
	{ MANIFEST_SIZES, FILE_COLUMN_SIZES },
};

#define FILE_FIELDS (sizeof(file_fields) / sizeof(file_fields[0]))
#define METRIC_FIELDS (sizeof(metric_fields) / sizeof(metric_fields[0]))

/* The fields that are wanted of a file: the list ends with AVRO_ID_NONE. */
static void
want_file(unsigned metrics, struct avro_wanted *ret)
{
	memcpy(ret, file_fields, sizeof(file_fields));
	ret += FILE_FIELDS;
	for (size_t i = 0; i < METRIC_FIELDS; i++)
		if ((metric_fields[i].metrics & metrics) != 0)
			*ret++ =
			    (struct avro_wanted){ metric_fields[i].id, NULL };
	*ret = (struct avro_wanted){ AVRO_ID_NONE, NULL };
}

enum err
manifest_open(struct arena *a, const struct manifest *m, struct str bytes,
    unsigned metrics, struct work_budget *budget, struct manifest_reader *ret,
    struct error *e)
{
	struct avro_wanted file[FILE_FIELDS + METRIC_FIELDS + 1];
	const struct avro_wanted entry[] = { { ENTRY_STATUS, NULL },
		{ ENTRY_SNAPSHOT, NULL }, { ENTRY_FILE, file },
		{ ENTRY_SEQUENCE, NULL }, { AVRO_ID_NONE, NULL } };
	struct manifest_reader r = { .manifest = m,
		.next_row_id = m->first_row_id };
	enum err err;

	want_file(metrics, file);
	err = avro_open(a, bytes, entry, budget, &r.file, e);
	if (err != OK)
		return file_failed(WHAT, m->path, err, e);
	*ret = r;
	return OK;
}

/* ---- one file */
static enum err
read_metrics(const struct record *r, struct data_file *f)
{
	TRY(field_find(r, FILE_COLUMN_SIZES, AVRO_ARRAY, &f->column_sizes));
	TRY(field_find(r, FILE_VALUE_COUNTS, AVRO_ARRAY, &f->value_counts));
	TRY(field_find(r, FILE_NULL_COUNTS, AVRO_ARRAY, &f->null_counts));
	TRY(field_find(r, FILE_NAN_COUNTS, AVRO_ARRAY, &f->nan_counts));
	TRY(field_find(r, FILE_LOWER_BOUNDS, AVRO_ARRAY, &f->lower_bounds));
	return field_find(r, FILE_UPPER_BOUNDS, AVRO_ARRAY, &f->upper_bounds);
}

static enum err
read_details(const struct record *r, struct data_file *f)
{
	TRY(field_str_or(r, FILE_KEY_METADATA, &f->key_metadata));
	TRY(field_find(r, FILE_SPLIT_OFFSETS, AVRO_ARRAY, &f->split_offsets));
	TRY(field_find(r, FILE_EQUALITY_IDS, AVRO_ARRAY, &f->equality_ids));
	TRY(field_long_or(
	    r, FILE_SORT_ORDER, MANIFEST_NONE, &f->sort_order_id));
	TRY(field_long_or(r, FILE_FIRST_ROW, MANIFEST_NONE, &f->first_row_id));
	TRY(field_str_or(r, FILE_REFERENCED, &f->referenced_data_file));
	TRY(field_long_or(
	    r, FILE_CONTENT_OFFSET, MANIFEST_NONE, &f->content_offset));
	return field_long_or(
	    r, FILE_CONTENT_SIZE, MANIFEST_NONE, &f->content_size);
}

static enum err
damaged(const struct record *r, const char *what)
{
	return fail(r->error, ERR_BAD_REQUEST, WHAT " " STR_FMT ": %s",
	    STR_ARG(r->path), what);
}

static bool
is_letters(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] | 0x20) >= 'a' && (s.ptr[i] | 0x20) <= 'z'))
			return false;
	return s.len != 0;
}

static enum err
check_file(
    const struct record *r, const struct manifest *m, const struct data_file *f)
{
	bool deletes = f->content != FILE_DATA;

	if (deletes != (m->content == MANIFEST_DELETES))
		return damaged(r, "it holds a file of another content than "
				  "its list says");
	if (f->record_count < 0 || f->size < 0)
		return damaged(r, "a count or size of a file is below 0");
	if (!str_is_utf8(f->path) || !str_is_utf8(f->referenced_data_file) ||
	    !is_letters(f->format))
		return damaged(r, "a path is not UTF-8, or a format no word");
	if (data_file_is_vector(f) &&
	    (f->referenced_data_file.ptr == NULL || f->content_offset < 0 ||
		f->content_size < 0))
		return damaged(r, "a deletion vector does not say where it is "
				  "or of which file");
	return OK;
}

static enum err
read_file(const struct record *r, const struct manifest *m, struct data_file *f)
{
	int64_t content = 0;

	TRY(field_str(r, FILE_PATH, &f->path));
	TRY(field_str(r, FILE_FORMAT, &f->format));
	TRY(field_of(r, FILE_PARTITION, AVRO_RECORD, &f->partition));
	TRY(field_long(r, FILE_RECORDS, &f->record_count));
	TRY(field_long(r, FILE_SIZE, &f->size));
	TRY(field_long_or(r, FILE_CONTENT, FILE_DATA, &content));
	if (content < FILE_DATA || content > FILE_EQUALITY_DELETES)
		return damaged(r, "a file has no known content");
	f->content = (enum file_content)content;
	TRY(read_metrics(r, f));
	TRY(read_details(r, f));
	return check_file(r, m, f);
}

/* Each live data file without one takes the next ("First Row ID
 * Inheritance"). */
static enum err
inherit_row_id(struct manifest_reader *m, const struct record *r,
    struct manifest_entry *entry)
{
	struct data_file *f = &entry->file;

	if (f->content != FILE_DATA || f->first_row_id != MANIFEST_NONE ||
	    m->next_row_id == MANIFEST_NONE || entry->status == ENTRY_DELETED)
		return OK;
	f->first_row_id = m->next_row_id;
	if (__builtin_add_overflow(
		m->next_row_id, f->record_count, &m->next_row_id))
		return damaged(r, "its row ids do not fit 64 bits");
	return OK;
}

/* Only what was added inherits a sequence number ("Sequence Number
 * Inheritance"); a manifest of version 1 has none, all are 0. */
static enum err
read_entry(struct manifest_reader *m, const struct record *r,
    struct manifest_entry *ret)
{
	const struct avro_value *file = NULL;
	struct manifest_entry entry = { 0 };
	int64_t status = 0, inherited = 0;

	TRY(field_long(r, ENTRY_STATUS, &status));
	TRY(field_long_or(r, ENTRY_SNAPSHOT, m->manifest->added_snapshot_id,
	    &entry.snapshot_id));
	if (status != ENTRY_EXISTING && status != ENTRY_ADDED &&
	    status != ENTRY_DELETED)
		return damaged(r, "an entry has no known status");
	entry.status = (enum entry_status)status;
	if (entry.status == ENTRY_ADDED)
		inherited = m->manifest->sequence_number;
	TRY(field_long_or(
	    r, ENTRY_SEQUENCE, inherited, &entry.sequence_number));
	TRY(field_of(r, ENTRY_FILE, AVRO_RECORD, &file));

	const struct record inner = { file, r->what, r->path, r->error };

	TRY(read_file(&inner, m->manifest, &entry.file));
	TRY(inherit_row_id(m, r, &entry));
	*ret = entry;
	return OK;
}

enum err
manifest_next(struct manifest_reader *m, struct arena *a,
    struct manifest_entry *ret, bool *ret_more, struct error *e)
{
	struct avro_value value;
	enum err err = avro_next(&m->file, a, &value, e);

	if (err != OK)
		return file_failed(WHAT, m->manifest->path, err, e);
	*ret_more = value.type != NULL;
	if (!*ret_more)
		return OK;

	const struct record row = { &value, WHAT, m->manifest->path, e };

	return read_entry(m, &row, ret);
}

/* Iceberg's maps by number are arrays of records of key and value (table
 * spec, "Avro"). */
bool
data_file_metric_at(const struct avro_value *map, size_t i, int32_t *ret_column,
    const struct avro_value **ret)
{
	const struct avro_value *pair = &map->as.list.at[i];

	if (pair->type->kind != AVRO_RECORD || pair->as.list.count != 2 ||
	    !avro_is_number(&pair->as.list.at[0]) ||
	    pair->as.list.at[0].as.i != (int32_t)pair->as.list.at[0].as.i)
		return false;
	*ret_column = (int32_t)pair->as.list.at[0].as.i;
	*ret = &pair->as.list.at[1];
	return true;
}

const struct avro_value *
data_file_metric(const struct avro_value *map, int32_t column)
{
	const struct avro_value *value;
	int32_t id;

	for (size_t i = 0; map != NULL && i < map->as.list.count; i++)
		if (data_file_metric_at(map, i, &id, &value) && id == column)
			return value;
	return NULL;
}
