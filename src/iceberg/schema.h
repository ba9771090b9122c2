/*
 * schema.h - schemas (Iceberg table spec, "Schemas and Data Types").
 *
 * A schema is read into a flat list in the order in which the reference
 * implementation numbers columns: all fields of a struct, then what is inside
 * the first of them, and so on.
 */
#ifndef PANGOLIN_SCHEMA_H
#define PANGOLIN_SCHEMA_H

#include "iceberg/int_map.h"
#include "iceberg/schema_type.h"

#define SCHEMA_TOP SIZE_MAX /* the parent of a column */

struct schema_field {
	int32_t id;
	bool required;
	struct type type;
	struct str name;      /* "element", "key" or "value" in a list or map */
	struct str path;      /* names joined by dots, from the column down */
	size_t parent;        /* an index, or SCHEMA_TOP */
	yyjson_mut_val *json; /* the field, or the list or map that holds it */
	const char *id_name;  /* "id", "element-id", "key-id" or "value-id" */
};

struct schema {
	yyjson_mut_val *json;
	struct schema_field *fields;
	size_t count;
	struct int_map by_id;    /* struct schema_field */
	int32_t *identifier_ids; /* sorted */
	size_t identifier_count;
};

/* Shape: JSON types, known type texts, unique ids and names, identifier fields
 * that exist.  ERR_BAD_REQUEST for shape, else ERR_ILLEGAL_ARGUMENT. */
MUST_CHECK enum err schema_read(
    struct arena *, yyjson_mut_val *json, struct schema *ret, struct error *);

/* Checks what a format version allows: types, defaults.  ERR_ILLEGAL_ARGUMENT,
 * "Invalid schema for v2: ..." with one line per field. */
MUST_CHECK enum err schema_check_version(
    const struct schema *, int format_version, struct error *);

/* The largest id of any column or nested field; 0 when there is none. */
int32_t schema_highest_id(const struct schema *);

/* The field of an id; NULL when there is none. */
const struct schema_field *schema_field_of(const struct schema *, int64_t id);

/* A field that may hold the value of a partition or sort field: each parent is
 * a struct.  Otherwise the offending parent is returned. */
const struct schema_field *schema_repeated_parent(
    const struct schema *, const struct schema_field *);

/* The same columns with the same ids, documentation, defaults and identifier
 * fields; the schema ids may differ. */
bool schema_equal(const struct schema *, const struct schema *);

/* Number all fields 1, 2, 3 .. and rewrite the JSON, identifier fields too.
 * by_id goes on mapping the old ids. */
void schema_renumber(struct schema *, yyjson_mut_doc *);

#endif
