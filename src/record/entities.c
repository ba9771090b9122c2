/* entities.c - the tables behind entities.h; their numbers are its enums. */
#include "record/entities.h"

#include "plugin/cache.h"

#define COUNT(a) ((uint16_t)(sizeof(a) / sizeof((a)[0])))

/* clang-format off */
static const struct field refs[REF_ALL_FIELDS] = {
	[REF_ID]          = { "id",          VALUE_INT,  1 },
	[REF_CATALOG]     = { "catalog",     VALUE_ID,   1 },
	[REF_NAME]        = { "name",        VALUE_TEXT, 1 },
	[REF_KIND]        = { "kind",        VALUE_INT,  1 },
	[REF_STATE]       = { "state",       VALUE_INT,  1 },
	[REF_FORKED_FROM] = { "forked_from", VALUE_INT,  1 },
	[REF_FORKED_SEQ]  = { "forked_seq",  VALUE_INT,  1 },
	[REF_PARENT]      = { "parent",      VALUE_INT,  1 },
	[REF_PARENT_SEQ]  = { "parent_seq",  VALUE_INT,  1 },
	[REF_FORK_COMMIT] = { "fork_commit", VALUE_ID,   1 },
	[REF_FORK_US]     = { "fork_us",     VALUE_INT,  1 },
	[REF_HORIZON]     = { "horizon",     VALUE_INT,  1 },
	[REF_PROTECTED]   = { "protected",   VALUE_INT,  1 },
	[REF_TYPE]        = { "type",        VALUE_INT,  8 },
	[REF_PARTIAL]     = { "partial",     VALUE_INT,  8 },
	[REF_CREATED_US]  = { "created_us",  VALUE_INT,  8 },
	[REF_CREATED_BY]  = { "created_by",  VALUE_ID,   8 },
	[REF_WAS_NAMED]   = { "was_named",   VALUE_TEXT, 8 },
};
static const struct index refs_indexes[] = {
	[REFS_BY_NAME]   = { "refs_by_name",   false, 1, { REF_CATALOG, REF_NAME }, 2 },
	[REFS_BY_PARENT] = { "refs_by_parent", false, 1, { REF_PARENT }, 1 },
	[REFS_ONE_NAME]  = { "refs_one_name",  true,  8, { REF_NAME, REF_CATALOG }, 2 },
};

static const struct field commits[COMMIT_FIELDS] = {
	[COMMIT_BRANCH]        = { "branch",        VALUE_INT,   1 },
	[COMMIT_SEQ]           = { "seq",           VALUE_INT,   1 },
	[COMMIT_ID]            = { "id",            VALUE_ID,    1 },
	[COMMIT_PARENT]        = { "parent_id",     VALUE_ID,    1 },
	[COMMIT_MERGED_BRANCH] = { "merged_branch", VALUE_INT,   1 },
	[COMMIT_MERGED_SEQ]    = { "merged_seq",    VALUE_INT,   1 },
	[COMMIT_AUTHOR]        = { "author",        VALUE_TEXT,  1 },
	[COMMIT_MESSAGE]       = { "message",       VALUE_TEXT,  1 },
	[COMMIT_AT_US]         = { "at_us",         VALUE_INT,   1 },
	[COMMIT_HASH]          = { "request_hash",  VALUE_BYTES, 1 },
};
static const struct index commits_indexes[] = {
	[COMMITS_BY_ID]     = { "commits_by_id",     true,  1, { COMMIT_ID }, 1 },
	[COMMITS_BY_PARENT] = { "commits_by_parent", false, 1, { COMMIT_PARENT }, 1 },
};

static const struct field tenants[TENANT_FIELDS] = {
	[TENANT_ID]         = { "id",         VALUE_ID,   1 },
	[TENANT_NAME]       = { "name",       VALUE_TEXT, 1 },
	[TENANT_PROPERTIES] = { "properties", VALUE_TEXT, 1 },
	[TENANT_CREATED_US] = { "created_us", VALUE_INT,  1 },
	[TENANT_REVISION]   = { "revision",   VALUE_INT,  7 },
};
static const struct index tenants_indexes[] = {
	[TENANTS_BY_NAME] = { "tenants_by_name", true, 1, { TENANT_NAME }, 1 },
};

static const struct field users[USER_FIELDS] = {
	[USER_ID]             = { "id",             VALUE_ID,   1 },
	[USER_TENANT]         = { "tenant",         VALUE_ID,   1 },
	[USER_USERNAME]       = { "username",       VALUE_TEXT, 1 },
	[USER_EMAIL]          = { "email",          VALUE_TEXT, 1 },
	[USER_PASSWORD]       = { "password",       VALUE_TEXT, 1 },
	[USER_ROLE]           = { "role",           VALUE_INT,  1 },
	[USER_ACTIVE]         = { "active",         VALUE_INT,  1 },
	[USER_CREATED_US]     = { "created_us",     VALUE_INT,  1 },
	[USER_UPDATED_US]     = { "updated_us",     VALUE_INT,  1 },
	[USER_LAST_LOGIN_US]  = { "last_login_us",  VALUE_INT,  1 },
	[USER_FIRST_PASSWORD] = { "first_password", VALUE_INT,  1 },
	[USER_SESSIONS_SINCE] = { "sessions_since", VALUE_INT,  5 },
	[USER_PROVIDER]       = { "provider",       VALUE_TEXT, 17 },
};
static const struct index users_indexes[] = {
	[USERS_BY_USERNAME] = { "users_by_username", true,  1, { USER_USERNAME }, 1 },
	[USERS_BY_EMAIL]    = { "users_by_email",    true,  1, { USER_EMAIL }, 1 },
	[USERS_BY_TENANT]   = { "users_by_tenant",   false, 1, { USER_TENANT, USER_USERNAME }, 2 },
};

static const struct field service_users[SERVICE_USER_FIELDS] = {
	[SERVICE_USER_ID]           = { "id",           VALUE_ID,    1 },
	[SERVICE_USER_TENANT]       = { "tenant",       VALUE_ID,    1 },
	[SERVICE_USER_NAME]         = { "name",         VALUE_TEXT,  1 },
	[SERVICE_USER_DESCRIPTION]  = { "description",  VALUE_TEXT,  1 },
	[SERVICE_USER_KEY_HASH]     = { "key_hash",     VALUE_BYTES, 1 },
	[SERVICE_USER_ROLE]         = { "role",         VALUE_INT,   1 },
	[SERVICE_USER_ACTIVE]       = { "active",       VALUE_INT,   1 },
	[SERVICE_USER_CREATED_US]   = { "created_us",   VALUE_INT,   1 },
	[SERVICE_USER_CREATED_BY]   = { "created_by",   VALUE_ID,    1 },
	[SERVICE_USER_LAST_USED_US] = { "last_used_us", VALUE_INT,   1 },
	[SERVICE_USER_EXPIRES_US]   = { "expires_us",   VALUE_INT,   1 },
	[SERVICE_USER_SESSIONS_SINCE] = { "sessions_since", VALUE_INT, 5 },
};
static const struct index service_users_indexes[] = {
	[SERVICE_USERS_BY_NAME] = { "service_users_by_name", true, 1, { SERVICE_USER_TENANT, SERVICE_USER_NAME }, 2 },
};

static const struct field warehouses[WAREHOUSE_FIELDS] = {
	[WAREHOUSE_ID]         = { "id",               VALUE_ID,   1 },
	[WAREHOUSE_TENANT]     = { "tenant",           VALUE_ID,   1 },
	[WAREHOUSE_NAME]       = { "name",             VALUE_TEXT, 1 },
	[WAREHOUSE_ROOT]       = { "root",             VALUE_TEXT, 1 },
	[WAREHOUSE_USE_STS]    = { "use_sts",          VALUE_INT,  1 },
	[WAREHOUSE_STORAGE]    = { "storage_config",   VALUE_TEXT, 1 },
	[WAREHOUSE_VENDING]    = { "vending_strategy", VALUE_TEXT, 1 },
	[WAREHOUSE_CREATED_US] = { "created_us",       VALUE_INT,  1 },
	[WAREHOUSE_REVISION]   = { "revision",         VALUE_INT,  7 },
};
static const struct index warehouses_indexes[] = {
	[WAREHOUSES_BY_NAME] = { "warehouses_by_name", true, 1, { WAREHOUSE_TENANT, WAREHOUSE_NAME }, 2 },
};

static const struct field catalogs[CATALOG_FIELDS] = {
	[CATALOG_ID]         = { "id",               VALUE_ID,   1 },
	[CATALOG_TENANT]     = { "tenant",           VALUE_ID,   1 },
	[CATALOG_NAME]       = { "name",             VALUE_TEXT, 1 },
	[CATALOG_TYPE]       = { "type",             VALUE_INT,  1 },
	[CATALOG_WAREHOUSE]  = { "warehouse_name",   VALUE_TEXT, 1 },
	[CATALOG_LOCATION]   = { "storage_location", VALUE_TEXT, 1 },
	[CATALOG_PROPERTIES] = { "properties",       VALUE_TEXT, 1 },
	[CATALOG_MAIN]       = { "main_branch",      VALUE_INT,  1 },
	[CATALOG_CREATED_US] = { "created_us",       VALUE_INT,  1 },
	[CATALOG_SHARED]     = { "shared",           VALUE_INT,  9 },
	[CATALOG_UPKEEP_US]  = { "upkeep_us",        VALUE_INT,  11 },
	[CATALOG_PURGED_US]  = { "purged_us",        VALUE_INT,  12 },
};
static const struct index catalogs_indexes[] = {
	[CATALOGS_BY_NAME]   = { "catalogs_by_name", true, 1, { CATALOG_TENANT, CATALOG_NAME }, 2 },
	[CATALOGS_BY_UPKEEP] = { "catalogs_by_upkeep", false, 11, { CATALOG_UPKEEP_US }, 1 },
};

static const struct field secrets[SECRET_FIELDS] = {
	[SECRET_NAME]       = { "name",       VALUE_TEXT,  1 },
	[SECRET_VALUE]      = { "value",      VALUE_BYTES, 1 },
	[SECRET_CREATED_US] = { "created_us", VALUE_INT,   1 },
};

static const struct field tasks[TASK_FIELDS] = {
	[TASK_ID]           = { "id",           VALUE_ID,   2 },
	[TASK_TENANT]       = { "tenant",       VALUE_ID,   2 },
	[TASK_KIND]         = { "kind",         VALUE_TEXT, 2 },
	[TASK_CATALOG]      = { "catalog",      VALUE_TEXT, 2 },
	[TASK_STATE]        = { "state",        VALUE_INT,  2 },
	[TASK_WISH]         = { "wish",         VALUE_INT,  2 },
	[TASK_CURSOR]       = { "cursor",       VALUE_TEXT, 2 },
	[TASK_DONE]         = { "done",         VALUE_INT,  2 },
	[TASK_TOTAL]        = { "total",        VALUE_INT,  2 },
	[TASK_RESULTS]      = { "results",      VALUE_INT,  2 },
	[TASK_ERROR]        = { "error",        VALUE_TEXT, 2 },
	[TASK_SLOT]         = { "slot",         VALUE_INT,  2 },
	[TASK_OWNER]        = { "owner",        VALUE_ID,   2 },
	[TASK_LEASE_US]     = { "lease_us",     VALUE_INT,  2 },
	[TASK_HEARTBEAT_US] = { "heartbeat_us", VALUE_INT,  2 },
	[TASK_WORKED_US]    = { "worked_us",    VALUE_INT,  2 },
	[TASK_CREATED_BY]   = { "created_by",   VALUE_ID,   2 },
	[TASK_CREATED_US]   = { "created_us",   VALUE_INT,  2 },
	[TASK_STARTED_US]   = { "started_us",   VALUE_INT,  2 },
	[TASK_FINISHED_US]  = { "finished_us",  VALUE_INT,  2 },
};
static const struct index tasks_indexes[] = {
	[TASKS_BY_STATE]  = { "tasks_by_state",  false, 2, { TASK_STATE, TASK_CREATED_US }, 2 },
	[TASKS_BY_TENANT] = { "tasks_by_tenant", false, 2, { TASK_TENANT, TASK_CREATED_US }, 2 },
	[TASKS_BY_SLOT]   = { "tasks_by_slot",   true,  2, { TASK_SLOT }, 1 },
};

static const struct field task_results[TASK_RESULT_FIELDS] = {
	[TASK_RESULT_TASK] = { "task", VALUE_ID,   2 },
	[TASK_RESULT_SEQ]  = { "seq",  VALUE_INT,  2 },
	[TASK_RESULT_ROW]  = { "row",  VALUE_TEXT, 2 },
};

static const struct field answers[ANSWER_FIELDS] = {
	[ANSWER_ID]         = { "id",         VALUE_ID,   3 },
	[ANSWER_CODE]       = { "code",       VALUE_INT,  3 },
	[ANSWER_MESSAGE]    = { "message",    VALUE_TEXT, 3 },
	[ANSWER_LOCATION]   = { "location",   VALUE_TEXT, 3 },
	[ANSWER_BODY]       = { "body",       VALUE_TEXT, 3 },
	[ANSWER_EXPIRES_US] = { "expires_us", VALUE_INT,  3 },
};
static const struct index answers_indexes[] = {
	[ANSWERS_BY_EXPIRY] = { "answers_by_expiry", false, 3, { ANSWER_EXPIRES_US }, 1 },
};

static const struct field garbage[GARBAGE_FIELDS] = {
	[GARBAGE_ID]       = { "id",       VALUE_ID,   4 },
	[GARBAGE_BRANCH]   = { "branch",   VALUE_INT,  4 },
	[GARBAGE_OBJECT]   = { "object",   VALUE_ID,   4 },
	[GARBAGE_LOCATION] = { "location", VALUE_TEXT, 4 },
	[GARBAGE_SINCE_US] = { "since_us", VALUE_INT,  4 },
	[GARBAGE_CATALOG]  = { "catalog",  VALUE_ID,   10 },
	[GARBAGE_DOOMED]   = { "doomed",   VALUE_INT,  10 },
};
static const struct index garbage_indexes[] = {
	[GARBAGE_BY_SINCE] = { "garbage_by_since", false, 4, { GARBAGE_SINCE_US }, 1 },
	[GARBAGE_BY_CATALOG] = { "garbage_by_catalog", false, 10, { GARBAGE_CATALOG, GARBAGE_SINCE_US }, 2 },
};

static const struct field active_tokens[TOKEN_FIELDS] = {
	[TOKEN_ID]         = { "id",         VALUE_ID,  5 },
	[TOKEN_USER]       = { "user_id",    VALUE_ID,  5 },
	[TOKEN_TENANT]     = { "tenant",     VALUE_ID,  5 },
	[TOKEN_CREATED_US] = { "created_us", VALUE_INT, 5 },
	[TOKEN_EXPIRES_US] = { "expires_us", VALUE_INT, 5 },
	[TOKEN_END_US]     = { "end_us",     VALUE_INT, 6 },
	[TOKEN_SINCE]      = { "sessions_since", VALUE_INT, 6 },
};
static const struct index active_tokens_indexes[] = {
	[ACTIVE_TOKENS_BY_USER]   = { "active_tokens_by_user",   false, 5, { TOKEN_USER, TOKEN_EXPIRES_US }, 2 },
	[ACTIVE_TOKENS_BY_EXPIRY] = { "active_tokens_by_expiry", false, 5, { TOKEN_EXPIRES_US }, 1 },
};

static const struct field revisions[REVISION_FIELDS] = {
	[REVISION_NAME]   = { "name",   VALUE_TEXT, 7 },
	[REVISION_NUMBER] = { "number", VALUE_INT,  7 },
};

static const struct field merges[MERGE_FIELDS] = {
	[MERGE_COMMIT]   = { "commit_id", VALUE_ID, 8 },
	[MERGE_INTO]     = { "into_branch", VALUE_INT, 8 },
	[MERGE_SEQ]      = { "seq", VALUE_INT, 8 },
	[MERGE_FROM]     = { "from_branch", VALUE_INT, 8 },
	[MERGE_FROM_SEQ] = { "from_seq", VALUE_INT, 8 },
};
static const struct index merges_indexes[] = {
	[MERGES_BY_INTO] = { "merges_by_into", false, 8, { MERGE_INTO }, 1 },
};

static const struct field merge_operations[OPERATION_FIELDS] = {
	[OPERATION_ID]          = { "id", VALUE_ID, 8 },
	[OPERATION_TENANT]      = { "tenant", VALUE_ID, 8 },
	[OPERATION_CATALOG]     = { "catalog", VALUE_ID, 8 },
	[OPERATION_STATUS]      = { "status", VALUE_INT, 8 },
	[OPERATION_SOURCE]      = { "source", VALUE_INT, 8 },
	[OPERATION_SOURCE_NAME] = { "source_name", VALUE_TEXT, 8 },
	[OPERATION_TARGET]      = { "target", VALUE_INT, 8 },
	[OPERATION_TARGET_NAME] = { "target_name", VALUE_TEXT, 8 },
	[OPERATION_SOURCE_SEQ]  = { "source_seq", VALUE_INT, 8 },
	[OPERATION_TARGET_SEQ]  = { "target_seq", VALUE_INT, 8 },
	[OPERATION_BASE]        = { "base_commit", VALUE_ID, 8 },
	[OPERATION_MESSAGE]     = { "message", VALUE_TEXT, 8 },
	[OPERATION_SQUASH]      = { "squash", VALUE_INT, 8 },
	[OPERATION_CONFLICTS]   = { "conflicts", VALUE_INT, 8 },
	[OPERATION_CREATED_BY]  = { "created_by", VALUE_ID, 8 },
	[OPERATION_CREATED_US]  = { "created_us", VALUE_INT, 8 },
	[OPERATION_FINISHED_US] = { "finished_us", VALUE_INT, 8 },
	[OPERATION_RESULT]      = { "result_commit", VALUE_ID, 8 },
	[OPERATION_REVISION]    = { "revision", VALUE_INT, 8 },
};
static const struct index merge_operations_indexes[] = {
	[OPERATIONS_BY_CATALOG] = { "merge_operations_by_catalog", false, 8, { OPERATION_CATALOG, OPERATION_CREATED_US }, 2 },
};

static const struct field merge_conflicts[CONFLICT_FIELDS] = {
	[CONFLICT_ID]            = { "id", VALUE_ID, 8 },
	[CONFLICT_OPERATION]     = { "operation", VALUE_ID, 8 },
	[CONFLICT_ORDER]         = { "number", VALUE_INT, 8 },
	[CONFLICT_KIND]          = { "kind", VALUE_INT, 8 },
	[CONFLICT_SPACE]         = { "space", VALUE_INT, 8 },
	[CONFLICT_NS]            = { "namespace", VALUE_TEXT, 8 },
	[CONFLICT_NAME]          = { "name", VALUE_TEXT, 8 },
	[CONFLICT_OBJECT]        = { "object", VALUE_ID, 8 },
	[CONFLICT_IN_SOURCE]     = { "in_source", VALUE_INT, 8 },
	[CONFLICT_WHAT]          = { "what", VALUE_TEXT, 8 },
	[CONFLICT_REASON]        = { "reason", VALUE_TEXT, 8 },
	[CONFLICT_SOURCE_BRANCH] = { "source_branch", VALUE_INT, 8 },
	[CONFLICT_SOURCE_SEQ]    = { "source_seq", VALUE_INT, 8 },
	[CONFLICT_TARGET_BRANCH] = { "target_branch", VALUE_INT, 8 },
	[CONFLICT_TARGET_SEQ]    = { "target_seq", VALUE_INT, 8 },
	[CONFLICT_BASE_VALUE]    = { "base_value", VALUE_TEXT, 8 },
	[CONFLICT_SOURCE_VALUE]  = { "source_value", VALUE_TEXT, 8 },
	[CONFLICT_TARGET_VALUE]  = { "target_value", VALUE_TEXT, 8 },
	[CONFLICT_CREATED_US]    = { "created_us", VALUE_INT, 8 },
	[CONFLICT_STRATEGY]      = { "strategy", VALUE_INT, 8 },
	[CONFLICT_VALUE]         = { "value", VALUE_TEXT, 8 },
	[CONFLICT_RESOLVED_BY]   = { "resolved_by", VALUE_ID, 8 },
	[CONFLICT_RESOLVED_US]   = { "resolved_us", VALUE_INT, 8 },
};
static const struct index merge_conflicts_indexes[] = {
	[CONFLICTS_BY_OPERATION] = { "merge_conflicts_by_operation", false, 8, { CONFLICT_OPERATION, CONFLICT_ORDER }, 2 },
};

static const struct field purges[PURGE_FIELDS] = {
	[PURGE_ID]       = { "id",       VALUE_ID,   12 },
	[PURGE_CATALOG]  = { "catalog",  VALUE_ID,   12 },
	[PURGE_OBJECT]   = { "object",   VALUE_ID,   12 },
	[PURGE_STATE]    = { "state",    VALUE_INT,  12 },
	[PURGE_SINCE_US] = { "since_us", VALUE_INT,  12 },
	[PURGE_MET_US]   = { "met_us",   VALUE_INT,  12 },
	[PURGE_PLACES]   = { "places",   VALUE_TEXT, 12 },
};
static const struct index purges_indexes[] = {
	[PURGES_BY_CATALOG] = { "purges_by_catalog", false, 12, { PURGE_CATALOG, PURGE_SINCE_US }, 2 },
};

static const struct field locations[LOCATION_FIELDS] = {
	[LOCATION_ID]        = { "id", VALUE_ID, 13 },
	[LOCATION_PATH]      = { "path", VALUE_TEXT, 13 },
	[LOCATION_HEAD]      = { "head", VALUE_TEXT, 13 },
	[LOCATION_CATALOG]   = { "catalog", VALUE_ID, 13 },
	[LOCATION_OBJECT]    = { "object", VALUE_ID, 13 },
	[LOCATION_BRANCH]    = { "branch", VALUE_INT, 13 },
	[LOCATION_TABLE]     = { "table_name", VALUE_TEXT, 13 },
	[LOCATION_LEFT_US]   = { "left_us", VALUE_INT, 13 },
	[LOCATION_CONFIRMED_US] = { "confirmed_us", VALUE_INT, 13 },
	[LOCATION_DOOMED_US] = { "doomed_us", VALUE_INT, 13 },
	[LOCATION_CHOSEN]    = { "chosen", VALUE_INT, 14 },
};
static const struct index locations_indexes[] = {
	[LOCATIONS_BY_HEAD] = { "locations_by_head", false, 13, { LOCATION_HEAD }, 1 },
	[LOCATIONS_BY_LEFT] = { "locations_by_left", false, 13, { LOCATION_CATALOG, LOCATION_LEFT_US }, 2 },
};

static const struct field roles[ROLE_FIELDS] = {
	[ROLE_ID]          = { "id",          VALUE_ID,   15 },
	[ROLE_TENANT]      = { "tenant",      VALUE_ID,   15 },
	[ROLE_NAME]        = { "name",        VALUE_TEXT, 15 },
	[ROLE_DESCRIPTION] = { "description", VALUE_TEXT, 15 },
	[ROLE_GRANTS]      = { "grants",      VALUE_TEXT, 15 },
	[ROLE_CREATED_BY]  = { "created_by",  VALUE_ID,   15 },
	[ROLE_CREATED_US]  = { "created_us",  VALUE_INT,  15 },
	[ROLE_UPDATED_US]  = { "updated_us",  VALUE_INT,  15 },
};
static const struct index roles_indexes[] = {
	[ROLES_BY_NAME] = { "roles_by_name", true, 15, { ROLE_TENANT, ROLE_NAME }, 2 },
};

static const struct field role_members[MEMBER_FIELDS] = {
	[MEMBER_PRINCIPAL]   = { "principal",   VALUE_ID,  15 },
	[MEMBER_ROLE]        = { "role",        VALUE_ID,  15 },
	[MEMBER_TENANT]      = { "tenant",      VALUE_ID,  15 },
	[MEMBER_ASSIGNED_BY] = { "assigned_by", VALUE_ID,  15 },
	[MEMBER_ASSIGNED_US] = { "assigned_us", VALUE_INT, 15 },
	[MEMBER_PROVIDER]    = { "provider",    VALUE_TEXT, 17 },
};
static const struct index role_members_indexes[] = {
	[ROLE_MEMBERS_BY_ROLE] = { "role_members_by_role", false, 15, { MEMBER_ROLE }, 1 },
};

static const struct field permissions[PERMISSION_FIELDS] = {
	[PERMISSION_ID]         = { "id",         VALUE_ID,   15 },
	[PERMISSION_TENANT]     = { "tenant",     VALUE_ID,   15 },
	[PERMISSION_PRINCIPAL]  = { "principal",  VALUE_ID,   15 },
	[PERMISSION_GRANT]      = { "grant_text", VALUE_TEXT, 15 },
	[PERMISSION_GRANTED_BY] = { "granted_by", VALUE_ID,   15 },
	[PERMISSION_GRANTED_US] = { "granted_us", VALUE_INT,  15 },
};
static const struct index permissions_indexes[] = {
	[PERMISSIONS_BY_TENANT]    = { "permissions_by_tenant", false, 15, { PERMISSION_TENANT, PERMISSION_GRANTED_US }, 2 },
	[PERMISSIONS_BY_PRINCIPAL] = { "permissions_by_principal", false, 15, { PERMISSION_PRINCIPAL, PERMISSION_GRANTED_US }, 2 },
};

static const struct field audit_logs[ENTRY_FIELDS] = {
	[ENTRY_ID]            = { "id",            VALUE_ID,   16 },
	[ENTRY_TENANT]        = { "tenant",        VALUE_ID,   16 },
	[ENTRY_USER]          = { "user_id",       VALUE_ID,   16 },
	[ENTRY_USERNAME]      = { "username",      VALUE_TEXT, 16 },
	[ENTRY_ACTION]        = { "action",        VALUE_INT,  16 },
	[ENTRY_RESOURCE_TYPE] = { "resource_type", VALUE_INT,  16 },
	[ENTRY_RESOURCE_ID]   = { "resource_id",   VALUE_ID,   16 },
	[ENTRY_RESOURCE_NAME] = { "resource_name", VALUE_TEXT, 16 },
	[ENTRY_AT_US]         = { "at_us",         VALUE_INT,  16 },
	[ENTRY_ADDRESS]       = { "address",       VALUE_TEXT, 16 },
	[ENTRY_AGENT]         = { "agent",         VALUE_TEXT, 16 },
	[ENTRY_RESULT]        = { "result",        VALUE_INT,  16 },
	[ENTRY_ERROR]         = { "error",         VALUE_TEXT, 16 },
	[ENTRY_METADATA]      = { "metadata",      VALUE_TEXT, 16 },
};
static const struct index audit_logs_indexes[] = {
	[AUDIT_BY_TIME]     = { "audit_logs_by_time", false, 16, { ENTRY_AT_US }, 1 },
	[AUDIT_BY_TENANT]   = { "audit_logs_by_tenant", false, 16, { ENTRY_TENANT, ENTRY_AT_US }, 2 },
	[AUDIT_BY_USER]     = { "audit_logs_by_user", false, 16, { ENTRY_USER, ENTRY_AT_US }, 2 },
	[AUDIT_BY_RESOURCE] = { "audit_logs_by_resource", false, 16, { ENTRY_RESOURCE_ID, ENTRY_AT_US }, 2 },
};

static const struct field audit_cursors[AUDIT_CURSOR_FIELDS] = {
	[AUDIT_CURSOR_BRANCH] = { "branch", VALUE_INT, 16 },
	[AUDIT_CURSOR_SEQ]    = { "seq",    VALUE_INT, 16 },
};

static const struct field identities[IDENTITY_FIELDS] = {
	[IDENTITY_ID]         = { "id",         VALUE_ID,   17 },
	[IDENTITY_USER]       = { "user_id",    VALUE_ID,   17 },
	[IDENTITY_TENANT]     = { "tenant",     VALUE_ID,   17 },
	[IDENTITY_PROVIDER]   = { "provider",   VALUE_TEXT, 17 },
	[IDENTITY_SUBJECT]    = { "subject",    VALUE_TEXT, 17 },
	[IDENTITY_CREATED_US] = { "created_us", VALUE_INT,  17 },
	[IDENTITY_SAID_US]    = { "said_us",    VALUE_INT,  17 },
};
static const struct index identities_indexes[] = {
	[IDENTITIES_BY_USER] = { "identities_by_user", false, 17, { IDENTITY_USER }, 1 },
};

static const struct field sign_in_codes[SIGN_IN_CODE_FIELDS] = {
	[SIGN_IN_CODE_ID]         = { "id",         VALUE_ID,  17 },
	[SIGN_IN_CODE_USER]       = { "user_id",    VALUE_ID,  17 },
	[SIGN_IN_CODE_EXPIRES_US] = { "expires_us", VALUE_INT, 17 },
};
static const struct index sign_in_codes_indexes[] = {
	[SIGN_IN_CODES_BY_EXPIRY] = { "sign_in_codes_by_expiry", false, 17, { SIGN_IN_CODE_EXPIRES_US }, 1 },
};

static const struct field asset_metadata[ASSET_FIELDS] = {
	[ASSET_TENANT]       = { "tenant",       VALUE_ID,   18 },
	[ASSET_OBJECT]       = { "object",       VALUE_ID,   18 },
	[ASSET_ID]           = { "id",           VALUE_ID,   18 },
	[ASSET_CATALOG]      = { "catalog",      VALUE_ID,   18 },
	[ASSET_NAMESPACE]    = { "namespace",    VALUE_TEXT, 18 },
	[ASSET_DESCRIPTION]  = { "description",  VALUE_TEXT, 18 },
	[ASSET_TAGS]         = { "tags",         VALUE_TEXT, 18 },
	[ASSET_PROPERTIES]   = { "properties",   VALUE_TEXT, 18 },
	[ASSET_DISCOVERABLE] = { "discoverable", VALUE_INT,  18 },
	[ASSET_CREATED_BY]   = { "created_by",   VALUE_ID,   18 },
	[ASSET_CREATED_US]   = { "created_us",   VALUE_INT,  18 },
	[ASSET_UPDATED_BY]   = { "updated_by",   VALUE_ID,   18 },
	[ASSET_UPDATED_US]   = { "updated_us",   VALUE_INT,  18 },
};

static const struct field rates[RATE_FIELDS] = {
	[RATE_ID]       = { "id",       VALUE_ID,  19 },
	[RATE_COUNT]    = { "count",    VALUE_INT, 19 },
	[RATE_BEGUN_US] = { "begun_us", VALUE_INT, 19 },
	[RATE_PAUSES]   = { "pauses",   VALUE_INT, 19 },
	[RATE_END_US]   = { "end_us",   VALUE_INT, 19 },
};
static const struct index rates_indexes[] = {
	[RATES_BY_END] = { "rates_by_end", false, 19, { RATE_END_US }, 1 },
};

static const struct field cached[CACHED_FIELDS] = {
	[CACHED_NAME]       = { "name",       VALUE_TEXT,  20 },
	[CACHED_VALUE]      = { "value",      VALUE_BYTES, 20 },
	[CACHED_BYTES]      = { "bytes",      VALUE_INT,   20 },
	[CACHED_EXPIRES_US] = { "expires_us", VALUE_INT,   20 },
	[CACHED_USED_US]    = { "used_us",    VALUE_INT,   20 },
};
static const struct index cached_indexes[] = {
	[CACHED_BY_USED] = { "cached_by_used", false, 20, { CACHED_USED_US }, 1 },
};

#define ENTITY(name, keys, indexes, index_count, since) \
	{ #name, name, indexes, COUNT(name), keys, index_count, since }
#define INDEXED(name, keys, since) \
	ENTITY(name, keys, name##_indexes, COUNT(name##_indexes), since)

static const struct entity entities[ENTITY_COUNT] = {
	[ENTITY_REFS]          = INDEXED(refs, 1, 1),
	[ENTITY_COMMITS]       = INDEXED(commits, 2, 1),
	[ENTITY_TENANTS]       = INDEXED(tenants, 1, 1),
	[ENTITY_USERS]         = INDEXED(users, 1, 1),
	[ENTITY_SERVICE_USERS] = INDEXED(service_users, 1, 1),
	[ENTITY_WAREHOUSES]    = INDEXED(warehouses, 1, 1),
	[ENTITY_CATALOGS]      = INDEXED(catalogs, 1, 1),
	[ENTITY_SECRETS]       = ENTITY(secrets, 1, NULL, 0, 1),
	[ENTITY_TASKS]         = INDEXED(tasks, 1, 2),
	[ENTITY_TASK_RESULTS]  = ENTITY(task_results, 2, NULL, 0, 2),
	[ENTITY_ANSWERS]       = INDEXED(answers, 1, 3),
	[ENTITY_GARBAGE]       = INDEXED(garbage, 1, 4),
	[ENTITY_ACTIVE_TOKENS] = INDEXED(active_tokens, 1, 5),
	[ENTITY_REVISIONS]     = ENTITY(revisions, 1, NULL, 0, 7),
	[ENTITY_MERGES]        = INDEXED(merges, 1, 8),
	[ENTITY_MERGE_OPERATIONS] = INDEXED(merge_operations, 1, 8),
	[ENTITY_MERGE_CONFLICTS]  = INDEXED(merge_conflicts, 1, 8),
	[ENTITY_PURGES]           = INDEXED(purges, 1, 12),
	[ENTITY_LOCATIONS]        = INDEXED(locations, 1, 13),
	[ENTITY_ROLES]            = INDEXED(roles, 1, 15),
	[ENTITY_ROLE_MEMBERS]     = INDEXED(role_members, 2, 15),
	[ENTITY_PERMISSIONS]      = INDEXED(permissions, 1, 15),
	[ENTITY_AUDIT_LOGS]       = INDEXED(audit_logs, 1, 16),
	[ENTITY_AUDIT_CURSORS]    = ENTITY(audit_cursors, 1, NULL, 0, 16),
	[ENTITY_IDENTITIES]       = INDEXED(identities, 1, 17),
	[ENTITY_SIGN_IN_CODES]    = INDEXED(sign_in_codes, 1, 17),
	[ENTITY_ASSET_METADATA]   = ENTITY(asset_metadata, 2, NULL, 0, 18),
	[ENTITY_RATES]            = INDEXED(rates, 1, 19),
	[ENTITY_CACHED]           = INDEXED(cached, 1, 20),
};
/* clang-format on */

const struct schema record_schema = {
	.entities = entities,
	.count = ENTITY_COUNT,
	.version = 20,
};
