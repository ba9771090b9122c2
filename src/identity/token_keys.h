/*
 * token_keys.h - the keys that sign tokens, where they are kept in the store.
 *
 * Each is a row of `secrets`: "jwt", then "jwt-2", "jwt-3" and so on.  The one
 * with the highest number signs.  The others verify for TOKEN_KEY_REST_US after
 * the next one was made, by when every token of theirs has expired.
 *
 *	rotate: row "jwt-N", and N in "jwt-newest", which the system's
 *	        control log names
 *	learn:  "jwt-newest" from the cache, as fresh as other records; when it
 *	        is above the number known here, the rows
 *
 * So workers and nodes learn of a key when they are about to sign, and when
 * they see something that no key of theirs has signed.  Secrets are in no
 * cache.
 */
#ifndef PANGOLIN_TOKEN_KEYS_H
#define PANGOLIN_TOKEN_KEYS_H

#include "base/clock.h"
#include "identity/token.h"

/* The longest life of a token or session is 365 days (auth.session_lifetime,
 * MINT_HOURS_MAX); a day more for clocks that differ. */
#define TOKEN_KEY_REST_US (366 * 24 * 3600 * CLOCK_SECOND)

/* Loads the keys, of which the first is made if there is none: all nodes get
 * the same. */
MUST_CHECK enum err keys_load(struct call *, struct keys *ret);

/* Replaces the keys of a worker if there is a newer one, as of when the request
 * of the call came, or later.  The old ones stay where they are: another thread
 * may use them. */
MUST_CHECK enum err keys_learn(struct call *, const struct keys *_Atomic *io);

/* Makes a new key.  ERR_CONFLICT: the keys are of a text, too many older keys
 * may still have tokens, or somebody else makes one at this moment. */
MUST_CHECK enum err keys_rotate(struct call *, const struct keys *_Atomic *io);

#endif
