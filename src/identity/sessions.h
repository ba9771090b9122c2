/*
 * sessions.h - the tokens that are good: each is a row of `active_tokens`.
 *
 * A token that is ended is refused by every node from then on, because the end
 * is named on the control log of its tenant.  A row is made without a word
 * there: nobody can have kept that it is missing.  All that somebody had before
 * a moment are ended by `sessions_since` in their own row.
 */
#ifndef PANGOLIN_SESSIONS_H
#define PANGOLIN_SESSIONS_H

#include "identity/principal.h"
#include "identity/token.h"
#include "record/batch.h"

struct session {
	struct str token;
	struct id jti;
	int64_t issued_us, expires_us;
};

/* A token for somebody who was authenticated; whole seconds.  While the store
 * takes no writes: for five minutes, without a row, its jti nil. */
MUST_CHECK enum err session_open(struct call *, const struct keys *,
    const struct principal *, int64_t lifetime_s, struct session *ret);

/* ERR_NOT_AUTHORIZED: it was ended, or made before `since_us`. */
MUST_CHECK enum err session_check(
    struct call *, const struct claims *, int64_t since_us);

/* Adds to a unit that ends all sessions of somebody at `now_us`: this one goes
 * on.  The unit fails if it has been ended. */
void session_renew(struct batch *, struct id jti, int64_t now_us);

struct session_info {
	struct id jti;
	int64_t created_us, expires_us;
};

struct session_list {
	struct session_info *at;
	size_t count;
};

/* Of a user or service user, by when they expire.  Whose may be seen is the
 * caller's to know; limit 0: all. */
MUST_CHECK enum err sessions_list(struct call *, struct id owner, int64_t limit,
    int64_t offset, struct session_list *ret);

/* One's own; of others in the tenant that an admin works in.  ERR_NOT_FOUND. */
MUST_CHECK enum err session_end(
    struct call *, const struct principal *by, struct id jti);

/* Drops a page of those that have expired. */
MUST_CHECK enum err sessions_expire(
    struct call *, int64_t now_us, bool *ret_more);

#endif
