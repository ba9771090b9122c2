/*
 * merge_addresses.h - the addresses of a merge's two sides: where one leads to,
 * and how those of an operation are spelled by now.
 */
#ifndef PANGOLIN_MERGE_ADDRESSES_H
#define PANGOLIN_MERGE_ADDRESSES_H

#include "catalog/refs.h"
#include "versions/merge_operations.h"

MUST_CHECK enum err merge_address_resolve(struct call *, const struct catalog *,
    struct str address, struct position *ret);

/* The sides of an operation as their branches are called now: others may have
 * the names that it was asked with. */
MUST_CHECK enum err merge_addresses_now(struct call *, const struct catalog *,
    const struct merge_operation *, struct str *ret_source,
    struct str *ret_target);

#endif
