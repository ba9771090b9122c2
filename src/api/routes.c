#include "api/routes.h"

#include "api/forms.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "identity/authorize.h"
#include "ops/metrics.h"
#include "ops/pages.h"
#include "record/audit.h"

#define GET METHOD_GET
#define HEAD METHOD_HEAD
#define POST METHOD_POST
#define PUT METHOD_PUT
#define DELETE METHOD_DELETE
#define PATCH METHOD_PATCH

#define NS "/v1/{prefix}/namespaces"
#define TABLES NS "/{namespace}/tables"
#define FUNCTIONS NS "/{namespace}/functions"
#define VIEWS NS "/{namespace}/views"

#define LIMIT                                                                  \
	{                                                                      \
		"limit", "integer",                                            \
		    "The most to answer at once; absent or more: 1000."        \
	}
#define OFFSET                                                                 \
	{                                                                      \
		"offset", "integer", "How many to skip; absent: none."         \
	}
#define PAGES                                                                  \
	{ "page", "integer",                                                   \
		"The number of a page, from 1 on, instead of offset." },       \
	{                                                                      \
		"page_size", "integer", "The most on a page; absent: 100."     \
	}
#define PAGE_TOKEN                                                             \
	{                                                                      \
		"pageToken", "string",                                         \
		    "next-page-token of the page before; empty: the first."    \
	}
#define PAGE_SIZE                                                              \
	{                                                                      \
		"pageSize", "integer",                                         \
		    "The most to answer at once; more: 1000."                  \
	}
#define CATALOG                                                                \
	{                                                                      \
		"catalog", "string", "Name of the catalog."                    \
	}
#define ONLY_CATALOG                                                           \
	{                                                                      \
		"catalog", "string",                                           \
		    "Name of the catalog; absent: the only one that has it."   \
	}

#define END                                                                    \
	{                                                                      \
		NULL, NULL, NULL                                               \
	}

/* ---- query arguments */
static const struct route_argument warehouse_query[] = {
	{ "warehouse", "string", "Name of the catalog." }, END
};
static const struct route_argument children_query[] = {
	{ "parent", "string",
	    "Levels joined by U+001F: answer its children only." },
	PAGE_TOKEN, PAGE_SIZE, END
};
static const struct route_argument page_query[] = { PAGE_TOKEN, PAGE_SIZE,
	END };
#define REFERENCED_BY                                                          \
	{                                                                      \
		"referenced-by", "string",                                     \
		    "The views through which it is read, the outermost "       \
		    "first, with commas between; of each its levels and "      \
		    "name, parted by U+001F."                                  \
	}

static const struct route_argument snapshots_query[] = {
	{ "snapshots", "string",
	    "all, or refs: those that a branch or tag names." },
	REFERENCED_BY, END
};
static const struct route_argument chain_query[] = { REFERENCED_BY, END };
static const struct route_argument staged_query[] = {
	{ "staged", "string", "The place of a table that is not there yet." },
	END
};
static const struct route_argument location_query[] = {
	{ "location", "string", "The file, below the table's location." }, END
};
static const struct route_argument purge_query[] = {
	{ "purgeRequested", "boolean",
	    "True: its files are deleted, too, once no branch, tag or kept "
	    "history shows it." },
	END
};
static const struct route_argument async_query[] = {
	{ "async", "boolean",
	    "True: answer 202 with a task_id; the task completes the merge." },
	END
};
static const struct route_argument range_query[] = { LIMIT, OFFSET, PAGES,
	END };
static const struct route_argument check_query[] = {
	{ "user", "string", "The user or service user that is asked about." },
	{ "action", "string", "read, write, create and so on." },
	{ "catalog", "string",
	    "Name of a catalog, \"sales\" or \"sales@dev\"; absent: the whole "
	    "tenant." },
	{ "namespace", "string",
	    "Levels parted by U+001F, else by dots; absent: the whole "
	    "catalog." },
	{ "asset", "string", "Name of a table or view in the namespace." }, END
};
static const struct route_argument asset_query[] = {
	{ "catalog", "string",
	    "Name of the catalog, \"sales\" or \"sales@dev\"; absent: the "
	    "place "
	    "of the metadata that is there." },
	{ "namespace", "string", "Levels parted by U+001F, else by dots." },
	{ "asset", "string", "Name of the table or view." }, END
};
static const struct route_argument permissions_query[] = {
	{ "user", "string", "Those of this user or service user." }, LIMIT,
	OFFSET, PAGES, END
};
static const struct route_argument range_of_catalog_query[] = { CATALOG, LIMIT,
	OFFSET, PAGES, END };
static const struct route_argument branches_query[] = { CATALOG,
	{ "compare", "string",
	    "[ref][~commit|~instant]: ahead and behind of each against this, "
	    "of at most 100." },
	LIMIT, OFFSET, PAGES, END };
static const struct route_argument catalog_of_ref_query[] = { ONLY_CATALOG,
	END };
static const struct route_argument catalog_query[] = { CATALOG, END };
static const struct route_argument branch_deletion_query[] = { ONLY_CATALOG,
	{ "expected_head", "string",
	    "Its newest commit; it is not deleted when that is another." },
	END };
static const struct route_argument history_query[] = { CATALOG,
	{ "table", "string",
	    "namespace.name: commits that changed this table or view." },
	{ "author", "string", "Commits of this author." },
	{ "since", "string", "Commits of this instant and later." },
	{ "until", "string", "Commits of this instant and earlier." },
	{ "limit", "integer",
	    "How many to answer; absent: 100, at most 1000." },
	OFFSET, PAGES,
	{ "page_token", "string",
	    "Of the header Link with rel=next of the page before." },
	END };
static const struct route_argument dropped_query[] = { CATALOG,
	{ "branch", "string", "The branch; absent: the default one." },
	{ "limit", "integer",
	    "How many to answer; absent: 100, at most 1000." },
	{ "page_token", "string",
	    "Of the header Link with rel=next of the page before." },
	END };
static const struct route_argument diff_query[] = { CATALOG,
	{ "from", "string",
	    "[ref][~commit|~instant]; absent: the default branch." },
	{ "to", "string",
	    "[ref][~commit|~instant]; absent: the default branch." },
	{ "limit", "integer",
	    "How many to answer; absent: 100, at most 1000." },
	{ "page_token", "string",
	    "Of the header Link with rel=next of the page before." },
	END };
static const struct route_argument conflicts_query[] = { CATALOG,
	{ "into", "string", "The target; absent: the default branch." }, LIMIT,
	OFFSET, PAGES, END };
static const struct route_argument tag_deletion_query[] = { ONLY_CATALOG,
	{ "expected_commit_id", "string",
	    "What it names; it is not deleted when that is another." },
	END };
static const struct route_argument tasks_query[] = {
	{ "kind", "string", "Those of this kind only." },
	{ "state", "string", "Those in this state only." },
	{ "limit", "integer",
	    "How many to answer; absent: 100, at most 1000." },
	OFFSET, PAGES, END
};
static const struct route_argument results_query[] = {
	{ "limit", "integer", "How many to answer; absent or more: 1000." },
	OFFSET, PAGES, END
};
#define AUDIT_FILTERS                                                          \
	{ "user_id", "string", "Deeds of this user or service user only." },   \
	    { "action", "string", "Deeds of this kind only." },                \
	    { "resource_type", "string",                                       \
		    "Deeds about things of this type only." },                 \
	    { "resource_id", "string", "Deeds about this thing only." },       \
	    { "result", "string", "success or failure." },                     \
	    { "start_time", "string", "RFC 3339; none before." },              \
	{                                                                      \
		"end_time", "string", "RFC 3339; none after."                  \
	}
static const struct route_argument audit_query[] = { AUDIT_FILTERS,
	{ "limit", "integer",
	    "How many to answer; absent: 100, at most 1000." },
	{ "page_token", "string",
	    "Of the link to the next page, which entries that are new do not "
	    "move." },
	OFFSET, PAGES, END };
static const struct route_argument audit_count_query[] = { AUDIT_FILTERS, END };
static const struct route_argument audit_export_query[] = { AUDIT_FILTERS,
	{ "format", "string",
	    "jsonl: an object on each line, the default; or csv." },
	END };
static const struct route_argument authorize_query[] = {
	{ "redirect_uri", "string",
	    "Where the sign-in ends; absent: the server's page." },
	END
};
static const struct route_argument callback_query[] = {
	{ "code", "string", "The provider's code." },
	{ "state", "string", "The state that the sign-in began with." },
	{ "iss", "string", "The provider's issuer (RFC 9207)." },
	{ "error", "string", "Instead of a code: why there is none." }, END
};
static const struct route_argument level_query[] = {
	{ "level", "string", "The level of cache.levels; absent: all." }, END
};
static const struct route_argument verify_query[] = {
	{ "verify", "boolean",
	    "True: look whether all they hold is as it must be." },
	END
};

/* clang-format off */
static const struct route table[] = {
	/* Iceberg REST, in the order of its OpenAPI document */
	{ GET,    "/v1/config",                        config_get,                ACTION_CONFIG_READ,         DEED_NONE,                0,                               NULL, &form_catalog_config, warehouse_query, NULL },
	{ POST,   "/v1/oauth/tokens",                  oauth_token_post,          ACTION_SIGNED_IN,           DEED_LOGIN,               ROUTE_PUBLIC | ROUTE_URLENCODED | ROUTE_CREDENTIALS, &form_oauth_token_request, &form_oauth_token_response, NULL, NULL },
	{ GET,    NS,                                  namespaces_list_get,       ACTION_NAMESPACE_LIST,      DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_namespace_list, children_query, NULL },
	{ POST,   NS,                                  namespace_create_post,     ACTION_NAMESPACE_CREATE,    DEED_CREATE_NAMESPACE,    ROUTE_ICEBERG,                   &form_create_namespace_request, &form_namespace, NULL, namespace_create_again },
	{ GET,    NS "/{namespace}",                   namespace_get,             ACTION_NAMESPACE_READ,      DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_namespace, NULL, NULL },
	{ HEAD,   NS "/{namespace}",                   namespace_head,            ACTION_NAMESPACE_CHECK,     DEED_NONE,                ROUTE_ICEBERG,                   NULL, NULL, NULL, NULL },
	{ DELETE, NS "/{namespace}",                   namespace_delete,          ACTION_NAMESPACE_DELETE,    DEED_DELETE_NAMESPACE,    ROUTE_ICEBERG,                   NULL, NULL, NULL, answer_nothing_again },
	{ POST,   NS "/{namespace}/properties",        namespace_properties_post, ACTION_NAMESPACE_UPDATE,    DEED_UPDATE_NAMESPACE,    ROUTE_ICEBERG,                   &form_update_namespace_request, &form_update_namespace_answer, NULL, namespace_properties_again },
	{ GET,    TABLES,                              tables_list_get,           ACTION_TABLE_LIST,          DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_table_list, page_query, NULL },
	{ POST,   TABLES,                              table_create_post,         ACTION_TABLE_CREATE,        DEED_CREATE_TABLE,        ROUTE_ICEBERG,                   &form_create_table_request, &form_load_table_result, NULL, table_made_again },
	{ GET,    FUNCTIONS,                           functions_list_get,        ACTION_FUNCTION_LIST,       DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_function_list, page_query, NULL },
	{ GET,    FUNCTIONS "/{function}",             function_get,              ACTION_FUNCTION_READ,       DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_load_function_result, NULL, NULL },
	{ POST,   TABLES "/{table}/plan",                table_plan_post,           ACTION_TABLE_READ,          DEED_LOAD_TABLE,           ROUTE_ICEBERG | ROUTE_READS,     &form_plan_table_scan_request, &form_plan_table_scan_result, NULL, NULL },
	{ GET,    TABLES "/{table}/plan/{plan-id}",      table_plan_get,            ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_fetch_planning_result, NULL, NULL },
	{ DELETE, TABLES "/{table}/plan/{plan-id}",      table_plan_delete,         ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG,                   NULL, NULL, NULL, NULL },
	{ POST,   TABLES "/{table}/tasks",               table_tasks_post,          ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG | ROUTE_READS,     &form_fetch_scan_tasks_request, &form_fetch_scan_tasks_result, NULL, NULL },
	{ POST,   NS "/{namespace}/register",          table_register_post,       ACTION_TABLE_CREATE,        DEED_CREATE_TABLE,        ROUTE_ICEBERG,                   &form_register_table_request, &form_load_table_result, NULL, table_made_again },
	{ GET,    TABLES "/{table}",                   table_get,                 ACTION_TABLE_READ,          DEED_LOAD_TABLE,           ROUTE_ICEBERG | ROUTE_TAGGED,    NULL, &form_load_table_result, snapshots_query, NULL },
	{ POST,   TABLES "/{table}",                   table_commit_post,         ACTION_TABLE_WRITE,         DEED_COMMIT_TABLE,        ROUTE_ICEBERG | ROUTE_COMMITS,   &form_commit_table_request, &form_commit_table_response, NULL, table_changed_again },
	{ DELETE, TABLES "/{table}",                   table_delete,              ACTION_TABLE_DELETE,        DEED_DROP_TABLE,          ROUTE_ICEBERG,                   NULL, NULL, purge_query, answer_nothing_again },
	{ HEAD,   TABLES "/{table}",                   table_head,                ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG,                   NULL, NULL, NULL, NULL },
	{ POST,   TABLES "/{table}/unregister",          table_unregister_post,     ACTION_TABLE_DELETE,        DEED_DROP_TABLE,          ROUTE_ICEBERG,                   NULL, &form_unregister_table_result, NULL, unregistered_again },
	{ GET,    TABLES "/{table}/credentials",         table_credentials_get,     ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_load_credentials_response, chain_query, NULL },
	{ POST,   TABLES "/{table}/sign",                table_sign_post,           ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG | ROUTE_READS,     &form_remote_sign_request, &form_remote_sign_result, staged_query, NULL },
	{ GET,    TABLES "/{table}/presign",             table_presign_get,         ACTION_TABLE_READ,          DEED_NONE,                0,                               NULL, &form_presigned_url, location_query, NULL },
	{ POST,   "/v1/{prefix}/tables/rename",          table_rename_post,         ACTION_TABLE_WRITE,         DEED_RENAME_TABLE,        ROUTE_ICEBERG,                   &form_rename_table_request, NULL, NULL, answer_nothing_again },
	{ POST,   TABLES "/{table}/metrics",             table_metrics_post,        ACTION_TABLE_READ,          DEED_NONE,                ROUTE_ICEBERG | ROUTE_READS,     &form_report_metrics_request, NULL, NULL, NULL },
	{ POST,   "/v1/{prefix}/transactions/commit",    transaction_commit_post,   ACTION_TABLE_WRITE,         DEED_CREATE_COMMIT,       ROUTE_ICEBERG | ROUTE_COMMITS,   &form_commit_transaction_request, NULL, NULL, answer_nothing_again },
	{ GET,    VIEWS,                                 views_list_get,            ACTION_VIEW_LIST,           DEED_NONE,                ROUTE_ICEBERG,                   NULL, &form_table_list, page_query, NULL },
	{ POST,   VIEWS,                                 view_create_post,          ACTION_VIEW_CREATE,         DEED_CREATE_VIEW,         ROUTE_ICEBERG,                   &form_create_view_request, &form_load_view_result, NULL, view_made_again },
	{ GET,    VIEWS "/{view}",                       view_get,                  ACTION_VIEW_READ,           DEED_LOAD_VIEW,            ROUTE_ICEBERG,                   NULL, &form_load_view_result, chain_query, NULL },
	{ POST,   VIEWS "/{view}",                       view_replace_post,         ACTION_VIEW_WRITE,          DEED_UPDATE_VIEW,         ROUTE_ICEBERG | ROUTE_COMMITS,   &form_commit_view_request, &form_load_view_result, NULL, view_made_again },
	{ DELETE, VIEWS "/{view}",                       view_delete,               ACTION_VIEW_DELETE,         DEED_DROP_VIEW,           ROUTE_ICEBERG,                   NULL, NULL, NULL, answer_nothing_again },
	{ HEAD,   VIEWS "/{view}",                       view_head,                 ACTION_VIEW_READ,           DEED_NONE,                ROUTE_ICEBERG,                   NULL, NULL, NULL, NULL },
	{ POST,   "/v1/{prefix}/views/rename",           view_rename_post,          ACTION_VIEW_WRITE,          DEED_RENAME_VIEW,         ROUTE_ICEBERG,                   &form_rename_table_request, NULL, NULL, answer_nothing_again },
	{ POST,   NS "/{namespace}/register-view",       view_register_post,        ACTION_VIEW_CREATE,         DEED_CREATE_VIEW,         ROUTE_ICEBERG,                   &form_register_view_request, &form_load_view_result, NULL, view_made_again },

	/* management: who */
	{ GET,    "/api/v1/app-config",                app_config_get,            ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC,                    NULL, &form_app_config, NULL, NULL },
	{ POST,   "/api/v1/users/login",               login_post,                ACTION_SIGNED_IN,           DEED_LOGIN,               ROUTE_PUBLIC | ROUTE_CREDENTIALS, &form_login_request, &form_login_response, NULL, NULL },
	{ GET,    "/api/v1/oauth/providers",           oauth_providers_get,       ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC,                    NULL, &form_oauth_providers, NULL, NULL },
	{ POST,   "/api/v1/oauth/exchange",            oauth_exchange_post,       ACTION_SIGNED_IN,           DEED_LOGIN,               ROUTE_PUBLIC | ROUTE_CREDENTIALS, &form_exchange_request, &form_exchanged_token, NULL, NULL },
	{ GET,    "/oauth/authorize/{provider}",       oauth_authorize_get,       ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_FILE,       NULL, NULL, authorize_query, NULL },
	{ GET,    "/oauth/callback/{provider}",        oauth_callback_get,        ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_FILE | ROUTE_SECRETS, NULL, NULL, callback_query, NULL },
	{ GET,    "/api/v1/users/me",                  me_get,                    ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_user_info, NULL, NULL },
	{ GET,    "/api/v1/users",                     users_list_get,            ACTION_USER_READ,           DEED_NONE,                ROUTE_LIST,                      NULL, &form_user_info, range_query, NULL },
	{ POST,   "/api/v1/users",                     user_create_post,          ACTION_USER_MANAGE,         DEED_CREATE_USER,         ROUTE_NO_TENANT | ROUTE_MADE | ROUTE_CREDENTIALS, &form_create_user_request, &form_user_info, NULL, NULL },
	{ GET,    "/api/v1/users/{id}",                user_get,                  ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_user_info, NULL, NULL },
	{ PUT,    "/api/v1/users/{id}",                user_update_put,           ACTION_USER_SELF,           DEED_UPDATE_USER,         ROUTE_NO_TENANT | ROUTE_FILE | ROUTE_CREDENTIALS, &form_update_user_request, NULL, NULL, NULL },
	{ DELETE, "/api/v1/users/{id}",                user_delete,               ACTION_USER_MANAGE,         DEED_DELETE_USER,         ROUTE_NO_TENANT,                 NULL, NULL, NULL, NULL },
	{ POST,   "/api/v1/users/logout",              logout_post,               ACTION_USER_SELF,           DEED_LOGOUT,              ROUTE_NO_TENANT,                 NULL, NULL, NULL, NULL },
	{ POST,   "/api/v1/session",                   session_post,              ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT | ROUTE_CREDENTIALS, NULL, NULL, NULL, NULL },
	{ DELETE, "/api/v1/session",                   session_delete,            ACTION_USER_SELF,           DEED_LOGOUT,              ROUTE_NO_TENANT,                 NULL, NULL, NULL, NULL },
	{ GET,    "/api/v1/users/me/permissions",      my_permissions_get,        ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_held_grants, NULL, NULL },
	{ GET,    "/api/v1/users/me/tokens",           my_tokens_list_get,        ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_token_info, NULL, NULL },
	{ GET,    "/api/v1/users/{id}/tokens",         user_tokens_list_get,      ACTION_USER_SELF,           DEED_NONE,                ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_token_info, NULL, NULL },
	{ DELETE, "/api/v1/tokens/{id}",               token_delete,              ACTION_USER_SELF,           DEED_REVOKE_TOKEN,        ROUTE_NO_TENANT,                 NULL, NULL, NULL, NULL },
	{ POST,   "/api/v1/tokens",                    token_mint_post,           ACTION_TOKEN_MINT,          DEED_GENERATE_TOKEN,      ROUTE_NO_TENANT | ROUTE_CREDENTIALS, &form_mint_request, &form_minted_token, NULL, NULL },
	{ POST,   "/api/v1/tokens/rotate",             token_rotate_post,         ACTION_USER_SELF,           DEED_GENERATE_TOKEN,      ROUTE_NO_TENANT | ROUTE_CREDENTIALS, NULL, &form_minted_token, NULL, NULL },
	{ POST,   "/api/v1/auth/revoke",               own_token_revoke_post,     ACTION_USER_SELF,           DEED_REVOKE_TOKEN,        ROUTE_NO_TENANT,                 NULL, &form_message, NULL, NULL },
	{ POST,   "/api/v1/auth/revoke/{id}",          token_revoke_post,         ACTION_USER_SELF,           DEED_REVOKE_TOKEN,        ROUTE_NO_TENANT,                 NULL, &form_message, NULL, NULL },
	{ POST,   "/api/v1/auth/cleanup-tokens",       tokens_clean_post,         ACTION_TOKEN_CLEAN,         DEED_REVOKE_TOKEN,        ROUTE_NO_TENANT,                 NULL, &form_cleaned, NULL, NULL },
	{ POST,   "/api/v1/auth/rotate-key",           token_key_rotate_post,     ACTION_TOKEN_KEY_ROTATE,    DEED_ROTATE_TOKEN_KEY,    ROUTE_NO_TENANT,                 NULL, &form_token_key, NULL, NULL },
	{ GET,    "/api/v1/service-users",             service_users_list_get,    ACTION_SERVICE_USER_MANAGE, DEED_NONE,                ROUTE_LIST,                      NULL, &form_service_user, range_query, NULL },
	{ POST,   "/api/v1/service-users",             service_user_create_post,  ACTION_SERVICE_USER_MANAGE, DEED_CREATE_SERVICE_USER, ROUTE_MADE | ROUTE_CREDENTIALS, &form_create_service_user_request, &form_api_key_response, NULL, NULL },
	{ GET,    "/api/v1/service-users/{id}",        service_user_get,          ACTION_SERVICE_USER_MANAGE, DEED_NONE,                0,                               NULL, &form_service_user, NULL, NULL },
	{ PUT,    "/api/v1/service-users/{id}",        service_user_update_put,   ACTION_SERVICE_USER_MANAGE, DEED_UPDATE_SERVICE_USER, ROUTE_CREDENTIALS, &form_update_service_user, &form_status, NULL, NULL },
	{ DELETE, "/api/v1/service-users/{id}",        service_user_delete,       ACTION_SERVICE_USER_MANAGE, DEED_DELETE_SERVICE_USER, 0,                               NULL, &form_status, NULL, NULL },
	{ POST,   "/api/v1/service-users/{id}/rotate", service_user_rotate_post,  ACTION_SERVICE_USER_MANAGE, DEED_ROTATE_API_KEY,      ROUTE_CREDENTIALS, NULL, &form_api_key_response, NULL, NULL },
	{ GET,    "/api/v1/users/{id}/roles",          user_roles_list_get,       ACTION_USER_SELF,           DEED_NONE,                ROUTE_LIST,                      NULL, &form_role, NULL, NULL },
	{ POST,   "/api/v1/users/{id}/roles",          user_role_assign_post,     ACTION_ROLE_MANAGE,         DEED_ASSIGN_ROLE,         ROUTE_MADE,                      &form_assign_role_request, NULL, NULL, NULL },
	{ DELETE, "/api/v1/users/{id}/roles/{role}",   user_role_revoke_delete,   ACTION_ROLE_MANAGE,         DEED_REVOKE_ROLE,         0,                               NULL, NULL, NULL, NULL },
	{ GET,    "/api/v1/roles",                     roles_list_get,            ACTION_ROLE_MANAGE,         DEED_NONE,                ROUTE_LIST,                      NULL, &form_role, range_query, NULL },
	{ POST,   "/api/v1/roles",                     role_create_post,          ACTION_ROLE_MANAGE,         DEED_CREATE_ROLE,         ROUTE_MADE,                      &form_create_role_request, &form_role, NULL, NULL },
	{ GET,    "/api/v1/roles/{id}",                role_get,                  ACTION_ROLE_MANAGE,         DEED_NONE,                0,                               NULL, &form_role, NULL, NULL },
	{ PUT,    "/api/v1/roles/{id}",                role_update_put,           ACTION_ROLE_MANAGE,         DEED_UPDATE_ROLE,         ROUTE_EMPTY,                     &form_update_role, NULL, NULL, NULL },
	{ DELETE, "/api/v1/roles/{id}",                role_delete,               ACTION_ROLE_MANAGE,         DEED_DELETE_ROLE,         0,                               NULL, NULL, NULL, NULL },
	{ GET,    "/api/v1/permissions",               permissions_list_get,      ACTION_USER_SELF,           DEED_NONE,                ROUTE_LIST,                      NULL, &form_permission, permissions_query, NULL },
	{ POST,   "/api/v1/permissions",               permission_grant_post,     ACTION_PERMISSION_MANAGE,   DEED_GRANT_PERMISSION,    ROUTE_MADE,                      &form_grant_permission_request, &form_permission, NULL, NULL },
	{ GET,    "/api/v1/permissions/check",         permission_check_get,      ACTION_PERMISSION_MANAGE,   DEED_NONE,                0,                               NULL, &form_permission_check, check_query, NULL },
	{ DELETE, "/api/v1/permissions/{id}",          permission_revoke_delete,  ACTION_PERMISSION_MANAGE,   DEED_REVOKE_PERMISSION,   0,                               NULL, NULL, NULL, NULL },
	{ POST,   "/api/v1/assets/{id}/metadata",      asset_metadata_set_post,   ACTION_METADATA_MANAGE,     DEED_ADD_METADATA,        0,                               &form_add_metadata_request, &form_metadata_reply, asset_query, NULL },
	{ GET,    "/api/v1/assets/{id}/metadata",      asset_metadata_get,        ACTION_METADATA_READ,       DEED_NONE,                0,                               NULL, &form_metadata_reply, NULL, NULL },
	{ DELETE, "/api/v1/assets/{id}/metadata",      asset_metadata_remove_delete, ACTION_METADATA_MANAGE,  DEED_DELETE_METADATA,     0,                               NULL, NULL, NULL, NULL },
	{ GET,    "/api/v1/tenants",                   tenants_list_get,          ACTION_TENANT_LIST,         DEED_NONE,                ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_tenant, range_query, NULL },
	{ POST,   "/api/v1/tenants",                   tenant_create_post,        ACTION_TENANT_CREATE,       DEED_CREATE_TENANT,       ROUTE_NO_TENANT | ROUTE_MADE,    &form_create_tenant_request, &form_tenant, NULL, NULL },
	{ GET,    "/api/v1/tenants/{id}",              tenant_get,                ACTION_TENANT_READ,         DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_tenant, NULL, NULL },
	{ PUT,    "/api/v1/tenants/{id}",              tenant_update_put,         ACTION_TENANT_UPDATE,       DEED_UPDATE_TENANT,       ROUTE_NO_TENANT,                 &form_tenant_update, &form_tenant, NULL, NULL },
	{ DELETE, "/api/v1/tenants/{id}",              tenant_delete,             ACTION_TENANT_DELETE,       DEED_DELETE_TENANT,       ROUTE_NO_TENANT,                 NULL, NULL, NULL, NULL },

	/* management: where */
	{ GET,    "/api/v1/warehouses",                warehouses_list_get,       ACTION_WAREHOUSE_READ,      DEED_NONE,                ROUTE_LIST,                      NULL, &form_warehouse, range_query, NULL },
	{ POST,   "/api/v1/warehouses",                warehouse_create_post,     ACTION_WAREHOUSE_MANAGE,    DEED_CREATE_WAREHOUSE,    ROUTE_MADE | ROUTE_SECRETS,      &form_create_warehouse_request, &form_warehouse, NULL, NULL },
	{ GET,    "/api/v1/warehouses/{name}",         warehouse_get,             ACTION_WAREHOUSE_READ,      DEED_NONE,                0,                               NULL, &form_warehouse, NULL, NULL },
	{ PUT,    "/api/v1/warehouses/{name}",         warehouse_update_put,      ACTION_WAREHOUSE_MANAGE,    DEED_UPDATE_WAREHOUSE,    ROUTE_SECRETS,                   &form_update_warehouse, &form_warehouse, NULL, NULL },
	{ DELETE, "/api/v1/warehouses/{name}",         warehouse_delete,          ACTION_WAREHOUSE_MANAGE,    DEED_DELETE_WAREHOUSE,    0,                               NULL, NULL, NULL, NULL },
	{ POST,   "/api/v1/warehouses/{name}/probe",   warehouse_probe_post,      ACTION_WAREHOUSE_MANAGE,    DEED_NONE,                ROUTE_READS | ROUTE_SECRETS,     &form_probe_request, &form_probe, NULL, NULL },
	{ GET,    "/api/v1/warehouses/{name}/credentials", warehouse_credentials_get, ACTION_TABLE_READ,      DEED_NONE,                0,                               NULL, &form_warehouse_credentials, location_query, NULL },
	{ GET,    "/api/v1/catalogs",                  catalogs_list_get,         ACTION_CATALOG_LIST,        DEED_NONE,                ROUTE_LIST,                      NULL, &form_catalog, range_query, NULL },
	{ POST,   "/api/v1/catalogs",                  catalog_create_post,       ACTION_CATALOG_MANAGE,      DEED_CREATE_CATALOG,      ROUTE_MADE,                      &form_create_catalog_request, &form_catalog, NULL, NULL },
	{ GET,    "/api/v1/catalogs/{name}",           catalog_get,               ACTION_CATALOG_READ,        DEED_NONE,                0,                               NULL, &form_catalog, NULL, NULL },
	{ PUT,    "/api/v1/catalogs/{name}",           catalog_update_put,        ACTION_CATALOG_MANAGE,      DEED_UPDATE_CATALOG,      0,                               &form_update_catalog, &form_catalog, NULL, NULL },
	{ DELETE, "/api/v1/catalogs/{name}",           catalog_delete,            ACTION_CATALOG_MANAGE,      DEED_DELETE_CATALOG,      0,                               NULL, NULL, NULL, NULL },

	/* management: versions */
	{ POST,   "/api/v1/namespaces/move",           namespace_move_post,       ACTION_NAMESPACE_UPDATE,    DEED_UPDATE_NAMESPACE,    0,                               &form_move_namespace_request, NULL, NULL, answer_nothing_again },
	{ GET,    "/api/v1/branches",                  branches_list_get,         ACTION_BRANCH_READ,         DEED_NONE,                ROUTE_LIST,                      NULL, &form_branch, branches_query, NULL },
	{ POST,   "/api/v1/branches",                  branch_create_post,        ACTION_BRANCH_CREATE,       DEED_CREATE_BRANCH,       ROUTE_MADE,                      &form_create_branch_request, &form_branch, NULL, branch_create_again },
	{ GET,    "/api/v1/branches/{branch}",         branch_get,                ACTION_BRANCH_READ,         DEED_NONE,                0,                               NULL, &form_branch, catalog_of_ref_query, NULL },
	{ PATCH,  "/api/v1/branches/{branch}",         branch_update_patch,       ACTION_BRANCH_MANAGE,       DEED_UPDATE_BRANCH,       0,                               &form_update_branch, &form_branch, catalog_query, branch_update_again },
	{ DELETE, "/api/v1/branches/{branch}",         branch_delete,             ACTION_BRANCH_DELETE,       DEED_DELETE_BRANCH,       0,                               NULL, NULL, branch_deletion_query, answer_nothing_again },
	{ GET,    "/api/v1/branches/{branch}/commits", branch_commits_get,        ACTION_HISTORY_READ,        DEED_LIST_COMMITS,         ROUTE_LIST,                      NULL, &form_commit, history_query, NULL },
	{ GET,    "/api/v1/diff",                      diff_get,                  ACTION_HISTORY_READ,        DEED_NONE,                ROUTE_LIST,                      NULL, &form_difference, diff_query, NULL },
	{ GET,    "/api/v1/tags",                      tags_list_get,             ACTION_BRANCH_READ,         DEED_NONE,                ROUTE_LIST,                      NULL, &form_tag, range_of_catalog_query, NULL },
	{ POST,   "/api/v1/tags",                      tag_create_post,           ACTION_TAG_MANAGE,          DEED_CREATE_TAG,          0,                               &form_create_tag_request, &form_tag, NULL, tag_create_again },
	{ GET,    "/api/v1/tags/{tag}",                tag_get,                   ACTION_BRANCH_READ,         DEED_NONE,                0,                               NULL, &form_tag, catalog_of_ref_query, NULL },
	{ PUT,    "/api/v1/tags/{tag}",                tag_move_put,              ACTION_TAG_MANAGE,          DEED_UPDATE_TAG,          0,                               &form_move_tag, &form_tag, catalog_query, tag_move_again },
	{ DELETE, "/api/v1/tags/{tag}",                tag_delete,                ACTION_TAG_MANAGE,          DEED_DELETE_TAG,          0,                               NULL, NULL, tag_deletion_query, answer_nothing_again },

	/* management: merges */
	{ POST,   "/api/v1/branches/merge",                     merge_post,                ACTION_BRANCH_MERGE,        DEED_MERGE_BRANCH,        ROUTE_COMMITS,                   &form_merge_request, &form_merge_operation, NULL, merge_again },
	{ POST,   "/api/v1/branches/{branch}/rebase",           branch_rebase_post,        ACTION_BRANCH_MERGE,        DEED_MERGE_BRANCH,        ROUTE_EMPTY,                     &form_rebase_request, NULL, NULL, branch_rebase_again },
	{ POST,   "/api/v1/branches/{branch}/reset",            branch_reset_post,         ACTION_BRANCH_MERGE,        DEED_CREATE_COMMIT,       ROUTE_COMMITS,                   &form_restore_request, &form_restored, NULL, restore_again },
	{ POST,   "/api/v1/branches/{branch}/revert",           branch_revert_post,        ACTION_BRANCH_MERGE,        DEED_CREATE_COMMIT,       ROUTE_COMMITS,                   &form_restore_request, &form_restored, NULL, restore_again },
	{ POST,   "/api/v1/branches/{branch}/cherry-pick",      branch_pick_post,          ACTION_BRANCH_MERGE,        DEED_CREATE_COMMIT,       ROUTE_COMMITS,                   &form_restore_request, &form_restored, NULL, restore_again },
	{ GET,    "/api/v1/dropped",                            dropped_get,               ACTION_HISTORY_READ,        DEED_NONE,                ROUTE_LIST,                      NULL, &form_dropped, dropped_query, NULL },
	{ POST,   "/api/v1/undrop",                             undrop_post,               ACTION_BRANCH_MERGE,        DEED_CREATE_COMMIT,       0,                               &form_undrop_request, &form_dropped, NULL, undrop_again },
	{ POST,   "/api/v1/purge",                              purge_post,                ACTION_TASK_MANAGE,         DEED_CREATE_TASK,         ROUTE_ACCEPTED,                  &form_purge_request, &form_task_submitted, NULL, answer_nothing_again },
	{ GET,    "/api/v1/branches/{branch}/conflicts",        branch_conflicts_get,      ACTION_MERGE_READ,          DEED_LIST_CONFLICTS,       ROUTE_LIST,                      NULL, &form_merge_conflict, conflicts_query, NULL },
	{ GET,    "/api/v1/catalogs/{name}/merge-operations",   merge_operations_list_get, ACTION_MERGE_READ,          DEED_NONE,                ROUTE_LIST,                      NULL, &form_merge_summary, range_query, NULL },
	{ GET,    "/api/v1/merge-operations/{id}",              merge_operation_get,       ACTION_MERGE_READ,          DEED_NONE,                0,                               NULL, &form_merge_operation, NULL, NULL },
	{ GET,    "/api/v1/merge-operations/{id}/conflicts",    merge_conflicts_get,       ACTION_MERGE_READ,          DEED_LIST_CONFLICTS,       ROUTE_LIST,                      NULL, &form_merge_conflict, range_query, NULL },
	{ POST,   "/api/v1/merge-operations/{id}/complete",     merge_complete_post,       ACTION_BRANCH_MERGE,        DEED_COMPLETE_MERGE,      ROUTE_COMMITS,                   NULL, &form_merge_completed, async_query, merge_complete_again },
	{ POST,   "/api/v1/merge-operations/{id}/abort",        merge_abort_post,          ACTION_BRANCH_MERGE,        DEED_ABORT_MERGE,         0,                               NULL, &form_merge_aborted, NULL, answer_nothing_again },
	{ POST,   "/api/v1/conflicts/{id}/resolve",             conflict_resolve_post,     ACTION_BRANCH_MERGE,        DEED_RESOLVE_CONFLICT,    0,                               &form_resolve_conflict, &form_conflict_resolved, NULL, answer_nothing_again },

	/* management: tasks */
	{ GET,    "/api/v1/tasks",                     tasks_list_get,            ACTION_TASK_READ,           DEED_NONE,                ROUTE_LIST,                      NULL, &form_task, tasks_query, NULL },
	{ POST,   "/api/v1/tasks",                     task_submit_post,          ACTION_TASK_MANAGE,         DEED_CREATE_TASK,         ROUTE_ACCEPTED,                  &form_submit_task, &form_task_submitted, NULL, NULL },
	{ GET,    "/api/v1/tasks/{id}",                task_get,                  ACTION_TASK_OWN,            DEED_NONE,                0,                               NULL, &form_task, NULL, NULL },
	{ GET,    "/api/v1/tasks/{id}/results",        task_results_get,          ACTION_TASK_OWN,            DEED_NONE,                ROUTE_LIST,                      NULL, &form_task_finding, results_query, NULL },
	{ POST,   "/api/v1/tasks/{id}/cancel",         task_cancel_post,          ACTION_TASK_OWN,            DEED_UPDATE_TASK,         0,                               NULL, &form_task, NULL, NULL },
	{ POST,   "/api/v1/tasks/{id}/pause",          task_pause_post,           ACTION_TASK_MANAGE,         DEED_UPDATE_TASK,         0,                               NULL, &form_task, NULL, NULL },
	{ POST,   "/api/v1/tasks/{id}/resume",         task_resume_post,          ACTION_TASK_MANAGE,         DEED_UPDATE_TASK,         0,                               NULL, &form_task, NULL, NULL },

	/* management: audit */
	{ GET,    "/api/v1/audit",                     audit_list_get,            ACTION_AUDIT_READ,          DEED_NONE,                ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_audit_entry, audit_query, NULL },
	{ GET,    "/api/v1/audit/count",               audit_count_get,           ACTION_AUDIT_READ,          DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_audit_count, audit_count_query, NULL },
	{ GET,    "/api/v1/audit/export",              audit_export_get,          ACTION_AUDIT_READ,          DEED_NONE,                ROUTE_NO_TENANT | ROUTE_FILE,    NULL, NULL, audit_export_query, NULL },
	{ GET,    "/api/v1/audit/{id}",                audit_entry_get,           ACTION_AUDIT_READ,          DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_audit_entry, NULL, NULL },

	/* the admin's page */
	{ GET,    "/",                                 page_index,                ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_ON_LOOP | ROUTE_FILE, NULL, NULL, NULL, NULL },
	{ GET,    "/assets/{file}",                    page_asset,                ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_ON_LOOP | ROUTE_FILE, NULL, NULL, NULL, NULL },

	/* operations */
	{ GET,    "/health/live",                      health_live_get,           ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_ON_LOOP,    NULL, &form_health, NULL, NULL },
	{ GET,    "/health/ready",                     health_ready_get,          ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC,                    NULL, &form_health, NULL, NULL },
	{ GET,    "/health",                           health_ready_get,          ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC,                    NULL, &form_health, NULL, NULL },
	{ DELETE, "/api/v1/cache",                     cache_delete,              ACTION_CACHE_CLEAR,         DEED_CLEAR_CACHE,         ROUTE_NO_TENANT,                 NULL, NULL, level_query, NULL },
	{ GET,    "/api/v1/cache/stats",               cache_stats_get,           ACTION_CACHE_READ,          DEED_NONE,                ROUTE_NO_TENANT,                 NULL, &form_cache_stats, verify_query, NULL },
	{ GET,    "/api/v1/store/statements",          store_statements_get,      ACTION_STORE_READ,          DEED_NONE,                ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_slow_statement, NULL, NULL },
	{ GET,    "/metrics",                          metrics_get,               ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_FILE,       NULL, NULL, NULL, NULL },
	{ GET,    "/openapi.json",                     openapi_get,               ACTION_SIGNED_IN,           DEED_NONE,                ROUTE_PUBLIC | ROUTE_FILE,       NULL, NULL, NULL, NULL },
};
/* clang-format on */

const struct routes api_routes = { table, sizeof(table) / sizeof(table[0]) };
