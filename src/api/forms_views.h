/*
 * forms_views.h - the bodies of the Iceberg REST spec that are about views.
 *
 * A commit is decoded into struct commit_table_request, an answer encoded from
 * struct load_table_result.
 */
#ifndef PANGOLIN_FORMS_VIEWS_H
#define PANGOLIN_FORMS_VIEWS_H

#include "api/forms_iceberg.h"

struct create_view_request {
	struct str name, location;
	const yyjson_val *schema, *view_version;
	struct pairs properties;
};

struct register_view_request {
	struct str name, metadata_location;
};

extern const struct form form_create_view_request;
extern const struct form form_register_view_request;
extern const struct form form_commit_view_request, form_load_view_result;

#endif
