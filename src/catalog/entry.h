/*
 * entry.h - what the operations on tables and views say and make alike.
 *
 * `read` is what the branch shows of [0] the entry's key and [1] its
 * namespace.  Messages hold the words that clients look for.
 */
#ifndef PANGOLIN_ENTRY_H
#define PANGOLIN_ENTRY_H

#include "catalog/relations.h"
#include "iceberg/create_table.h"

/* ERR_NO_SUCH_TABLE, ERR_NO_SUCH_VIEW. */
enum err entry_missing(struct call *, enum kind, struct ident);
/* ERR_COMMIT_FAILED. */
enum err entry_races_lost(struct call *, enum kind, struct ident);

/* A new one may go there.  ERR_NO_SUCH_NAMESPACE, ERR_ALREADY_EXISTS. */
MUST_CHECK enum err entry_place_check(
    struct call *, enum kind, struct ident, const struct version read[2]);

/* A commit's message: "drop" a table: "drop table a.b.t". */
struct str entry_message(
    struct call *, const char *verb, enum kind, struct ident);

/*
 * What a new one gets from the catalog.  It goes below its namespace's
 * `location`, or the catalog's place, and its directory ends in 8 digits of
 * its uuid: a table made again never meets the files of the one before.
 */
struct table_seed entry_seed(struct call *, const struct branch *, struct ident,
    const struct version *ns);

/* The object of an entry is its uuid, as long as that is one. */
struct id entry_object(struct str uuid);

/*
 * Write the next metadata file and point the entry to it.  The relation brings
 * kind, ident and object and takes the rest.  On VERDICT_CONFLICT the file is
 * gone again; ERR_COMMIT_UNKNOWN leaves it.
 */
MUST_CHECK enum err entry_put(struct call *, const struct branch *,
    const char *verb, const struct version read[2], const struct metadata *,
    struct relation *, enum verdict *ret);

/* Point the entry to a file that is there. */
MUST_CHECK enum err entry_point(struct call *, const struct branch *,
    const char *verb, const struct version read[2], const struct relation *,
    enum verdict *ret);

#endif
