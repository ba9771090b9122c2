/*
 * forms_credentials.h - the bodies of the Iceberg REST spec that carry
 * credentials for a table's storage.
 */
#ifndef PANGOLIN_FORMS_CREDENTIALS_H
#define PANGOLIN_FORMS_CREDENTIALS_H

#include "api/form.h"

struct storage_credential {
	struct str prefix;
	struct pairs config;
};

struct load_credentials_response {
	struct form_list storage_credentials; /* struct storage_credential */
};

/* what GET /api/v1/warehouses/{name}/credentials answers */
struct warehouse_credentials_body {
	struct str type, access_key, secret_key, session_token;
	int64_t expires_us; /* FORM_NO_INT: never */
};

extern const struct form form_warehouse_credentials;
extern const struct form form_load_credentials_response;

/* ---- remote signing */
struct remote_sign_request {
	struct str region, uri, method, provider;
	const yyjson_val *headers; /* an object of arrays of strings */
	struct pairs properties;
	struct str body;
};

struct remote_sign_result {
	struct str uri;
	struct str headers; /* the same as JSON text */
};

extern const struct form form_remote_sign_request, form_remote_sign_result;

struct presigned_url {
	struct str url;
};

extern const struct form form_presigned_url;

#endif
