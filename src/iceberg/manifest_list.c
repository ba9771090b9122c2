/* manifest_list.c - reads the rows of a manifest list. */
#include "iceberg/manifest.h"
#include "iceberg/manifest_field.h"

/* Field ids of the specification, "Manifest Lists". */
enum {
	LIST_PATH = 500,
	LIST_LENGTH = 501,
	LIST_SPEC_ID = 502,
	LIST_ADDED_SNAPSHOT = 503,
	LIST_ADDED_FILES = 504,
	LIST_EXISTING_FILES = 505,
	LIST_DELETED_FILES = 506,
	LIST_SUMMARIES = 507,
	SUMMARY_HAS_NULL = 509,
	SUMMARY_LOWER = 510,
	SUMMARY_UPPER = 511,
	LIST_ADDED_ROWS = 512,
	LIST_EXISTING_ROWS = 513,
	LIST_DELETED_ROWS = 514,
	SUMMARY_HAS_NAN = 518,
	LIST_SEQUENCE = 515,
	LIST_MIN_SEQUENCE = 516,
	LIST_CONTENT = 517,
	LIST_KEY_METADATA = 519,
	LIST_FIRST_ROW = 520
};

#define WHAT "Manifest list"

static enum err
read_counts(const struct record *r, struct manifest *m)
{
	static const int none = MANIFEST_NONE;

	TRY(field_long_or(r, LIST_ADDED_FILES, none, &m->added_files));
	TRY(field_long_or(r, LIST_EXISTING_FILES, none, &m->existing_files));
	TRY(field_long_or(r, LIST_DELETED_FILES, none, &m->deleted_files));
	TRY(field_long_or(r, LIST_ADDED_ROWS, none, &m->added_rows));
	TRY(field_long_or(r, LIST_EXISTING_ROWS, none, &m->existing_rows));
	return field_long_or(r, LIST_DELETED_ROWS, none, &m->deleted_rows);
}

static enum err
read_numbers(const struct record *r, struct manifest *m)
{
	TRY(field_long(r, LIST_LENGTH, &m->length));
	TRY(field_long(r, LIST_ADDED_SNAPSHOT, &m->added_snapshot_id));
	TRY(read_counts(r, m));
	TRY(field_str_or(r, LIST_KEY_METADATA, &m->key_metadata));
	TRY(field_long_or(r, LIST_SEQUENCE, 0, &m->sequence_number));
	TRY(field_long_or(r, LIST_MIN_SEQUENCE, 0, &m->min_sequence_number));
	return field_long_or(
	    r, LIST_FIRST_ROW, MANIFEST_NONE, &m->first_row_id);
}

static enum err
read_summary(const struct record *r, struct partition_summary *ret)
{
	const struct avro_value *has = NULL;

	TRY(field_of(r, SUMMARY_HAS_NULL, AVRO_BOOLEAN, &has));
	ret->contains_null = has->as.b;
	TRY(field_find(r, SUMMARY_HAS_NAN, AVRO_BOOLEAN, &has));
	ret->contains_nan = has != NULL ? has->as.b : -1;
	TRY(field_str_or(r, SUMMARY_LOWER, &ret->lower));
	return field_str_or(r, SUMMARY_UPPER, &ret->upper);
}

static enum err
read_summaries(struct arena *a, const struct record *r, struct manifest *m)
{
	const struct avro_value *list = NULL;

	TRY(field_find(r, LIST_SUMMARIES, AVRO_ARRAY, &list));
	if (list == NULL)
		return OK;

	size_t count = list->as.list.count;
	struct partition_summary *all =
	    ARENA_NEW(a, struct partition_summary, count);

	for (size_t i = 0; i < count; i++) {
		const struct record one = { &list->as.list.at[i], r->what,
			r->path, r->error };

		TRY(read_summary(&one, &all[i]));
	}
	m->summaries = all;
	m->summary_count = count;
	return OK;
}

static enum err
read_row(struct arena *a, const struct record *r, struct manifest *m)
{
	int64_t spec_id = 0, content = 0;

	TRY(field_str(r, LIST_PATH, &m->path));
	TRY(field_long(r, LIST_SPEC_ID, &spec_id));
	TRY(field_long_or(r, LIST_CONTENT, MANIFEST_DATA, &content));
	TRY(read_numbers(r, m));
	TRY(read_summaries(a, r, m));
	if (content != MANIFEST_DATA && content != MANIFEST_DELETES)
		return fail(r->error, ERR_BAD_REQUEST,
		    WHAT " " STR_FMT ": a manifest has neither data nor "
			 "deletes",
		    STR_ARG(r->path));
	m->spec_id = (int32_t)spec_id;
	m->content = (enum manifest_content)content;
	m->length = m->length > 0 ? m->length : 0;
	return OK;
}

static const struct avro_wanted row_fields[] = {
	{ LIST_PATH, NULL },
	{ LIST_LENGTH, NULL },
	{ LIST_SPEC_ID, NULL },
	{ LIST_ADDED_SNAPSHOT, NULL },
	{ LIST_ADDED_FILES, NULL },
	{ LIST_EXISTING_FILES, NULL },
	{ LIST_DELETED_FILES, NULL },
	{ LIST_ADDED_ROWS, NULL },
	{ LIST_EXISTING_ROWS, NULL },
	{ LIST_DELETED_ROWS, NULL },
	{ LIST_SUMMARIES, NULL },
	{ LIST_SEQUENCE, NULL },
	{ LIST_MIN_SEQUENCE, NULL },
	{ LIST_CONTENT, NULL },
	{ LIST_KEY_METADATA, NULL },
	{ LIST_FIRST_ROW, NULL },
	{ AVRO_ID_NONE, NULL },
};

enum err
manifest_list_open(struct arena *a, struct str path, struct str bytes,
    struct work_budget *budget, struct manifest_list *ret, struct error *e)
{
	struct manifest_list list = { .path = path };
	enum err err = avro_open(a, bytes, row_fields, budget, &list.file, e);

	if (err != OK)
		return file_failed(WHAT, path, err, e);
	*ret = list;
	return OK;
}

enum err
manifest_list_next(struct manifest_list *list, struct arena *a,
    struct manifest *ret, bool *ret_more, struct error *e)
{
	struct manifest row = { 0 };
	struct avro_value value;
	enum err err = avro_next(&list->file, a, &value, e);

	if (err != OK)
		return file_failed(WHAT, list->path, err, e);
	*ret_more = value.type != NULL;
	if (!*ret_more)
		return OK;

	const struct record record = { &value, WHAT, list->path, e };

	TRY(read_row(a, &record, &row));
	*ret = row;
	return OK;
}
