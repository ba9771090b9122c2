/* partition.h - partition specs (Iceberg table spec, "Partition Specs"). */
#ifndef PANGOLIN_PARTITION_H
#define PANGOLIN_PARTITION_H

#include "iceberg/partition_transform.h"
#include "iceberg/schema.h"

#define PARTITION_FIRST_ID 1000   /* ids of partition fields begin here */
#define PARTITION_FIELDS_MAX 1000 /* of one spec */

struct partition_field {
	int32_t source_id;
	int32_t id; /* -1 when the JSON gives none */
	struct str name;
	struct transform transform;
	yyjson_mut_val *json;
};

struct partition_spec {
	struct partition_field *fields;
	size_t count;
};

/* Shape only: `json` is {"fields": [...]}.  ERR_BAD_REQUEST, or
 * ERR_ILLEGAL_ARGUMENT for values that cannot be. */
MUST_CHECK enum err partition_spec_read(struct arena *, yyjson_mut_val *json,
    struct partition_spec *ret, struct error *);

/* The schema has each source and its type fits the transform: what a default
 * spec needs.  ERR_VALIDATION. */
MUST_CHECK enum err partition_spec_check(
    const struct partition_spec *, const struct schema *, struct error *);

/* A partition is called like a column only if it holds that column: what a new
 * spec needs besides.  ERR_VALIDATION. */
MUST_CHECK enum err partition_spec_check_names(struct arena *,
    const struct partition_spec *, const struct schema *, struct error *);

/* Give fields without an id the ones after `last`, in their JSON too; all have
 * one or none has.  ERR_ILLEGAL_ARGUMENT. */
MUST_CHECK enum err partition_spec_number(
    struct partition_spec *, yyjson_mut_doc *, int32_t last, struct error *);

/* The largest field id, at least PARTITION_FIRST_ID - 1. */
int32_t partition_spec_last_id(const struct partition_spec *);

/* The same fields by source, transform and name; ids may differ. */
bool partition_spec_compatible(
    const struct partition_spec *, const struct partition_spec *);

#endif
