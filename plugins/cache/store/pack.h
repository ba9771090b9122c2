/*
 * pack.h - the name and the packed value of an entry, as its row has them.
 */
#ifndef PANGOLIN_PACK_H
#define PANGOLIN_PACK_H

#include "base/arena.h"

/* A packed value has at most so many bytes. */
#define PACKED_MAX ((size_t)1024 * 1024)

/* SHA-256 of a key, as text. */
#define NAME_LEN ((size_t)64)
void name_of(struct str key, char ret[NAME_LEN]);

/* False: the value is too large.  *ret is of malloc(). */
bool pack(struct str value, char **ret, size_t *ret_len);

/* False: these bytes were never packed. */
bool unpack(struct arena *, struct str packed, struct str *ret);

#endif
