/* forms_audit.h - the bodies of the audit log. */
#ifndef PANGOLIN_FORMS_AUDIT_H
#define PANGOLIN_FORMS_AUDIT_H

#include "api/form.h"

struct audit_body {
	struct id id, tenant, user, resource_id;
	struct str username, action, resource_type, resource_name;
	int64_t at_us;
	struct str address, agent, result, error, metadata;
};

struct audit_count_body {
	int64_t count;
};

extern const struct form form_audit_entry, form_audit_count;

#endif
