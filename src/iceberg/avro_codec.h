/*
 * avro_codec.h - how blocks of Avro files are packed.
 */
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
	/* `ret` is how much of the room was used. */
	enum unpacked (*unpack)(
	    struct str packed, struct avro_room, size_t *ret);
};

/* NULL: a codec nobody here knows.  "null" is none of these. */
const struct avro_codec *avro_codec_find(struct str name);

#endif
