/*
 * merge_target.h - finds the catalog and the operation that a request about
 * merges names.
 */
#ifndef PANGOLIN_MERGE_TARGET_H
#define PANGOLIN_MERGE_TARGET_H

#include "api/access.h"
#include "catalog/branch.h"
#include "versions/merge_operations.h"

/* A message of a body; an empty one is none. */
MUST_CHECK enum err merge_message_check(struct request *, struct str *io);

/* The default branch of a catalog, to be switched, with its writer.  The
 * request may do its action on the branch `ref` (empty: the default one). */
MUST_CHECK enum err merge_catalog(struct request *, struct call *,
    struct str name, struct str ref, struct branch *ret);

/* Beside it: the request may read the branch that it takes from. */
MUST_CHECK enum err merge_source(
    struct request *, const struct branch *, struct str ref);

/* The same of an operation's catalog. */
MUST_CHECK enum err merge_catalog_of(struct request *, struct call *,
    const struct merge_operation *, struct branch *ret);

/* {id} of an operation, and its row.  ERR_NOT_FOUND also when the request may
 * not do its action on the target. */
MUST_CHECK enum err merge_operation_of(
    struct request *, struct call *, struct merge_operation *ret);

#endif
