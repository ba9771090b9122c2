/*
 * avro_write.h - writes Avro object container files (Avro specification 1.11,
 * "Object Container Files").
 *
 * A writer knows no schema: its caller writes the values of a record one after
 * the other as the schema's text has them ("Binary Encoding").
 */
#ifndef PANGOLIN_AVRO_WRITE_H
#define PANGOLIN_AVRO_WRITE_H

#include "base/buf.h"
#include "base/uuid.h"
#include "iceberg/avro.h"

/* ---- values */
void avro_put_long(struct buf *, int64_t); /* also an int, or a branch */
void avro_put_bool(struct buf *, bool);
void avro_put_bytes(struct buf *, struct str); /* also a string */

/* A value that was read, as its type was there: `type` is that of the value,
 * or a union that has it. */
void avro_put_value(
    struct buf *, const struct avro_type *type, const struct avro_value *);

/* ---- files */
enum avro_packing { AVRO_PLAIN, AVRO_DEFLATED };

struct avro_writer {
	struct buf file, block;
	enum avro_packing packing;
	struct id sync;
	int64_t records; /* in the block */
};

/* `meta` is the file's own metadata besides the schema and the codec; `sync`
 * is random. */
struct avro_writer avro_writer_new(struct arena *, enum avro_packing,
    struct str schema, struct pairs meta, struct id sync);

/* The values since the last of these are a record, which has bytes. */
void avro_writer_end_record(struct avro_writer *);

/* The length of the file so far; the open block counts uncompressed. */
size_t avro_writer_size(const struct avro_writer *);

/* ERR_MEMORY, ERR_UNAVAILABLE: it is too much for its arena. */
MUST_CHECK enum err avro_writer_finish(
    struct avro_writer *, struct str *ret, struct error *);

#endif
