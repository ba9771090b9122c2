/* record_cache.h - caches rows of users, tenants, warehouses and catalogs. */
#ifndef PANGOLIN_RECORD_CACHE_H
#define PANGOLIN_RECORD_CACHE_H

#include "record/control.h"

/* As control_read(), from the cache where the call may use it. */
MUST_CHECK enum err record_cache_find(
    struct call *, const struct control_ref *, const struct value **ret);

#endif
