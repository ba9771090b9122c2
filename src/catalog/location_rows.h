/*
 * location_rows.h - the rows of `locations`: which table a path belongs to, in
 * which directories the server places tables, and who is at, above or below a
 * path.
 *
 * location_owners.h says how they are claimed, tasks/sweep_places.h how they
 * go.
 */
#ifndef PANGOLIN_LOCATION_ROWS_H
#define PANGOLIN_LOCATION_ROWS_H

#include "catalog/names.h"
#include "record/batch.h"

/* ---- the row of a table's path: its key, and a new one */
struct id location_row_id(struct str path);
void location_row_fill(struct arena *, struct value *row, struct str path,
    struct id catalog, int64_t branch, struct ident, struct id object);

/* ---- the row of a directory: each catalog has its own */
struct id location_directory_id(struct str path, struct id catalog);
void location_directory_fill(struct arena *, struct value *row, struct str path,
    struct id catalog, int64_t branch);

/* Whether the row is that of a table of a catalog. */
bool location_row_is(
    const struct value *row, struct id catalog, struct id object);

/* Whether a unit has confirmed the row: others are claims that may go. */
bool location_row_is_confirmed(const struct value *row);

/* Whether the files are being deleted: nothing may use the path again. */
bool location_row_is_doomed(const struct value *row);

/* Writes rows only, and leaves nothing in doubt: what a lost answer may have
 * written is a claim, which may stay, or goes in time. */
MUST_CHECK enum err location_rows_apply(struct batch *, enum verdict *ret);

/*
 * Deletes the row when it counts as none: that of a deleted catalog, of a table
 * that was dropped where there never was a second branch or tag (it is in
 * history only, and tables are made again at the place that somebody gave
 * them), and a claim that has not been confirmed in minutes.
 */
MUST_CHECK enum err location_row_bury(
    struct call *, const struct value *row, bool *ret_gone);

/* So often a claim that meets an older one looks again. */
#define LOCATION_LOOKS 12

/* A table in whose way its own rows are not, nor those of the table that it
 * replaces; nil objects have none.  A row that is doomed is in the way of all
 * but a purge. */
struct location_owner {
	struct id catalog, object, replaced;
	bool is_purged; /* the owner itself */
};

/* The row of another owner at a path or above it; NULL: there is none. */
MUST_CHECK enum err location_rows_meet_above(struct call *, struct str path,
    const struct location_owner *, const struct value **ret);

/* The same below it, and of directories at it. */
MUST_CHECK enum err location_rows_meet_below(struct call *, struct str path,
    const struct location_owner *, const struct value **ret);

/* The same at, above or below it. */
MUST_CHECK enum err location_rows_meet(struct call *, struct str path,
    const struct location_owner *, const struct value **ret);

/* Fails with `taken` when a path lies in a place that is doomed: what is put
 * there would be deleted. */
MUST_CHECK enum err location_rows_check_doomed(
    struct call *, struct str path, enum err taken);

#endif
