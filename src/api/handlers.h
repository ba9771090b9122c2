/*
 * handlers.h - the handlers that the rows of routes.c name, by file.
 *
 * A handler decodes the request, calls one function of catalog/ or identity/,
 * and encodes the answer.
 */
#ifndef PANGOLIN_HANDLERS_H
#define PANGOLIN_HANDLERS_H

#include "api/handlers_iceberg.h"
#include "api/handlers_versions.h"
#include "http/request.h"

/* of a file each: config_api.c and so on */
enum err config_get(struct request *);
enum err oauth_token_post(struct request *);
enum err cache_delete(struct request *);
enum err cache_stats_get(struct request *);
enum err store_statements_get(struct request *);
enum err openapi_get(struct request *);

/* oidc_api.c */
enum err oauth_providers_get(struct request *);
enum err oauth_authorize_get(struct request *);
enum err oauth_callback_get(struct request *);
enum err oauth_exchange_post(struct request *);

/* users_api.c */
enum err app_config_get(struct request *);
enum err login_post(struct request *);
enum err me_get(struct request *);
enum err users_list_get(struct request *);
enum err user_create_post(struct request *);
enum err user_get(struct request *);
enum err user_update_put(struct request *);
enum err user_delete(struct request *);

/* session_cookie.c */
enum err session_post(struct request *);
enum err session_delete(struct request *);

/* sessions_api.c */
enum err logout_post(struct request *);
enum err my_tokens_list_get(struct request *);
enum err user_tokens_list_get(struct request *);
enum err token_delete(struct request *);
enum err token_mint_post(struct request *);
enum err token_rotate_post(struct request *);
enum err own_token_revoke_post(struct request *);
enum err token_revoke_post(struct request *);
enum err tokens_clean_post(struct request *);
enum err token_key_rotate_post(struct request *);

/* tenants_api.c */
enum err tenants_list_get(struct request *);
enum err tenant_create_post(struct request *);
enum err tenant_get(struct request *);
enum err tenant_update_put(struct request *);
enum err tenant_delete(struct request *);

/* roles_api.c */
enum err roles_list_get(struct request *);
enum err role_create_post(struct request *);
enum err role_get(struct request *);
enum err role_update_put(struct request *);
enum err role_delete(struct request *);
enum err user_roles_list_get(struct request *);
enum err user_role_assign_post(struct request *);
enum err user_role_revoke_delete(struct request *);

/* permissions_api.c */
enum err permissions_list_get(struct request *);
enum err permission_grant_post(struct request *);
enum err permission_revoke_delete(struct request *);

/* held_grants_api.c */
enum err my_permissions_get(struct request *);
enum err permission_check_get(struct request *);

/* asset_metadata_api.c */
enum err asset_metadata_set_post(struct request *);
enum err asset_metadata_get(struct request *);
enum err asset_metadata_remove_delete(struct request *);

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
enum err warehouse_probe_post(struct request *);
enum err warehouse_credentials_get(struct request *);
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

/* audit_api.c */
enum err audit_list_get(struct request *);
enum err audit_count_get(struct request *);
enum err audit_export_get(struct request *);
enum err audit_entry_get(struct request *);

#endif
