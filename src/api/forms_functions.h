/* forms_functions.h - the bodies of the Iceberg REST spec about functions. */
#ifndef PANGOLIN_FORMS_FUNCTIONS_H
#define PANGOLIN_FORMS_FUNCTIONS_H

#include "api/form.h"

struct function_list_answer {
	struct form_paths identifiers; /* levels and name of each, in one */
	struct str next_page_token;
};

struct load_function_result {
	struct str metadata_location;
	struct str metadata; /* JSON text */
};

extern const struct form form_function_list, form_load_function_result;

#endif
