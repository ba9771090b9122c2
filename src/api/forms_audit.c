#include "api/forms_audit.h"

#include "api/form_table.h"

/* clang-format off */
static const struct form_field audit_entry[] = {
	FIELD(audit_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the entry; of a commit: the commit."),
	FIELD(audit_body, tenant, "tenant_id", ID, 0,
	    "Tenant of the thing; null: it is in none."),
	FIELD(audit_body, user, "user_id", ID, 0,
	    "The user or service user; null: nobody had signed in."),
	FIELD(audit_body, username, "username", TEXT, FORM_REQUIRED,
	    "Its name then; of a failed sign-in what was tried."),
	FIELD(audit_body, action, "action", TEXT, FORM_REQUIRED,
	    "What was done: create_table, grant_permission ..."),
	FIELD(audit_body, resource_type, "resource_type", TEXT, FORM_REQUIRED,
	    "To which type of thing: table, user ..."),
	FIELD(audit_body, resource_id, "resource_id", ID, 0,
	    "The thing itself."),
	FIELD(audit_body, resource_name, "resource_name", TEXT, FORM_REQUIRED,
	    "Its name then."),
	FIELD(audit_body, at_us, "timestamp", TIME, FORM_REQUIRED, "When."),
	FIELD(audit_body, address, "ip_address", TEXT, 0,
	    "From where, as the listed proxies say."),
	FIELD(audit_body, agent, "user_agent", TEXT, 0,
	    "The program, as it calls itself."),
	FIELD(audit_body, result, "result", TEXT, FORM_REQUIRED,
	    "success or failure."),
	FIELD(audit_body, error, "error_message", TEXT, 0,
	    "Why it was refused or failed."),
	FIELD(audit_body, metadata, "metadata", RAW, 0,
	    "More about it, an object."),
	FIELDS_END
};
const struct form form_audit_entry =
	FORM("AuditLogEntry", audit_body, true, audit_entry);

static const struct form_field audit_count[] = {
	FIELD(audit_count_body, count, "count", INT, FORM_REQUIRED,
	    "How many entries pass the filters."),
	FIELDS_END
};
const struct form form_audit_count =
	FORM("AuditCount", audit_count_body, true, audit_count);
/* clang-format on */
