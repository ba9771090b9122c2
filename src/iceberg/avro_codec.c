/*
 * avro_codec.c - deflate and zstandard by their libraries, snappy by hand: its
 * library is C++, its format is twenty lines (google/snappy,
 * format_description.txt).
 */
#include "iceberg/avro_codec.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* RFC 1951, without a wrapper. */
static enum unpacked
unpack_deflate(struct str packed, struct avro_room room, size_t *ret)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();

	if (d == NULL)
		return UNPACKED_DAMAGED;
	*ret = 0;

	enum libdeflate_result result = libdeflate_deflate_decompress(
	    d, packed.ptr, packed.len, room.at, room.size, ret);

	libdeflate_free_decompressor(d);
	if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
		return UNPACKED_SHORT;
	return result == LIBDEFLATE_SUCCESS ? UNPACKED_OK : UNPACKED_DAMAGED;
}

size_t
avro_deflate_bound(size_t size)
{
	return libdeflate_deflate_compress_bound(NULL, size);
}

struct str
avro_deflate(struct str bytes, char *room)
{
	struct libdeflate_compressor *d = libdeflate_alloc_compressor(6);

	if (d == NULL)
		abort(); /* as the arena does */

	size_t len = libdeflate_deflate_compress(
	    d, bytes.ptr, bytes.len, room, avro_deflate_bound(bytes.len));

	libdeflate_free_compressor(d);
	return (struct str){ room, len };
}

static enum unpacked
unpack_zstandard(struct str packed, struct avro_room room, size_t *ret)
{
	unsigned long long said =
	    ZSTD_getFrameContentSize(packed.ptr, packed.len);

	*ret = 0;
	if (said < ZSTD_CONTENTSIZE_ERROR && said > room.size) {
		*ret = (size_t)said;
		return UNPACKED_SHORT;
	}

	size_t got =
	    ZSTD_decompress(room.at, room.size, packed.ptr, packed.len);

	if (!ZSTD_isError(got)) {
		*ret = got;
		return UNPACKED_OK;
	}
	return ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall
		   ? UNPACKED_SHORT
		   : UNPACKED_DAMAGED;
}

/* ---- snappy */
struct snappy {
	const unsigned char *at, *end;
	char *out;
	size_t made, room;
};

/* A little-endian number of so many bytes; the caller knows they are there. */
static size_t
little(struct snappy *s, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (size_t)*s->at++ << (8 * i);
	return n;
}

static bool
has(const struct snappy *s, size_t bytes)
{
	return (size_t)(s->end - s->at) >= bytes;
}

static bool
literal(struct snappy *s, unsigned tag)
{
	size_t length = (tag >> 2) + 1, bytes = 0;

	if (length > 60) {
		bytes = length - 60;
		if (!has(s, bytes))
			return false;
		length = little(s, bytes) + 1;
	}
	if (!has(s, length) || s->room - s->made < length)
		return false;
	memcpy(s->out + s->made, s->at, length);
	s->made += length;
	s->at += length;
	return true;
}

/* A copy may overlap what it makes: byte by byte it repeats. */
static bool
copy(struct snappy *s, unsigned tag)
{
	static const size_t bytes[] = { 0, 1, 2, 4 };
	size_t kind = tag & 3, length = (tag >> 2) + 1, offset;

	if (!has(s, bytes[kind]))
		return false;
	offset = little(s, bytes[kind]);
	if (kind == 1) {
		length = ((tag >> 2) & 7) + 4;
		offset |= (size_t)(tag >> 5) << 8;
	}
	if (offset == 0 || offset > s->made || s->room - s->made < length)
		return false;
	for (size_t i = 0; i < length; i++, s->made++)
		s->out[s->made] = s->out[s->made - offset];
	return true;
}

/* Varint of at most 32 bits: how long it is unpacked. */
static bool
snappy_length(struct snappy *s, size_t *ret)
{
	size_t n = 0;

	for (unsigned shift = 0; shift < 35 && has(s, 1); shift += 7) {
		unsigned char byte = *s->at++;

		n |= (size_t)(byte & 0x7F) << shift;
		if (byte < 0x80) {
			*ret = n;
			return n <= UINT32_MAX;
		}
	}
	return false;
}

/* After a compressed block Avro puts the CRC-32 of its content, big-endian. */
static bool
crc_is(struct str bytes, const unsigned char *crc)
{
	unsigned wanted = (unsigned)crc[0] << 24 | (unsigned)crc[1] << 16 |
			  (unsigned)crc[2] << 8 | crc[3];

	return libdeflate_crc32(0, bytes.ptr, bytes.len) == wanted;
}

static enum unpacked
unpack_snappy(struct str packed, struct avro_room room, size_t *ret)
{
	if (packed.len < 5)
		return UNPACKED_DAMAGED;

	const unsigned char *begin = (const unsigned char *)packed.ptr;
	struct snappy s = { .at = begin, .end = begin + packed.len - 4 };
	bool fits = true;

	s.out = room.at;
	if (!snappy_length(&s, &s.room))
		return UNPACKED_DAMAGED;
	if (s.room > room.size) {
		*ret = s.room;
		return UNPACKED_SHORT;
	}
	while (fits && s.at < s.end) {
		unsigned tag = *s.at++;

		fits = (tag & 3) == 0 ? literal(&s, tag) : copy(&s, tag);
	}
	if (!fits || s.made != s.room ||
	    !crc_is((struct str){ s.out, s.made }, s.end))
		return UNPACKED_DAMAGED;
	*ret = s.made;
	return UNPACKED_OK;
}

static const struct avro_codec codecs[] = {
	{ "deflate", unpack_deflate },
	{ "zstandard", unpack_zstandard },
	{ "snappy", unpack_snappy },
};

const struct avro_codec *
avro_codec_find(struct str name)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (str_eq(name, str_from(codecs[i].name)))
			return &codecs[i];
	return NULL;
}
