/* forms_access.h - the bodies about roles, permissions, grants and tags. */
#ifndef PANGOLIN_FORMS_ACCESS_H
#define PANGOLIN_FORMS_ACCESS_H

#include "api/form.h"

struct scope_body {
	int type; /* enum grant_scope */
	struct id catalog, asset;
	struct str namespace; /* levels parted by U+001F, else by dots */
	struct str tag;
	struct form_texts refs;
};

struct grant_body {
	struct scope_body scope;
	struct form_texts actions;
};

struct role_body {
	struct id id, tenant, created_by;
	struct str name, description;
	struct form_list permissions; /* of struct grant_body */
	int64_t created_us, updated_us;
};

struct assign_role_request {
	struct id role;
};

struct permission_body { /* of a request: with user, scope and actions */
	struct id id, user, tenant, granted_by;
	struct scope_body scope;
	struct form_texts actions;
	int64_t granted_us;
};

/* A grant, and where its user has it from: one of these ids is nil. */
struct held_grant_body {
	struct scope_body scope;
	struct form_texts actions;
	struct id permission, role;
	struct str role_name;
};

struct held_grants_body {
	int role;                /* the built-in one */
	struct form_list grants; /* of struct held_grant_body */
	enum form_bool allowed;  /* of a check */
};

struct metadata_body {
	struct id id, asset, created_by, updated_by;
	struct str description, properties; /* JSON */
	struct form_texts tags;
	enum form_bool discoverable;
	int64_t created_us, updated_us;
};

struct metadata_reply {
	struct metadata_body metadata;
};

struct add_metadata_request {
	struct str description;
	struct form_texts tags;
	const yyjson_val *properties;
	enum form_bool discoverable;
};

extern const struct form form_metadata_reply, form_add_metadata_request;
extern const struct form form_held_grants, form_permission_check;
extern const struct form form_role, form_create_role_request, form_update_role;
extern const struct form form_assign_role_request;
extern const struct form form_permission, form_grant_permission_request;

#endif
