/*
 * avro.h - reads Avro object container files (Avro specification 1.11, "Object
 * Container Files"): manifests and manifest lists.
 *
 * Records become trees of values by the schema that the file brings, and fields
 * are found by the `field-id` that Iceberg gives them.  Fields that no caller
 * wants are skipped.  Whatever bytes come in, decoding ends, and stays within
 * the bounds below and the budget of its request.
 */
#ifndef PANGOLIN_AVRO_H
#define PANGOLIN_AVRO_H

#include "base/work_budget.h"
#include "iceberg/avro_type.h"

/* Beyond any of these: ERR_BAD_REQUEST. */
#define AVRO_RECORD_VALUES_MAX 1000000          /* values in one record */
#define AVRO_FILE_VALUES_MAX 250000000          /* values in one file */
#define AVRO_BLOCK_MAX ((size_t)64 << 20)       /* bytes of a block, unpacked */
#define AVRO_FILE_BYTES_MAX ((size_t)512 << 20) /* of all its blocks */

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
	struct work_budget *budget;
	const struct avro_type *type; /* of each record; a RECORD */
	struct pairs meta;            /* the file's own metadata */
	struct str codec, rest, sync;
	struct str block;     /* what is left of the block being read */
	int64_t left;         /* records in it */
	int64_t records;      /* read so far */
	size_t values_left;   /* that the file may still have */
	size_t bytes_left;    /* the same, unpacked */
	char *unpacked;       /* where blocks are unpacked to */
	size_t unpacked_room; /* its size */
};

/* Reads the header.  `bytes` and the budget are borrowed as long as the file
 * is read; `wanted` of its records, NULL: all of them.  ERR_BAD_REQUEST: not
 * such a file, or a codec nobody here knows. */
MUST_CHECK enum err avro_open(struct arena *, struct str bytes,
    const struct avro_wanted *wanted, struct work_budget *,
    struct avro_file *ret, struct error *);

/* The next record, in `arena`; text in it is valid until the next call.
 * `ret->type` is NULL at the end.  ERR_BAD_REQUEST: the file is damaged, or
 * more than the budget has; ERR_UNAVAILABLE: it is too late. */
MUST_CHECK enum err avro_next(
    struct avro_file *, struct arena *, struct avro_value *ret, struct error *);

/* The field of a record; NULL: there is none, it is null or was not wanted, or
 * `record` is no record. */
const struct avro_value *avro_field(
    const struct avro_value *record, int64_t field_id);

/* INT and LONG, which stand for each other: schemas are promoted. */
static inline bool
avro_is_number(const struct avro_value *v)
{
	return v->type->kind == AVRO_INT || v->type->kind == AVRO_LONG;
}

#endif
