/*
 * garbage.h - files that a version of a table or view pointed to which is no
 * more: for the task `sweep`, which looks who else needs them.
 *
 * A row comes to be before, or with, what makes its file superfluous, and
 * begins anew, with a new time, whenever that happens again.  A row that is
 * doomed says that its file is being deleted: nothing may point there again.
 */
#ifndef PANGOLIN_GARBAGE_H
#define PANGOLIN_GARBAGE_H

#include "catalog/branch.h"
#include "catalog/draft.h"
#include "record/batch.h"

/* In the unit with which the table needs it no more. */
void garbage_note(struct draft *, const struct branch *, struct id object,
    struct str location);

/* The same in a unit of records. */
void garbage_put(struct batch *, const struct catalog *, int64_t branch,
    struct id object, struct str location);

/* The same of a file that is superfluous since another one is, whose row this
 * is: the unit fails when it has a row. */
void garbage_insert_like(
    struct batch *, const struct value *row, struct str location);

/* In the unit that points to a file which was there before: it is no garbage,
 * and the unit fails when it is doomed. */
void garbage_rescue(struct draft *, struct str location);

/* The key of a location's row: one for all spellings of a file. */
struct id garbage_id(struct arena *, struct str location);

/* Whether the key of a row is that of earlier releases, one for each spelling,
 * by which no mark finds it.  Such a row begins anew under the file's key. */
bool garbage_is_spelled(struct arena *, const struct value *row);
MUST_CHECK enum err garbage_begin_anew(struct call *, const struct value *row);

#endif
