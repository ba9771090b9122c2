/*
 * operations.h - the operations of commits: what each changed, and what was
 * there before.
 */
#ifndef PANGOLIN_OPERATIONS_H
#define PANGOLIN_OPERATIONS_H

#include "versions/commits.h"

/* Fills in the operations of commits, newest first.  *ret_done: of so many of
 * them; the rest is more than an answer should hold. */
MUST_CHECK enum err operations_find(struct call *, const struct catalog *,
    struct commit *, size_t count, size_t *ret_done);

#endif
