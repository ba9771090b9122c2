/*
 * seal.h - seals texts that a client keeps for the server and cannot change,
 * such as page tokens.
 *
 * They are sealed with the keys of tokens, so every node opens them, also after
 * a restart.  A sealed text is not hidden: the client can read it.
 */
#ifndef PANGOLIN_SEAL_H
#define PANGOLIN_SEAL_H

#include "identity/token.h"

/* Seals `text` for `about` and nothing else, as base64url. */
struct str seal(
    struct arena *, const struct keys *, struct str about, struct str text);

/* Opens a sealed text.  False: no key of ours has sealed it for `about`. */
bool unseal(struct arena *, const struct keys *, struct str about,
    struct str sealed, struct str *ret_text);

#endif
