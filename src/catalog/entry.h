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
#include "iceberg/metadata_file.h"

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

/* One entry of a commit. */
struct entry_step {
	const struct version *read;      /* two, see above */
	const struct metadata *metadata; /* NULL: the file is there */
	struct relation *relation;       /* brings kind, ident and object */
	bool untouched;            /* is only expected to be as it was read */
	struct file_names dropped; /* off the metadata-log, to be deleted */
};

/*
 * Write the metadata files that are new, and point all entries to theirs in
 * one unit.  The relations take text and location of what is written.  On
 * VERDICT_CONFLICT and errors the new files are gone again;
 * ERR_COMMIT_UNKNOWN leaves them.
 */
MUST_CHECK enum err entries_commit(struct call *, const struct branch *,
    struct str message, const struct entry_step *, size_t count,
    enum verdict *ret);

/* The same for one, with the message of a verb; without metadata the relation
 * brings the file. */
MUST_CHECK enum err entry_put(struct call *, const struct branch *,
    const char *verb, const struct version read[2], const struct metadata *,
    struct relation *, enum verdict *ret);

#endif
