/*
 * forwarded.h - finds the client's address and our URL behind proxies.
 *
 * X-Forwarded-* and Forwarded (RFC 7239) are claims of their sender: they are
 * read only when the connection comes from a trusted proxy, and from the right,
 * as far as trusted proxies wrote them.
 */
#ifndef PANGOLIN_FORWARDED_H
#define PANGOLIN_FORWARDED_H

#include "config/network.h"
#include "http/request.h"

/* Fills r->client and r->origin; without such headers both keep their values.
 * Malformed headers count as absent. */
void forwarded_read(struct request *, const struct networks *trusted);

#endif
