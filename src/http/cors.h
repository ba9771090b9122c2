/*
 * cors.h - which pages of other sites may read answers (Fetch Standard, 3.2).
 *
 * A request needs credentials that no browser adds by itself, or a header that
 * is not allowed here (api/session_cookie.h).
 */
#ifndef PANGOLIN_CORS_H
#define PANGOLIN_CORS_H

#include "http/request.h"

struct str_list; /* config/settings.h */

/* Each origin is "*" or a scheme, a host and perhaps a port: ERR_VALIDATION. */
MUST_CHECK enum err cors_check(const struct str_list *origins, struct error *);

/* The lines for the head of a reply; empty: there are none. */
struct str cors_lines(struct request *, const struct str_list *origins);

/* The route that answers a browser which asks before it sends, where `r` does;
 * NULL: it is no such question, or of an origin that is not allowed. */
const struct route *cors_preflight(
    const struct request *r, const struct str_list *origins);

#endif
