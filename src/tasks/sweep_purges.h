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

#define PURGE_SWEEP_ROWS 5000 /* of a catalog that one sweep looks at */

/* The last row that a sweep looks at, by age: what the first chunk did not see
 * is marked in the next sweep, and only then handed on or ended. */
struct purge_bound {
	int64_t since_us; /* 0: not known yet; INT64_MAX: there is none */
	struct id id;
};

struct purge_sweep {
	struct work *work;
	const struct catalog *catalog;
	int64_t before_us; /* when the sweep began, less the grace */
	uint32_t most;     /* rows, PURGE_SWEEP_ROWS */
	struct purge_bound last;
	struct str_map rows;   /* of the catalog, by object */
	struct str_map places; /* that are to be emptied: their rows */
};

/* Reads the rows, before the first page of a chunk; the first chunk learns
 * which is the last. */
MUST_CHECK enum err purge_sweep_begin(struct purge_sweep *);

/* Looks at a page of a branch, which may be another catalog's. */
MUST_CHECK enum err purge_sweep_page(
    struct purge_sweep *, const struct ref *, const struct versions *);

/* Behind the last page: hands on and ends what is due; *ret_more: go on. */
MUST_CHECK enum err purge_sweep_end(struct purge_sweep *, bool *ret_more);

#endif
