/*
 * prune_catalog.h - the task that prunes versions older than a catalog's
 * retention which no pin needs (versions/pins.h).
 *
 * First the horizon of a branch rises: positions below it can be read only
 * where a tag or a fork names them.  Then versions are deleted that none of
 * these shows; before that, the files that they point to are noted as garbage.
 * Of a branch that nobody needs all versions go.  Last come those of the
 * tenant's control log that have newer ones.  It deletes only rows.
 */
#ifndef PANGOLIN_PRUNE_CATALOG_H
#define PANGOLIN_PRUNE_CATALOG_H

#include "tasks/work.h"

/* A chunk of the kind "prune". */
MUST_CHECK enum err prune_catalog(struct work *);

#endif
