/*
 * things.h - users, tenants, warehouses, catalogs: kept, or from the store.
 */
#ifndef PANGOLIN_THINGS_H
#define PANGOLIN_THINGS_H

#include "record/control.h"

/* As control_read(), answered from what is kept where the call may be. */
MUST_CHECK enum err thing_get(
    struct call *, const struct thing_ref *, const struct value **ret);

#endif
