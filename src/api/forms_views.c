#include "api/forms_views.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field create_view_request[] = {
	FIELD(create_view_request, name, "name", TEXT, FORM_REQUIRED,
	    "Its name in the namespace."),
	FIELD(create_view_request, location, "location", TEXT, 0,
	    "Where to put it; absent: below the catalog's location."),
	FIELD(create_view_request, schema, "schema", JSON,
	    FORM_REQUIRED | FORM_JSON_OBJECT, "The columns it gives."),
	FIELD(create_view_request, view_version, "view-version", JSON,
	    FORM_REQUIRED | FORM_JSON_OBJECT,
	    "The query, in one dialect of SQL or several."),
	FIELD(create_view_request, properties, "properties", PAIRS, 0,
	    "View properties."),
	FIELDS_END
};
const struct form form_create_view_request =
	FORM("CreateViewRequest", create_view_request, false,
	    create_view_request);

static const struct form_field register_view_request[] = {
	FIELD(register_view_request, name, "name", TEXT, FORM_REQUIRED,
	    "Its name in the namespace."),
	FIELD(register_view_request, metadata_location, "metadata-location",
	    TEXT, FORM_REQUIRED, "A metadata file that is there already."),
	FIELDS_END
};
const struct form form_register_view_request =
	FORM("RegisterViewRequest", register_view_request, false,
	    register_view_request);

static const struct form_field commit_view_request[] = {
	FIELD_OBJECT(commit_table_request, identifier, "identifier",
	    &form_table_identifier, 0, "The view; the path says it too."),
	FIELD(commit_table_request, requirements, "requirements", JSON,
	    FORM_JSON_ARRAY, "What must hold for the updates to be made."),
	FIELD(commit_table_request, updates, "updates", JSON,
	    FORM_JSON_ARRAY, "Changes of the metadata, in their order."),
	FIELDS_END
};
const struct form form_commit_view_request =
	FORM("CommitViewRequest", commit_table_request, false,
	    commit_view_request);

static const struct form_field load_view_result[] = {
	FIELD(load_table_result, metadata_location, "metadata-location",
	    TEXT, FORM_REQUIRED, "The metadata file."),
	FIELD(load_table_result, metadata, "metadata", RAW, FORM_REQUIRED,
	    "What is in the file."),
	FIELD(load_table_result, config, "config", PAIRS, FORM_OMITTED,
	    "Properties for reading the view."),
	FIELDS_END
};
const struct form form_load_view_result =
	FORM("LoadViewResult", load_table_result, false, load_view_result);

/* clang-format on */
