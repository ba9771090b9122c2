/*
 * relation_write.h - the writes that tables and views have in common.
 *
 * `read` is what the branch shows of [0] the entry's key and [1] its namespace.
 * Messages hold the words that clients look for.
 */
#ifndef PANGOLIN_RELATION_WRITE_H
#define PANGOLIN_RELATION_WRITE_H

#include "catalog/relations.h"
#include "iceberg/create_table.h"
#include "iceberg/metadata_file.h"

/* ERR_NO_SUCH_TABLE, ERR_NO_SUCH_VIEW. */
enum err relation_missing(struct call *, enum kind, struct ident);
/* ERR_COMMIT_FAILED. */
enum err relation_races_lost(struct call *, enum kind, struct ident);

/* Checks that a new table or view may have the name.  ERR_NO_SUCH_NAMESPACE,
 * ERR_ALREADY_EXISTS. */
MUST_CHECK enum err relation_place_check(
    struct call *, enum kind, struct ident, const struct version read[2]);

/* The message of a commit: "drop" of a table gives "drop table a.b.t". */
struct str relation_message(
    struct call *, const char *verb, enum kind, struct ident);

/*
 * Location and uuid of a new table or view.  It goes below its namespace's
 * `location`, or the catalog's place, and its directory ends in 8 digits that
 * follow from its uuid (chosen_places.h): a table made again never meets the
 * files of the one before.  On a branch with plain_locations it ends so where a
 * table has the place without.
 */
MUST_CHECK enum err relation_seed(struct call *, const struct branch *,
    struct ident, const struct version *ns, struct table_seed *ret);

/* The object of an entry: its uuid, if that is a valid one. */
struct id relation_object(struct str uuid);

/* One table or view of a commit. */
struct relation_step {
	const struct version *read;      /* two, see above */
	const struct metadata *metadata; /* NULL: the file is there already */
	struct relation *relation;       /* has kind, ident and object */
	bool untouched;                  /* stays, and must be as it was read */
	struct file_names dropped; /* off the metadata-log, for the sweeper */
};

/*
 * Writes the new metadata files, and points all entries to theirs in one unit.
 * The relations get text and location of what is written.  After
 * VERDICT_CONFLICT and errors the new files are deleted; after
 * ERR_COMMIT_UNKNOWN they stay.
 */
MUST_CHECK enum err relations_commit(struct call *, const struct branch *,
    struct str message, const struct relation_step *, size_t count,
    enum verdict *ret);

/* The same for one table or view, with the message of a verb; without metadata
 * the relation names the file. */
MUST_CHECK enum err relation_put(struct call *, const struct branch *,
    const char *verb, const struct version read[2], const struct metadata *,
    struct relation *, enum verdict *ret);

#endif
