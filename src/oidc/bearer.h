/*
 * bearer.h - programs that sign in with a token of a provider:
 * Authorization: Bearer, and the subject of a token exchange.
 */
#ifndef PANGOLIN_BEARER_H
#define PANGOLIN_BEARER_H

#include "identity/principal.h"
#include "oidc/provider.h"

/* A token that was verified is not verified again for so long. */
#define BEARER_KEPT_US (300 * CLOCK_SECOND)

/* Whether the token says that it is of one of the providers. */
bool bearer_is_of_provider(
    struct arena *, const struct providers *, struct str token);

/* Verifies a token and finds its user.  ERR_NOT_AUTHORIZED; ERR_FORBIDDEN and
 * ERR_UNAVAILABLE as of federation_user() and provider_verify(). */
MUST_CHECK enum err bearer_sign_in(struct call *, const struct providers *,
    struct str token, struct principal *ret);

#endif
