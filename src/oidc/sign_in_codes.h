/*
 * sign_in_codes.h - codes that a browser brings from the end of a sign-in, and
 * that are good for one token within two minutes.
 *
 * The store has a hash of the code and of what it is bound to, so neither it
 * nor its backups can sign anybody in.
 */
#ifndef PANGOLIN_SIGN_IN_CODES_H
#define PANGOLIN_SIGN_IN_CODES_H

#include "identity/users.h"

#define SIGN_IN_CODE_LIFE_S 120

/* Makes a code of 64 hexadecimal digits for a user.  With a binding, only who
 * shows that too can redeem it; "": anybody who has the code. */
MUST_CHECK enum err sign_in_code_make(
    struct call *, const struct user *, struct str binding, struct str *ret);

/* Takes a code; ERR_BAD_REQUEST: it was redeemed, is too old or none, or its
 * user may not sign in any more. */
MUST_CHECK enum err sign_in_code_redeem(
    struct call *, struct str code, struct str binding, struct user *ret);

/* Deletes a page of codes that were never redeemed. */
MUST_CHECK enum err sign_in_codes_expire(
    struct call *, int64_t now_us, bool *ret_more);

#endif
