/*
 * sweep_purges.h - the part of the task `sweep` that finds out what may be
 * purged, and ends purges (catalog/purges.h).
 *
 * While the sweep looks through all versions it notes which tombstones ask for
 * a purge.  An object that asks for it still, and that for the grace no state
 * above a horizon, no branch and no tag has shown, is handed to the task
 * `purge`.
 */
#ifndef PANGOLIN_SWEEP_PURGES_H
#define PANGOLIN_SWEEP_PURGES_H

#include "base/str_map.h"
#include "catalog/catalogs.h"
#include "catalog/refs.h"
#include "tasks/work.h"

struct purge_sweep {
	struct work *work;
	const struct catalog *catalog;
	int64_t before_us;     /* when the sweep began, less the grace */
	struct str_map rows;   /* of the catalog, by object */
	struct str_map places; /* that are to be emptied: their rows */
};

/* Reads the rows, before the first page of a chunk. */
MUST_CHECK enum err purge_sweep_begin(struct purge_sweep *);

/* Looks at a page of a branch, which may be another catalog's. */
MUST_CHECK enum err purge_sweep_page(
    struct purge_sweep *, const struct ref *, const struct versions *);

/* Behind the last page: hands on and ends what is due; *ret_more: go on. */
MUST_CHECK enum err purge_sweep_end(struct purge_sweep *, bool *ret_more);

#endif
