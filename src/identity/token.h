/*
 * token.h - bearer tokens: JWT (RFC 7519) signed with HMAC-SHA256.
 *
 * A token's header is compared with ours as text, never parsed: there is no
 * algorithm to negotiate.  Claims are read only after the signature was found
 * right.
 */
#ifndef PANGOLIN_TOKEN_H
#define PANGOLIN_TOKEN_H

#include "identity/principal.h"
#include "plugin/store.h"
#include "shm/revocations.h"
#include "shm/verified.h"

#define TOKEN_MAX 4096 /* bytes; none of ours is longer */
#define TOKEN_KEYS_MAX 16
#define TOKEN_KEY_BYTES 32

struct token_key {
	uint8_t secret[TOKEN_KEY_BYTES];
	char kid[17];     /* RFC 7515, 4.1.4 */
	char header[128]; /* base64url of {"typ":"JWT","alg":..,"kid":..} */
	int64_t until_s;  /* it verifies nothing then; 0: it has no end */
};

struct keys {
	struct token_key at[TOKEN_KEYS_MAX]; /* the first one signs */
	size_t count;
	int64_t newest; /* number of the first one, see token_keys.h; 0: all
			 * are of a text */
	const struct keys *before; /* that these have replaced, */
	struct arena *arena;       /* where these are; both may be NULL */

	/* For stateless tokens, which are issued while the store takes no
	 * writes and whose session has no row.  Their secret is in no store. */
	struct token_key stateless;
	int64_t stateless_s;       /* the longest life of one; 0: none */
	struct revocations *ended; /* sessions whose stateless tokens are
				    * refused; NULL: not known */
	struct verified *verified; /* root_basic.h; NULL: nothing is kept */
};

struct claims {
	struct id sub;     /* of a user or service user */
	struct id jti;     /* nil: it has none */
	struct id session; /* claim "sid"; without one: the jti */
	struct str username;
	struct id tenant_id; /* nil: root */
	enum role role;      /* when it was issued */
	bool service_user;   /* claim "kind": "service-user" */
	int64_t exp, iat;    /* seconds since 1970 */
	int64_t auth_time;   /* when the session began (OpenID Connect, 2);
			      * without one: iat */

	bool stateless;   /* which key signed it: no claim */
	int64_t since_us; /* of a stateless one: its owner's
			   * sessions_since, claim "since" */
};

/* Keys from their secrets: `count` times TOKEN_KEY_BYTES.  The stateless one
 * is random, and signs nothing before stateless_s is set. */
void keys_init(struct keys *, const uint8_t *secrets, size_t count);

/* Derives the keys from the operator's text, also for stateless tokens: all
 * nodes take each other's tokens.  Of several with commas between them the
 * first signs, all verify.  ERR_VALIDATION. */
MUST_CHECK enum err keys_of_text(
    struct keys *, struct str text, struct error *);

/* Draws TOKEN_KEY_BYTES random bytes. */
void keys_random_secret(uint8_t *ret);

/* Workers of a node share the secret (TOKEN_KEY_BYTES) of stateless tokens. */
void keys_share_stateless(struct keys *, const uint8_t *secret);

struct str token_issue(
    struct arena *, const struct keys *, const struct claims *);

/* Whether its header is of one of our keys: else it is somebody else's, or of
 * a key of ours that is not known here yet, if it may be ours. */
bool token_is_ours(const struct keys *, struct str token);
bool token_may_be_ours(const struct keys *, struct str token);

/* Reads a token with our signature and all claims, expired or not. */
bool token_read(
    struct arena *, const struct keys *, struct str token, struct claims *ret);

/* ERR_NOT_AUTHORIZED: "Token expired" or "Invalid token". */
MUST_CHECK enum err token_verify(struct arena *, const struct keys *,
    struct str token, int64_t now_s, struct claims *ret, struct error *);

#endif
