/*
 * drop_history.h - what a branch's history says of a drop: the tombstone of an
 * object, and what lay in a namespace.
 *
 * Both read the whole history of the branch, page by page, the oldest commit
 * first; of a page they keep only what they look for.
 */
#ifndef PANGOLIN_DROP_HISTORY_H
#define PANGOLIN_DROP_HISTORY_H

#include "catalog/branch.h"

struct tombstones {
	struct version *at;
	size_t count, room;
};

/* The last tombstone of an object.  ERR_NOT_FOUND: the branch does not know
 * it, or it is not dropped now. */
MUST_CHECK enum err drop_find(struct call *, const struct branch *,
    struct id object, struct version *ret);

/*
 * The tombstones of a namespace and of what lay in it when it was dropped: all
 * that was dropped from it, and from namespaces in it, since it was made, the
 * last of each name, unless it has come back meanwhile.  The namespace is the
 * first of them.  The bodies of namespaces are the properties that they had,
 * where history still has them.
 */
MUST_CHECK enum err drop_contents(struct call *, const struct branch *,
    const struct version *namespace, struct tombstones *ret);

#endif
