/*
 * roles.h - roles: named sets of grants, and the users and service users that
 * have them.
 *
 * They are not the built-in roles of principal.h, which say who administers.
 * All functions work in the tenant that `by` works in, and see nothing of
 * another (ERR_NOT_FOUND); the route table says who may call.
 */
#ifndef PANGOLIN_ROLES_H
#define PANGOLIN_ROLES_H

#include "identity/grants.h"
#include "identity/principal.h"
#include "record/batch.h"

#define ROLES_OF_PRINCIPAL_MAX 64
#define ROLE_DESCRIPTION_MAX 4096 /* bytes */

struct granted_role {
	struct id id, tenant;
	struct str name;        /* unique in its tenant */
	struct str description; /* ptr NULL: none */
	struct grants grants;
	struct id created_by; /* nil: in no-auth mode */
	int64_t created_us, updated_us;
};

struct role_list {
	struct granted_role *at;
	size_t count;
	bool more; /* there are more */
};

/* `new` needs name, description, grants.  ERR_ALREADY_EXISTS. */
MUST_CHECK enum err roles_create(struct call *, const struct principal *by,
    const struct granted_role *new, struct granted_role *ret);

MUST_CHECK enum err roles_get(struct call *, const struct principal *by,
    struct id id, struct granted_role *ret);

/* By name; limit 0: as many as an answer may have. */
MUST_CHECK enum err roles_list(struct call *, const struct principal *by,
    int64_t limit, int64_t offset, struct role_list *ret);

/* Gives the role of `to->id` the name, description and grants of `to`. */
MUST_CHECK enum err roles_replace(
    struct call *, const struct principal *by, const struct granted_role *to);

/* Deletes a role, and takes it from all that have it. */
MUST_CHECK enum err roles_delete(
    struct call *, const struct principal *by, struct id id);

/* Gives a role to a user or service user, which may have it already.
 * ERR_BAD_REQUEST: it has ROLES_OF_PRINCIPAL_MAX. */
MUST_CHECK enum err role_assign(struct call *, const struct principal *by,
    struct id principal, struct id role);

/* ERR_NOT_FOUND: it does not have the role. */
MUST_CHECK enum err role_revoke(struct call *, const struct principal *by,
    struct id principal, struct id role);

/* The roles of a user or service user, by id. */
MUST_CHECK enum err roles_of(struct call *, const struct principal *by,
    struct id principal, struct role_list *ret);

/* A user or service user of the tenant that `by` works in: ERR_NOT_FOUND.  The
 * entity is where its row is. */
MUST_CHECK enum err grantee_find(struct call *, const struct principal *by,
    struct id principal, uint16_t *ret_entity);

/* Makes a unit fail unless the user or service user is still there. */
void grantee_expect(struct batch *, uint16_t entity, struct id principal);

/* Deletes the roles and permissions of a principal that the unit deletes. */
void grantee_forget(struct batch *, struct id principal);

#endif
