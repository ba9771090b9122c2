/*
 * access.h - the identify and authorize stages of requests, and the tenant and
 * store call that handlers ask for.
 */
#ifndef PANGOLIN_ACCESS_H
#define PANGOLIN_ACCESS_H

#include "http/request.h"
#include "plugin/store.h"

/* Identifies: sets r->principal from `Authorization: Bearer`, `X-API-Key`, of
 * root `Authorization: Basic`, or without these from the cookie of a session.
 * ERR_NOT_AUTHORIZED; ERR_FORBIDDEN: another site may have sent the cookie. */
MUST_CHECK enum err access_identify(struct request *);

/* Authorizes the route's action, and requires a tenant where the route needs
 * one: ERR_FORBIDDEN; ERR_BAD_REQUEST names the header when root names none. */
MUST_CHECK enum err access_authorize(struct request *);

/* Whether a token is of a provider that the settings trust, and its principal
 * (oidc/bearer.h). */
bool access_is_by_provider(struct request *, struct str token);
MUST_CHECK enum err access_by_provider(
    struct request *, struct call *, struct str token, struct principal *ret);

/* The user of a subject (oidc/federation.h). */
struct subject;
struct user;
MUST_CHECK enum err access_by_subject(
    struct request *, struct call *, const struct subject *, struct user *ret);

/* Notes the name of a sign-in, for the log and the counts. */
void access_tries(struct request *, struct str name);

/* The token of `Authorization: Bearer`; ptr NULL: there is none. */
struct str request_bearer(const struct request *);

/* The tenant whose data the request reads and writes: the token's, or the one
 * that root names by X-Pangolin-Tenant.  Nil on routes that need none. */
struct id request_tenant(const struct request *);

/* A store call on behalf of a request. */
struct call request_call(struct request *);

#endif
