/*
 * principal.h - the principal: the user or service user that sends a request.
 *
 * Usernames are unique over all tenants and never look like a UUID, so one text
 * names a user or, being a UUID, a service user.
 */
#ifndef PANGOLIN_PRINCIPAL_H
#define PANGOLIN_PRINCIPAL_H

#include "base/error.h"
#include "base/uuid.h"

/* The numbers are stored: never change them. */
enum role { ROLE_ROOT = 1, ROLE_TENANT_ADMIN, ROLE_TENANT_USER };

enum principal_kind {
	PRINCIPAL_NOBODY, /* no-auth mode: any client */
	PRINCIPAL_USER,
	PRINCIPAL_SERVICE_USER
};

struct principal {
	enum principal_kind kind;
	enum role role;
	struct id id;        /* nil: nobody */
	struct id tenant;    /* its own; nil: root */
	struct id acts_in;   /* tenant of this request: its own, or the one that
			      * root names; nil: root named none */
	struct str username; /* of a service user: its name */
	struct id token;     /* its session; nil: it came without a token */
	bool stateless;      /* its session may have no row */
	int64_t created_us;  /* UTC; 0: nobody */
	int64_t expires_us;  /* UTC; 0: never */
	int64_t sessions_since_us; /* sessions with another value are ended */
	struct str rights;         /* of a tenant-user: rights.h */
};

/* Wire names: root, tenant-admin, tenant-user. */
struct str role_name(enum role);
bool role_parse(struct str, enum role *ret);

/* The principal of no-auth mode: an administrator of `tenant`. */
struct principal principal_nobody(struct id tenant);

/* For routes about a tenant: ERR_BAD_REQUEST when root has named none. */
MUST_CHECK enum err principal_needs_tenant(
    const struct principal *, struct error *);

#endif
