/*
 * permissions.h - permissions: grants of a single user or service user.
 *
 * All functions work in the tenant that `by` works in, as those of roles.h do.
 */
#ifndef PANGOLIN_PERMISSIONS_H
#define PANGOLIN_PERMISSIONS_H

#include "identity/grants.h"
#include "identity/principal.h"

#define PERMISSIONS_OF_PRINCIPAL_MAX 1000

struct permission {
	struct id id, tenant;
	struct id principal; /* a user or service user */
	struct grant grant;
	struct id granted_by; /* nil: in no-auth mode */
	int64_t granted_us;
};

struct permission_list {
	struct permission *at;
	size_t count;
	bool more; /* there are more */
};

/* ERR_NOT_FOUND: there is no such user or service user; ERR_BAD_REQUEST: it has
 * PERMISSIONS_OF_PRINCIPAL_MAX. */
MUST_CHECK enum err permissions_grant(struct call *, const struct principal *by,
    struct id principal, const struct grant *, struct permission *ret);

MUST_CHECK enum err permissions_revoke(
    struct call *, const struct principal *by, struct id id);

/* By the time they were granted, of one principal or of all (nil); limit 0: as
 * many as an answer may have. */
MUST_CHECK enum err permissions_list(struct call *, const struct principal *by,
    struct id principal, int64_t limit, int64_t offset,
    struct permission_list *ret);

#endif
