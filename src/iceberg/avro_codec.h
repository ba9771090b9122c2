/* avro_codec.h - compresses and decompresses the blocks of Avro files. */
#ifndef PANGOLIN_AVRO_CODEC_H
#define PANGOLIN_AVRO_CODEC_H

#include "base/error.h"
#include "base/str.h"

struct avro_room {
	char *at;
	size_t size;
};

enum unpacked {
	UNPACKED_OK,
	UNPACKED_SHORT,  /* it takes more room */
	UNPACKED_DAMAGED /* it is not packed in this way */
};

struct avro_codec {
	const char *name; /* as the file's `avro.codec` says */
	/* `ret` is how much of the room was used; when it was too small, how
	 * much it takes, or 0 where the format does not tell. */
	enum unpacked (*unpack)(
	    struct str packed, struct avro_room, size_t *ret);
};

/* NULL: a codec nobody here knows.  "null" is none of these. */
const struct avro_codec *avro_codec_find(struct str name);

/* Compresses by `deflate`, into `room` of so many bytes for a text of
 * `size`. */
size_t avro_deflate_bound(size_t size);
struct str avro_deflate(struct str, char *room);

#endif
