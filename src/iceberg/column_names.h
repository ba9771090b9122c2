/*
 * column_names.h - finds the columns of a schema by name.
 *
 * The names are sorted at the first question: requests bring thousands of
 * names, and schemas as many columns.
 */
#ifndef PANGOLIN_COLUMN_NAMES_H
#define PANGOLIN_COLUMN_NAMES_H

#include "iceberg/schema.h"

struct column_names {
	const struct schema *schema; /* outlives this */
	bool case_sensitive;         /* else A is a */
	const struct schema_field **sorted;
};

struct column_name {
	const struct schema_field *first;  /* NULL: there is none */
	const struct schema_field *second; /* NULL: the name is of one only */
};

/* The columns of a name, in the order of the schema. */
struct column_name column_names_find(
    struct column_names *, struct arena *, struct str name);

#endif
