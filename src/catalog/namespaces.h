/*
 * namespaces.h - the namespace operations of the Iceberg REST spec.
 *
 * A path is levels joined by 0x1F, checked by names.h.  A namespace's parent is
 * made before it and dropped after it.
 */
#ifndef PANGOLIN_NAMESPACES_H
#define PANGOLIN_NAMESPACES_H

#include "base/json.h"
#include "catalog/page.h"

struct namespace
{
	struct str path;
	struct pairs properties;
};

/* Lists the children of `parent` (empty: the top level): listing.at[i].key.name
 * is the last level.  ERR_NO_SUCH_NAMESPACE when the parent is not there. */
MUST_CHECK enum err namespaces_list(struct call *, const struct branch *,
    struct str parent, struct listing *io);

/* Makes a namespace.  ERR_ALREADY_EXISTS; ERR_NO_SUCH_NAMESPACE for a missing
 * parent. */
MUST_CHECK enum err namespaces_create(
    struct call *, const struct branch *, const struct namespace *new);

/* Checks that a namespace is there: ERR_NO_SUCH_NAMESPACE. */
MUST_CHECK enum err namespaces_check(
    struct call *, const struct branch *, struct str path);

/* The namespace and its properties: ERR_NO_SUCH_NAMESPACE. */
MUST_CHECK enum err namespaces_get(struct call *, const struct branch *,
    struct str path, struct namespace *ret);

/* Drops a namespace.  ERR_NAMESPACE_NOT_EMPTY when it holds a namespace, table
 * or view. */
MUST_CHECK enum err namespaces_drop(
    struct call *, const struct branch *, struct str path);

struct property_changes {
	const struct str *removals;
	size_t removal_count;
	struct pairs updates;
	/* results: the names in `removals` that were there, and that were
	 * not */
	struct str *removed, *missing;
	size_t removed_count, missing_count;
};

/* Makes all changes at once; ERR_UNPROCESSABLE for a name in both lists. */
MUST_CHECK enum err namespaces_update(struct call *, const struct branch *,
    struct str path, struct property_changes *);

/* The results of an earlier namespaces_update(), from its commit; nothing is
 * written. */
MUST_CHECK enum err namespaces_update_again(struct call *,
    const struct catalog *, struct point commit, struct str path,
    struct property_changes *);

/* ERR_NO_SUCH_NAMESPACE with the text that clients look for. */
enum err namespace_missing(struct call *, struct str path);

#endif
