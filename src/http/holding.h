/*
 * holding.h - the memory that the body of a request holds, and who pays for it.
 */
#ifndef PANGOLIN_HOLDING_H
#define PANGOLIN_HOLDING_H

#include "base/uuid.h"

struct holding {
	int64_t bytes;
	uint64_t payer;   /* a hash of address or tenant */
	bool identified;  /* the payer is a tenant, not an address */
	struct id tenant; /* the principal's; set by identify */
};

#endif
