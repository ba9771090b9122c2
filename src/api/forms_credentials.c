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

/* clang-format on */
