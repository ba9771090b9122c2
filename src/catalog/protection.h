/*
 * protection.h - refuses to drop or rename what is protected.
 *
 * A table, view, namespace or catalog with the property `protected` = `true`
 * is neither dropped, purged, renamed nor replaced by another one until
 * somebody takes the property away.
 */
#ifndef PANGOLIN_PROTECTION_H
#define PANGOLIN_PROTECTION_H

#include "catalog/relations.h"

/* ERR_CONFLICT; `what` is the title of its kind: "Catalog". */
MUST_CHECK enum err protection_check(
    struct call *, const char *what, struct str name, struct pairs properties);

/* The same of a namespace, by its entry. */
MUST_CHECK enum err protection_check_namespace(
    struct call *, const struct version *entry, struct str path);

/* The same of a table or view, whose metadata file says it.  One that is gone
 * or damaged says nothing. */
MUST_CHECK enum err protection_check_relation(
    struct call *, const struct version *entry, struct ident);

#endif
