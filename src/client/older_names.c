#include "client/older_names.h"

#define ID "--id {id}"

/* clang-format off */
const struct older_name older_names[] = {
	{ "login", "user login", "-u --username -t --tenant-id", "" },
	{ "logout", "user logout", "", "" },
	{ "whoami", "user me", "", "" },

	{ "list-tenants", "tenant list", "", "" },
	{ "create-tenant", "tenant create", "-n --name", "" },
	{ "update-tenant", "tenant update", ID, "" },
	{ "delete-tenant", "tenant delete", ID, "" },
	{ "list-users", "user list", "", "" },
	{ "create-user", "user create", "", "" },
	{ "update-user", "user update", ID, "" },
	{ "delete-user", "user delete", ID, "" },
	{ "list-warehouses", "warehouse list", "", "" },
	{ "create-warehouse", "warehouse create", "-P --storage-config", "" },
	{ "update-warehouse", "warehouse update", "--id {name}", "" },
	{ "delete-warehouse", "warehouse delete", "", "" },
	{ "list-catalogs", "catalog list", "", "" },
	{ "create-catalog", "catalog create", "--warehouse --warehouse-name", "" },
	{ "update-catalog", "catalog update", "--id {name}", "" },
	{ "delete-catalog", "catalog delete", "", "" },

	{ "list-permissions", "permission list", "", "" },
	{ "grant-permission", "permission create", "", "--user-id --actions" },
	{ "revoke-permission", "permission delete", ID, "" },
	{ "list-roles", "role list", "", "" },
	{ "assign-role", "user role create", "--user-id {id}", "" },
	{ "revoke-user-role", "user role delete", "--user-id {id} --role-id {role}", "" },

	{ "list-service-users", "service-user list", "", "" },
	{ "create-service-user", "service-user create", "", "" },
	{ "get-service-user", "service-user get", ID, "" },
	{ "update-service-user", "service-user update", ID, "" },
	{ "delete-service-user", "service-user delete", ID, "" },
	{ "rotate-service-user-key", "service-user rotate", ID, "" },
	{ "revoke-token", "auth revoke", "", "" },
	{ "revoke-token-by-id", "auth revoke-id", ID, "" },
	{ "list-user-tokens", "user tokens", "--user-id {id}", "" },
	{ "delete-token", "token delete", "--token-id {id}", "" },
	{ "get-token", "token create", "", "" },

	{ "list-branches", "branch list", "-c --catalog", "" },
	{ "create-branch", "branch create", "-c --catalog --from --from-branch", "" },
	{ "merge-branch", "branch merge", "-c --catalog", "--source-branch --target-branch" },
	{ "list-tags", "tag list", "-c --catalog", "" },
	{ "create-tag", "tag create", "-c --catalog", "" },
	{ "list-merge-operations", "catalog merge-operations", "--catalog {name}", "" },
	{ "get-merge-operation", "merge-operation get", ID, "" },
	{ "list-conflicts", "merge-operation conflicts", "--merge-id {id}", "" },
	{ "resolve-conflict", "conflict resolve", "--conflict-id {id}", "" },
	{ "complete-merge", "merge-operation complete", ID, "" },
	{ "abort-merge", "merge-operation abort", ID, "" },

	{ "task status", "task get", "", "" },
	{ "list-audit-events", "audit list", "", "" },
	{ "count-audit-events", "audit count", "", "" },
	{ "get-audit-event", "audit get", ID, "" },
	{ NULL, NULL, NULL, NULL }
};
/* clang-format on */

struct str
older_flag(const struct older_name *o, struct str flag)
{
	struct str rest = str_from(o->flags);

	while (rest.len != 0) {
		bool is_it = str_eq(str_cut(&rest, ' '), flag);
		struct str ours = str_cut(&rest, ' ');

		if (is_it)
			return ours;
	}
	return flag;
}
