/*
 * minting.h - tokens that administrators make for programs: sessions without a
 * sign-in, which end when it was asked for.
 */
#ifndef PANGOLIN_MINTING_H
#define PANGOLIN_MINTING_H

#include "identity/sessions.h"

#define MINT_HOURS_MAX 8760
#define MINT_HOURS 24 /* where nothing is asked for */

struct mint {
	struct id tenant;    /* nil: the one that `by` works in */
	struct str username; /* of its owner, or a service user's id; empty:
			      * `by` itself */
	enum role role;      /* at most; 0: the owner's */
	int64_t hours;       /* 1 to MINT_HOURS_MAX */
};

/* The caller is an administrator.  ERR_FORBIDDEN: the token would be above it
 * or above its owner, or of another tenant; ERR_NOT_FOUND: no such user. */
MUST_CHECK enum err token_mint(struct call *, const struct keys *,
    const struct principal *by, const struct mint *, struct session *ret,
    struct id *ret_tenant);

#endif
