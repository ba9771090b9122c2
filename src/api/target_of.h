/* target_of.h - what the path and query of an Iceberg request are about. */
#ifndef PANGOLIN_TARGET_OF_H
#define PANGOLIN_TARGET_OF_H

#include "api/access.h"
#include "api/forms_iceberg.h"
#include "catalog/relations.h"

/* The path arguments of routes.c, in their order. */
enum { ARG_PREFIX, ARG_NAMESPACE, ARG_RELATION };

/* A call on behalf of the request, and the branch that {prefix} names. */
MUST_CHECK enum err target_branch(
    struct request *, struct call *ret_call, struct branch *ret);

/* {namespace}: ERR_BAD_REQUEST when it cannot be one. */
MUST_CHECK enum err target_namespace(struct request *, struct str *ret_path);

/* {namespace} and {table} or {view}. */
MUST_CHECK enum err target_relation(
    struct request *, enum kind, struct ident *ret);

/* What a body calls it. */
MUST_CHECK enum err target_identifier(struct request *, enum kind,
    const struct table_identifier *, struct ident *ret);

/* The levels of a path, as an array. */
struct form_texts levels_of(struct arena *, struct str path);

#endif
