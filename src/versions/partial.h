/* partial.h - makes the base image of a branch that shows some tables only. */
#ifndef PANGOLIN_PARTIAL_H
#define PANGOLIN_PARTIAL_H

#include "catalog/refs.h"

/*
 * Puts what `from` shows of the named assets ("ns.table"; with U+001F between
 * the levels where a name has dots), and of the namespaces they are in, at
 * position 0 of a log that nobody uses yet.  ERR_BAD_REQUEST names an asset
 * that is not there.
 */
MUST_CHECK enum err partial_load(struct call *, struct chain from,
    const struct str *assets, size_t count, int64_t to);

#endif
