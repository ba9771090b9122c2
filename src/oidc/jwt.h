/*
 * jwt.h - reads the JSON Web Tokens of others (RFC 7519, in the compact form of
 * RFC 7515), and checks what their claims say.
 *
 * Nothing that is read from a token is true before its signature was verified.
 */
#ifndef PANGOLIN_JWT_H
#define PANGOLIN_JWT_H

#include "base/json.h"
#include "oidc/jwk.h"

#define JWT_MAX ((size_t)16 * 1024)
#define JWT_LEEWAY_S 60 /* between the clocks of two machines */

struct jwt {
	struct jwk_signature signature;
	yyjson_val *claims; /* an object */
	struct str issuer, subject;
	int64_t expires_s; /* since 1970 */
	int64_t issued_s;  /* 0: not told */
};

/* Whether the text may be one of somebody else's: three parts. */
bool jwt_is_one(struct str token);

/* Splits a token.  ERR_NOT_AUTHORIZED: it is none, has no issuer, subject or
 * end, or its header asks for what is not understood (RFC 7515, 4.1.11). */
MUST_CHECK enum err jwt_read(
    struct arena *, struct str token, struct jwt *ret, struct error *);

/* Whether it is valid now: ERR_NOT_AUTHORIZED. */
MUST_CHECK enum err jwt_check_times(
    const struct jwt *, int64_t now_s, struct error *);

/* Whether the claim `aud` names one of these. */
bool jwt_is_for(const struct jwt *, const struct str *audiences, size_t count);

/* A claim by its name or, where there is none of that name, by its path:
 * "realm_access.roles".  NULL: there is none. */
yyjson_val *jwt_claim(const struct jwt *, struct str name);

#endif
