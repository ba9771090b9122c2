/* principal.c - the wire names of roles, and no-auth mode. */
#include "identity/principal.h"

static const struct str names[] = {
	[ROLE_ROOT] = { "root", 4 },
	[ROLE_TENANT_ADMIN] = { "tenant-admin", 12 },
	[ROLE_TENANT_USER] = { "tenant-user", 11 },
};

struct str
role_name(enum role role)
{
	return names[role];
}

bool
role_parse(struct str s, enum role *ret)
{
	for (int role = ROLE_ROOT; role <= ROLE_TENANT_USER; role++) {
		if (str_eq(s, names[role])) {
			*ret = (enum role)role;
			return true;
		}
	}
	return false;
}

struct principal
principal_nobody(struct id tenant)
{
	return (struct principal){ .kind = PRINCIPAL_NOBODY,
		.role = ROLE_TENANT_ADMIN,
		.tenant = tenant,
		.acts_in = tenant,
		.username = STR("anonymous") };
}

enum err
principal_needs_tenant(const struct principal *p, struct error *e)
{
	if (id_is_nil(p->acts_in))
		return fail(e, ERR_BAD_REQUEST,
		    "Root belongs to no tenant: name one by its id in the "
		    "header X-Pangolin-Tenant");
	return OK;
}
