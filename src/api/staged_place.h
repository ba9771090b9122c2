/*
 * staged_place.h - the place of a table that is not there yet, as a client
 * keeps it.
 *
 * A transaction that creates a table (stage-create) writes files before its
 * commit, and nothing is stored of it.  So the address at which its requests
 * are signed carries the place, sealed (identity/seal.h); clients that take the
 * usual address bring it among the properties of the request
 * (`remote-signing-config` of Iceberg REST).
 */
#ifndef PANGOLIN_STAGED_PLACE_H
#define PANGOLIN_STAGED_PLACE_H

#include "base/json.h"
#include "catalog/branch.h"
#include "catalog/names.h"
#include "http/request.h"

/* The name of the argument of the query, and of the property. */
#define STAGED_PLACE "staged"

/* `path` as location_claims.h has it, "//bucket/a/t". */
struct str staged_place_write(const struct request *, const struct branch *,
    struct ident, struct str path);

/* The path that the request's query or else its properties bring.  ptr NULL:
 * none, not ours, a day old, or another table of any catalog is there by now.
 */
MUST_CHECK enum err staged_place_read(struct request *, struct call *,
    const struct branch *, struct ident, struct pairs properties,
    struct str *ret_path);

#endif
