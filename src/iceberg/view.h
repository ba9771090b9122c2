/*
 * view.h - view metadata (Iceberg view spec), and the updates of it.
 *
 * Like table metadata it is held as the JSON document it is.  The accessors of
 * metadata.h for location, properties and lists work on it; it has no
 * snapshots, specs and orders.
 */
#ifndef PANGOLIN_VIEW_H
#define PANGOLIN_VIEW_H

#include "iceberg/create_table.h"

#define VIEW_VERSION_MAX 1 /* of the format */

/* Text to metadata.  Members have their JSON types, the current version is
 * one of the versions.  ERR_BAD_REQUEST names the field. */
MUST_CHECK enum err view_parse(
    struct arena *, struct str text, struct metadata *ret, struct error *);

struct str view_uuid(const struct metadata *);

/* From a CreateViewRequest (REST spec): schema, view-version, properties,
 * location.  Schema and version get the first ids.  Errors as
 * view_updates_apply(). */
MUST_CHECK enum err view_create(struct arena *, const yyjson_val *request,
    const struct table_seed *, struct metadata *ret, struct error *);

/* Checks each of a ViewRequirement array against `base`; NULL and null are an
 * empty one.  ERR_COMMIT_FAILED, "Requirement failed: ..."; ERR_BAD_REQUEST for
 * an unknown type or a malformed one. */
MUST_CHECK enum err view_requirements_check(struct arena *,
    const yyjson_val *requirements, const struct metadata *base,
    struct error *);

/*
 * Apply a ViewUpdate array in order and finish: the version log, the history
 * cut to `version.history.num-entries` (10), no dialect lost unless
 * `replace.drop-dialect.allowed`.  After a failure the metadata is half
 * changed and must be dropped.  ERR_BAD_REQUEST (shape), ERR_ILLEGAL_ARGUMENT
 * or ERR_VALIDATION (what cannot be).  `ret_changed` false: write nothing.
 */
MUST_CHECK enum err view_updates_apply(struct metadata *,
    const yyjson_val *updates, int64_t now_ms, bool *ret_changed,
    struct error *);

#endif
