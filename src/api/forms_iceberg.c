#include "api/forms_iceberg.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field catalog_config[] = {
	FIELD(catalog_config, defaults, "defaults", PAIRS, FORM_REQUIRED,
	    "Properties that the client's own override."),
	FIELD(catalog_config, overrides, "overrides", PAIRS, FORM_REQUIRED,
	    "Properties that override the client's own."),
	FIELD(catalog_config, endpoints, "endpoints", TEXTS, FORM_OMITTED,
	    "What this server can do, as \"GET /v1/{prefix}/namespaces\"."),
	FIELD(catalog_config, key_lifetime, "idempotency-key-lifetime", TEXT,
	    FORM_OMITTED,
	    "How long an Idempotency-Key is known, as \"PT30M\"."),
	FIELDS_END
};
const struct form form_catalog_config =
	FORM("CatalogConfig", catalog_config, false, catalog_config);

/* ---- namespaces */
static const struct form_field create_namespace_request[] = {
	FIELD(namespace_body, namespace, "namespace", TEXTS,
	    FORM_REQUIRED | FORM_NOT_EMPTY, "Its levels, the top one first."),
	FIELD(namespace_body, properties, "properties", PAIRS, 0,
	    "Whatever is worth noting about the namespace."),
	FIELDS_END
};
const struct form form_create_namespace_request =
	FORM("CreateNamespaceRequest", namespace_body, false,
	    create_namespace_request);

static const struct form_field namespace_answer[] = {
	FIELD(namespace_body, namespace, "namespace", TEXTS, FORM_REQUIRED,
	    "Its levels, the top one first."),
	FIELD(namespace_body, properties, "properties", PAIRS, FORM_REQUIRED,
	    "Its properties."),
	FIELDS_END
};
const struct form form_namespace =
	FORM("GetNamespaceResponse", namespace_body, false,
	    namespace_answer);

static const struct form_field namespace_list_answer[] = {
	FIELD(namespace_list_answer, next_page_token, "next-page-token",
	    TEXT, FORM_OMITTED, "pageToken of the next page; absent: the end."),
	FIELD(namespace_list_answer, namespaces, "namespaces", PATHS,
	    FORM_REQUIRED, "The levels of each."),
	FIELDS_END
};
const struct form form_namespace_list =
	FORM("ListNamespacesResponse", namespace_list_answer, false,
	    namespace_list_answer);

static const struct form_field update_namespace_request[] = {
	FIELD(update_namespace_request, removals, "removals",
	    TEXTS, 0, "Names to take away."),
	FIELD(update_namespace_request, updates, "updates",
	    PAIRS, 0, "Names to set; none of `removals`."),
	FIELDS_END
};
const struct form form_update_namespace_request =
	FORM("UpdateNamespacePropertiesRequest",
	    update_namespace_request, false,
	    update_namespace_request);

/* Clients want `missing` to be a list although the spec has null too. */
static const struct form_field update_namespace_answer[] = {
	FIELD(update_namespace_answer, updated, "updated",
	    TEXTS, FORM_REQUIRED, "Names that were set."),
	FIELD(update_namespace_answer, removed, "removed",
	    TEXTS, FORM_REQUIRED, "Names that were taken away."),
	FIELD(update_namespace_answer, missing, "missing",
	    TEXTS, FORM_REQUIRED, "Names to take away that were not there."),
	FIELDS_END
};
const struct form form_update_namespace_answer =
	FORM("UpdateNamespacePropertiesResponse",
	    update_namespace_answer, false,
	    update_namespace_answer);

/* ---- tables */
static const struct form_field table_identifier[] = {
	FIELD(table_identifier, namespace, "namespace", TEXTS,
	    FORM_REQUIRED | FORM_NOT_EMPTY,
	    "The levels of its namespace, the top one first."),
	FIELD(table_identifier, name, "name", TEXT, FORM_REQUIRED,
	    "Its name there, of tables and views together unique."),
	FIELDS_END
};
const struct form form_table_identifier =
	FORM("TableIdentifier", table_identifier, false, table_identifier);

static const struct form_field table_list_answer[] = {
	FIELD(table_list_answer, next_page_token, "next-page-token",
	    TEXT, FORM_OMITTED, "pageToken of the next page; absent: the end."),
	FIELD(table_list_answer, identifiers, "identifiers", LIST,
	    FORM_REQUIRED, "The tables.", .form = &form_table_identifier),
	FIELDS_END
};
const struct form form_table_list =
	FORM("ListTablesResponse", table_list_answer, false,
	    table_list_answer);

static const struct form_field create_table_request[] = {
	FIELD(create_table_request, name, "name", TEXT, FORM_REQUIRED,
	    "Its name in the namespace."),
	FIELD(create_table_request, location, "location", TEXT, 0,
	    "Where to put it; absent: below the catalog's location."),
	FIELD(create_table_request, schema, "schema", JSON,
	    FORM_REQUIRED | FORM_JSON_OBJECT,
	    "Its columns; their ids are assigned anew."),
	FIELD(create_table_request, partition_spec, "partition-spec", JSON,
	    FORM_JSON_OBJECT, "How it is partitioned; absent: not."),
	FIELD(create_table_request, write_order, "write-order", JSON,
	    FORM_JSON_OBJECT, "How writers sort it; absent: as they like."),
	FIELD(create_table_request, stage_create, "stage-create", BOOL, 0,
	    "True: store nothing, the first commit makes it."),
	FIELD(create_table_request, properties, "properties", PAIRS, 0,
	    "Table properties."),
	FIELDS_END
};
const struct form form_create_table_request =
	FORM("CreateTableRequest", create_table_request, false,
	    create_table_request);

static const struct form_field register_table_request[] = {
	FIELD(register_table_request, name, "name", TEXT, FORM_REQUIRED,
	    "Its name in the namespace."),
	FIELD(register_table_request, metadata_location, "metadata-location",
	    TEXT, FORM_REQUIRED, "A metadata file that is there already."),
	FIELD(register_table_request, overwrite, "overwrite", BOOL, 0,
	    "True: in the place of the table that has the name."),
	FIELDS_END
};
const struct form form_register_table_request =
	FORM("RegisterTableRequest", register_table_request, false,
	    register_table_request);

static const struct form_field rename_table_request[] = {
	FIELD_OBJECT(rename_table_request, source, "source",
	    &form_table_identifier, FORM_REQUIRED, "What it is called."),
	FIELD_OBJECT(rename_table_request, destination, "destination",
	    &form_table_identifier, FORM_REQUIRED, "What to call it."),
	FIELDS_END
};
const struct form form_rename_table_request =
	FORM("RenameTableRequest", rename_table_request, false,
	    rename_table_request);

/* Java's reader does without both lists, so old clients may leave them out. */
static const struct form_field commit_table_request[] = {
	FIELD_OBJECT(commit_table_request, identifier, "identifier",
	    &form_table_identifier, 0, "The table; the path says it too."),
	FIELD(commit_table_request, requirements, "requirements", JSON,
	    FORM_JSON_ARRAY, "What must hold for the updates to be made."),
	FIELD(commit_table_request, updates, "updates", JSON,
	    FORM_JSON_ARRAY, "Changes of the metadata, in their order."),
	FIELDS_END
};
const struct form form_commit_table_request =
	FORM("CommitTableRequest", commit_table_request, false,
	    commit_table_request);

static const struct form_field commit_transaction_request[] = {
	FIELD(commit_transaction_request, table_changes, "table-changes",
	    LIST, FORM_REQUIRED | FORM_NOT_EMPTY,
	    "What to change of each table; each has its identifier.",
	    .form = &form_commit_table_request),
	FIELDS_END
};
const struct form form_commit_transaction_request =
	FORM("CommitTransactionRequest", commit_transaction_request, false,
	    commit_transaction_request);

static const struct form_field load_table_result[] = {
	FIELD(load_table_result, metadata_location, "metadata-location",
	    TEXT, FORM_OMITTED, "The metadata file; absent: only staged."),
	FIELD(load_table_result, metadata, "metadata", RAW, FORM_REQUIRED,
	    "What is in the file."),
	FIELD(load_table_result, config, "config", PAIRS, FORM_OMITTED,
	    "Properties for reading the table."),
	FIELDS_END
};
const struct form form_load_table_result =
	FORM("LoadTableResult", load_table_result, false, load_table_result);

static const struct form_field commit_table_response[] = {
	FIELD(load_table_result, metadata_location, "metadata-location",
	    TEXT, FORM_REQUIRED, "The metadata file."),
	FIELD(load_table_result, metadata, "metadata", RAW, FORM_REQUIRED,
	    "What is in the file."),
	FIELDS_END
};
const struct form form_commit_table_response =
	FORM("CommitTableResponse", load_table_result, false,
	    commit_table_response);

const struct form form_unregister_table_result =
	FORM("UnregisterTableResult", load_table_result, false,
	    commit_table_response);

static const struct form_field report_metrics_request[] = {
	FIELD(report_metrics_request, report_type, "report-type", TEXT, 0,
	    "scan-report, commit-report, or another; all are taken."),
	FIELDS_END
};
const struct form form_report_metrics_request =
	FORM("ReportMetricsRequest", report_metrics_request, false,
	    report_metrics_request);

/* ---- OAuth: nothing is required, as what lacks is OAuth's own error */
static const struct form_field oauth_token_request[] = {
	FIELD(oauth_token_request, grant_type, "grant_type", TEXT, 0,
	    "client_credentials, or the URN of token exchange."),
	FIELD(oauth_token_request, scope, "scope", TEXT, 0,
	    "Read and ignored: a token may do what its user may."),
	FIELD(oauth_token_request, client_id, "client_id", TEXT, 0,
	    "A username, or the id of a service user."),
	FIELD(oauth_token_request, client_secret, "client_secret", SECRET, 0,
	    "The password, or the API key."),
	FIELD(oauth_token_request, subject_token, "subject_token", SECRET, 0,
	    "The token to exchange."),
	FIELD(oauth_token_request, subject_token_type, "subject_token_type",
	    TEXT, 0, "URN of an access token or a JWT."),
	FIELD(oauth_token_request, actor_token, "actor_token", SECRET, 0,
	    "Not supported."),
	FIELD(oauth_token_request, actor_token_type, "actor_token_type",
	    TEXT, 0, "Not supported."),
	FIELD(oauth_token_request, requested_token_type,
	    "requested_token_type", TEXT, 0,
	    "Read and ignored: it is an access token."),
	FIELDS_END
};
const struct form form_oauth_token_request =
	FORM("OAuthTokenRequest", oauth_token_request, false,
	    oauth_token_request);

static const struct form_field oauth_token_response[] = {
	FIELD(oauth_token_response, access_token, "access_token", SECRET,
	    FORM_REQUIRED, "For the header Authorization: Bearer."),
	FIELD(oauth_token_response, token_type, "token_type", TEXT,
	    FORM_REQUIRED, "\"bearer\"."),
	FIELD(oauth_token_response, expires_in, "expires_in", INT, 0,
	    "Seconds from now."),
	FIELD(oauth_token_response, issued_token_type, "issued_token_type",
	    TEXT, 0, "URN of an access token."),
	FIELD(oauth_token_response, scope, "scope", TEXT, FORM_OMITTED,
	    "As it was asked for."),
	FIELDS_END
};
const struct form form_oauth_token_response =
	FORM("OAuthTokenResponse", oauth_token_response, false,
	    oauth_token_response);

static const struct form_field oauth_error[] = {
	FIELD(oauth_error, error, "error", TEXT, FORM_REQUIRED,
	    "A code of RFC 6749, 5.2."),
	FIELD(oauth_error, error_description, "error_description", TEXT,
	    FORM_OMITTED, "What was wrong, in words."),
	FIELDS_END
};
const struct form form_oauth_error =
	FORM("OAuthError", oauth_error, false, oauth_error);

/* clang-format on */
