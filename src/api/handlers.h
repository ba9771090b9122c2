/*
 * handlers.h - what the rows of routes.c call, one function for each.
 *
 * A handler decodes, calls one function of catalog/ or identity/, encodes.
 */
#ifndef PANGOLIN_HANDLERS_H
#define PANGOLIN_HANDLERS_H

#include "http/request.h"

/* of a file each: config_api.c and so on */
enum err config_get(struct request *);
enum err oauth_token_post(struct request *);
enum err cache_stats_get(struct request *);
enum err store_statements_get(struct request *);
enum err openapi_get(struct request *);

/* namespaces_api.c */
enum err namespaces_list_get(struct request *);
enum err namespace_create_post(struct request *);
enum err namespace_get(struct request *);
enum err namespace_head(struct request *);
enum err namespace_delete(struct request *);
enum err namespace_properties_post(struct request *);

/* relations_api.c */
enum err tables_list_get(struct request *);
enum err views_list_get(struct request *);
enum err table_head(struct request *);
enum err view_head(struct request *);
enum err table_delete(struct request *);
enum err view_delete(struct request *);
enum err table_rename_post(struct request *);
enum err view_rename_post(struct request *);

/* tables_api.c */
enum err table_create_post(struct request *);
enum err table_get(struct request *);
enum err table_commit_post(struct request *);
enum err transaction_commit_post(struct request *);
enum err table_register_post(struct request *);
enum err table_unregister_post(struct request *);
enum err table_metrics_post(struct request *);
enum err table_credentials_get(struct request *);

/* scan_api.c */
enum err table_plan_post(struct request *);
enum err table_plan_get(struct request *);
enum err table_plan_delete(struct request *);
enum err table_tasks_post(struct request *);

/* views_api.c */
enum err view_create_post(struct request *);
enum err view_get(struct request *);
enum err view_replace_post(struct request *);
enum err view_register_post(struct request *);

/* functions_api.c */
enum err functions_list_get(struct request *);
enum err function_get(struct request *);

/* users_api.c */
enum err app_config_get(struct request *);
enum err login_post(struct request *);
enum err me_get(struct request *);
enum err users_list_get(struct request *);
enum err user_create_post(struct request *);
enum err user_get(struct request *);
enum err user_update_put(struct request *);
enum err user_delete(struct request *);

/* sessions_api.c */
enum err logout_post(struct request *);
enum err my_tokens_list_get(struct request *);
enum err user_tokens_list_get(struct request *);
enum err token_delete(struct request *);

/* tenants_api.c */
enum err tenants_list_get(struct request *);
enum err tenant_create_post(struct request *);
enum err tenant_get(struct request *);
enum err tenant_update_put(struct request *);
enum err tenant_delete(struct request *);

/* service_users_api.c */
enum err service_users_list_get(struct request *);
enum err service_user_create_post(struct request *);
enum err service_user_get(struct request *);
enum err service_user_update_put(struct request *);
enum err service_user_delete(struct request *);
enum err service_user_rotate_post(struct request *);

/* warehouses_api.c */
enum err warehouses_list_get(struct request *);
enum err warehouse_create_post(struct request *);
enum err warehouse_get(struct request *);
enum err warehouse_update_put(struct request *);
enum err warehouse_delete(struct request *);

/* catalogs_api.c */
enum err catalogs_list_get(struct request *);
enum err catalog_create_post(struct request *);
enum err catalog_get(struct request *);
enum err catalog_update_put(struct request *);
enum err catalog_delete(struct request *);

/* health_api.c */
enum err health_live_get(struct request *);
enum err health_ready_get(struct request *);

/* tasks_api.c */
enum err tasks_list_get(struct request *);
enum err task_submit_post(struct request *);
enum err task_get(struct request *);
enum err task_results_get(struct request *);
enum err task_cancel_post(struct request *);
enum err task_pause_post(struct request *);
enum err task_resume_post(struct request *);

#endif
