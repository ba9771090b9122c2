/*
 * partition_type.h - the types of a spec's partition values, and reads them
 * from manifests (Iceberg table spec, "Manifests").
 */
#ifndef PANGOLIN_PARTITION_TYPE_H
#define PANGOLIN_PARTITION_TYPE_H

#include "iceberg/partition.h"
#include "iceberg/transform_apply.h"

struct partition_column {
	int32_t source_id;
	int32_t id; /* in the partition struct of a manifest */
	struct str name;
	struct transform transform;
	struct type source; /* TYPE_UNKNOWN when no schema has the column */
	struct type type;   /* of its values; TYPE_UNKNOWN: not to be judged */
};

struct partition_type {
	struct partition_column *columns; /* in the order of the spec */
	size_t count;
};

/* The first of the schemas that has a source column decides its type: give the
 * one that is read by first, then the table's others. */
struct partition_type partition_type_of(struct arena *,
    const struct partition_spec *, const struct schema *schemas, size_t count);

/* The partition of a file, `type->count` values into `ret`.
 * ERR_BAD_REQUEST: a value is not of its column's type. */
MUST_CHECK enum err partition_read(const struct partition_type *,
    const struct avro_value *record, struct literal *ret, struct error *);

#endif
