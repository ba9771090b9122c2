/* row_code.h - encodes a row of values as bytes, for the caches. */
#ifndef PANGOLIN_ROW_CODE_H
#define PANGOLIN_ROW_CODE_H

#include "plugin/store.h"

struct str row_pack(struct arena *, const struct value *, size_t count);

/* Decodes the same values; texts point into `bytes`.  False: the bytes hold
 * another number of values. */
bool row_unpack(struct str bytes, struct value *ret, size_t count);

#endif
