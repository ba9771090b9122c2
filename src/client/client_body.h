/* client_body.h - the body of a request, from the values of a command line. */
#ifndef PANGOLIN_CLIENT_BODY_H
#define PANGOLIN_CLIENT_BODY_H

#include "client/client.h"

#define CLIENT_BODY_MAX ((size_t)16 * 1024 * 1024)

/* ptr NULL: the route takes none.  CLIENT_BAD_LINE: a value is not of its
 * type, or a secret is on the command line. */
enum client_exit client_body(const struct client *, struct str *ret);

#endif
