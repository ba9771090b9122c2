/*
 * merge_reads.h - what both sides of a merge show of the keys that the source
 * has changed.
 *
 * A merge that lost a race is planned again: then only what the target has
 * changed since is read anew, as long as neither has learned of other commits.
 */
#ifndef PANGOLIN_MERGE_READS_H
#define PANGOLIN_MERGE_READS_H

#include "versions/merge_plan.h"

struct merge_reads {
	bool is_filled;
	int64_t purged_us; /* of the catalog: nothing was erased since */
	struct point source, target;
	struct knowledge target_knows;
	struct key_set keys;
	struct version *source_shows, *target_shows; /* of each key */
};

/* Uses the plan's sides->reads if they are of an earlier try, and fills them
 * if they are empty. */
MUST_CHECK enum err merge_reads_make(
    struct merge_plan *, struct merge_reads *ret);

#endif
