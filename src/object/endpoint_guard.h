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

#include "config/network.h"

/* Whether the address is a public one, or in one of the networks that the
 * operator allows. */
bool endpoint_may_be(const struct sockaddr *, const struct networks *allowed);

#endif
