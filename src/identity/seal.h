/*
 * seal.h - text that a client keeps for the server and cannot change.
 *
 * Sealed with the keys of tokens, so every node and the next start open it.
 * It is not hidden: what it says may be known.
 */
#ifndef PANGOLIN_SEAL_H
#define PANGOLIN_SEAL_H

#include "identity/token.h"

/* `text`, for `about` and nothing else, as base64url. */
struct str seal(
    struct arena *, const struct keys *, struct str about, struct str text);

/* False: no key of ours has sealed it for `about`. */
bool unseal(struct arena *, const struct keys *, struct str about,
    struct str sealed, struct str *ret_text);

#endif
