/*
 * network.h - IP addresses and networks, parsed, compared and written.
 *
 * All are kept as IPv6; an IPv4 address as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2),
 * so that one that came over a socket for both is the same as by itself.
 */
#ifndef PANGOLIN_NETWORK_H
#define PANGOLIN_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct ip {
	uint8_t b[16];
};

struct network {
	struct ip address; /* bits behind the prefix are zero */
	unsigned bits;     /* of the prefix, 0 to 128 */
};

struct networks {
	struct network *at;
	size_t count;
};

/* "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"; no names, no zones. */
bool ip_parse(struct str, struct ip *ret);

#define IP_TEXT 46
void ip_format(const struct ip *, char ret[IP_TEXT]);

/* "10.0.0.0/8", "2001:db8::/32", or one address.  False also where bits behind
 * the prefix are set: a slip, of which nobody knows what was meant. */
bool network_parse(struct str, struct network *ret);

/* As it is parsed back; a network of one address without its bits. */
#define NETWORK_TEXT (IP_TEXT + 4)
void network_format(const struct network *, char ret[NETWORK_TEXT]);

bool networks_hold(const struct networks *, const struct ip *);

#endif
