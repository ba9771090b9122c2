/*
 * forms_iceberg.h - the bodies of the Iceberg REST spec, and OAuth's.
 *
 * Member names are the spec's.  Unknown members are ignored (spec, "General
 * notes"): clients are newer and older than this server.
 */
#ifndef PANGOLIN_FORMS_ICEBERG_H
#define PANGOLIN_FORMS_ICEBERG_H

#include "api/form.h"

struct catalog_config {
	struct pairs defaults, overrides;
	struct form_texts endpoints;
	struct str key_lifetime; /* ISO 8601 */
};

struct namespace_body { /* CreateNamespaceRequest and what answers it */
	struct form_texts namespace;
	struct pairs properties;
};

struct namespace_list_answer {
	struct form_paths namespaces;
	struct str next_page_token;
};

struct update_namespace_request {
	struct form_texts removals;
	struct pairs updates;
};

struct update_namespace_answer {
	struct form_texts updated, removed, missing;
};

struct table_identifier {
	struct form_texts namespace;
	struct str name;
};

struct table_list_answer {
	struct form_list identifiers; /* struct table_identifier */
	struct str next_page_token;
};

struct create_table_request {
	struct str name, location;
	const yyjson_val *schema, *partition_spec, *write_order;
	enum form_bool stage_create;
	struct pairs properties;
};

struct register_table_request {
	struct str name, metadata_location;
	enum form_bool overwrite;
};

struct rename_table_request {
	struct table_identifier source, destination;
};

struct commit_table_request {
	struct table_identifier identifier; /* name.ptr NULL: absent */
	const yyjson_val *requirements, *updates;
};

struct commit_transaction_request {
	struct form_list table_changes; /* struct commit_table_request */
};

struct load_table_result { /* and CommitTableResponse, without `config` */
	struct str metadata_location;
	struct str metadata; /* JSON text */
	struct pairs config;
};

struct report_metrics_request {
	struct str report_type;
};

struct oauth_token_request {
	struct str grant_type, scope;
	struct str client_id, client_secret;
	struct str subject_token, subject_token_type;
	struct str actor_token, actor_token_type;
	struct str requested_token_type;
};

struct oauth_token_response {
	struct str access_token, token_type, issued_token_type;
	int64_t expires_in;
	struct str scope;
};

struct oauth_error {
	struct str error, error_description;
};

extern const struct form form_catalog_config;
extern const struct form form_create_namespace_request;
extern const struct form form_namespace;
extern const struct form form_namespace_list;
extern const struct form form_update_namespace_request;
extern const struct form form_update_namespace_answer;
extern const struct form form_table_identifier, form_table_list;
extern const struct form form_create_table_request;
extern const struct form form_register_table_request;
extern const struct form form_rename_table_request;
extern const struct form form_commit_table_request;
extern const struct form form_commit_transaction_request;
extern const struct form form_load_table_result;
extern const struct form form_commit_table_response;
extern const struct form form_unregister_table_result;
extern const struct form form_report_metrics_request;
extern const struct form form_oauth_token_request, form_oauth_token_response;
extern const struct form form_oauth_error;

#endif
