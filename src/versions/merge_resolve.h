/*
 * merge_resolve.h - stores people's decisions about conflicts, and finds them
 * for the next plan.
 */
#ifndef PANGOLIN_MERGE_RESOLVE_H
#define PANGOLIN_MERGE_RESOLVE_H

#include "catalog/branch.h"
#include "versions/merge_operations.h"

/* A decision: `location` or `properties` (JSON text) of STRATEGY_MANUAL. */
struct merge_decision {
	struct id conflict;
	enum merge_strategy strategy;
	struct str location, properties;
	struct id decided_by;
};

/* `in` is any branch of the catalog.  ERR_NOT_FOUND; ERR_CONFLICT: the
 * operation is not open; ERR_BAD_REQUEST: it is nothing for this conflict. */
MUST_CHECK enum err merges_resolve(
    struct call *, const struct branch *in, const struct merge_decision *);

/* The decisions of stored conflicts, by key_text(). */
MUST_CHECK enum err merge_resolutions(
    struct call *, const struct conflict_list *, struct str_map *ret);

/* The decision whose metadata file the merge puts; NULL: it puts another. */
const struct merge_resolution *merge_decided_file(const struct merge_item *);

/* Days may lie between a decision and the commit: whether the files that were
 * decided for are there and may be taken.  ERR_CONFLICT tells why not. */
MUST_CHECK enum err merge_decisions_check(
    struct call *, const struct branch *target, const struct merge_plan *);

#endif
