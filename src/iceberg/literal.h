/*
 * literal.h - single values of columns, partitions and predicates (Iceberg
 * table spec, "Single-value serialization").
 *
 * A literal borrows its bytes from what it was read from.
 */
#ifndef PANGOLIN_LITERAL_H
#define PANGOLIN_LITERAL_H

#include "base/buf.h"
#include "iceberg/avro.h"
#include "iceberg/decimal.h"
#include "iceberg/schema_type.h"

enum literal_state {
	LITERAL_NULL,
	LITERAL_VALUE,
	LITERAL_BELOW,   /* less than every value of the type */
	LITERAL_ABOVE,   /* greater than each of them */
	LITERAL_BETWEEN, /* `as` is the value before it, or none is equal */
};

struct literal {
	enum literal_state state;
	enum type_kind kind;
	int32_t scale; /* of a decimal */
	union {
		bool b;
		int64_t i;    /* INT, LONG; DATE: days; TIME, TIMESTAMP..: us
			       * or ns since midnight or 1970 */
		double d;     /* FLOAT, DOUBLE */
		int128 n;     /* DECIMAL: unscaled */
		struct str s; /* STRING, UUID: 16 bytes, FIXED, BINARY */
	} as;
};

/* A value of the REST API that is compared with a column of `type`: in the
 * form of "JSON single-value serialization", and as clients write it besides:
 * days, microseconds and decimals as numbers, timestamptz with any offset or
 * none.  Numbers that the type cannot hold are BELOW, ABOVE or BETWEEN.  False:
 * not of the type, null, or NaN. */
MUST_CHECK bool literal_from_json(struct arena *, const struct type *,
    const yyjson_val *, struct literal *ret);

/* "Binary single-value serialization", also as written before the column's
 * type was promoted to `type` ("Schema Evolution").  False: not of the type, or
 * a type without such a form. */
MUST_CHECK bool literal_from_bytes(
    const struct type *, struct str bytes, struct literal *ret);

/* The same back, of a value. */
void literal_to_bytes(struct buf *, const struct literal *);

/* A field of a partition struct in Avro; NULL, and a null, are LITERAL_NULL.
 * False: not of the type. */
MUST_CHECK bool literal_from_avro(
    const struct type *, const struct avro_value *, struct literal *ret);

/* The order of values of one type: negative, zero or positive.  -0.0 is less
 * than 0.0, as in bounds ("Manifests", note 2); NaN is above all. */
int literal_compare(const struct literal *, const struct literal *);

bool literal_is_nan(const struct literal *);

/* "JSON single-value serialization"; null for LITERAL_NULL.  A double without
 * a JSON number is a string: "NaN", "Infinity", "-Infinity". */
void literal_write(struct buf *, const struct literal *);

#endif
