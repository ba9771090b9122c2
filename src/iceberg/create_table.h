/* create_table.h - makes the first metadata of a table. */
#ifndef PANGOLIN_CREATE_TABLE_H
#define PANGOLIN_CREATE_TABLE_H

#include "iceberg/metadata.h"

/* The values that a new table gets from the catalog. */
struct table_seed {
	struct str uuid;
	struct str location; /* when the request names none */
	int64_t now_ms;
	int64_t deadline_us; /* clock_mono_us(); 0: none */
};

/* From a CreateTableRequest (REST spec): schema, partition-spec, write-order,
 * properties, location.  All ids are assigned anew, as the reference does.
 * `staged` (stage-create) adds the property created-at; the caller writes no
 * file.  ERR_BAD_REQUEST, ERR_ILLEGAL_ARGUMENT, ERR_VALIDATION. */
MUST_CHECK enum err create_table(struct arena *, const yyjson_val *request,
    const struct table_seed *, bool staged, struct metadata *ret,
    struct error *);

/* From the updates of a commit with assert-create: nothing but they and the
 * seed make the table.  Errors as updates_apply(). */
MUST_CHECK enum err create_from_updates(struct arena *,
    const yyjson_val *updates, const struct table_seed *, struct metadata *ret,
    struct error *);

#endif
