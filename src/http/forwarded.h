/*
 * forwarded.h - who asks, and by which address, when proxies stand between.
 *
 * X-Forwarded-* and Forwarded (RFC 7239) are claims of whoever sent them: they
 * are read only when the connection comes from a trusted proxy, and from the
 * right, as far as trusted proxies wrote them.
 */
#ifndef PANGOLIN_FORWARDED_H
#define PANGOLIN_FORWARDED_H

#include "config/network.h"
#include "http/request.h"

/* Fills r->client and r->origin; both keep what they have where nobody says
 * more.  Headers that are wrong are as none. */
void forwarded_read(struct request *, const struct networks *trusted);

#endif
