/*
 * token.h - the token of the next page: the position of the last row.
 *
 * It is hexadecimal text of a version byte, a checksum, the name of the scan
 * (entity, index, direction) and the values of the order's fields.  The tests
 * are not part of it: a test against the clock may move between two pages.
 */
#ifndef PANGOLIN_TOKEN_H
#define PANGOLIN_TOKEN_H

#include "plugin/store.h"

struct str token_write(struct arena *, const struct entity *,
    const struct scan *, const struct value *row);

/* A row of which only the order's fields are set; *ret is NULL without a
 * token.  ERR_BAD_REQUEST when it is not of this scan. */
MUST_CHECK enum err token_parse(struct arena *, const struct entity *,
    const struct scan *, const struct value **ret, struct error *);

#endif
