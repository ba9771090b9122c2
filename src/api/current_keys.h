/*
 * current_keys.h - the keys of tokens as they are when a request comes: another
 * worker or node may just have made a new one (identity/token_keys.h).
 */
#ifndef PANGOLIN_CURRENT_KEYS_H
#define PANGOLIN_CURRENT_KEYS_H

#include "http/request.h"
#include "identity/token.h"

/* The keys for a token that is about to be made.  While the store does not
 * answer they are those that are known. */
const struct keys *keys_to_sign(struct request *);

/* The keys for a token that a client has sent. */
MUST_CHECK enum err keys_to_verify(
    struct request *, struct str token, const struct keys **ret);

/* Opens what was sealed, as unseal() does; *ret false: it was not, or for
 * something else. */
MUST_CHECK enum err keys_unseal(struct request *, struct str about,
    struct str sealed, bool *ret, struct str *ret_text);

#endif
