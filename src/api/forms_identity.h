/*
 * forms_identity.h - the bodies about sign-in, users, service users and
 * tenants.
 *
 * The management API spells most members with '_', but users, service users and
 * sign-in with '-': existing clients expect it so.
 */
#ifndef PANGOLIN_FORMS_IDENTITY_H
#define PANGOLIN_FORMS_IDENTITY_H

#include "api/form.h"
#include "identity/principal.h"

/* FORM_CHOICE of a role, and back. */
static inline int
choice_of_role(enum role role)
{
	return (int)role - ROLE_ROOT;
}

static inline enum role
role_of_choice(int choice)
{
	return (enum role)(choice + ROLE_ROOT);
}

struct login_request {
	struct str username, password;
	struct id tenant;
};

struct user_info {
	struct id id, tenant;
	struct str username, email;
	int role;
	struct str oauth_provider;
	enum form_bool active;
	int64_t created_us, last_login_us;
};

struct login_response {
	struct str token;
	struct user_info user;
	int64_t expires_us;
};

struct create_user_request {
	struct str username, email, password;
	struct id tenant;
	int role;
};

struct update_user_request {
	struct str email, password, current;
	enum form_bool active;
};

struct token_info {
	struct id id, tenant, user;
	struct str username;
	int64_t created_us, expires_us;
	enum form_bool is_valid;
};

struct app_config {
	enum form_bool auth_enabled;
};

struct tenant_body { /* of a request: id nil */
	struct id id;
	struct str name;
	struct pairs properties;
};

struct create_service_user_request {
	struct str name, description;
	int role;
	int64_t expires_in_days;
};

struct update_service_user {
	struct str name, description;
	enum form_bool active;
};

struct service_user_body {
	struct id id, tenant, created_by;
	struct str name, description;
	struct str api_key; /* ApiKeyResponse alone has it */
	int role;
	int64_t created_us, last_used_us, expires_us;
	enum form_bool active;
};

struct status_body {
	struct str status;
};

extern const struct form form_login_request, form_login_response;
extern const struct form form_user_info, form_token_info;
extern const struct form form_create_user_request, form_update_user_request;
extern const struct form form_app_config;
extern const struct form form_tenant, form_create_tenant_request;
extern const struct form form_tenant_update;
extern const struct form form_service_user, form_api_key_response;
extern const struct form form_create_service_user_request;
extern const struct form form_update_service_user;
extern const struct form form_status;

#endif
