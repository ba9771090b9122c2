/*
 * avro.h - reading Avro object container files (Avro specification 1.11,
 * "Object Container Files"): manifests and manifest lists.
 *
 * Records become trees of values by the schema that the file brings, and
 * fields are found by the `field-id` that Iceberg gives them.  Whatever bytes
 * come in, decoding ends and stays within the bounds below.
 */
#ifndef PANGOLIN_AVRO_H
#define PANGOLIN_AVRO_H

#include "base/json.h"

#define AVRO_BLOCK_MAX ((size_t)256 << 20) /* bytes of a block, unpacked */
#define AVRO_VALUES_MAX 4000000            /* values in one record */
#define AVRO_DEPTH_MAX 32                  /* of types within types */

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
	int64_t id;      /* `field-id`; -1: has none */
	const struct avro_type *type;
};

struct avro_type {
	enum avro_kind kind;
	size_t size;                     /* FIXED: bytes; ENUM: symbols */
	const struct avro_field *fields; /* RECORD; UNION: its branches */
	size_t count;
	const struct avro_type *item; /* ARRAY; MAP: of its values */
};

struct avro_value {
	const struct avro_type *type; /* never a union */
	union {
		bool b;
		int64_t i;    /* INT, LONG, ENUM: index of the symbol */
		double d;     /* FLOAT, DOUBLE */
		struct str s; /* BYTES, STRING, FIXED */
		struct {
			const struct avro_value *at;
			size_t count;
		} list; /* RECORD: by field; ARRAY; MAP: key, value, ... */
	} as;
};

struct avro_file {
	struct arena *arena;
	const struct avro_type *type; /* of each record; a RECORD */
	struct pairs meta;            /* the file's own metadata */
	struct str codec, rest, sync;
	struct str block;     /* what is left of the block being read */
	int64_t left;         /* records in it */
	char *unpacked;       /* where blocks are unpacked to */
	size_t unpacked_room; /* its size */
};

/* Reads the header.  `bytes` are borrowed as long as the file is read.
 * ERR_BAD_REQUEST: not such a file, or a codec nobody here knows. */
MUST_CHECK enum err avro_open(
    struct arena *, struct str bytes, struct avro_file *ret, struct error *);

/* The next record, in `arena`; text in it is valid until the next call.
 * `ret->type` is NULL at the end.  ERR_BAD_REQUEST: the file is damaged. */
MUST_CHECK enum err avro_next(
    struct avro_file *, struct arena *, struct avro_value *ret, struct error *);

/* The field of a record; NULL: there is none, it is null, or `record` is no
 * record. */
const struct avro_value *avro_field(
    const struct avro_value *record, int64_t field_id);

/* INT and LONG, which stand for each other: schemas are promoted. */
static inline bool
avro_is_number(const struct avro_value *v)
{
	return v->type->kind == AVRO_INT || v->type->kind == AVRO_LONG;
}

/* A schema's JSON. */
MUST_CHECK enum err avro_type_read(struct arena *, const yyjson_val *json,
    const struct avro_type **ret, struct error *);

#endif
