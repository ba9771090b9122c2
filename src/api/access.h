/*
 * access.h - who asks, for which tenant, and whether they may: the identify
 * and authorize stages that main.c hands to http/, and what handlers ask.
 */
#ifndef PANGOLIN_ACCESS_H
#define PANGOLIN_ACCESS_H

#include "http/request.h"
#include "plugin/store.h"

/* Sets r->principal from `Authorization: Bearer` or `X-API-Key`.
 * ERR_NOT_AUTHORIZED. */
MUST_CHECK enum err access_identify(struct request *);

/* The route's action, and that there is a tenant where one is needed:
 * ERR_FORBIDDEN; ERR_BAD_REQUEST names the header when root names none. */
MUST_CHECK enum err access_authorize(struct request *);

/* The tenant whose things are read and written: the token's, or the one that
 * root names by X-Pangolin-Tenant.  Nil on routes that need none. */
struct id request_tenant(const struct request *);

/* A store call on behalf of a request. */
struct call request_call(struct request *);

#endif
