/*
 * own_origin.h - is a request of a page that this server served?
 *
 * Browsers say which site a request is from: in Sec-Fetch-Site (W3C Fetch
 * Metadata) where a connection is secure or local, and in Origin.  Pages cannot
 * change either.
 */
#ifndef PANGOLIN_OWN_ORIGIN_H
#define PANGOLIN_OWN_ORIGIN_H

#include "http/request.h"

/* The host and port of a URL. */
struct str url_authority(struct str url);

/* Whether Origin, if it is there, is the address of the request or `base`, the
 * URL that this server is reached by (empty: none). */
bool origin_is_own(const struct request *, struct str base);

/* Whether Sec-Fetch-Site, if it is there, is of an own page or of nobody's, as
 * an address that was typed. */
bool fetch_site_is_own(const struct request *);

#endif
