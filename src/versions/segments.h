/*
 * segments.h - the changes that lie between two states: ranges of the logs of
 * which one of the two reads something and the other does not.
 *
 * Whatever the two show differently was changed in one of them, so the cost of
 * a comparison is that of the changes, however much a catalog holds.
 */
#ifndef PANGOLIN_SEGMENTS_H
#define PANGOLIN_SEGMENTS_H

#include "catalog/refs.h"

#define SEGMENTS_MAX (2 * CHAIN_LINKS_MAX)

/* Changes of a branch that one side has and the other may not have. */
struct segment {
	struct point upto;
	int64_t above;
};

struct segments {
	struct segment at[SEGMENTS_MAX];
	size_t count;
};

/* The newest first: those of `to`, then those of `from`. */
struct segments segments_between(struct chain from, struct chain to);

#endif
