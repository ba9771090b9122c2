/*
 * partition_transform.h - transforms of partition and sort fields (Iceberg
 * table spec, "Partition Transforms").
 */
#ifndef PANGOLIN_PARTITION_TRANSFORM_H
#define PANGOLIN_PARTITION_TRANSFORM_H

#include "iceberg/schema_type.h"

enum transform_kind {
	TRANSFORM_IDENTITY,
	TRANSFORM_YEAR,
	TRANSFORM_MONTH,
	TRANSFORM_DAY,
	TRANSFORM_HOUR,
	TRANSFORM_BUCKET,
	TRANSFORM_TRUNCATE,
	TRANSFORM_VOID,
	TRANSFORM_UNKNOWN, /* of a later version: kept, never judged */
};

struct transform {
	enum transform_kind kind;
	int32_t width;   /* of a bucket or truncate, > 0 */
	struct str text; /* as written */
};

/* "bucket[16]", "day", in either case; false for a known name with malformed
 * parameters.  A name nobody knows is TRANSFORM_UNKNOWN. */
bool transform_parse(struct str text, struct transform *ret);

bool transform_equal(const struct transform *, const struct transform *);
bool transform_accepts(const struct transform *, enum type_kind);

#endif
