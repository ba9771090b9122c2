/*
 * merge_append.h - files that source appended, in fresh manifests, and the
 * snapshot of target that has them; for merge_append.c and merge_snapshot.c.
 */
#ifndef PANGOLIN_MERGE_APPEND_H
#define PANGOLIN_MERGE_APPEND_H

#include "iceberg/manifest_write.h"
#include "iceberg/merge_sides.h"

#define SCHEMAS 2 /* the result's, and source's current one */

struct appending {
	struct merging *m;
	int version;               /* of the result's format */
	struct paths base, target; /* files that are not added again */
	struct paths added;        /* and those that are */
	struct paths partitions;   /* that they touch, by their bytes */
	struct manifest_setting setting;
	struct manifest_writer writer;
	bool writing;
	const struct manifest *read; /* where files come from */
	struct str partition;        /* its type */
	struct manifest_rows rows;   /* written */
	size_t row_room;
	int64_t files, records, bytes; /* added */
	struct schema schemas[SCHEMAS];
	struct str directory; /* of new files */
	char uuid[ID_TEXT];   /* in their names */
};

/* The id that a file mixes into its sync marker, so that no two are alike. */
struct id append_sync(const struct merging *, size_t index);

/* The manifest list, and the updates that add the snapshot. */
MUST_CHECK enum err append_snapshot(
    struct appending *, const struct history *target);

#endif
