#include "api/forms_access.h"

#include "api/form_table.h"
#include "identity/grants.h"

/* clang-format off */

/* ---- grants */
static const struct form_field scope[] = {
	FIELD(scope_body, type, "type", CHOICE, FORM_REQUIRED,
	    "Where the actions are allowed.", .choices = grant_scope_words),
	FIELD(scope_body, catalog, "catalog_id", ID, FORM_OMITTED,
	    "The catalog, of catalog, namespace and asset."),
	FIELD(scope_body, namespace, "namespace", TEXT, FORM_OMITTED,
	    "Levels parted by U+001F, else by dots; with all below it."),
	FIELD(scope_body, asset, "asset_id", ID, FORM_OMITTED,
	    "The uuid of the table or view, under whatever name."),
	FIELD(scope_body, tag, "tag_name", TEXT, FORM_OMITTED,
	    "Of a tag: tables and views that have it."),
	FIELD(scope_body, refs, "refs", TEXTS, FORM_OMITTED,
	    "Branches and tags of the catalog, '*' is any text; absent: all."),
	FIELDS_END
};
static const struct form form_scope =
	FORM("PermissionScope", scope_body, true, scope);

static const struct form_field grant[] = {
	FIELD_OBJECT(grant_body, scope, "scope", &form_scope, FORM_REQUIRED,
	    "Where the actions are allowed."),
	FIELD(grant_body, actions, "actions", TEXTS,
	    FORM_REQUIRED | FORM_NOT_EMPTY,
	    "read, write, delete, create, update, list, all, "
	    "ingest-branching, experimental-branching, manage-discovery."),
	FIELDS_END
};
static const struct form form_grant =
	FORM("PermissionGrant", grant_body, true, grant);

/* ---- roles */
static const struct form_field role[] = {
	FIELD(role_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the role for ever."),
	FIELD(role_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(role_body, description, "description", TEXT, 0,
	    "What it is for."),
	FIELD(role_body, tenant, "tenant-id", ID, FORM_REQUIRED,
	    "Tenant of the role."),
	FIELD(role_body, permissions, "permissions", LIST, FORM_REQUIRED,
	    "What it lets its users do.", .form = &form_grant),
	FIELD(role_body, created_by, "created-by", ID, 0,
	    "The user who made it; null: nobody had to sign in."),
	FIELD(role_body, created_us, "created-at", TIME, FORM_REQUIRED,
	    "When it was made."),
	FIELD(role_body, updated_us, "updated-at", TIME, FORM_REQUIRED,
	    "When it was last changed."),
	FIELDS_END
};
const struct form form_role = FORM("Role", role_body, true, role);

static const struct form_field create_role_request[] = {
	FIELD(role_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(role_body, description, "description", TEXT, 0,
	    "What it is for."),
	FIELD(role_body, tenant, "tenant-id", ID, 0,
	    "Must be the tenant that the request is made in, if given.",
	    .alias = "tenant_id"),
	FIELD(role_body, permissions, "permissions", LIST, 0,
	    "What it lets its users do.", .form = &form_grant),
	FIELDS_END
};
const struct form form_create_role_request =
	FORM("CreateRoleRequest", role_body, true, create_role_request);

static const struct form_field update_role[] = {
	FIELD(role_body, id, "id", ID, 0,
	    "Must be the one of the path, if given."),
	FIELD(role_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(role_body, description, "description", TEXT, 0,
	    "What it is for; absent: none."),
	FIELD(role_body, tenant, "tenant-id", ID, 0,
	    "Must be the role's, if given.", .alias = "tenant_id"),
	FIELD(role_body, permissions, "permissions", LIST, FORM_REQUIRED,
	    "All that it lets its users do from now on.",
	    .form = &form_grant),
	FIELD(role_body, created_by, "created-by", ID, 0, "Is not changed."),
	FIELD(role_body, created_us, "created-at", TIME, 0,
	    "Is not changed."),
	FIELD(role_body, updated_us, "updated-at", TIME, 0,
	    "Is not changed."),
	FIELDS_END
};
const struct form form_update_role =
	FORM("UpdateRole", role_body, true, update_role);

static const struct form_field assign_role_request[] = {
	FIELD(assign_role_request, role, "role-id", ID, FORM_REQUIRED,
	    "The role to give.", .alias = "role_id"),
	FIELDS_END
};
const struct form form_assign_role_request =
	FORM("AssignRoleRequest", assign_role_request, true,
	    assign_role_request);

/* ---- permissions */
static const struct form_field permission[] = {
	FIELD(permission_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the permission for ever."),
	FIELD(permission_body, user, "user-id", ID, FORM_REQUIRED,
	    "The user or service user that has it."),
	FIELD(permission_body, tenant, "tenant-id", ID, FORM_REQUIRED,
	    "Its tenant."),
	FIELD_OBJECT(permission_body, scope, "scope", &form_scope,
	    FORM_REQUIRED, "Where the actions are allowed."),
	FIELD(permission_body, actions, "actions", TEXTS, FORM_REQUIRED,
	    "The actions that were granted."),
	FIELD(permission_body, granted_by, "granted-by", ID, 0,
	    "The user who granted it; null: nobody had to sign in."),
	FIELD(permission_body, granted_us, "granted-at", TIME, FORM_REQUIRED,
	    "When it was granted."),
	FIELDS_END
};
const struct form form_permission =
	FORM("Permission", permission_body, true, permission);

static const struct form_field grant_permission_request[] = {
	FIELD(permission_body, user, "user-id", ID, FORM_REQUIRED,
	    "The user or service user to grant it to.", .alias = "user_id"),
	FIELD_OBJECT(permission_body, scope, "scope", &form_scope,
	    FORM_REQUIRED, "Where the actions are allowed."),
	FIELD(permission_body, actions, "actions", TEXTS,
	    FORM_REQUIRED | FORM_NOT_EMPTY, "The actions to grant."),
	FIELDS_END
};
const struct form form_grant_permission_request =
	FORM("GrantPermissionRequest", permission_body, true,
	    grant_permission_request);

/* ---- what somebody has */
static const char *const built_in[] = { "root", "tenant-admin", "tenant-user",
	NULL };

static const struct form_field held_grant[] = {
	FIELD_OBJECT(held_grant_body, scope, "scope", &form_scope,
	    FORM_REQUIRED, "Where the actions are allowed."),
	FIELD(held_grant_body, actions, "actions", TEXTS, FORM_REQUIRED,
	    "The actions that were granted."),
	FIELD(held_grant_body, permission, "permission-id", ID, 0,
	    "The permission that grants it; null: a role does."),
	FIELD(held_grant_body, role, "role-id", ID, 0,
	    "The role that grants it; null: a permission does."),
	FIELD(held_grant_body, role_name, "role-name", TEXT, 0,
	    "The name of that role."),
	FIELDS_END
};
static const struct form form_held_grant =
	FORM("HeldGrant", held_grant_body, true, held_grant);

static const struct form_field held_grants[] = {
	FIELD(held_grants_body, role, "role", CHOICE, FORM_REQUIRED,
	    "The built-in role: administrators need no grants.",
	    .choices = built_in),
	FIELD(held_grants_body, grants, "permissions", LIST, FORM_REQUIRED,
	    "What permissions and roles grant.", .form = &form_held_grant),
	FIELDS_END
};
const struct form form_held_grants =
	FORM("HeldGrants", held_grants_body, true, held_grants);

static const struct form_field permission_check[] = {
	FIELD(held_grants_body, allowed, "allowed", BOOL, FORM_REQUIRED,
	    "Whether the user may do it."),
	FIELD(held_grants_body, role, "role", CHOICE, FORM_REQUIRED,
	    "The built-in role: administrators need no grants.",
	    .choices = built_in),
	FIELD(held_grants_body, grants, "permissions", LIST, FORM_REQUIRED,
	    "The grants that allow it.", .form = &form_held_grant),
	FIELDS_END
};
const struct form form_permission_check =
	FORM("PermissionCheck", held_grants_body, true, permission_check);

/* ---- business metadata */
static const struct form_field metadata[] = {
	FIELD(metadata_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies what is said."),
	FIELD(metadata_body, asset, "asset-id", ID, FORM_REQUIRED,
	    "The uuid of the table or view."),
	FIELD(metadata_body, description, "description", TEXT, 0,
	    "What it is."),
	FIELD(metadata_body, tags, "tags", TEXTS, FORM_REQUIRED,
	    "Its tags: grants on one of them cover it."),
	FIELD(metadata_body, properties, "properties", RAW, FORM_REQUIRED,
	    "What else is said."),
	FIELD(metadata_body, discoverable, "discoverable", BOOL, FORM_REQUIRED,
	    "Kept for searches."),
	FIELD(metadata_body, created_by, "created-by", ID, 0,
	    "The user who said it first; null: nobody had to sign in."),
	FIELD(metadata_body, created_us, "created-at", TIME, FORM_REQUIRED,
	    "When it was first said."),
	FIELD(metadata_body, updated_by, "updated-by", ID, 0,
	    "The user who said it last; null: nobody had to sign in."),
	FIELD(metadata_body, updated_us, "updated-at", TIME, FORM_REQUIRED,
	    "When it was last said."),
	FIELDS_END
};
static const struct form form_metadata =
	FORM("BusinessMetadata", metadata_body, true, metadata);

static const struct form_field metadata_reply[] = {
	FIELD_OBJECT(metadata_reply, metadata, "metadata", &form_metadata,
	    FORM_REQUIRED, "What is said of the table or view."),
	FIELDS_END
};
const struct form form_metadata_reply =
	FORM("BusinessMetadataResponse", metadata_reply, true, metadata_reply);

static const struct form_field add_metadata_request[] = {
	FIELD(add_metadata_request, description, "description", TEXT, 0,
	    "What it is; absent: nothing is said."),
	FIELD(add_metadata_request, tags, "tags", TEXTS, 0,
	    "All its tags from now on: grants on one of them cover it."),
	FIELD(add_metadata_request, properties, "properties", JSON,
	    FORM_JSON_OBJECT, "What else is said."),
	FIELD(add_metadata_request, discoverable, "discoverable", BOOL, 0,
	    "Kept for searches."),
	FIELDS_END
};
const struct form form_add_metadata_request =
	FORM("AddMetadataRequest", add_metadata_request, true,
	    add_metadata_request);

/* clang-format on */
