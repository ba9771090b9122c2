/*
 * token.h - bearer tokens: JWT (RFC 7519) signed with HMAC-SHA256.
 *
 * A token's header is compared with ours as text, never parsed: there is no
 * algorithm to negotiate.  Claims are read only behind a right signature.
 */
#ifndef PANGOLIN_TOKEN_H
#define PANGOLIN_TOKEN_H

#include "identity/principal.h"
#include "plugin/store.h"

#define TOKEN_MAX 4096 /* bytes; none of ours is longer */
#define TOKEN_KEYS_MAX 4
#define TOKEN_KEY_BYTES 32

struct token_key {
	uint8_t secret[TOKEN_KEY_BYTES];
	char header[128]; /* base64url of {"typ":"JWT","alg":..,"kid":..} */
};

struct keys {
	struct token_key at[TOKEN_KEYS_MAX]; /* the first one signs */
	size_t count;
};

struct claims {
	struct id sub; /* of a user or service user */
	struct id jti;
	struct str username;
	struct id tenant_id; /* nil: root */
	enum role role;      /* when it was issued */
	bool service_user;   /* claim "kind": "service-user" */
	int64_t exp, iat;    /* seconds since 1970 */
};

/* The key in the store, made if there is none: all nodes get the same. */
MUST_CHECK enum err keys_load(struct call *, struct keys *ret);

/* Keys from their secrets: `count` times TOKEN_KEY_BYTES. */
void keys_init(struct keys *, const uint8_t *secrets, size_t count);

/* The key that an operator gives as text. */
void keys_of_text(struct keys *, struct str text);

struct str token_issue(
    struct arena *, const struct keys *, const struct claims *);

/* ERR_NOT_AUTHORIZED: "Token expired" or "Invalid token". */
MUST_CHECK enum err token_verify(struct arena *, const struct keys *,
    struct str token, int64_t now_s, struct claims *ret, struct error *);

#endif
