/*
 * avro_fixture.h - Avro files byte by byte, in the arena of
 * metadata_fixture.h.
 */
#ifndef PANGOLIN_AVRO_FIXTURE_H
#define PANGOLIN_AVRO_FIXTURE_H

#include <libdeflate.h>

#include "base/buf.h"
#include "iceberg/avro.h"
#include "tests/unit/metadata_fixture.h"
#include "tests/unit/work_fixture.h"

#define AVRO_SYNC STR("0123456789abcdef")

/* A zigzag varint. */
static inline void
add_number(struct buf *b, int64_t n)
{
	uint64_t left = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);

	for (; left > 0x7F; left >>= 7)
		buf_add_char(b, (char)((left & 0x7F) | 0x80));
	buf_add_char(b, (char)left);
}

static inline void
add_text(struct buf *b, struct str s)
{
	add_number(b, (int64_t)s.len);
	buf_add(b, s);
}

/* The head of a file; `schema` with ' for ". */
static inline struct buf
avro_head(const char *schema, const char *codec)
{
	struct buf b = buf_in(arena);

	buf_add(&b, STR("Obj\x01"));
	add_number(&b, 2);
	add_text(&b, STR("avro.schema"));
	add_text(&b, quoted(schema));
	add_text(&b, STR("avro.codec"));
	add_text(&b, str_from(codec));
	add_number(&b, 0);
	buf_add(&b, AVRO_SYNC);
	return b;
}

static inline void
add_block(struct buf *b, int64_t records, struct str bytes)
{
	add_number(b, records);
	add_text(b, bytes);
	buf_add(b, AVRO_SYNC);
}

static inline struct str
deflated(struct str bytes)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
	size_t room = libdeflate_deflate_compress_bound(c, bytes.len);
	char *to = arena_alloc(arena, 1, room);
	size_t len =
	    libdeflate_deflate_compress(c, bytes.ptr, bytes.len, to, room);

	libdeflate_free_compressor(c);
	return (struct str){ to, len };
}

#endif
