/*
 * asset_target.h - the place that a query of the management API names by
 * `catalog`, `namespace` and `asset`.
 */
#ifndef PANGOLIN_ASSET_TARGET_H
#define PANGOLIN_ASSET_TARGET_H

#include "http/request.h"
#include "identity/grants.h"

/* The target that the query names.  Members that are absent are nil or empty,
 * and so is the object of a name that is not there.  Nothing is authorized.
 * ERR_BAD_REQUEST; ERR_NO_SUCH_WAREHOUSE; ERR_NO_SUCH_REF. */
MUST_CHECK enum err query_asset(
    struct request *, struct call *, struct grant_target *ret);

#endif
