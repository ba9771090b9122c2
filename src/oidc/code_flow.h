/*
 * code_flow.h - people sign in at their provider with a browser: the
 * authorization code flow (OpenID Connect Core 1.0, 3.1) with PKCE (RFC 7636).
 *
 *	browser          this server               provider
 *	   |--- authorize --->|                        |
 *	   |<-- 303, cookie --|                        |
 *	   |---------------- sign in ----------------->|
 *	   |<--------- 303, code and state ------------|
 *	   |---- callback --->|-- code, verifier ----->|
 *	   |                  |<------ id token -------|
 *	   |<--- 303, code ---|    (sign_in_codes.h)
 *	   |---- exchange --->|
 *	   |<---- token ------|
 *
 * Any node takes the callback, since nothing is stored between the first two
 * lines: the state is sealed, and the nonce and the verifier are made of the
 * cookie, which neither the provider nor its addresses ever see.
 */
#ifndef PANGOLIN_CODE_FLOW_H
#define PANGOLIN_CODE_FLOW_H

#include "identity/token.h"
#include "oidc/provider.h"
#include "oidc/subject.h"

#define CODE_FLOW_LIFE_S 600

struct cookie {
	struct str name, value;
};

/* The first redirect.  `callback` is where the provider sends the browser back
 * to, `return_to` where it goes in the end. */
MUST_CHECK enum err code_flow_begin(struct call *, const struct keys *,
    struct provider *, struct str callback, struct str return_to,
    struct str *ret_location, struct cookie *ret);

struct code_flow_answer {
	struct str code, state, issuer; /* of the query; ptr NULL: not there */
	struct str error;               /* instead of a code */
	struct str cookies;             /* the header; ptr NULL: none */
};

/* Opens the state, and finds its cookie: ERR_BAD_REQUEST. */
struct code_flow_state {
	struct str return_to;
	struct cookie cookie;
};
MUST_CHECK enum err code_flow_open(struct call *, const struct keys *,
    const struct provider *, const struct code_flow_answer *,
    struct code_flow_state *ret);

/* Redeems the provider's code and verifies the id token: ERR_NOT_AUTHORIZED,
 * ERR_UNAVAILABLE. */
MUST_CHECK enum err code_flow_end(struct call *, struct provider *,
    struct str callback, const struct code_flow_answer *,
    const struct code_flow_state *, struct subject *ret);

/* The value of a cookie in the header; ptr NULL: it is not there. */
struct str cookie_find(struct str header, struct str name);

#endif
