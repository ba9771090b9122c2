/*
 * sweep_places.h - the part of the task `sweep` that gives locations back which
 * no table needs any more (catalog/location_owners.h).
 *
 * The task `prune` says of a location that it is left (`left_us`) before it
 * drops versions of a table that their branch does not show any more.  It is
 * needed again when the sweep finds a version that is kept and shows the table.
 * One that was left for the grace, and that no version shows now either, is
 * given back once there is no file in it.
 *
 * Versions are looked through page by page, while others commit.  What they
 * make has its location from a version that is there, or claims it (which ends
 * `left_us`).  A version may also go behind the back of a sweep: so `prune`
 * first moves a number, and a sweep changes rows only while that stands still.
 */
#ifndef PANGOLIN_SWEEP_PLACES_H
#define PANGOLIN_SWEEP_PLACES_H

#include "catalog/refs.h"
#include "tasks/work.h"

struct place_sweep {
	struct work *work;
	const struct catalog *catalog;
	int64_t before_us; /* what was left until then may be given back */
	int64_t pruned;    /* the number of place_sweep_pruned() at first */
	struct str after;  /* the page of rows that is next */
};

/* The number that `prune` moves before it drops versions of a catalog. */
MUST_CHECK enum err place_sweep_pruned(
    struct call *, struct id catalog, int64_t *ret);
void place_sweep_prune(struct batch *, struct id catalog);

/* The number goes with its catalog. */
void place_sweep_forget(struct batch *, struct id catalog);

/* Before `prune` drops versions of a page, and behind place_sweep_prune().
 * `needed`: somebody needs their branch. */
MUST_CHECK enum err place_sweep_leave(
    struct call *, struct id catalog, const struct versions *, bool needed);

/* Looks at a page of a branch that somebody needs for locations that are
 * needed; a table of an earlier release gets its row here. */
MUST_CHECK enum err place_sweep_keep(
    struct place_sweep *, const struct ref *, const struct versions *);

/* Gives back some; *ret_more: go on. */
MUST_CHECK enum err place_sweep_give_back(struct place_sweep *, bool *ret_more);

#endif
