/*
 * reseal.h - seals the secrets of all warehouses with the newest key
 * (catalog/sealing.h), also those that older releases stored in the clear.
 */
#ifndef PANGOLIN_RESEAL_H
#define PANGOLIN_RESEAL_H

#include "plugin/store.h"

struct resealed {
	size_t done;   /* warehouses */
	size_t locked; /* that no key of this server opens */
};

/* Goes over all warehouses; without a key it changes none.  Safe to repeat and
 * to run on two nodes at once. */
MUST_CHECK enum err warehouses_reseal(struct call *, struct resealed *ret);

#endif
