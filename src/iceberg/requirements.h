/*
 * requirements.h - checks the requirements of a commit (REST spec,
 * TableRequirement).
 */
#ifndef PANGOLIN_REQUIREMENTS_H
#define PANGOLIN_REQUIREMENTS_H

#include "iceberg/metadata.h"

/* Whether the commit creates a table: `requirements` holds assert-create.
 * ERR_BAD_REQUEST when others stand beside it, or the array is malformed.
 * NULL and null are an empty array. */
MUST_CHECK enum err requirements_has_create(
    const yyjson_val *requirements, bool *ret, struct error *);

/* Check each in order against `base`; NULL when there is no such table, which
 * only assert-create accepts.  ERR_COMMIT_FAILED, "Requirement failed: ...";
 * ERR_BAD_REQUEST for an unknown type or a malformed one. */
MUST_CHECK enum err requirements_check(struct arena *,
    const yyjson_val *requirements, const struct metadata *base,
    struct error *);

#endif
