/*
 * sessions.h - sessions: each sign-in is a row of `active_tokens`, and its
 * tokens are valid while the row is there.
 *
 * A session has an absolute end.  Its tokens, the first and those that it was
 * exchanged for, name it.  They end together, on every node, because the end of
 * a session is written on the control log of its tenant.  A new session is not
 * written there: no cache can have an entry for it.  All sessions of a user are
 * ended by `sessions_since` in the user's row: a session keeps the value that
 * it began with, and the two are compared, so no clock decides.
 *
 * While the store takes no writes tokens are stateless (struct keys): valid for
 * minutes, on the nodes that know the secret, and revoked in shared memory.
 */
#ifndef PANGOLIN_SESSIONS_H
#define PANGOLIN_SESSIONS_H

#include "identity/principal.h"
#include "identity/token.h"
#include "record/batch.h"

struct session {
	struct str token;
	struct id id;
	int64_t issued_us, expires_us; /* of the token; whole seconds */
};

struct session_times {
	int64_t token_s;   /* the life of a token */
	int64_t session_s; /* the life of a session */
};

/* Opens a session for an authenticated principal.  ERR_UNAVAILABLE: the store
 * takes no writes, and stateless tokens are off. */
MUST_CHECK enum err session_open(struct call *, const struct keys *,
    const struct principal *, const struct session_times *,
    struct session *ret);

/* Makes one more token of the session of `old`, which has been checked.
 * ERR_NOT_AUTHORIZED: the session has been ended, or is at its end. */
MUST_CHECK enum err session_refresh(struct call *, const struct keys *,
    const struct principal *, const struct claims *old,
    const struct session_times *, struct session *ret);

/* Checks the session of a token.  ERR_NOT_AUTHORIZED: it was ended, or
 * `since_us`, the sessions_since of its owner, has changed. */
MUST_CHECK enum err session_check(struct call *, const struct keys *,
    const struct claims *, int64_t since_us);

/* A value of sessions_since that no session has. */
int64_t sessions_since_after(int64_t since_us);

/* Keeps a session in a unit that sets sessions_since.  The unit fails if the
 * session has been ended. */
void session_keep(struct batch *, struct id session, int64_t since_us);

struct session_info {
	struct id id;
	int64_t created_us, expires_us;
	bool ended; /* by sessions_since */
};

struct session_list {
	struct session_info *at;
	size_t count;
	bool more; /* there are more */
};

/* Lists the sessions of a user or service user with that sessions_since, by
 * when they expire.  The caller knows whether they may be seen; limit 0: as
 * many as an answer may have. */
MUST_CHECK enum err sessions_list(struct call *, struct id owner,
    int64_t since_us, int64_t limit, int64_t offset, struct session_list *ret);

/* Ends a session: one's own, or an admin those of its tenant.
 * ERR_NOT_FOUND. */
MUST_CHECK enum err session_end(struct call *, const struct keys *,
    const struct principal *by, struct id session);

/* Ends the session that a principal came with, if any. */
MUST_CHECK enum err session_sign_out(
    struct call *, const struct keys *, const struct principal *);

/* The same; ERR_BAD_REQUEST: it came with none. */
MUST_CHECK enum err session_end_own(
    struct call *, const struct keys *, const struct principal *);

/* Ends the session that a principal came with, for a new one that is valid as
 * long as the old one's token or `token_s`, and ends when it would have. */
MUST_CHECK enum err session_rotate(struct call *, const struct keys *,
    const struct principal *, int64_t token_s, struct session *ret);

/* Deletes expired sessions of a tenant (nil: of all), some thousands at the
 * most. */
MUST_CHECK enum err sessions_clean(
    struct call *, struct id tenant, int64_t now_us, int64_t *ret_count);

/* Deletes a page of expired sessions. */
MUST_CHECK enum err sessions_expire(
    struct call *, int64_t now_us, bool *ret_more);

#endif
