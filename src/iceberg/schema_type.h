/*
 * schema_type.h - the types of columns (Iceberg table spec, "Schemas and Data
 * Types"), without the nesting: see schema.h for that.
 */
#ifndef PANGOLIN_SCHEMA_TYPE_H
#define PANGOLIN_SCHEMA_TYPE_H

#include "base/json.h"

enum type_kind {
	TYPE_BOOLEAN,
	TYPE_INT,
	TYPE_LONG,
	TYPE_FLOAT,
	TYPE_DOUBLE,
	TYPE_DECIMAL,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_TIMESTAMP,
	TYPE_TIMESTAMPTZ,
	TYPE_TIMESTAMP_NS,
	TYPE_TIMESTAMPTZ_NS,
	TYPE_STRING,
	TYPE_UUID,
	TYPE_FIXED,
	TYPE_BINARY,
	TYPE_UNKNOWN,
	TYPE_VARIANT,
	TYPE_GEOMETRY,
	TYPE_GEOGRAPHY,
	TYPE_STRUCT,
	TYPE_LIST,
	TYPE_MAP,
};

struct type {
	enum type_kind kind;
	int32_t size;          /* of a fixed, precision of a decimal */
	int32_t scale;         /* of a decimal */
	struct str parameters; /* of a geometry or geography, as written */
};

/* A primitive type from its text: "long", "decimal(9, 2)", "fixed[16]". */
bool type_parse(struct str text, struct type *ret);

const char *type_name(enum type_kind);
bool type_is_nested(enum type_kind); /* struct, list or map */
bool type_equal(const struct type *, const struct type *);

/* The first format version that knows the type. */
int type_since(enum type_kind);

/* Whether a default has the JSON type its column's single values have (table
 * spec, "JSON single-value serialization"). */
bool type_takes_default(enum type_kind, const yyjson_mut_val *value);

#endif
