/*
 * warehouse_twins.h - refuses places of one tenant that locations could not
 * tell apart.
 *
 * A location names no endpoint (decision 55), so two buckets of one name, or
 * two prefixes in them that overlap, have one endpoint.
 */
#ifndef PANGOLIN_WAREHOUSE_TWINS_H
#define PANGOLIN_WAREHOUSE_TWINS_H

#include "catalog/warehouses.h"

/* Checks a warehouse that is made or changed, of which id and tenant are read,
 * with its root and its config as rows have it.  ERR_BAD_REQUEST names the
 * field. */
MUST_CHECK enum err warehouse_twins_check(struct call *,
    const struct warehouse *, struct str root, struct pairs config);

#endif
