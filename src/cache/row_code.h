/* row_code.h - values as bytes, for what is kept. */
#ifndef PANGOLIN_ROW_CODE_H
#define PANGOLIN_ROW_CODE_H

#include "plugin/store.h"

struct str row_pack(struct arena *, const struct value *, size_t count);

/* The same values again; texts point into `bytes`.  False: it is not so many
 * values. */
bool row_unpack(struct str bytes, struct value *ret, size_t count);

#endif
