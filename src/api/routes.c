#include "api/routes.h"

#include "api/forms.h"
#include "api/handlers.h"
#include "identity/authorize.h"
#include "ops/metrics.h"
#include "ops/pages.h"

#define GET METHOD_GET
#define HEAD METHOD_HEAD
#define POST METHOD_POST
#define PUT METHOD_PUT
#define DELETE METHOD_DELETE

#define NS "/v1/{prefix}/namespaces"
#define TABLES NS "/{namespace}/tables"
#define FUNCTIONS NS "/{namespace}/functions"
#define VIEWS NS "/{namespace}/views"

/* clang-format off */
static const struct route table[] = {
	/* Iceberg REST, in the order of its OpenAPI document */
	{ GET,    "/v1/config",                        config_get,                ACTION_CONFIG_READ,         0,                               NULL, &form_catalog_config },
	{ POST,   "/v1/oauth/tokens",                  oauth_token_post,          ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_URLENCODED, &form_oauth_token_request, &form_oauth_token_response },
	{ GET,    NS,                                  namespaces_list_get,       ACTION_NAMESPACE_LIST,      ROUTE_ICEBERG,                   NULL, &form_namespace_list },
	{ POST,   NS,                                  namespace_create_post,     ACTION_NAMESPACE_CREATE,    ROUTE_ICEBERG,                   &form_create_namespace_request, &form_namespace },
	{ GET,    NS "/{namespace}",                   namespace_get,             ACTION_NAMESPACE_READ,      ROUTE_ICEBERG,                   NULL, &form_namespace },
	{ HEAD,   NS "/{namespace}",                   namespace_head,            ACTION_NAMESPACE_READ,      ROUTE_ICEBERG,                   NULL, NULL },
	{ DELETE, NS "/{namespace}",                   namespace_delete,          ACTION_NAMESPACE_DELETE,    ROUTE_ICEBERG,                   NULL, NULL },
	{ POST,   NS "/{namespace}/properties",        namespace_properties_post, ACTION_NAMESPACE_UPDATE,    ROUTE_ICEBERG,                   &form_update_namespace_request, &form_update_namespace_answer },
	{ GET,    TABLES,                              tables_list_get,           ACTION_TABLE_LIST,          ROUTE_ICEBERG,                   NULL, &form_table_list },
	{ POST,   TABLES,                              table_create_post,         ACTION_TABLE_CREATE,        ROUTE_ICEBERG,                   &form_create_table_request, &form_load_table_result },
	{ GET,    FUNCTIONS,                           functions_list_get,        ACTION_FUNCTION_LIST,       ROUTE_ICEBERG,                   NULL, &form_function_list },
	{ GET,    FUNCTIONS "/{function}",             function_get,              ACTION_FUNCTION_READ,       ROUTE_ICEBERG,                   NULL, &form_load_function_result },
	{ POST,   TABLES "/{table}/plan",                table_plan_post,           ACTION_TABLE_READ,          ROUTE_ICEBERG,                   &form_plan_table_scan_request, &form_plan_table_scan_result },
	{ GET,    TABLES "/{table}/plan/{plan-id}",      table_plan_get,            ACTION_TABLE_READ,          ROUTE_ICEBERG,                   NULL, &form_fetch_planning_result },
	{ DELETE, TABLES "/{table}/plan/{plan-id}",      table_plan_delete,         ACTION_TABLE_READ,          ROUTE_ICEBERG,                   NULL, NULL },
	{ POST,   TABLES "/{table}/tasks",               table_tasks_post,          ACTION_TABLE_READ,          ROUTE_ICEBERG,                   &form_fetch_scan_tasks_request, &form_fetch_scan_tasks_result },
	{ POST,   NS "/{namespace}/register",          table_register_post,       ACTION_TABLE_CREATE,        ROUTE_ICEBERG,                   &form_register_table_request, &form_load_table_result },
	{ GET,    TABLES "/{table}",                   table_get,                 ACTION_TABLE_READ,          ROUTE_ICEBERG | ROUTE_TAGGED,    NULL, &form_load_table_result },
	{ POST,   TABLES "/{table}",                   table_commit_post,         ACTION_TABLE_WRITE,         ROUTE_ICEBERG,                   &form_commit_table_request, &form_commit_table_response },
	{ DELETE, TABLES "/{table}",                   table_delete,              ACTION_TABLE_DELETE,        ROUTE_ICEBERG,                   NULL, NULL },
	{ HEAD,   TABLES "/{table}",                   table_head,                ACTION_TABLE_READ,          ROUTE_ICEBERG,                   NULL, NULL },
	{ POST,   TABLES "/{table}/unregister",          table_unregister_post,     ACTION_TABLE_DELETE,        ROUTE_ICEBERG,                   NULL, &form_unregister_table_result },
	{ GET,    TABLES "/{table}/credentials",         table_credentials_get,     ACTION_TABLE_READ,          ROUTE_ICEBERG,                   NULL, &form_load_credentials_response },
	{ POST,   "/v1/{prefix}/tables/rename",          table_rename_post,         ACTION_TABLE_WRITE,         ROUTE_ICEBERG,                   &form_rename_table_request, NULL },
	{ POST,   TABLES "/{table}/metrics",             table_metrics_post,        ACTION_TABLE_READ,          ROUTE_ICEBERG,                   &form_report_metrics_request, NULL },
	{ POST,   "/v1/{prefix}/transactions/commit",    transaction_commit_post,   ACTION_TABLE_WRITE,         ROUTE_ICEBERG,                   &form_commit_transaction_request, NULL },
	{ GET,    VIEWS,                                 views_list_get,            ACTION_VIEW_LIST,           ROUTE_ICEBERG,                   NULL, &form_table_list },
	{ POST,   VIEWS,                                 view_create_post,          ACTION_VIEW_CREATE,         ROUTE_ICEBERG,                   &form_create_view_request, &form_load_view_result },
	{ GET,    VIEWS "/{view}",                       view_get,                  ACTION_VIEW_READ,           ROUTE_ICEBERG,                   NULL, &form_load_view_result },
	{ POST,   VIEWS "/{view}",                       view_replace_post,         ACTION_VIEW_WRITE,          ROUTE_ICEBERG,                   &form_commit_view_request, &form_load_view_result },
	{ DELETE, VIEWS "/{view}",                       view_delete,               ACTION_VIEW_DELETE,         ROUTE_ICEBERG,                   NULL, NULL },
	{ HEAD,   VIEWS "/{view}",                       view_head,                 ACTION_VIEW_READ,           ROUTE_ICEBERG,                   NULL, NULL },
	{ POST,   "/v1/{prefix}/views/rename",           view_rename_post,          ACTION_VIEW_WRITE,          ROUTE_ICEBERG,                   &form_rename_table_request, NULL },
	{ POST,   NS "/{namespace}/register-view",       view_register_post,        ACTION_VIEW_CREATE,         ROUTE_ICEBERG,                   &form_register_view_request, &form_load_view_result },

	/* management: who */
	{ GET,    "/api/v1/app-config",                app_config_get,            ACTION_SIGNED_IN,           ROUTE_PUBLIC,                    NULL, &form_app_config },
	{ POST,   "/api/v1/users/login",               login_post,                ACTION_SIGNED_IN,           ROUTE_PUBLIC,                    &form_login_request, &form_login_response },
	{ GET,    "/api/v1/users/me",                  me_get,                    ACTION_USER_SELF,           ROUTE_NO_TENANT,                 NULL, &form_user_info },
	{ GET,    "/api/v1/users",                     users_list_get,            ACTION_USER_READ,           ROUTE_LIST,                      NULL, &form_user_info },
	{ POST,   "/api/v1/users",                     user_create_post,          ACTION_USER_MANAGE,         ROUTE_NO_TENANT | ROUTE_MADE,    &form_create_user_request, &form_user_info },
	{ GET,    "/api/v1/users/{id}",                user_get,                  ACTION_USER_SELF,           ROUTE_NO_TENANT,                 NULL, &form_user_info },
	{ PUT,    "/api/v1/users/{id}",                user_update_put,           ACTION_USER_SELF,           ROUTE_NO_TENANT | ROUTE_FILE,    &form_update_user_request, NULL },
	{ DELETE, "/api/v1/users/{id}",                user_delete,               ACTION_USER_MANAGE,         ROUTE_NO_TENANT,                 NULL, NULL },
	{ POST,   "/api/v1/users/logout",              logout_post,               ACTION_USER_SELF,           ROUTE_NO_TENANT,                 NULL, NULL },
	{ GET,    "/api/v1/users/me/tokens",           my_tokens_list_get,        ACTION_USER_SELF,           ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_token_info },
	{ GET,    "/api/v1/users/{id}/tokens",         user_tokens_list_get,      ACTION_USER_SELF,           ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_token_info },
	{ DELETE, "/api/v1/tokens/{id}",               token_delete,              ACTION_USER_SELF,           ROUTE_NO_TENANT,                 NULL, NULL },
	{ GET,    "/api/v1/service-users",             service_users_list_get,    ACTION_SERVICE_USER_MANAGE, ROUTE_LIST,                      NULL, &form_service_user },
	{ POST,   "/api/v1/service-users",             service_user_create_post,  ACTION_SERVICE_USER_MANAGE, ROUTE_MADE,                      &form_create_service_user_request, &form_api_key_response },
	{ GET,    "/api/v1/service-users/{id}",        service_user_get,          ACTION_SERVICE_USER_MANAGE, 0,                               NULL, &form_service_user },
	{ PUT,    "/api/v1/service-users/{id}",        service_user_update_put,   ACTION_SERVICE_USER_MANAGE, 0,                               &form_update_service_user, &form_status },
	{ DELETE, "/api/v1/service-users/{id}",        service_user_delete,       ACTION_SERVICE_USER_MANAGE, 0,                               NULL, NULL },
	{ POST,   "/api/v1/service-users/{id}/rotate", service_user_rotate_post,  ACTION_SERVICE_USER_MANAGE, 0,                               NULL, &form_api_key_response },
	{ GET,    "/api/v1/tenants",                   tenants_list_get,          ACTION_TENANT_LIST,         ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_tenant },
	{ POST,   "/api/v1/tenants",                   tenant_create_post,        ACTION_TENANT_CREATE,       ROUTE_NO_TENANT | ROUTE_MADE,    &form_create_tenant_request, &form_tenant },
	{ GET,    "/api/v1/tenants/{id}",              tenant_get,                ACTION_TENANT_READ,         ROUTE_NO_TENANT,                 NULL, &form_tenant },
	{ PUT,    "/api/v1/tenants/{id}",              tenant_update_put,         ACTION_TENANT_UPDATE,       ROUTE_NO_TENANT,                 &form_tenant_update, &form_tenant },
	{ DELETE, "/api/v1/tenants/{id}",              tenant_delete,             ACTION_TENANT_DELETE,       ROUTE_NO_TENANT,                 NULL, NULL },

	/* management: where */
	{ GET,    "/api/v1/warehouses",                warehouses_list_get,       ACTION_WAREHOUSE_READ,      ROUTE_LIST,                      NULL, &form_warehouse },
	{ POST,   "/api/v1/warehouses",                warehouse_create_post,     ACTION_WAREHOUSE_MANAGE,    ROUTE_MADE,                      &form_create_warehouse_request, &form_warehouse },
	{ GET,    "/api/v1/warehouses/{name}",         warehouse_get,             ACTION_WAREHOUSE_READ,      0,                               NULL, &form_warehouse },
	{ PUT,    "/api/v1/warehouses/{name}",         warehouse_update_put,      ACTION_WAREHOUSE_MANAGE,    0,                               &form_update_warehouse, &form_warehouse },
	{ DELETE, "/api/v1/warehouses/{name}",         warehouse_delete,          ACTION_WAREHOUSE_MANAGE,    0,                               NULL, NULL },
	{ GET,    "/api/v1/catalogs",                  catalogs_list_get,         ACTION_CATALOG_READ,        ROUTE_LIST,                      NULL, &form_catalog },
	{ POST,   "/api/v1/catalogs",                  catalog_create_post,       ACTION_CATALOG_MANAGE,      ROUTE_MADE,                      &form_create_catalog_request, &form_catalog },
	{ GET,    "/api/v1/catalogs/{name}",           catalog_get,               ACTION_CATALOG_READ,        0,                               NULL, &form_catalog },
	{ PUT,    "/api/v1/catalogs/{name}",           catalog_update_put,        ACTION_CATALOG_MANAGE,      0,                               &form_update_catalog, &form_catalog },
	{ DELETE, "/api/v1/catalogs/{name}",           catalog_delete,            ACTION_CATALOG_MANAGE,      0,                               NULL, NULL },

	/* management: tasks */
	{ GET,    "/api/v1/tasks",                     tasks_list_get,            ACTION_TASK_READ,           ROUTE_LIST,                      NULL, &form_task },
	{ POST,   "/api/v1/tasks",                     task_submit_post,          ACTION_TASK_MANAGE,         ROUTE_ACCEPTED,                  &form_submit_task, &form_task_submitted },
	{ GET,    "/api/v1/tasks/{id}",                task_get,                  ACTION_TASK_READ,           0,                               NULL, &form_task },
	{ GET,    "/api/v1/tasks/{id}/results",        task_results_get,          ACTION_TASK_READ,           ROUTE_LIST,                      NULL, &form_task_finding },
	{ POST,   "/api/v1/tasks/{id}/cancel",         task_cancel_post,          ACTION_TASK_MANAGE,         0,                               NULL, &form_task },
	{ POST,   "/api/v1/tasks/{id}/pause",          task_pause_post,           ACTION_TASK_MANAGE,         0,                               NULL, &form_task },
	{ POST,   "/api/v1/tasks/{id}/resume",         task_resume_post,          ACTION_TASK_MANAGE,         0,                               NULL, &form_task },

	/* the admin's page */
	{ GET,    "/",                                 page_index,                ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_ON_LOOP | ROUTE_FILE, NULL, NULL },
	{ GET,    "/assets/{file}",                    page_asset,                ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_ON_LOOP | ROUTE_FILE, NULL, NULL },

	/* operations */
	{ GET,    "/health/live",                      health_live_get,           ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_ON_LOOP,    NULL, &form_health },
	{ GET,    "/health/ready",                     health_ready_get,          ACTION_SIGNED_IN,           ROUTE_PUBLIC,                    NULL, &form_health },
	{ GET,    "/health",                           health_ready_get,          ACTION_SIGNED_IN,           ROUTE_PUBLIC,                    NULL, &form_health },
	{ GET,    "/api/v1/cache/stats",               cache_stats_get,           ACTION_CACHE_READ,          ROUTE_NO_TENANT,                 NULL, &form_cache_stats },
	{ GET,    "/api/v1/store/statements",          store_statements_get,      ACTION_STORE_READ,          ROUTE_NO_TENANT | ROUTE_LIST,    NULL, &form_slow_statement },
	{ GET,    "/metrics",                          metrics_get,               ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_FILE,       NULL, NULL },
	{ GET,    "/openapi.json",                     openapi_get,               ACTION_SIGNED_IN,           ROUTE_PUBLIC | ROUTE_FILE,       NULL, NULL },
};
/* clang-format on */

const struct routes api_routes = { table, sizeof(table) / sizeof(table[0]) };
