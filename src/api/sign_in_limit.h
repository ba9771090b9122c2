/*
 * sign_in_limit.h - refuses sign-ins of an account or from an address that has
 * failed too often (auth.rate_limit in auth.rate_window).
 *
 * Right ones never count.  Where an account was signed in from within a day, it
 * is not counted by itself: a stranger who guesses cannot keep its owner out
 * there.
 */
#ifndef PANGOLIN_SIGN_IN_LIMIT_H
#define PANGOLIN_SIGN_IN_LIMIT_H

#include "http/request.h"

struct sign_in_try {
	uint64_t address;
	uint64_t account; /* 0: it is not counted */
	uint64_t known;   /* of the account at the address; 0: of a key */
};

/* Before a password is verified, which counts as wrong until sign_in_end().
 * API keys cannot be guessed and cost little, so any number may be verified at
 * once: they have no account (ptr NULL), and count at the end.  ERR_SLOW_DOWN
 * (429) says when to come again. */
MUST_CHECK enum err sign_in_begin(
    struct request *, struct str account, struct sign_in_try *ret);

/* Afterwards, with the result. */
void sign_in_end(struct request *, const struct sign_in_try *, enum err);

/* Ends the pause of an account. */
void sign_in_forgive(const struct request *, struct str account);

#endif
