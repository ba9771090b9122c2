/* pack.c - four bytes of length, then deflate; or 0, then the value itself. */
#include "pack.h"

#include <stdlib.h>

#include <libdeflate.h>
#include <sodium.h>

#include "base/hex.h"

#define HEAD sizeof(uint32_t)
#define LEVEL 1

/* The most bytes that a request packs, and makes room for. */
#define UNPACKED_MAX (PACKED_MAX * 16)

void
name_of(struct str key, char ret[NAME_LEN])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const unsigned char *)key.ptr, key.len);
	hex_write(ret, (struct str){ (const char *)hash, sizeof(hash) });
}

static size_t
deflate_into(char *to, size_t room, struct str value)
{
	struct libdeflate_compressor *d = libdeflate_alloc_compressor(LEVEL);
	size_t len = 0;

	if (d != NULL && room != 0)
		len = libdeflate_deflate_compress(
		    d, value.ptr, value.len, to, room);
	libdeflate_free_compressor(d);
	return len;
}

bool
pack(struct str value, char **ret, size_t *ret_len)
{
	size_t room =
	    value.len < PACKED_MAX - HEAD ? value.len : PACKED_MAX - HEAD;
	char *bytes = value.len > UNPACKED_MAX ? NULL : malloc(HEAD + room);
	uint32_t len = (uint32_t)value.len;

	if (bytes == NULL)
		return false;

	size_t packed = deflate_into(bytes + HEAD, room, value);

	if (packed == 0 && value.len > room) {
		free(bytes);
		return false;
	}
	if (packed == 0) {
		len = 0;
		packed = value.len;
		if (packed != 0)
			memcpy(bytes + HEAD, value.ptr, packed);
	}
	memcpy(bytes, &len, HEAD);
	*ret = bytes;
	*ret_len = HEAD + packed;
	return true;
}

bool
unpack(struct arena *a, struct str packed, struct str *ret)
{
	struct libdeflate_decompressor *d;
	enum libdeflate_result result = LIBDEFLATE_BAD_DATA;
	uint32_t len;
	char *to;

	if (packed.len < HEAD)
		return false;
	memcpy(&len, packed.ptr, HEAD);
	packed = str_skip(packed, HEAD);
	if (len == 0) {
		*ret = arena_copy(a, packed);
		return true;
	}
	if (len > UNPACKED_MAX)
		return false;
	to = arena_alloc(a, 1, len);
	d = libdeflate_alloc_decompressor();
	if (d != NULL)
		result = libdeflate_deflate_decompress(
		    d, packed.ptr, packed.len, to, len, NULL);
	libdeflate_free_decompressor(d);
	if (result != LIBDEFLATE_SUCCESS)
		return false;
	*ret = (struct str){ to, len };
	return true;
}
