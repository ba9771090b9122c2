/*
 * warehouse_places.h - keeps the places of tenants apart: none equals or
 * contains another tenant's.
 *
 * The rows of all warehouses, also of older releases, say which places are
 * taken.  A unit cannot test them all, so a unit that takes a place moves one
 * revision (record/revision.h): of two that looked at the same time the store
 * lets one through, and the other looks again.
 */
#ifndef PANGOLIN_WAREHOUSE_PLACES_H
#define PANGOLIN_WAREHOUSE_PLACES_H

#include "base/json.h"
#include "catalog/warehouse_root.h"
#include "record/batch.h"

/* The most `allowed-locations` of one warehouse. */
#define ALLOWED_LOCATIONS_MAX 100

/* The places that other tenants have now. */
struct taken_places {
	struct call *call;
	const struct root_rules *rules; /* NULL: anywhere */
	struct value revision;
	struct rows rows;
};

MUST_CHECK enum err taken_places_read(struct call *, const struct root_rules *,
    struct id tenant, struct taken_places *ret);

/* Checks a place: ERR_BAD_REQUEST when it is not allowed or overlaps another
 * tenant's; `what` names the field. */
MUST_CHECK enum err taken_places_check(
    const struct taken_places *, const char *what, struct str root);

/* The same for all places in a list. */
MUST_CHECK enum err taken_places_check_all(
    const struct taken_places *, const char *what, struct str list);

/* Adds one write to the unit, which fails when a place was taken since they
 * were read. */
void taken_places_expect(const struct taken_places *, struct batch *);

/* The places besides its root that a warehouse's storage_config allows. */
MUST_CHECK enum err allowed_locations(
    struct arena *, struct pairs config, struct roots *ret, struct error *);

#endif
