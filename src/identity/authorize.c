/*
 * authorize.c - actions.def as a table, read by one function: an action without
 * a row is refused to everybody, root included.
 */
#include "identity/authorize.h"

enum scope { SCOPE_NONE, SCOPE_SYSTEM, SCOPE_TENANT, SCOPE_CATALOG };

#define ROOT (1u << ROLE_ROOT)
#define ADMINS (ROOT | 1u << ROLE_TENANT_ADMIN)
#define EVERYBODY (ADMINS | 1u << ROLE_TENANT_USER)

static const struct {
	enum scope scope;
	unsigned roles; /* a bit for each role; 0: no row */
	const char *phrase;
} table[ACTION_COUNT] = {
#define X(name, scope, roles, phrase) [name] = { scope, roles, phrase },
#include "identity/actions.def"
#undef X
};

static bool
is_outside(const struct principal *p, enum scope scope)
{
	bool in_tenant = scope == SCOPE_TENANT || scope == SCOPE_CATALOG;

	return in_tenant && p->role != ROLE_ROOT &&
	       (id_is_nil(p->tenant) || !id_eq(p->tenant, p->acts_in));
}

enum err
authorize(const struct principal *p, enum action action, struct error *e)
{
	bool known = action > ACTION_UNSET && action < ACTION_COUNT;

	if (known && (table[action].roles & 1u << p->role) != 0 &&
	    !is_outside(p, table[action].scope))
		return OK;
	return fail(e, ERR_FORBIDDEN, "%s '" STR_FMT "' may not %s",
	    p->kind == PRINCIPAL_SERVICE_USER ? "Service user" : "User",
	    STR_ARG(p->username), known ? table[action].phrase : "do this");
}
