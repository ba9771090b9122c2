/* handlers_iceberg.h - handlers of the Iceberg REST API; part of handlers.h. */
#ifndef PANGOLIN_HANDLERS_ICEBERG_H
#define PANGOLIN_HANDLERS_ICEBERG_H

#include "http/request.h"

/* namespaces_api.c */
enum err namespaces_list_get(struct request *);
enum err namespace_create_post(struct request *);
enum err namespace_get(struct request *);
enum err namespace_head(struct request *);
enum err namespace_delete(struct request *);
enum err namespace_properties_post(struct request *);
enum err namespace_move_post(struct request *);

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
enum err table_sign_post(struct request *);
enum err table_presign_get(struct request *);

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

#endif
