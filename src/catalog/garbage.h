/*
 * garbage.h - files that nothing needs any more, for a sweeper to delete: it
 * looks who else might need them, nothing here deletes.
 */
#ifndef PANGOLIN_GARBAGE_H
#define PANGOLIN_GARBAGE_H

#include "catalog/branch.h"
#include "catalog/draft.h"

/* In the unit with which the table needs it no more. */
void garbage_note(struct draft *, const struct branch *, struct id object,
    struct str location);

#endif
