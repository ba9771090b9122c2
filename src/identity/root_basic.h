/*
 * root_basic.h - root's name and password on each request, for programs that
 * know no tokens.
 *
 * A password is verified once by argon2 and then known by a MAC over it and
 * the hash that it matched, whose key is in this node's memory alone.  So a
 * password that has changed is known no more, and each wrong one costs as much
 * as at a sign-in.
 */
#ifndef PANGOLIN_ROOT_BASIC_H
#define PANGOLIN_ROOT_BASIC_H

#include "identity/sign_in.h"

/* ERR_NOT_AUTHORIZED for anybody but root, too. */
MUST_CHECK enum err sign_in_root(struct call *, const struct keys *,
    struct str username, struct str password, struct principal *ret);

#endif
