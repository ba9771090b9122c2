#include "catalog/table_file.h"

#include <libdeflate.h>

#include "object/object.h"

enum err
location_guard(struct call *c, const struct branch *b, const char *what,
    struct str location)
{
	TRY(object_location_check(location, c->error));
	if (object_location_is_below(location, b->catalog.location))
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "%s is outside the catalog's place " STR_FMT ": " STR_FMT, what,
	    STR_ARG(b->catalog.location), STR_ARG(location));
}

static bool
is_gzip(struct str bytes)
{
	return bytes.len >= 18 && (unsigned char)bytes.ptr[0] == 0x1F &&
	       (unsigned char)bytes.ptr[1] == 0x8B;
}

/* The last four bytes of gzip are the size of what is inside (RFC 1952). */
static size_t
inflated_size(struct str gzip)
{
	const unsigned char *end = (const unsigned char *)gzip.ptr + gzip.len;

	return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 |
	       (size_t)end[-1] << 24;
}

static enum err
inflate(struct call *c, struct str location, struct str gzip, struct str *ret)
{
	size_t size = inflated_size(gzip), got = 0;

	if (size > OBJECT_SIZE_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Metadata file is too large: " STR_FMT, STR_ARG(location));

	char *text = arena_alloc(c->arena, 1, size + 1);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();

	if (d == NULL)
		return fail(c->error, ERR_INTERNAL, "Out of memory");

	enum libdeflate_result result =
	    libdeflate_gzip_decompress(d, gzip.ptr, gzip.len, text, size, &got);

	libdeflate_free_decompressor(d);
	if (result != LIBDEFLATE_SUCCESS)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Metadata file is damaged gzip: " STR_FMT,
		    STR_ARG(location));
	*ret = (struct str){ text, got };
	return OK;
}

enum err
table_file_read(struct call *c, struct str location, struct str *ret)
{
	struct str bytes;

	TRY(object_read(c->arena, location, &bytes, c->error));
	if (is_gzip(bytes))
		return inflate(c, location, bytes, ret);
	*ret = bytes;
	return OK;
}
