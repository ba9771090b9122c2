/*
 * avro_decode.h - decodes the binary encoding of Avro's values (Avro
 * specification 1.11, "Binary Encoding"); for avro_read.c.
 */
#ifndef PANGOLIN_AVRO_DECODE_H
#define PANGOLIN_AVRO_DECODE_H

#include "iceberg/avro.h"

/* Bytes from the front of `in`. */
struct decoding {
	struct arena *arena;
	struct str in;
	struct work_budget *budget;
	size_t values;     /* until the clock is looked at */
	size_t more;       /* behind these; then `limit` is said */
	const char *limit; /* "a record has more than 5 values" */
	unsigned depth;    /* and the fields that lead there */
	const struct avro_field *at[AVRO_DEPTH_MAX + 1];
	struct error *e;
};

/* To decode at most so many values. */
struct decoding decoding_of(struct arena *, struct str in, size_t values,
    const char *limit, struct work_budget *, struct error *);

/* `ret` lives in the arena, texts in what was decoded.  When it fails, `depth`
 * and `at` say where. */
MUST_CHECK enum err decode_value(
    struct decoding *, const struct avro_type *, struct avro_value *ret);

/* From the front of `in`, too: a number, so many bytes, or a number of bytes
 * and these. */
MUST_CHECK enum err avro_take_long(
    struct str *in, int64_t *ret, struct error *);
MUST_CHECK enum err avro_take(
    struct str *in, size_t size, struct str *ret, struct error *);
MUST_CHECK enum err avro_take_bytes(
    struct str *in, struct str *ret, struct error *);

/* ERR_BAD_REQUEST: "Avro file is damaged: ..." */
enum err avro_damaged(struct error *, const char *what);

#endif
