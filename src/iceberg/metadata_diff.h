/*
 * metadata_diff.h - finds the parts in which two files of one table or view
 * differ.
 */
#ifndef PANGOLIN_METADATA_DIFF_H
#define PANGOLIN_METADATA_DIFF_H

#include "iceberg/metadata.h"

#define METADATA_DIFF_MAX 12

/* Words for what differs, each once: "schema", "partition-spec", "sort-order",
 * "snapshots", "properties", "location", "version" ...; "metadata" for anything
 * else.  Returns how many. */
size_t metadata_diff(const struct metadata *, const struct metadata *,
    struct str ret[METADATA_DIFF_MAX]);

#endif
