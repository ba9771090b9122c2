/*
 * update_common.h - the updates that tables and views have in common.
 *
 * `update` is the JSON object of an action.  `io_changed` becomes true when the
 * metadata does.  Failures are ERR_BAD_REQUEST and name the member.
 */
#ifndef PANGOLIN_UPDATE_COMMON_H
#define PANGOLIN_UPDATE_COMMON_H

#include "iceberg/properties.h"

/* The updates of a request as values of the metadata's document, which may be
 * changed and linked into it.  NULL and null are an empty array. */
MUST_CHECK enum err updates_own(struct metadata *, const yyjson_val *updates,
    yyjson_mut_val **ret, struct error *);

/* The member `uuid`. */
MUST_CHECK enum err update_uuid(
    const yyjson_mut_val *update, struct str *ret, struct error *);

/* set-location, set-properties, remove-properties. */
MUST_CHECK enum err update_location(struct metadata *,
    const yyjson_mut_val *update, bool *io_changed, struct error *);
MUST_CHECK enum err update_properties(struct metadata *,
    const yyjson_mut_val *update, bool *io_changed, struct error *);
MUST_CHECK enum err update_removals(struct metadata *,
    const yyjson_mut_val *update, bool *io_changed, struct error *);

#endif
