/*
 * federation.h - users that providers of sign-in know: who of ours a subject
 * is, and the roles that its claims give.
 *
 * The first sign-in of a subject finds its user by an address for which the
 * provider is believed, or makes one where the settings allow it; a row
 * (ENTITY_IDENTITIES) remembers which.  Claims of the newest token count: an
 * older one changes no roles.  Nobody becomes root by a provider.
 */
#ifndef PANGOLIN_FEDERATION_H
#define PANGOLIN_FEDERATION_H

#include "identity/users.h"
#include "oidc/subject.h"

/* The user of a subject, with the roles of its claims.  ERR_NOT_AUTHORIZED:
 * there is none, and none may be made, or it is not active; ERR_FORBIDDEN: its
 * tenant is another than the claims say, or is not there. */
MUST_CHECK enum err federation_user(
    struct call *, const struct subject *, struct user *ret);

#endif
