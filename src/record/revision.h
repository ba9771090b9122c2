/*
 * revision.h - optimistic locking: a number that changes with the rows that a
 * check reads.
 *
 * A unit tests single rows, and many checks are about many rows: no child is
 * left, no other tenant has this place.  So a unit that makes such a row
 * changes a number, and a unit that relies on such a check expects the number
 * from before the check: the store decides, on any node.  Rows from before
 * there were such numbers have NULL, which is a number too.
 *
 * A parent's number is a field of its row (TENANT_REVISION,
 * WAREHOUSE_REVISION), which batch_add() changes; numbers of no row are kept
 * here.
 */
#ifndef PANGOLIN_REVISION_H
#define PANGOLIN_REVISION_H

#include "record/batch.h"

/* The number of a name; NULL before its first change. */
MUST_CHECK enum err revision_read(
    struct call *, struct str name, struct value *ret);

/* Changes it: the unit fails unless it still is what was read. */
void revision_swap(struct batch *, struct str name, struct value read);

#endif
