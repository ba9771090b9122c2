/* role_sync.h - gives a user the roles that the claims of its provider name. */
#ifndef PANGOLIN_ROLE_SYNC_H
#define PANGOLIN_ROLE_SYNC_H

#include "identity/users.h"
#include "oidc/subject.h"

/* Gives the user the roles of its tenant whose names the claims have, and takes
 * those that they had given before; what an admin has given stays.  The claims
 * also decide whether a user that the provider has made is an admin.  Nothing
 * changes unless the token is newer than `said_us`. */
MUST_CHECK enum err role_sync(
    struct call *, const struct subject *, int64_t said_us, struct user *io);

#endif
