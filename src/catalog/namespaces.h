/*
 * namespaces.h - the six namespace operations of the Iceberg REST spec.
 *
 * A path is levels joined by 0x1F, checked by names.h.  A namespace's parent
 * must be there before it, and goes after it.
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

/* Children of `parent` (empty: the top level): listing.at[i].key.name is the
 * last level.  ERR_NO_SUCH_NAMESPACE when the parent is not there. */
MUST_CHECK enum err namespaces_list(struct call *, const struct branch *,
    struct str parent, struct page, struct listing *ret);

/* ERR_ALREADY_EXISTS; ERR_NO_SUCH_NAMESPACE for a missing parent. */
MUST_CHECK enum err namespaces_create(
    struct call *, const struct branch *, const struct namespace *new);

/* ERR_NO_SUCH_NAMESPACE. */
MUST_CHECK enum err namespaces_get(struct call *, const struct branch *,
    struct str path, struct namespace *ret);

/* ERR_NAMESPACE_NOT_EMPTY when it holds a namespace, table or view. */
MUST_CHECK enum err namespaces_drop(
    struct call *, const struct branch *, struct str path);

struct property_changes {
	const struct str *removals;
	size_t removal_count;
	struct pairs updates;
	/* written: the names in `removals` that were there, and were not */
	struct str *removed, *missing;
	size_t removed_count, missing_count;
};

/* All at once, or ERR_UNPROCESSABLE for a name in both lists. */
MUST_CHECK enum err namespaces_update(struct call *, const struct branch *,
    struct str path, struct property_changes *);

/* What it said of `removals` when it made a commit: nothing is written. */
MUST_CHECK enum err namespaces_update_again(struct call *, struct point commit,
    struct str path, struct property_changes *);

/* ERR_NO_SUCH_NAMESPACE with the text that clients look for. */
enum err namespace_missing(struct call *, struct str path);

#endif
