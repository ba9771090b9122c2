/*
 * claims.h - what a token says, verified once.
 *
 * That a token was signed with our key does not change, so what it says is kept
 * under its hash until it expires.  Whether its owner may still come is not
 * part of that: see authenticate.h.
 */
#ifndef PANGOLIN_CLAIMS_H
#define PANGOLIN_CLAIMS_H

#include "identity/token.h"

/* As token_verify() does, of all but the name in the token, which `claims`
 * leaves empty. */
MUST_CHECK enum err claims_of(
    struct call *, const struct keys *, struct str token, struct claims *ret);

#endif
