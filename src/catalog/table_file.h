/*
 * table_file.h - reads and writes metadata files, and checks where they may be.
 */
#ifndef PANGOLIN_TABLE_FILE_H
#define PANGOLIN_TABLE_FILE_H

#include "catalog/branch.h"
#include "iceberg/metadata.h"

/* Checks a location that a client chose: below the catalog's place, or a place
 * that its warehouse allows besides, or ERR_BAD_REQUEST.  `what` names the
 * field. */
MUST_CHECK enum err location_guard(struct call *, const struct branch *,
    const char *what, struct str location);

/* The text of a metadata file, inflated when it is gzip ("....gz.metadata.json"
 * and "....metadata.json.gz").  ERR_NOT_FOUND when it is not there,
 * ERR_BAD_REQUEST when it is larger than limits.metadata_bytes, and
 * ERR_VALIDATION when it is damaged gzip. */
MUST_CHECK enum err table_file_read(
    struct call *, struct str location, struct str *ret);

/* Checks that a text is one JSON object, since clients get it as it is:
 * ERR_INTERNAL with the position of the fault. */
MUST_CHECK enum err table_file_check(
    struct call *, struct str text, struct str location);

/* Parses a text; memory for it is reserved first. */
MUST_CHECK enum err table_file_parse(
    struct call *, struct str text, struct metadata *ret);

/* The error for a metadata file that cannot be parsed: the request is not at
 * fault, unless it was memory that lacked. */
MUST_CHECK enum err table_file_damaged(
    struct call *, enum err, struct str location);

/* The text from the cache, in the call's arena; otherwise read and cached. */
MUST_CHECK enum err table_file_text(
    struct call *, struct str location, struct str *ret);

/* The text that the next file is made of: a remote one from the cache. */
MUST_CHECK enum err table_file_base(
    struct call *, struct str location, struct str *ret);

/* Caches the text of a remote file that was just written. */
void table_file_keep(const struct call *, struct str location, struct str text);

/* The name under which what is made of a file is cached, by kind
 * (cache/immutable_cache.h).  A remote file is the tenant's: the place may be
 * another's later, with other files of the same names. */
struct str table_file_name(
    const struct call *, const char *kind, struct str location);

/* The name of the text of a metadata file, and caching it, if it can be
 * read. */
struct str table_file_fact(const struct call *, struct str location);
void table_file_warm(struct call *, struct str location);

/* Writes the file that follows `base` (ptr NULL: the first), durable under a
 * new name when this returns; gzip where the table's properties say so. */
MUST_CHECK enum err table_file_write(struct call *, const struct metadata *,
    struct str base, struct str text, struct str *ret_location);

/* Deletes the file of a unit that is known to have failed. */
void table_file_discard(const struct call *, struct str location);

/* The locations that a table's metadata names. */
#define TABLE_PLACES 5
struct table_places {
	struct str at[TABLE_PLACES]; /* ptr NULL: not named */
};

struct table_places table_places_of(const struct metadata *);

/* Checks each location that `before` (NULL: no table) did not have by
 * location_guard(), and those of properties for lying in another table's. */
MUST_CHECK enum err table_places_guard(struct call *, const struct branch *,
    const struct table_places *before, const struct metadata *);

#endif
