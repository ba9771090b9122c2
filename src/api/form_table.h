/*
 * form_table.h - macros for the rows of a form's table, for forms_*.c.
 *
 *     FIELD(login_request, tenant, "tenant-id", ID, 0, "help")
 *
 * The compiler checks that the C member has the type of its field.  Other
 * members of a row (.alias, .form, .choices) stand behind the help.
 */
#ifndef PANGOLIN_FORM_TABLE_H
#define PANGOLIN_FORM_TABLE_H

#include "api/form.h"

#define C_TYPE_TEXT struct str
#define C_TYPE_SECRET struct str
#define C_TYPE_RAW struct str
#define C_TYPE_INT int64_t
#define C_TYPE_TIME int64_t
#define C_TYPE_BOOL enum form_bool
#define C_TYPE_ID struct id
#define C_TYPE_CHOICE int
#define C_TYPE_TEXTS struct form_texts
#define C_TYPE_PATHS struct form_paths
#define C_TYPE_PAIRS struct pairs
#define C_TYPE_JSON const yyjson_val *
#define C_TYPE_LIST struct form_list

/* 0; an array of -1 chars, refused, when the member has another type. */
#define TYPE_CHECK(object, member, c_type)                                     \
	(0 * sizeof(char[_Generic(                                             \
		 ((struct object *)NULL)->member, c_type : 1, default          \
		 : -1)]))

#define FIELD(object, member, json, kind, flag, ...)                           \
	{                                                                      \
		.name = (json), .type = FORM_##kind, .flags = (flag),          \
		.offset = offsetof(struct object, member) +                    \
			  TYPE_CHECK(object, member, C_TYPE_##kind),           \
		.help = __VA_ARGS__                                            \
	}

/* An object in place: `form_` is the form of the member's own struct. */
#define FIELD_OBJECT(object, member, json, form_, flag, text)                  \
	{                                                                      \
		.name = (json), .type = FORM_OBJECT, .flags = (flag),          \
		.offset = offsetof(struct object, member), .help = (text),     \
		.form = (form_)                                                \
	}

#define FIELDS_END                                                             \
	{                                                                      \
		.name = NULL                                                   \
	}

#define FORM(form_name, object, is_strict, rows)                               \
	{                                                                      \
		.name = (form_name), .size = sizeof(struct object),            \
		.strict = (is_strict), .fields = (rows)                        \
	}

#endif
