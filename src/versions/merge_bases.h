/*
 * merge_bases.h - the positions at which a merge of any two states begins.
 *
 * A state is a place that a request can still name: a branch from its horizon
 * up to its head, the fork of a branch, a tag, both sides of an open merge.
 * A branch may be forked from any of them, so each counts with what it knew
 * itself, which is less than its branch knows today.
 */
#ifndef PANGOLIN_MERGE_BASES_H
#define PANGOLIN_MERGE_BASES_H

#include "catalog/refs.h"
#include "versions/knowledge.h"

/* `open` are the sides of open merges.  More positions than needed where the
 * states are too many to be compared with each other. */
MUST_CHECK enum err merge_bases(struct call *, const struct ref_list *,
    const struct points *open, struct points *ret);

#endif
