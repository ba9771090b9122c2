/*
 * request_target.h - finds the branch, namespace and table that the path and
 * query of an Iceberg request name.
 *
 * A branch, tag, commit or instant (catalog/refs.h) may be named in four
 * places, behind an '@' in the first three: {prefix}, {table} or {view},
 * {namespace}, and `?branch=`.  Two that differ are refused.  A table or
 * namespace whose name has the '@' itself comes first, an '@' followed by what
 * is no branch or tag is part of the name, and '@@' stands for one '@'.
 */
#ifndef PANGOLIN_REQUEST_TARGET_H
#define PANGOLIN_REQUEST_TARGET_H

#include "api/access.h"
#include "api/forms_iceberg.h"
#include "catalog/relations.h"

/* The path arguments of routes.c, in their order. */
enum { ARG_PREFIX, ARG_NAMESPACE, ARG_RELATION };

/* A call on behalf of the request, and the branch that {prefix} and the query
 * name. */
MUST_CHECK enum err target_branch(
    struct request *, struct call *ret_call, struct branch *ret);

/* The same of an address, "sales" or "sales@dev", that is not in the path. */
MUST_CHECK enum err target_address(struct request *, struct str address,
    struct call *ret_call, struct branch *ret);

/* The same with {namespace}: ERR_BAD_REQUEST when it cannot be one. */
MUST_CHECK enum err target_namespace(struct request *, struct call *ret_call,
    struct branch *ret, struct str *ret_path);

/* The same with {namespace} and {table} or {view}.  A request that writes to a
 * branch it may not write is refused as by branch_may_write(), here and by
 * target_name(). */
MUST_CHECK enum err target_relation(struct request *, enum kind,
    struct call *ret_call, struct branch *ret, struct ident *ret_ident);

/* A name of the body, in the namespace of io_ident; it may name the branch. */
MUST_CHECK enum err target_name(struct request *, enum kind, struct call *,
    struct branch *io, struct str name, struct ident *io_ident);

/* A namespace of the query, the same way. */
MUST_CHECK enum err target_path(
    struct request *, struct call *, struct branch *io, struct str *io_path);

/* The table or view that a body names.  `ret_ref` is the branch that it names,
 * ptr NULL: none; the target stays as it is. */
MUST_CHECK enum err target_identifier(struct request *, enum kind,
    struct call *, const struct branch *, const struct table_identifier *,
    struct ident *ret, struct str *ret_ref);

/* The branch of an identifier, which must be the one that others name. */
MUST_CHECK enum err target_switch(
    struct request *, struct call *, struct branch *io, struct str ref);

/* The levels of a path, as an array. */
struct form_texts levels_of(struct arena *, struct str path);

#endif
