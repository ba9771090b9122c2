/*
 * divergence.h - counts the commits by which branches are ahead of and behind a
 * state.
 */
#ifndef PANGOLIN_DIVERGENCE_H
#define PANGOLIN_DIVERGENCE_H

#include "versions/branches.h"

struct divergence {
	int64_t ahead;  /* commits that the branch knows and the state not */
	int64_t behind; /* and the other way round */
};

/*
 * Each branch at its head against one state.  The cost is that of the merges
 * that led to them: commits are numbered by branch without gaps, so nobody
 * counts them one by one, and no table is read.
 */
MUST_CHECK enum err divergences(struct call *, const struct catalog *,
    struct point from, const struct ref *, const struct branch_head *,
    size_t count, struct divergence *ret);

#endif
