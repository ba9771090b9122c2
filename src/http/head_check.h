/*
 * head_check.h - checks the head of a request beyond its syntax.
 *
 * Parsers leave these checks to their users; where one side of a proxy makes
 * them and the other does not, requests are smuggled (RFC 9112, 11.2).
 */
#ifndef PANGOLIN_HEAD_CHECK_H
#define PANGOLIN_HEAD_CHECK_H

#include "http/request.h"

/*
 * Allowed are one Host (in HTTP/1.0 at most one); at most one Authorization; no
 * transfer coding but chunked (none at all in HTTP/1.0); no expectation but
 * 100-continue, which HTTP/1.0 does not know.  `http_minor` is the x of
 * HTTP/1.x.
 */
MUST_CHECK enum err head_check(
    struct request *, int http_minor, bool *ret_continue_expected);

#endif
