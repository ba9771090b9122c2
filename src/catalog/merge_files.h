/*
 * merge_files.h - reads and writes the files of a merge
 * (iceberg/table_merge.h), within the places that the branch may use.
 */
#ifndef PANGOLIN_MERGE_FILES_H
#define PANGOLIN_MERGE_FILES_H

#include "catalog/branch.h"
#include "iceberg/table_merge.h"

#define MERGE_FILE_MAX ((size_t)256 << 20) /* bytes; beyond: a conflict */

/* The call and the branch of a merge.  Both are borrowed, and nothing is read
 * on the event loop. */
struct merge_reading {
	struct call *call;
	const struct branch *branch;
};

struct file_reader merge_reader(struct merge_reading *);

/* Writes all files, durable when this returns; after an error none is left.
 * ERR_BAD_REQUEST: one would lie outside the catalog's places. */
MUST_CHECK enum err merge_files_write(
    struct call *, const struct branch *, const struct new_files *);

/* Deletes the files of a commit that is known to have failed; not after
 * ERR_COMMIT_UNKNOWN. */
void merge_files_discard(const struct call *, const struct new_files *);

#endif
