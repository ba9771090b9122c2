/*
 * data_file.h - data and delete files of manifests in a scan: tests them
 * against a filter, and writes them for a client (REST spec, ContentFile).
 */
#ifndef PANGOLIN_DATA_FILE_H
#define PANGOLIN_DATA_FILE_H

#include "iceberg/manifest.h"
#include "iceberg/scan_request.h"

/* A column by which files are judged, or of which a client is told. */
struct file_column {
	int32_t id;
	struct type type;
};

struct file_columns {
	const struct file_column *at; /* by id, each once */
	size_t count;
};

/* The columns that an expression is about. */
struct file_columns columns_of_filter(
    struct arena *, const struct expression *);

/* The fields of the schema that have these names.  ERR_BAD_REQUEST begins with
 * `pointer`: there is none. */
MUST_CHECK enum err columns_named(struct arena *, const struct schema *,
    struct names, bool case_sensitive, const char *pointer,
    struct file_columns *ret, struct error *);

/* Metrics of the columns, borrowed from the file; in `arena`. */
struct file_metrics data_file_metrics(
    struct arena *, const struct data_file *, struct file_columns);

/* JSON of a file: DataFile, PositionDeleteFile or EqualityDeleteFile, with the
 * statistics of the columns; `scratch` is used meanwhile. */
void data_file_write(struct buf *, struct arena *scratch,
    const struct data_file *, int32_t spec_id, const struct partition_type *,
    const struct literal *partition, struct file_columns);

#endif
