/*
 * avro_type.h - parses the schemas of Avro files (Avro specification 1.11,
 * "Schema Declaration"), and marks the fields that are wanted.
 */
#ifndef PANGOLIN_AVRO_TYPE_H
#define PANGOLIN_AVRO_TYPE_H

#include "base/json.h"

/* Beyond any of these: ERR_BAD_REQUEST. */
#define AVRO_DEPTH_MAX 32                 /* of types within types */
#define AVRO_SCHEMA_MAX ((size_t)1 << 20) /* bytes of its text */
#define AVRO_NAMED_MAX 200                /* types with a name */
#define AVRO_FIELDS_MAX 1000              /* of one record */
#define AVRO_FIXED_MAX ((size_t)64 << 20) /* bytes of a fixed */
#define AVRO_BRANCHES_MAX 16              /* of one union */

enum avro_kind {
	AVRO_NULL,
	AVRO_BOOLEAN,
	AVRO_INT,
	AVRO_LONG,
	AVRO_FLOAT,
	AVRO_DOUBLE,
	AVRO_BYTES,
	AVRO_STRING,
	AVRO_FIXED,
	AVRO_ENUM,
	AVRO_RECORD,
	AVRO_ARRAY,
	AVRO_MAP,
	AVRO_UNION /* of types only: a value is of one of the branches */
};

struct avro_field {
	struct str name; /* empty in a union */
	int64_t id;      /* `field-id`, or AVRO_ID_NONE */
	const struct avro_type *type;
	bool skipped; /* not wanted: reads as null */
};

#define AVRO_ID_NONE (-1)

struct avro_type {
	enum avro_kind kind;
	size_t size;                     /* FIXED: bytes; ENUM: symbols */
	const struct avro_field *fields; /* RECORD; UNION: its branches */
	size_t count;
	const struct avro_type *item; /* ARRAY; MAP: of its values */
	size_t min_size;              /* bytes that a value takes at least */
	unsigned height;              /* of types within it */
};

/* The fields of a record that are wanted, and of each those of the records in
 * it.  A list of these ends with AVRO_ID_NONE. */
struct avro_wanted {
	int64_t id;
	const struct avro_wanted *inside; /* NULL: all */
};

/* A schema's JSON. */
MUST_CHECK enum err avro_type_read(struct arena *, const yyjson_val *json,
    const struct avro_type **ret, struct error *);

/* The same type, whose fields are skipped unless they are wanted. */
const struct avro_type *avro_type_select(
    struct arena *, const struct avro_type *, const struct avro_wanted *);

#endif
