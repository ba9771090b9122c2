/*
 * table_file.h - metadata files: where they may be, reading, writing.
 */
#ifndef PANGOLIN_TABLE_FILE_H
#define PANGOLIN_TABLE_FILE_H

#include "catalog/branch.h"

/* A location that a client chose: below the catalog's warehouse, or
 * ERR_BAD_REQUEST.  `what` names the field. */
MUST_CHECK enum err location_guard(struct call *, const struct branch *,
    const char *what, struct str location);

/* The text of a metadata file, inflated when it is gzip ("....gz.metadata.json"
 * and "....metadata.json.gz").  ERR_NOT_FOUND when it is not there. */
MUST_CHECK enum err table_file_read(
    struct call *, struct str location, struct str *ret);

#endif
