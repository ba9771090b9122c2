/* manifest_list_write.c - writes the rows of a manifest list. */
#include "iceberg/manifest_record.h"
#include "iceberg/manifest_write.h"

/* ---- fields, in the order of the reference implementation */
#define LONG(name, member)                                                     \
	static bool name(struct buf *b, const void *subject)                   \
	{                                                                      \
		const struct manifest *m = subject;                            \
                                                                               \
		if (m->member == MANIFEST_NONE)                                \
			return false;                                          \
		avro_put_long(b, m->member);                                   \
		return true;                                                   \
	}

LONG(put_length, length)
LONG(put_snapshot, added_snapshot_id)
LONG(put_added_files, added_files)
LONG(put_existing_files, existing_files)
LONG(put_deleted_files, deleted_files)
LONG(put_added_rows, added_rows)
LONG(put_existing_rows, existing_rows)
LONG(put_deleted_rows, deleted_rows)
LONG(put_first_row, first_row_id)

static bool
put_path(struct buf *b, const void *subject)
{
	avro_put_bytes(b, ((const struct manifest *)subject)->path);
	return true;
}

/* Numbers of which -1 says nothing else. */
static bool
put_spec(struct buf *b, const void *subject)
{
	avro_put_long(b, ((const struct manifest *)subject)->spec_id);
	return true;
}

static bool
put_content(struct buf *b, const void *subject)
{
	avro_put_long(b, ((const struct manifest *)subject)->content);
	return true;
}

static bool
put_sequence(struct buf *b, const void *subject)
{
	avro_put_long(b, ((const struct manifest *)subject)->sequence_number);
	return true;
}

static bool
put_min_sequence(struct buf *b, const void *subject)
{
	avro_put_long(
	    b, ((const struct manifest *)subject)->min_sequence_number);
	return true;
}

static bool
put_key(struct buf *b, const void *subject)
{
	const struct manifest *m = subject;

	if (m->key_metadata.ptr == NULL)
		return false;
	avro_put_bytes(b, m->key_metadata);
	return true;
}

static void
put_bound(struct buf *b, struct str bound)
{
	avro_put_long(b, bound.ptr != NULL);
	if (bound.ptr != NULL)
		avro_put_bytes(b, bound);
}

static bool
put_summaries(struct buf *b, const void *subject)
{
	const struct manifest *m = subject;

	if (m->summaries == NULL)
		return false;
	if (m->summary_count != 0)
		avro_put_long(b, (int64_t)m->summary_count);
	for (size_t i = 0; i < m->summary_count; i++) {
		const struct partition_summary *s = &m->summaries[i];

		avro_put_bool(b, s->contains_null);
		avro_put_long(b, s->contains_nan >= 0);
		if (s->contains_nan >= 0)
			avro_put_bool(b, s->contains_nan != 0);
		put_bound(b, s->lower);
		put_bound(b, s->upper);
	}
	avro_put_long(b, 0);
	return true;
}

#define SUMMARIES                                                              \
	"{\"type\":\"array\",\"element-id\":508,\"items\":{\"type\":"          \
	"\"record\",\"name\":\"r508\",\"fields\":["                            \
	"{\"name\":\"contains_null\",\"type\":\"boolean\",\"field-id\":509},"  \
	"{\"name\":\"contains_nan\",\"type\":[\"null\",\"boolean\"],"          \
	"\"default\":null,\"field-id\":518},"                                  \
	"{\"name\":\"lower_bound\",\"type\":[\"null\",\"bytes\"],"             \
	"\"default\":null,\"field-id\":510},"                                  \
	"{\"name\":\"upper_bound\",\"type\":[\"null\",\"bytes\"],"             \
	"\"default\":null,\"field-id\":511}]}}"

#define EVER RECORD_NEVER

/* clang-format off */
static const struct record_field fields[] = {
	{ 500, "manifest_path",        "\"string\"", 1, EVER, 1, put_path },
	{ 501, "manifest_length",      "\"long\"",   1, EVER, 1, put_length },
	{ 502, "partition_spec_id",    "\"int\"",    1, EVER, 1, put_spec },
	{ 517, "content",              "\"int\"",    2, EVER, 2, put_content },
	{ 515, "sequence_number",      "\"long\"",   2, EVER, 2, put_sequence },
	{ 516, "min_sequence_number",  "\"long\"",   2, EVER, 2,
	    put_min_sequence },
	{ 503, "added_snapshot_id",    "\"long\"",   1, EVER, 1, put_snapshot },
	{ 504, "added_files_count",    "\"int\"",    1, EVER, 2,
	    put_added_files },
	{ 505, "existing_files_count", "\"int\"",    1, EVER, 2,
	    put_existing_files },
	{ 506, "deleted_files_count",  "\"int\"",    1, EVER, 2,
	    put_deleted_files },
	{ 512, "added_rows_count",     "\"long\"",   1, EVER, 2,
	    put_added_rows },
	{ 513, "existing_rows_count",  "\"long\"",   1, EVER, 2,
	    put_existing_rows },
	{ 514, "deleted_rows_count",   "\"long\"",   1, EVER, 2,
	    put_deleted_rows },
	{ 507, "partitions",           SUMMARIES,    1, EVER, RECORD_NEVER,
	    put_summaries },
	{ 519, "key_metadata",         "\"bytes\"",  1, EVER, RECORD_NEVER,
	    put_key },
	{ 520, "first_row_id",         "\"long\"",   3, EVER, RECORD_NEVER,
	    put_first_row },
};
/* clang-format on */

static const struct record_fields row_fields = { fields,
	sizeof(fields) / sizeof(fields[0]) };

/* ---- the file */
static void
add_number(struct arena *a, struct pairs *meta, const char *name, int64_t n)
{
	meta->at[meta->count++] = (struct pair){ str_from(name),
		arena_printf(a, "%lld", (long long)n) };
}

struct list_writer
list_writer_new(struct arena *a, const struct list_setting *s)
{
	struct pair room[5];
	struct pairs meta = { room, 0 };
	struct buf schema = buf_in(a);

	add_number(a, &meta, "snapshot-id", s->snapshot_id);
	meta.at[meta.count++] = (struct pair){ STR("parent-snapshot-id"),
		s->parent_id == MANIFEST_NONE
		    ? STR("null")
		    : arena_printf(a, "%lld", (long long)s->parent_id) };
	if (s->format_version >= 2)
		add_number(a, &meta, "sequence-number", s->sequence_number);
	if (s->format_version >= 3)
		add_number(a, &meta, "first-row-id", s->first_row_id);
	add_number(a, &meta, "format-version", s->format_version);
	record_fields_schema(&schema, "manifest_file", row_fields,
	    s->format_version, (struct str){ 0 });
	return (struct list_writer){
		.file = avro_writer_new(
		    a, AVRO_DEFLATED, buf_str(&schema), meta, s->sync),
		.version = s->format_version,
		.next_row_id = s->first_row_id,
	};
}

static enum err
damaged(const struct manifest *m, const char *what, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST, "Manifest " STR_FMT ": %s",
	    STR_ARG(m->path), what);
}

/* As many as its rows say that live in it. */
static enum err
take_row_ids(struct list_writer *w, struct manifest *m, struct error *e)
{
	int64_t rows;

	if (w->version < 3 || m->content != MANIFEST_DATA ||
	    m->first_row_id != MANIFEST_NONE)
		return OK;
	if (m->added_rows < 0 || m->existing_rows < 0 ||
	    __builtin_add_overflow(m->added_rows, m->existing_rows, &rows))
		return damaged(m, "it does not say how many rows it has", e);
	m->first_row_id = w->next_row_id;
	if (__builtin_add_overflow(w->next_row_id, rows, &w->next_row_id))
		return damaged(m, "its row ids do not fit 64 bits", e);
	return OK;
}

enum err
list_writer_add(
    struct list_writer *w, const struct manifest *m, struct error *e)
{
	struct manifest row = *m;

	TRY(take_row_ids(w, &row, e));
	if (!record_fields_put(&w->file.block, row_fields, w->version, &row))
		return damaged(m, "its list does not say what it holds", e);
	avro_writer_end_record(&w->file);
	return OK;
}

enum err
list_writer_finish(struct list_writer *w, struct str *ret_bytes,
    int64_t *ret_next_row_id, struct error *e)
{
	TRY(avro_writer_finish(&w->file, ret_bytes, e));
	*ret_next_row_id = w->next_row_id;
	return OK;
}
