/*
 * location_rows.h - the rows of `locations`: which table a path belongs to, and
 * who is at, above or below it.
 *
 * location_owners.h says how they are claimed, tasks/sweep_places.h how they
 * go.
 */
#ifndef PANGOLIN_LOCATION_ROWS_H
#define PANGOLIN_LOCATION_ROWS_H

#include "catalog/names.h"
#include "record/batch.h"

/* The key of a path's row. */
struct id location_row_id(struct str path);

/* Fills a new row. */
void location_row_fill(struct arena *, struct value *row, struct str path,
    struct id catalog, int64_t branch, struct ident, struct id object);

/* Whether the row is that of a table of a catalog. */
bool location_row_is(
    const struct value *row, struct id catalog, struct id object);

/* Whether the files are being deleted: nothing may use the path again. */
bool location_row_is_doomed(const struct value *row);

/*
 * The row of another owner at a path or above it; NULL: there is none.
 * *ret_own: the path's own row, if the object has it and may use it.  Rows of
 * deleted catalogs, and of dropped tables that no branch can show, count
 * as none, and are deleted.
 */
MUST_CHECK enum err location_rows_meet_above(struct call *, struct str path,
    struct id catalog, struct id object, const struct value **ret,
    const struct value **ret_own);

/* The same below it. */
MUST_CHECK enum err location_rows_meet_below(struct call *, struct str path,
    struct id catalog, struct id object, const struct value **ret);

/* The same at, above or below it. */
MUST_CHECK enum err location_rows_meet(struct call *, struct str path,
    struct id catalog, struct id object, const struct value **ret);

#endif
