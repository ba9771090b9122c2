/* links.h - makes absolute URLs of this server, for clients. */
#ifndef PANGOLIN_LINKS_H
#define PANGOLIN_LINKS_H

#include "http/request.h"

/* public_url, or the URL that trusted proxies name; ptr NULL: not known.  The
 * Host of a request is no substitute: a client may write anything there. */
struct str link_base(const struct request *);

#endif
