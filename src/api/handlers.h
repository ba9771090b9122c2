/*
 * handlers.h - the handlers that the rows of routes.c name, by file.
 *
 * A handler decodes the request, calls one function of catalog/ or identity/,
 * and encodes the answer.
 */
#ifndef PANGOLIN_HANDLERS_H
#define PANGOLIN_HANDLERS_H

#include "api/handlers_access.h"
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

/* tenants_api.c */
enum err tenants_list_get(struct request *);
enum err tenant_create_post(struct request *);
enum err tenant_get(struct request *);
enum err tenant_update_put(struct request *);
enum err tenant_delete(struct request *);

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
