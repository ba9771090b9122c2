/*
 * sweep_deleted.h - the part of the task `sweep` that removes what the store
 * has of deleted catalogs: of all tenants, whichever catalog is swept.
 *
 * A catalog has an id of its own, so one that was made anew under the name is
 * another.  Nothing begins to use a deleted catalog; what had begun has the
 * grace, or 10 minutes where that is shorter, to end.  Each step removes some
 * rows that are still there, so it can be done again, by several at once.
 */
#ifndef PANGOLIN_SWEEP_DELETED_H
#define PANGOLIN_SWEEP_DELETED_H

#include "tasks/work.h"

/* Removes some rows.  The text is its place in a search: empty at first;
 * *ret_more: go on. */
MUST_CHECK enum err deleted_sweep_some(
    struct work *, struct str *io_after, bool *ret_more);

#endif
