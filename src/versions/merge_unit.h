/*
 * merge_unit.h - makes one unit of a plan: all of it or nothing is applied to
 * the target.
 */
#ifndef PANGOLIN_MERGE_UNIT_H
#define PANGOLIN_MERGE_UNIT_H

#include "catalog/draft.h"
#include "versions/merge_steps.h"

/*
 * Adds to the draft what the plan puts, with its claims of locations, and what
 * it expects of the target: that no key it has looked at has changed.  A plan
 * that has conflicts left makes no unit.  A table that would lie in the
 * directory of another becomes a conflict of the plan, or is left out if that
 * was decided.
 */
MUST_CHECK enum err merge_unit_draft(struct call *, const struct branch *target,
    struct merge_plan *, struct draft *ret);

/* Says VERDICT_CONFLICT of a unit that found a conflict behind its plan, if the
 * target has moved since: what it met, another merge may just have brought, so
 * the plan is made again. */
MUST_CHECK enum err merge_unit_raced(
    struct call *, struct point planned, enum verdict *io);

/* Whether both sides have changed something alike, or the target's was chosen:
 * the merge has to be written down although it puts nothing. */
bool merge_plan_agrees(const struct merge_plan *);

#endif
