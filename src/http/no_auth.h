/*
 * no_auth.h - refuses requests of foreign web pages when sign-in is disabled
 * (auth.enabled = false).
 *
 * Every page that a browser shows may send requests to this machine, and here
 * they need no credentials.  Headers that browsers set keep them out: Host,
 * against names that somebody else points here (DNS rebinding); Origin and
 * Sec-Fetch-Site (W3C Fetch Metadata), against other sites; a Content-Type that
 * no HTML form sends, for requests that have neither.  Programs set any header,
 * and pass.
 */
#ifndef PANGOLIN_NO_AUTH_H
#define PANGOLIN_NO_AUTH_H

#include "http/request.h"

/* Called after the router.  ERR_FORBIDDEN: another site, a Host that is neither
 * loopback nor that of `public_url` ("": none), or a route that makes or
 * changes credentials, which would work once sign-in is enabled again.
 * ERR_MEDIA_TYPE: a body that is not application/json. */
MUST_CHECK enum err no_auth_check(struct request *, struct str public_url);

#endif
