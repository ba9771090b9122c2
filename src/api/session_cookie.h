/*
 * session_cookie.h - the session of a browser: a cookie that holds a token,
 * which no script reads and all tabs share.
 *
 * Browsers add a cookie to requests that other sites make them send.
 * SameSite=Strict keeps it from these, but a site is all ports and sibling
 * names of a host.  So the cookie counts only beside the header
 * X-Pangolin-Page, which no form sends and cors.h lets no other origin send,
 * where neither Sec-Fetch-Site nor Origin names another origin (decision 69).
 */
#ifndef PANGOLIN_SESSION_COOKIE_H
#define PANGOLIN_SESSION_COOKIE_H

#include "http/request.h"

/* The token in the cookie; empty: there is none. */
struct str session_cookie_token(const struct request *);

/* Refuses what another site may have sent: ERR_FORBIDDEN names the header. */
MUST_CHECK enum err session_cookie_check(struct request *);

/* Gives the browser the cookie; an empty token takes it away. */
void session_cookie_set(struct request *, struct str token);

#endif
