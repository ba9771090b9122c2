/*
 * manifest.h - reads manifest lists and manifests (Iceberg table spec,
 * "Manifests" and "Manifest Lists"), of format versions 1 to 3.
 *
 * Values that an entry inherits from the list are filled in.  Texts and values
 * are borrowed until the next row or entry is read.
 */
#ifndef PANGOLIN_MANIFEST_H
#define PANGOLIN_MANIFEST_H

#include "iceberg/avro.h"
#include "iceberg/evaluate.h"

#define MANIFEST_NONE -1 /* a count or id that is not there */

enum manifest_content { MANIFEST_DATA, MANIFEST_DELETES };

struct manifest {
	struct str path;
	int64_t length; /* as the list says; 0 at least */
	int32_t spec_id;
	enum manifest_content content;
	int64_t sequence_number, min_sequence_number, added_snapshot_id;
	int64_t added_files, existing_files, deleted_files; /* MANIFEST_NONE: */
	int64_t added_rows, existing_rows, deleted_rows;    /* some */
	int64_t first_row_id;
	struct str key_metadata;                   /* ptr NULL: none */
	const struct partition_summary *summaries; /* NULL, or for each field */
	size_t summary_count;
};

struct manifest_list {
	struct str path;
	struct avro_file file;
};

/* `bytes`, `path` and the budget are borrowed until the last row. */
MUST_CHECK enum err manifest_list_open(struct arena *, struct str path,
    struct str bytes, struct work_budget *, struct manifest_list *ret,
    struct error *);

/* The next row, in `arena`; *ret_more is false behind the last.
 * ERR_BAD_REQUEST names the file: it is damaged, lacks what its version
 * demands, or is more than the budget has. */
MUST_CHECK enum err manifest_list_next(struct manifest_list *, struct arena *,
    struct manifest *ret, bool *ret_more, struct error *);

/* Whether the manifest may hold files that a scan reads. */
static inline bool
manifest_has_live(const struct manifest *m)
{
	return m->added_files != 0 || m->existing_files != 0;
}

/* ---- entries */
enum entry_status { ENTRY_EXISTING, ENTRY_ADDED, ENTRY_DELETED };

enum file_content { FILE_DATA, FILE_POSITION_DELETES, FILE_EQUALITY_DELETES };

struct data_file {
	enum file_content content;
	struct str path, format;
	const struct avro_value *partition; /* a record */
	int64_t record_count, size;
	/* maps by column id, see data_file_metric(); NULL: none */
	const struct avro_value *column_sizes, *value_counts, *null_counts,
	    *nan_counts, *lower_bounds, *upper_bounds;
	const struct avro_value *split_offsets, *equality_ids; /* or NULL */
	struct str key_metadata;              /* ptr NULL: none */
	int64_t sort_order_id, first_row_id;  /* or MANIFEST_NONE */
	struct str referenced_data_file;      /* ptr NULL: none */
	int64_t content_offset, content_size; /* or MANIFEST_NONE */
};

struct manifest_entry {
	enum entry_status status;
	int64_t snapshot_id, sequence_number;
	struct data_file file;
};

struct manifest_reader {
	const struct manifest *manifest;
	struct avro_file file;
	int64_t next_row_id; /* MANIFEST_NONE: none are inherited */
};

/* The metrics that are wanted of files; the others are skipped. */
enum manifest_metrics {
	MANIFEST_COUNTS = 1 << 0, /* of values, nulls, NaNs */
	MANIFEST_BOUNDS = 1 << 1,
	MANIFEST_SIZES = 1 << 2
};

/* `bytes` and budget are borrowed. */
MUST_CHECK enum err manifest_open(struct arena *, const struct manifest *,
    struct str bytes, unsigned metrics, struct work_budget *,
    struct manifest_reader *ret, struct error *);

/* The next entry, in `arena`; *ret_more is false behind the last.
 * ERR_BAD_REQUEST names the file. */
MUST_CHECK enum err manifest_next(struct manifest_reader *, struct arena *,
    struct manifest_entry *ret, bool *ret_more, struct error *);

/* The i-th pair of one of the maps; false: it is none. */
bool data_file_metric_at(const struct avro_value *map, size_t i,
    int32_t *ret_column, const struct avro_value **ret);

/* The value that one of the maps has of a column; NULL: none. */
const struct avro_value *data_file_metric(
    const struct avro_value *map, int32_t column);

/* A deletion vector (table spec, "Deletion Vectors")? */
static inline bool
data_file_is_vector(const struct data_file *f)
{
	return f->content == FILE_POSITION_DELETES &&
	       str_eq_nocase(f->format, STR("puffin"));
}

#endif
