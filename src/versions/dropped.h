/*
 * dropped.h - lists what was dropped on a branch; undrop.h brings it back.
 *
 * The last version of a dropped table, view or namespace is a tombstone that
 * still names its object and its metadata file: no task deletes it.
 */
#ifndef PANGOLIN_DROPPED_H
#define PANGOLIN_DROPPED_H

#include "catalog/branch.h"

#define DROPPED_PAGE 100 /* when nobody says */
#define DROPPED_PAGE_MAX 1000

struct dropped_page {
	struct version *at; /* each deleted, and nothing has its name since */
	size_t count;
	struct point next; /* where the next page begins; branch 0: none */
};

/* Behind a point of one of the branch's links (branch 0: from the first):
 * tables, views and namespaces, in the order in which they were dropped.  What
 * was renamed is none of them.  A page may be short.  ERR_BAD_REQUEST: the
 * branch has no such link any more. */
MUST_CHECK enum err dropped_list(struct call *, const struct branch *,
    struct point above, int64_t limit, struct dropped_page *ret);

#endif
