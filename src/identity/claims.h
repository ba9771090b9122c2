/*
 * claims.h - caches the claims of a token that was verified once.
 *
 * That a token was signed with our key never changes, so its claims are cached
 * under its hash until it expires.  Whether its owner may still sign in is
 * checked each time: see sign_in.h.  A stateless token is verified each
 * time: a cache that other programs can write to must not vouch for one.
 */
#ifndef PANGOLIN_CLAIMS_H
#define PANGOLIN_CLAIMS_H

#include "identity/token.h"

/* As token_verify(), but `claims` leaves the name and the jti empty. */
MUST_CHECK enum err claims_of(
    struct call *, const struct keys *, struct str token, struct claims *ret);

#endif
