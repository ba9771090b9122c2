/* uuid.h - 128-bit identifiers, UUIDs (RFC 9562). */
#ifndef PANGOLIN_UUID_H
#define PANGOLIN_UUID_H

#include "base/str.h"

struct id {
	uint8_t b[16]; /* network order */
};

#define ID_TEXT 37 /* with the NUL */

struct id id_v4(void); /* random */
struct id id_v7(void); /* begins with the time: new ids sort behind old */

/* As id_v4(), with one system call for ID_BATCH ids.  It starts as zeros; both
 * sides of a fork must not use it, they would make the same ids. */
#define ID_BATCH 256
struct id_batch {
	struct id random[ID_BATCH];
	size_t left;
};
struct id id_v4_of(struct id_batch *);

/* Version 8 from the first bytes of a hash, at least 16 of them. */
struct id id_v8(const uint8_t *hash);

static inline bool
id_eq(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

bool id_is_nil(struct id);

/* 36 lower-case characters and a NUL. */
void id_format(struct id, char ret[ID_TEXT]);

/* The 8-4-4-4-12 form, in either case; false for anything else. */
bool id_parse(struct str, struct id *ret);

#endif
