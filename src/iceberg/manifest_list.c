/* manifest_list.c - the rows of a manifest list. */
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
	LIST_SUMMARIES = 507,
	SUMMARY_HAS_NULL = 509,
	SUMMARY_LOWER = 510,
	SUMMARY_UPPER = 511,
	SUMMARY_HAS_NAN = 518,
	LIST_SEQUENCE = 515,
	LIST_MIN_SEQUENCE = 516,
	LIST_CONTENT = 517,
	LIST_FIRST_ROW = 520
};

#define WHAT "Manifest list"

static enum err
read_numbers(const struct record *r, struct manifest *m)
{
	TRY(field_long(r, LIST_LENGTH, &m->length));
	TRY(field_long(r, LIST_ADDED_SNAPSHOT, &m->added_snapshot_id));
	TRY(field_long_or(r, LIST_ADDED_FILES, MANIFEST_NONE, &m->added_files));
	TRY(field_long_or(
	    r, LIST_EXISTING_FILES, MANIFEST_NONE, &m->existing_files));
	TRY(field_long_or(r, LIST_SEQUENCE, 0, &m->sequence_number));
	TRY(field_long_or(r, LIST_MIN_SEQUENCE, 0, &m->min_sequence_number));
	return field_long_or(
	    r, LIST_FIRST_ROW, MANIFEST_NONE, &m->first_row_id);
}

/* Absent is a null; a text is the arena's. */
static enum err
keep_str(struct arena *a, const struct record *r, int id, struct str *ret)
{
	TRY(field_str_or(r, id, ret));
	if (ret->ptr != NULL)
		*ret = arena_copy(a, *ret);
	return OK;
}

static enum err
read_summary(
    struct arena *a, const struct record *r, struct partition_summary *ret)
{
	const struct avro_value *has = NULL;

	TRY(field_of(r, SUMMARY_HAS_NULL, AVRO_BOOLEAN, &has));
	ret->contains_null = has->as.b;
	TRY(field_find(r, SUMMARY_HAS_NAN, AVRO_BOOLEAN, &has));
	ret->contains_nan = has != NULL ? has->as.b : -1;
	TRY(keep_str(a, r, SUMMARY_LOWER, &ret->lower));
	return keep_str(a, r, SUMMARY_UPPER, &ret->upper);
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

		TRY(read_summary(a, &one, &all[i]));
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
	m->path = arena_copy(a, m->path);
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

static struct manifest *
add_row(struct arena *a, struct manifests *all, size_t *room)
{
	if (all->count == *room) {
		size_t more = *room == 0 ? 16 : *room * 2;

		all->at = arena_grow(a, all->at, *room * sizeof(*all->at),
		    more * sizeof(*all->at));
		*room = more;
	}

	struct manifest *m = &all->at[all->count++];

	*m = (struct manifest){ 0 };
	return m;
}

static enum err
read_rows(struct arena *a, struct str path, struct avro_file *file,
    struct manifests *ret, struct error *e)
{
	struct avro_value value;
	size_t room = 0;

	for (;;) {
		enum err err = avro_next(file, a, &value, e);

		if (err != OK)
			return file_failed(WHAT, path, err, e);
		if (value.type == NULL)
			return OK;
		if (ret->count == MANIFESTS_MAX)
			return fail(e, ERR_BAD_REQUEST,
			    WHAT " " STR_FMT ": it has more than %d manifests",
			    STR_ARG(path), MANIFESTS_MAX);

		const struct record row = { &value, WHAT, path, e };
		TRY(read_row(a, &row, add_row(a, ret, &room)));
	}
}

enum err
manifest_list_read(struct arena *a, struct str path, struct str bytes,
    struct manifests *ret, struct error *e)
{
	struct manifests all = { 0 };
	struct avro_file file;
	enum err err = avro_open(a, bytes, &file, e);

	if (err != OK)
		return file_failed(WHAT, path, err, e);
	TRY(read_rows(a, path, &file, &all, e));
	*ret = all;
	return OK;
}
