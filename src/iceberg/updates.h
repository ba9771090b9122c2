/*
 * updates.h - applies the updates of a commit to table metadata (REST spec,
 * TableUpdate).
 *
 * Updates are applied in order to metadata in memory; after a failure it is
 * half changed and must be dropped.  Failures are ERR_BAD_REQUEST (shape),
 * ERR_ILLEGAL_ARGUMENT or ERR_VALIDATION (what cannot be), and
 * ERR_COMMIT_FAILED where another commit came first and trying again on the new
 * state may help.
 */
#ifndef PANGOLIN_UPDATES_H
#define PANGOLIN_UPDATES_H

#include "iceberg/metadata_file.h"

struct update_context {
	int64_t now_ms;
	struct str base_file; /* the file this commit replaces */
	struct str uuid;      /* for an old table that has none */
	bool create;          /* no table yet: base_file is not read */
};

struct update_result {
	bool changed; /* false: write nothing, answer with the base */
	struct file_names dropped; /* may be deleted once this is durable */
};

/* Apply `updates`, an array (NULL and null are empty), and finish: the logs,
 * last-updated-ms, the fields of the format version, the invariants of
 * metadata_check().  A create is always `changed`. */
MUST_CHECK enum err updates_apply(struct metadata *, const yyjson_val *updates,
    const struct update_context *, struct update_result *ret, struct error *);

#endif
