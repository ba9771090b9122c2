/*
 * endpoint_guard.h - keeps requests to object stores from addresses that only
 * this machine or its network can reach.
 *
 * Tenants name the endpoints of their warehouses, and the server asks them.
 * The address that is connected to is looked at, not the name: a name may stand
 * for another address a moment later.
 */
#ifndef PANGOLIN_ENDPOINT_GUARD_H
#define PANGOLIN_ENDPOINT_GUARD_H

#include <sys/socket.h>

#include "base/arena.h"
#include "config/network.h"

/* Whether the address is a public one, or in one of the networks that the
 * operator allows. */
bool endpoint_may_be(const struct sockaddr *, const struct networks *allowed);

/* The hosts and networks of the setting warehouse.allowed_endpoints. */
struct endpoint_rules {
	struct networks networks;
	struct str *hosts; /* "minio", "minio:9000" */
	size_t host_count;
};

/* ERR_VALIDATION for an item that is no address, network or host. */
MUST_CHECK enum err endpoint_rules_parse(struct arena *, const struct str *,
    size_t count, struct endpoint_rules *ret, struct error *);

/* Whether the host of an endpoint, "https://minio:9000", is named: whatever
 * address it has.  A URL with anything else, such as a user, never is. */
bool endpoint_host_is_allowed(const struct endpoint_rules *, struct str);

#endif
