#include "api/forms_identity.h"

#include "api/form_table.h"

static const char *const roles[] = { "root", "tenant-admin", "tenant-user",
	NULL };

/* clang-format off */

/* ---- sign-in */
static const struct form_field login_request[] = {
	FIELD(login_request, username, "username", TEXT, FORM_REQUIRED,
	    "Name of the user."),
	FIELD(login_request, password, "password", SECRET, FORM_REQUIRED,
	    "The user's password."),
	FIELD(login_request, tenant, "tenant-id", ID, 0,
	    "Tenant the user must be of; absent: whichever it is of.",
	    .alias = "tenant_id"),
	FIELDS_END
};
const struct form form_login_request =
	FORM("LoginRequest", login_request, true, login_request);

static const struct form_field user_info[] = {
	FIELD(user_info, id, "id", ID, FORM_REQUIRED,
	    "Identifies the user for ever."),
	FIELD(user_info, username, "username", TEXT, FORM_REQUIRED,
	    "Unique over all tenants."),
	FIELD(user_info, email, "email", TEXT, FORM_REQUIRED,
	    "Unique over all tenants."),
	FIELD(user_info, tenant, "tenant-id", ID, 0,
	    "Tenant of the user; null for root."),
	FIELD(user_info, role, "role", CHOICE, FORM_REQUIRED,
	    "What the user may do before any grants.", .choices = roles),
	FIELD(user_info, active, "active", BOOL, FORM_REQUIRED,
	    "Whether the user may sign in."),
	FIELD(user_info, oauth_provider, "oauth-provider", TEXT, 0,
	    "Who signs the user in; null: this server, by password."),
	FIELD(user_info, created_us, "created-at", TIME, FORM_REQUIRED,
	    "When the user was made."),
	FIELD(user_info, last_login_us, "last-login", TIME, 0,
	    "When the user last signed in; null: never."),
	FIELDS_END
};
const struct form form_user_info =
	FORM("UserInfo", user_info, true, user_info);

static const struct form_field login_response[] = {
	FIELD(login_response, token, "token", SECRET, FORM_REQUIRED,
	    "For the header Authorization: Bearer."),
	FIELD_OBJECT(login_response, user, "user", &form_user_info,
	    FORM_REQUIRED, "Who signed in."),
	FIELD(login_response, expires_us, "expires-at", TIME, FORM_REQUIRED,
	    "From when on the token is refused."),
	FIELDS_END
};
const struct form form_login_response =
	FORM("LoginResponse", login_response, true, login_response);

static const struct form_field app_config[] = {
	FIELD(app_config, auth_enabled, "auth_enabled", BOOL, FORM_REQUIRED,
	    "Whether one must sign in."),
	FIELDS_END
};
const struct form form_app_config =
	FORM("AppConfig", app_config, true, app_config);

/* ---- users */
static const struct form_field create_user_request[] = {
	FIELD(create_user_request, username, "username", TEXT, FORM_REQUIRED,
	    "Unique over all tenants; 1 to 255 bytes."),
	FIELD(create_user_request, email, "email", TEXT, FORM_REQUIRED,
	    "Unique over all tenants."),
	FIELD(create_user_request, password, "password", SECRET, 0,
	    "At least 8 bytes."),
	FIELD(create_user_request, tenant, "tenant_id", ID, 0,
	    "Tenant of the user; absent: the one the request is made in.",
	    .alias = "tenant-id"),
	FIELD(create_user_request, role, "role", CHOICE, FORM_REQUIRED,
	    "There is one root: it cannot be made.", .choices = roles),
	FIELDS_END
};
const struct form form_create_user_request =
	FORM("CreateUserRequest", create_user_request, true,
	    create_user_request);

static const struct form_field update_user_request[] = {
	FIELD(update_user_request, email, "email", TEXT, 0,
	    "The new address; absent: as it is."),
	FIELD(update_user_request, password, "password", SECRET, 0,
	    "The new password, at least 8 bytes; absent: as it is."),
	FIELD(update_user_request, current, "current-password", SECRET, 0,
	    "The password until now: needed to change one's own.",
	    .alias = "current_password"),
	FIELD(update_user_request, active, "active", BOOL, 0,
	    "False keeps the user out; only administrators change it."),
	FIELDS_END
};
const struct form form_update_user_request =
	FORM("UpdateUserRequest", update_user_request, true,
	    update_user_request);

/* ---- tenants */
static const struct form_field tenant[] = {
	FIELD(tenant_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the tenant for ever; X-Pangolin-Tenant takes it."),
	FIELD(tenant_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique."),
	FIELD(tenant_body, properties, "properties", PAIRS, FORM_REQUIRED,
	    "Whatever is worth noting about the tenant."),
	FIELDS_END
};
const struct form form_tenant = FORM("Tenant", tenant_body, true, tenant);

static const struct form_field create_tenant_request[] = {
	FIELD(tenant_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique."),
	FIELD(tenant_body, properties, "properties", PAIRS, 0,
	    "Whatever is worth noting about the tenant."),
	FIELDS_END
};
const struct form form_create_tenant_request =
	FORM("CreateTenantRequest", tenant_body, true, create_tenant_request);

static const struct form_field tenant_update[] = {
	FIELD(tenant_body, name, "name", TEXT, 0,
	    "The new name; absent: as it is."),
	FIELD(tenant_body, properties, "properties", PAIRS, 0,
	    "All properties from now on; absent: as they are."),
	FIELDS_END
};
const struct form form_tenant_update =
	FORM("TenantUpdate", tenant_body, true, tenant_update);

/* ---- sessions */
static const struct form_field token_info[] = {
	FIELD(token_info, id, "id", ID, FORM_REQUIRED,
	    "Identifies the session; the claim sid of its tokens."),
	FIELD(token_info, tenant, "tenant_id", ID, 0,
	    "Tenant of the user; null: root."),
	FIELD(token_info, user, "user_id", ID, FORM_REQUIRED, "Whose it is."),
	FIELD(token_info, username, "username", TEXT, FORM_REQUIRED,
	    "The name of that user."),
	FIELD(token_info, created_us, "created_at", TIME, FORM_REQUIRED,
	    "When it began."),
	FIELD(token_info, expires_us, "expires_at", TIME, FORM_REQUIRED,
	    "From when on its newest token is refused."),
	FIELD(token_info, is_valid, "is_valid", BOOL, FORM_REQUIRED,
	    "False: a new password or key, or a user who was made inactive, "
	    "has ended it, or it has expired."),
	FIELDS_END
};
const struct form form_token_info =
	FORM("TokenInfo", token_info, true, token_info);

/* ---- service users */
static const struct form_field service_user[] = {
	FIELD(service_user_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the service user for ever; its OAuth client_id."),
	FIELD(service_user_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(service_user_body, description, "description", TEXT, 0,
	    "What it is for."),
	FIELD(service_user_body, tenant, "tenant-id", ID, FORM_REQUIRED,
	    "Tenant of the service user."),
	FIELD(service_user_body, role, "role", CHOICE, FORM_REQUIRED,
	    "What it may do before any grants.", .choices = roles),
	FIELD(service_user_body, created_us, "created-at", TIME,
	    FORM_REQUIRED, "When it was made."),
	FIELD(service_user_body, created_by, "created-by", ID, 0,
	    "The user who made it; null: nobody had to sign in."),
	FIELD(service_user_body, last_used_us, "last-used", TIME, 0,
	    "Within ten minutes; null: never."),
	FIELD(service_user_body, expires_us, "expires-at", TIME, 0,
	    "From when on its key is refused; null: never."),
	FIELD(service_user_body, active, "active", BOOL, FORM_REQUIRED,
	    "False: its key is refused."),
	FIELDS_END
};
const struct form form_service_user =
	FORM("ServiceUser", service_user_body, true, service_user);

static const struct form_field api_key_response[] = {
	FIELD(service_user_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the service user for ever; its OAuth client_id."),
	FIELD(service_user_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(service_user_body, description, "description", TEXT, 0,
	    "What it is for."),
	FIELD(service_user_body, tenant, "tenant_id", ID, FORM_REQUIRED,
	    "Tenant of the service user."),
	FIELD(service_user_body, role, "role", CHOICE, FORM_REQUIRED,
	    "What it may do before any grants.", .choices = roles),
	FIELD(service_user_body, api_key, "api_key", SECRET, FORM_REQUIRED,
	    "For the header X-API-Key; shown this once."),
	FIELD(service_user_body, created_us, "created_at", TIME,
	    FORM_REQUIRED, "When it was made."),
	FIELD(service_user_body, created_by, "created_by", ID, 0,
	    "The user who made it; null: nobody had to sign in."),
	FIELD(service_user_body, expires_us, "expires_at", TIME, 0,
	    "From when on the key is refused; null: never."),
	FIELD(service_user_body, active, "active", BOOL, FORM_REQUIRED,
	    "False: the key is refused."),
	FIELDS_END
};
const struct form form_api_key_response =
	FORM("ApiKeyResponse", service_user_body, true, api_key_response);

static const struct form_field create_service_user_request[] = {
	FIELD(create_service_user_request, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(create_service_user_request, description, "description", TEXT, 0,
	    "What it is for."),
	FIELD(create_service_user_request, role, "role", CHOICE,
	    FORM_REQUIRED, "What it may do before any grants; not root.",
	    .choices = roles),
	FIELD(create_service_user_request, expires_in_days, "expires_in_days",
	    INT, 0, "1 to 36500; absent: its key never expires."),
	FIELDS_END
};
const struct form form_create_service_user_request =
	FORM("CreateServiceUserRequest", create_service_user_request, true,
	    create_service_user_request);

static const struct form_field update_service_user[] = {
	FIELD(update_service_user, name, "name", TEXT, 0,
	    "The new name; absent: as it is."),
	FIELD(update_service_user, description, "description", TEXT, 0,
	    "What it is for; absent: as it is."),
	FIELD(update_service_user, active, "active", BOOL, 0,
	    "False: its key is refused."),
	FIELDS_END
};
const struct form form_update_service_user =
	FORM("UpdateServiceUser", update_service_user, true,
	    update_service_user);

static const struct form_field status[] = {
	FIELD(status_body, status, "status", TEXT, FORM_REQUIRED,
	    "What has been done."),
	FIELDS_END
};
const struct form form_status = FORM("Status", status_body, true, status);

/* clang-format on */
