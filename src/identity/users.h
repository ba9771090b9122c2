/*
 * users.h - users: people who sign in with a password.
 *
 * `by` is the principal that asks: a user sees and changes itself, an
 * administrator the users of its tenant, root all (of the tenant that it names,
 * if it does).  A user that the principal may not see is ERR_NOT_FOUND.
 */
#ifndef PANGOLIN_USERS_H
#define PANGOLIN_USERS_H

#include "identity/principal.h"
#include "record/batch.h"

#define USERNAME_MAX 255 /* bytes */
#define IDENTITIES_OF_USER_MAX 64

struct user {
	struct id id, tenant; /* tenant nil: root */
	struct str username, email;
	enum role role;
	bool active;
	int64_t created_us, updated_us;
	int64_t last_login_us;     /* 0: never */
	bool first_password;       /* it still has the first start's */
	int64_t sessions_since_us; /* sessions with another value are ended */
	struct str password_hash;  /* never shown; ptr NULL: no password */
	struct str provider; /* that has made it; ptr NULL: an admin has */
};

struct user_list {
	struct user *at;
	size_t count;
	bool more; /* there are more */
};

struct new_user {
	struct str username, email, password;
	struct id tenant; /* nil: the tenant that `by` works in */
	enum role role;   /* never ROLE_ROOT */
};

/* ERR_FORBIDDEN, ERR_ALREADY_EXISTS (username or email). */
MUST_CHECK enum err users_create(struct call *, const struct principal *by,
    const struct new_user *new, struct user *ret);

MUST_CHECK enum err users_get(
    struct call *, const struct principal *by, struct id id, struct user *ret);

/* Lists the users of the tenant that `by` works in, by username; without a
 * tenant, users of no tenant.  Limit 0: all. */
MUST_CHECK enum err users_list(struct call *, const struct principal *by,
    int64_t limit, int64_t offset, struct user_list *ret);

struct user_change {
	struct str email, password; /* ptr NULL: stays */
	int active;                 /* -1: stays; 0, 1 */
	struct str current;         /* the current password, to set one's own */
};

/* Changes a user.  To change its own password a user shows the current one:
 * ERR_FORBIDDEN, a token alone is not enough.  Making a user inactive ends its
 * sessions, for good.  A new password ends the user's sessions, except the one
 * that `by` came with.  *ret_settled: this call was the one after which no user
 * has the password of the first start; then call password_file_remove() of
 * password_file.h. */
MUST_CHECK enum err users_update(struct call *, const struct principal *by,
    struct id id, const struct user_change *, bool *ret_settled);

/* Deletes a user; ERR_BAD_REQUEST for oneself and for root. */
MUST_CHECK enum err users_delete(
    struct call *, const struct principal *by, struct id id, bool *ret_settled);

/* For the server's own use, without a check of rights: ERR_NOT_FOUND. */
MUST_CHECK enum err users_get_named(
    struct call *, struct str username, struct user *ret);

/* A user from its row, and the row of a new one. */
struct user user_of_row(const struct value *row);
void user_put(struct batch *, const struct user *);

/* How many users still have the password of the first start. */
MUST_CHECK enum err users_with_first_password(struct call *, int64_t *ret);

#endif
