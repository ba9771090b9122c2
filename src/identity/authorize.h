/*
 * authorize.h - decides whether a principal may do an action (actions.def).
 *
 * Built-in roles decide most.  What a tenant-user does to a catalog and what is
 * in it goes by grants (rights.h), which are looked up at the target.
 */
#ifndef PANGOLIN_AUTHORIZE_H
#define PANGOLIN_AUTHORIZE_H

#include "identity/grants.h"
#include "identity/principal.h"

enum action {
	ACTION_UNSET, /* a route that names none: refused */
#define X(name, scope, roles, grant, phrase) name,
#include "identity/actions.def"
#undef X
	ACTION_COUNT
};

/* The place where the right to an action is looked for. */
enum action_scope {
	SCOPE_NONE,
	SCOPE_SYSTEM,
	SCOPE_TENANT,
	SCOPE_CATALOG,
	SCOPE_NAMESPACE,
	SCOPE_RELATION
};
enum action_scope action_scope(enum action);

/* The grants that help, any of them; 0: none does. */
unsigned action_grant(enum action);

/* By the built-in role alone.  ERR_FORBIDDEN names both: "User 'bob' may not
 * create tables". */
MUST_CHECK enum err authorize(
    const struct principal *, enum action, struct error *);

/* Whether grants decide about this principal: authorize_at() has to be asked
 * for the target. */
bool authorize_by_grants(const struct principal *, enum action);

/* By the built-in role, or by a grant at the target.  The refusal says nothing
 * of the target. */
MUST_CHECK enum err authorize_at(const struct principal *, enum action,
    const struct grant_target *, struct error *);

/* The refusal itself. */
enum err authorize_refuse(
    const struct principal *, enum action, struct error *);

#endif
