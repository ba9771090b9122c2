/* address.h - parses the address to listen on: numeric, with a port. */
#ifndef PANGOLIN_ADDRESS_H
#define PANGOLIN_ADDRESS_H

#include "base/arena.h"

struct address {
	struct str text; /* "127.0.0.1:8181", "[::1]:8181" */
	struct str host; /* without brackets; NUL-terminated */
	uint16_t port;   /* never 0 */
	bool loopback;
};

/* ADDRESS:PORT; "localhost" is 127.0.0.1.  False for anything else. */
bool address_parse(struct arena *, struct str text, struct address *ret);

#endif
