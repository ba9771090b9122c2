/*
 * sign_in.h - signs in: finds the principal of a token, an API key or a
 * password.
 *
 * Failures are ERR_NOT_AUTHORIZED and do not tell which part was wrong.  The
 * role and the tenant are those stored now, not those of the token, but for a
 * token that was minted for less than its owner's role.
 */
#ifndef PANGOLIN_SIGN_IN_H
#define PANGOLIN_SIGN_IN_H

#include "identity/token.h"
#include "identity/users.h"

/* Authorization: Bearer.  Two look-ups in the store: the user and the
 * session. */
MUST_CHECK enum err sign_in_bearer(struct call *, const struct keys *,
    struct str token, struct principal *ret);

/* The same, with the claims of the token. */
MUST_CHECK enum err sign_in_token(struct call *, const struct keys *,
    struct str token, struct principal *ret, struct claims *ret_claims);

/* X-API-Key.  One look-up in the store. */
MUST_CHECK enum err sign_in_api_key(
    struct call *, struct str key, struct principal *ret);

struct login {
	struct str username, password;
	struct id tenant; /* nil: the user's own tenant */
};

/* Signs in by password and notes the time; "Invalid credentials" takes as long
 * for unknown users. */
MUST_CHECK enum err sign_in_password(
    struct call *, const struct login *, struct principal *ret);

/* The same, for the user's row; a role other than 0 must be the user's. */
MUST_CHECK enum err sign_in_checked(
    struct call *, const struct login *, enum role, struct user *ret);

/* The principal of the row of a user or service user (NULL: there is none), and
 * whether it may sign in. */
bool principal_of_row(
    bool service_user, const struct value *row, struct principal *ret);
struct principal principal_of_user(const struct user *);

/* OAuth client credentials: a username with its password, or the id of a
 * service user with its API key. */
MUST_CHECK enum err sign_in_client(struct call *, struct str client_id,
    struct str client_secret, struct principal *ret);

/* Of work that was asked for earlier: the user or service user as it is now,
 * in the tenant of the work; a nil id is the client of no-auth mode.
 * ERR_FORBIDDEN: it may not sign in any more. */
MUST_CHECK enum err principal_now(
    struct call *, struct id who, struct id tenant, struct principal *ret);

/* The tenant that X-Pangolin-Tenant names (a UUID; empty: none): root works
 * in it, for others it must be their own (ERR_FORBIDDEN). */
MUST_CHECK enum err principal_enter(
    struct call *, struct principal *, struct str named);

#endif
