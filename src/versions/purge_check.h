/* purge_check.h - what still shows an object that is to be purged. */
#ifndef PANGOLIN_PURGE_CHECK_H
#define PANGOLIN_PURGE_CHECK_H

#include "catalog/catalogs.h"

/* Looks for the object in the whole history of the catalog, then at all that
 * shows its names.  ERR_CONFLICT names the branch or tag that shows it;
 * ERR_NOT_FOUND: history does not know it. */
MUST_CHECK enum err purge_check(
    struct call *, const struct catalog *, struct id object);

#endif
