/*
 * range.h - tests one predicate against the known range of the values of its
 * term.
 *
 * Manifests, partitions and columns of files all come down to a range: which
 * kinds of values there may be, and between which bounds.
 */
#ifndef PANGOLIN_RANGE_H
#define PANGOLIN_RANGE_H

#include "iceberg/evaluate.h"

/* More values than these are not hashed for every file. */
#define RANGE_HASHED_MAX 1000

struct range {
	bool null, nan, value;       /* may be there */
	struct literal lower, upper; /* of values; LITERAL_NULL: unknown */
	bool open; /* above the upper one: whatever begins with it */
	const struct transform *bucket; /* the bounds are of buckets */
};

enum match range_judge(const struct expression *, const struct range *);

#endif
