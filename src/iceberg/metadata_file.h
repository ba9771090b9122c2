/*
 * metadata_file.h - names new metadata files, and keeps the log of earlier
 * ones.
 */
#ifndef PANGOLIN_METADATA_FILE_H
#define PANGOLIN_METADATA_FILE_H

#include "iceberg/metadata.h"

/* The number a file name begins with: 7 for ".../00007-<uuid>.metadata.json";
 * -1 when it begins with none or `file` is absent. */
int64_t metadata_file_version(struct str file);

/* Whether a name ends as those of metadata files do, packed or not: a log may
 * name anything. */
bool metadata_file_is_named_so(struct str file);

/* Whether a name tells of gzip: .gz.metadata.json or .metadata.json.gz. */
bool metadata_file_is_gzip(struct str file);

/* `write.metadata.path`, or <location>/metadata; without a slash at the end. */
struct str metadata_file_directory(const struct metadata *);

/* The full name of the file that follows `current` (absent: the first), in the
 * form <directory>/%05d-<uuid>[.gz].metadata.json.  ERR_BAD_REQUEST: the
 * property write.metadata.compression-codec is neither none nor gzip. */
MUST_CHECK enum err metadata_file_next(const struct metadata *,
    struct str current, struct str uuid, struct str *ret, struct error *);

/* File names that fell off the log. */
struct file_names {
	struct str *at;
	size_t count;
};

/* The manifest lists of all snapshots; one of format version 1 may have none.
 */
struct file_names metadata_manifest_lists(const struct metadata *);

/* Append the file that is being replaced to the metadata-log and keep the
 * newest write.metadata.previous-versions-max (100) entries.  `ret_dropped`
 * has the others' files if write.metadata.delete-after-commit.enabled says
 * they may go, else none. */
void metadata_log_push(struct metadata *, struct str file,
    int64_t last_updated_ms, struct file_names *ret_dropped);

#endif
