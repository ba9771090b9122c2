/* table_entry.h - what the operations on tables say and make alike. */
#ifndef PANGOLIN_TABLE_ENTRY_H
#define PANGOLIN_TABLE_ENTRY_H

#include "catalog/tables.h"
#include "iceberg/create_table.h"

/* Failures, in the words that clients look for. */
enum err table_missing(struct call *, struct ident);
enum err table_races_lost(struct call *, struct ident);

/* ERR_ALREADY_EXISTS when what was read there is a live table or view. */
MUST_CHECK enum err table_name_free(
    struct call *, struct ident, const struct version *read);

/* A new table may go there: `read` is what the branch shows of its key and of
 * its namespace.  ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS. */
MUST_CHECK enum err table_place_check(
    struct call *, struct ident, const struct version read[2]);

/* A commit's message: "drop table a.b.t". */
struct str table_message(struct call *, const char *what, struct ident);

/*
 * What a new table gets from the catalog.  It goes below its namespace's
 * `location`, or the catalog's place, and its directory ends in 8 digits of
 * its uuid: a table made again never meets the files of the one before.
 */
struct table_seed table_seed_of(struct call *, const struct branch *,
    struct ident, const struct version *ns);

/* The object of a table is its uuid, as long as that is one. */
struct id table_object(const struct metadata *);

/*
 * Write the next metadata file and point the entry to it.  `read` as above;
 * `table` brings ident and object and takes the rest.  On VERDICT_CONFLICT the
 * file is gone again; ERR_COMMIT_UNKNOWN leaves it.
 */
MUST_CHECK enum err table_put(struct call *, const struct branch *,
    const char *what, const struct version read[2], const struct metadata *,
    struct table *, enum verdict *ret);

/* Point the entry to a file that is there. */
MUST_CHECK enum err table_point(struct call *, const struct branch *,
    const char *what, const struct version read[2], const struct table *,
    enum verdict *ret);

#endif
