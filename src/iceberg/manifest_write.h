/*
 * manifest_write.h - writes manifests and manifest lists (Iceberg table spec,
 * "Manifests" and "Manifest Lists"), of format versions 1 to 3.
 *
 * A manifest is of files that its snapshot adds: their sequence numbers are
 * null and inherited.  The metrics of a file, read by manifest.h, are written
 * as they are.
 */
#ifndef PANGOLIN_MANIFEST_WRITE_H
#define PANGOLIN_MANIFEST_WRITE_H

#include "iceberg/avro_write.h"
#include "iceberg/manifest.h"

/* The Avro type of the partitions of a manifest, as JSON: `r102`.
 * ERR_BAD_REQUEST names the manifest. */
MUST_CHECK enum err manifest_partition_schema(struct arena *,
    const struct manifest_reader *, struct str *ret, struct error *);

struct manifest_setting {
	int format_version;
	struct str path; /* of the manifest */
	int32_t spec_id;
	struct str schema, spec; /* JSON of the table's, and of the fields */
	struct str partition;    /* manifest_partition_schema() */
	struct partition_type type;
	int64_t snapshot_id;
	struct id sync;
};

struct manifest_writer {
	struct arena *arena;
	const struct manifest_setting *setting;
	struct avro_writer file;
	struct manifest row;
	struct partition_summary *summaries; /* NULL: cannot be told */
	struct literal *lowest, *highest;    /* the same, as values */
	struct literal *values;              /* of the file being added */
};

/* The setting is borrowed. */
struct manifest_writer manifest_writer_new(
    struct arena *, const struct manifest_setting *);

/* `partition` is of the type that the setting names.  ERR_BAD_REQUEST: the
 * partition is not what the spec says. */
MUST_CHECK enum err manifest_writer_add(
    struct manifest_writer *, const struct data_file *, struct error *);

/* The bytes, and the row for a list, whose sequence numbers and first row id
 * are for the list's writer to say. */
MUST_CHECK enum err manifest_writer_finish(struct manifest_writer *,
    struct str *ret_bytes, struct manifest *ret_row, struct error *);

/* ---- lists */
struct list_setting {
	int format_version;
	int64_t snapshot_id, parent_id; /* MANIFEST_NONE: no parent */
	int64_t sequence_number;        /* from version 2 on */
	int64_t first_row_id;           /* from version 3 on */
	struct id sync;
};

struct list_writer {
	struct avro_writer file;
	int version;
	int64_t next_row_id;
};

struct list_writer list_writer_new(struct arena *, const struct list_setting *);

/* A row as it is, but that a manifest of data without row ids is given them
 * ("First Row ID Assignment").  ERR_BAD_REQUEST names a manifest without the
 * counts that version 2 demands, or whose rows are more than there can be. */
MUST_CHECK enum err list_writer_add(
    struct list_writer *, const struct manifest *, struct error *);

/* `ret_next_row_id` is behind the last row that was given an id. */
MUST_CHECK enum err list_writer_finish(struct list_writer *,
    struct str *ret_bytes, int64_t *ret_next_row_id, struct error *);

#endif
