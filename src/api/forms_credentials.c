#include "api/forms_credentials.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field storage_credential[] = {
	FIELD(storage_credential, prefix, "prefix", TEXT, FORM_REQUIRED,
	    "Good for locations that begin so; the longest counts."),
	FIELD(storage_credential, config, "config", PAIRS, FORM_REQUIRED,
	    "Properties for the client's access."),
	FIELDS_END
};
static const struct form form_storage_credential =
	FORM("StorageCredential", storage_credential, false,
	    storage_credential);

static const struct form_field load_credentials_response[] = {
	FIELD(load_credentials_response, storage_credentials,
	    "storage-credentials", LIST, FORM_REQUIRED,
	    "None: the files are reached without.",
	    .form = &form_storage_credential),
	FIELDS_END
};
const struct form form_load_credentials_response =
	FORM("LoadCredentialsResponse", load_credentials_response, false,
	    load_credentials_response);

static const struct form_field remote_sign_request[] = {
	FIELD(remote_sign_request, region, "region", TEXT, FORM_REQUIRED,
	    "Not looked at: the bucket has a region."),
	FIELD(remote_sign_request, uri, "uri", TEXT,
	    FORM_REQUIRED | FORM_NOT_EMPTY, "Of the request, encoded."),
	FIELD(remote_sign_request, method, "method", TEXT,
	    FORM_REQUIRED | FORM_NOT_EMPTY, "GET, HEAD, PUT, POST or DELETE."),
	FIELD(remote_sign_request, headers, "headers", JSON,
	    FORM_REQUIRED | FORM_JSON_OBJECT,
	    "Names to lists of values, as they will be sent."),
	FIELD(remote_sign_request, properties, "properties", PAIRS, 0,
	    "What the catalog wanted to be sent back."),
	FIELD(remote_sign_request, body, "body", TEXT, 0,
	    "Of a request that deletes several objects."),
	FIELD(remote_sign_request, provider, "provider", TEXT, 0, "s3."),
	FIELDS_END
};
const struct form form_remote_sign_request =
	FORM("RemoteSignRequest", remote_sign_request, false,
	    remote_sign_request);

static const struct form_field remote_sign_result[] = {
	FIELD(remote_sign_result, uri, "uri", TEXT, FORM_REQUIRED,
	    "As it came."),
	FIELD(remote_sign_result, headers, "headers", RAW, FORM_REQUIRED,
	    "To be sent beside those of the request."),
	FIELDS_END
};
const struct form form_remote_sign_result =
	FORM("RemoteSignResult", remote_sign_result, false,
	    remote_sign_result);

static const struct form_field presigned_url[] = {
	FIELD(presigned_url, url, "url", TEXT, FORM_REQUIRED,
	    "Reads the file, for 15 minutes, without a token."),
	FIELDS_END
};
const struct form form_presigned_url =
	FORM("PresignedUrl", presigned_url, false, presigned_url);

static const struct form_field warehouse_credentials[] = {
	FIELD(warehouse_credentials_body, type, "type", TEXT, FORM_REQUIRED,
	    "Aws."),
	FIELD(warehouse_credentials_body, access_key, "access_key_id", TEXT,
	    FORM_REQUIRED, "The key's name."),
	FIELD(warehouse_credentials_body, secret_key, "secret_access_key", TEXT,
	    FORM_REQUIRED, "The key."),
	FIELD(warehouse_credentials_body, session_token, "session_token", TEXT,
	    0, "Goes with the key of a session; null: it is of none."),
	FIELD(warehouse_credentials_body, expires_us, "expiration", TIME, 0,
	    "When they end; null: they do not."),
	FIELDS_END
};
const struct form form_warehouse_credentials =
	FORM("WarehouseCredentials", warehouse_credentials_body, true,
	    warehouse_credentials);

/* clang-format on */
