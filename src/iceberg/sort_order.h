/* sort_order.h - sort orders (Iceberg table spec, "Sorting"). */
#ifndef PANGOLIN_SORT_ORDER_H
#define PANGOLIN_SORT_ORDER_H

#include "iceberg/partition_transform.h"
#include "iceberg/schema.h"

#define SORT_ORDER_UNSORTED 0 /* the id of the order without fields */

struct sort_field {
	int32_t source_id;
	struct transform transform;
	bool ascending, nulls_first;
	yyjson_mut_val *json;
};

struct sort_order {
	struct sort_field *fields;
	size_t count;
};

/* Shape only: `json` is {"fields": [...]}.  ERR_BAD_REQUEST, or
 * ERR_ILLEGAL_ARGUMENT for values that cannot be. */
MUST_CHECK enum err sort_order_read(struct arena *, yyjson_mut_val *json,
    struct sort_order *ret, struct error *);

/* The schema has each source and its type fits the transform.
 * ERR_VALIDATION. */
MUST_CHECK enum err sort_order_check(
    const struct sort_order *, const struct schema *, struct error *);

bool sort_order_equal(const struct sort_order *, const struct sort_order *);

#endif
