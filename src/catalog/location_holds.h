/*
 * location_holds.h - what location_owners_claim() found out, for the unit of
 * the table.
 */
#ifndef PANGOLIN_LOCATION_HOLDS_H
#define PANGOLIN_LOCATION_HOLDS_H

#include "catalog/location_owners.h"

/* The state of the row that a wish for a location needs. */
enum hold_state {
	HOLD_WANTS,   /* it has none yet */
	HOLD_CLAIMED, /* it was inserted here, at claimed_us */
	HOLD_SHARED,  /* another request for the same table inserted it */
	HOLD_OWN,     /* the table's own, confirmed */
	HOLD_PASSES,  /* that of the table that is replaced */
	HOLD_FRESH    /* the table's unit inserts it */
};

struct location_hold {
	const struct location_wish *wish;
	struct str path;
	struct id id; /* of the row */
	enum hold_state state;
	int64_t claimed_us;
};

#endif
