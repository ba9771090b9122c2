/*
 * snapshot_files.h - lists the files of a snapshot, however its format version
 * stores them: today in a manifest list and manifests.
 *
 * All code that asks which files a snapshot has asks here.
 */
#ifndef PANGOLIN_SNAPSHOT_FILES_H
#define PANGOLIN_SNAPSHOT_FILES_H

#include "iceberg/file_reader.h"
#include "iceberg/manifest.h"
#include "iceberg/metadata.h"

#define SNAPSHOT_MANIFESTS_MAX 200000 /* beyond: ERR_BAD_REQUEST */

/* A snapshot, and the reader of its files. */
struct snapshot_files {
	struct arena *arena;
	const struct metadata *metadata;
	struct file_reader reader;
	struct work_budget *budget;
};

struct manifest_rows {
	struct manifest *at;
	size_t count;
};

/* The manifests of a snapshot, their texts in the arena.  ERR_BAD_REQUEST: it
 * has no manifest list, or one that is damaged or too long. */
MUST_CHECK enum err snapshot_manifests(const struct snapshot_files *,
    const yyjson_mut_val *snapshot, struct manifest_rows *ret, struct error *);

/* Called with each entry, which is gone afterwards; *io_more false: no other is
 * wanted. */
typedef enum err entry_visit(void *self, const struct manifest_reader *,
    const struct manifest_entry *, bool *io_more, struct error *);

/* The entries of one of them, with all metrics. */
MUST_CHECK enum err snapshot_entries(const struct snapshot_files *,
    const struct manifest *, entry_visit *, void *self, struct error *);

#endif
