#include "api/forms_functions.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field function_list_answer[] = {
	FIELD(function_list_answer, next_page_token, "next-page-token",
	    TEXT, FORM_OMITTED, "pageToken of the next page; absent: the end."),
	FIELD(function_list_answer, identifiers, "identifiers", PATHS,
	    FORM_REQUIRED, "Levels and name of each, as one list."),
	FIELDS_END
};
const struct form form_function_list =
	FORM("ListFunctionsResponse", function_list_answer, false,
	    function_list_answer);

static const struct form_field load_function_result[] = {
	FIELD(load_function_result, metadata_location, "metadata-location",
	    TEXT, FORM_OMITTED, "The metadata file; absent: there is none."),
	FIELD(load_function_result, metadata, "metadata", RAW, FORM_REQUIRED,
	    "What the function is."),
	FIELDS_END
};
const struct form form_load_function_result =
	FORM("LoadFunctionResult", load_function_result, false,
	    load_function_result);

/* clang-format on */
