/*
 * sign_in_limit.h - refuses sign-ins of an account or from an address that has
 * failed too often (auth.rate_limit in auth.rate_window).
 *
 * Right ones never count.  Where an account was signed in from within a day, it
 * is not counted by itself: a stranger who guesses cannot keep its owner out
 * there.
 *
 * With rate.shared the nodes count passwords together (record/rates.h), but for
 * those of such known places.  A node that was told that a count is full
 * remembers it, and asks again once a second.
 */
#ifndef PANGOLIN_SIGN_IN_LIMIT_H
#define PANGOLIN_SIGN_IN_LIMIT_H

#include "http/request.h"
#include "shm/attempts.h"

/* A charge, of this node or of all. */
struct sign_in_charge {
	struct attempt attempt; /* key 0: not here */
	struct id row;          /* of record/rates.h; nil: not there */
	int64_t begun_us;       /* the row's window */
};

struct sign_in_try {
	struct sign_in_charge address, account;
	uint64_t charge_later; /* when it was wrong; 0: nothing */
	uint64_t mark;         /* when it was right; 0: nothing */
};

/* Before a password is verified, which counts as wrong until sign_in_end().
 * API keys cannot be guessed and cost little, so any number may be verified at
 * once: they have no account (ptr NULL), and count at the end.  ERR_SLOW_DOWN
 * (429) says when to come again. */
MUST_CHECK enum err sign_in_begin(
    struct request *, struct str account, struct sign_in_try *ret);

/* The same of somebody who has signed in and shows the password once more, with
 * counts of its own: whoever has stolen a token must not guess on with it. */
MUST_CHECK enum err sign_in_begin_again(
    struct request *, struct sign_in_try *ret);

/* Afterwards, with the result: ERR_NOT_AUTHORIZED is wrong. */
void sign_in_end(struct request *, const struct sign_in_try *, enum err);

/* Ends the pause of an account. */
void sign_in_forgive(struct request *, struct str account);

#endif
