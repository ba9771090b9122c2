/*
 * authorize.c - actions.def as a table, read by one function: an action without
 * a row is refused to everybody, root included.
 */
#include "identity/authorize.h"

#include "identity/rights.h"

#define ROOT (1u << ROLE_ROOT)
#define ADMINS (ROOT | 1u << ROLE_TENANT_ADMIN)
#define EVERYBODY (ADMINS | 1u << ROLE_TENANT_USER)

static const struct row {
	enum action_scope scope;
	unsigned roles; /* a bit for each role; 0: no row */
	unsigned grant; /* any of these actions at the target; 0: none helps */
	const char *phrase;
} table[ACTION_COUNT] = {
#define X(name, scope, roles, grant, phrase)                                   \
	[name] = { scope, roles, grant, phrase },
#include "identity/actions.def"
#undef X
};

/* An action that is not known has the row of ACTION_UNSET, which has none. */
static const struct row *
row_of(enum action action)
{
	return &table[action > ACTION_UNSET && action < ACTION_COUNT
			  ? action
			  : ACTION_UNSET];
}

enum action_scope
action_scope(enum action action)
{
	return row_of(action)->scope;
}

unsigned
action_grant(enum action action)
{
	return row_of(action)->grant;
}

static bool
is_outside(const struct principal *p, enum action_scope scope)
{
	return scope >= SCOPE_TENANT && p->role != ROLE_ROOT &&
	       (id_is_nil(p->tenant) || !id_eq(p->tenant, p->acts_in));
}

static bool
is_allowed(const struct principal *p, enum action action)
{
	const struct row *row = row_of(action);

	return (row->roles & 1u << p->role) != 0 && !is_outside(p, row->scope);
}

enum err
authorize_refuse(const struct principal *p, enum action action, struct error *e)
{
	const char *phrase = row_of(action)->phrase;

	return fail(e, ERR_FORBIDDEN, "%s '" STR_FMT "' may not %s",
	    p->kind == PRINCIPAL_SERVICE_USER ? "Service user" : "User",
	    STR_ARG(p->username), phrase != NULL ? phrase : "do this");
}

enum err
authorize(const struct principal *p, enum action action, struct error *e)
{
	return is_allowed(p, action) ? OK : authorize_refuse(p, action, e);
}

bool
authorize_by_grants(const struct principal *p, enum action action)
{
	const struct row *row = row_of(action);

	return p->role == ROLE_TENANT_USER && row->grant != 0 &&
	       !is_allowed(p, action) && !is_outside(p, row->scope);
}

enum err
authorize_at(const struct principal *p, enum action action,
    const struct grant_target *t, struct error *e)
{
	unsigned grant = row_of(action)->grant;

	if (is_allowed(p, action))
		return OK;
	if (authorize_by_grants(p, action) &&
	    (grant == GRANT_LIST ? rights_see(p->rights, t)
				 : (rights_allow(p->rights, t) & grant) != 0))
		return OK;
	return authorize_refuse(p, action, e);
}
