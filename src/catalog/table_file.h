/*
 * table_file.h - metadata files: where they may be, reading, writing.
 */
#ifndef PANGOLIN_TABLE_FILE_H
#define PANGOLIN_TABLE_FILE_H

#include "catalog/branch.h"
#include "iceberg/metadata.h"

/* A location that a client chose: below the catalog's place or one that its
 * warehouse allows besides, or
 * ERR_BAD_REQUEST.  `what` names the field. */
MUST_CHECK enum err location_guard(struct call *, const struct branch *,
    const char *what, struct str location);

/* The text of a metadata file, inflated when it is gzip ("....gz.metadata.json"
 * and "....metadata.json.gz").  ERR_NOT_FOUND when it is not there. */
MUST_CHECK enum err table_file_read(
    struct call *, struct str location, struct str *ret);

/* The same from what is kept, in the call's arena; else read and kept. */
MUST_CHECK enum err table_file_text(
    struct call *, struct str location, struct str *ret);

/* Under which the text of a metadata file is kept (cache/kept.h), and keeping
 * it, if it can be read. */
struct str table_file_fact(struct arena *, struct str location);
void table_file_warm(struct call *, struct str location);

/* The file that follows `base` (ptr NULL: the first), durable under a new
 * name when this returns; gzip where the table's properties say so. */
MUST_CHECK enum err table_file_write(struct call *, const struct metadata *,
    struct str base, struct str text, struct str *ret_location);

/* The file of a unit that is known to have failed. */
void table_file_discard(const struct call *, struct str location);

/* What a table's metadata says about places. */
#define TABLE_PLACES 5
struct table_places {
	struct str at[TABLE_PLACES]; /* ptr NULL: does not say */
};

struct table_places table_places_of(const struct metadata *);

/* Each place that `before` (NULL: no table) had not: location_guard(). */
MUST_CHECK enum err table_places_guard(struct call *, const struct branch *,
    const struct table_places *before, const struct metadata *);

#endif
