/*
 * commits.h - the history of a branch: its commits, newest first, and those of
 * the branches it was forked from.
 *
 * Ancestry follows the forks, not the links that are read: folding changes
 * those.  A page that would take too much work ends early, and says where the
 * history goes on.
 */
#ifndef PANGOLIN_COMMITS_H
#define PANGOLIN_COMMITS_H

#include "catalog/refs.h"

#define COMMITS_PAGE 100 /* when nobody says */
#define COMMITS_PAGE_MAX 1000
#define OPERATIONS_SHOWN 1000 /* of one commit */

struct commit_operation {
	struct version now, old; /* old.kind 0: there never was such a key */
};

struct commit {
	struct point at;
	struct id id, parent; /* parent nil: the first of all */
	struct str author, message, branch;
	int64_t at_us;
	struct id merged; /* nil: it is no merge */
	struct commit_operation *operations;
	size_t shown, operation_count;
};

struct commit_filter {
	struct key key;             /* name.ptr NULL: whatever it changed */
	struct str author;          /* ptr NULL: anybody's */
	int64_t since_us, until_us; /* 0: no bound */
};

struct commit_page {
	struct commit *at;
	size_t count;
	struct point next; /* where the next page begins; branch 0: the end */
};

/* Commits at and behind a point; `offset` of them are left out. */
MUST_CHECK enum err commits_list(struct call *, const struct catalog *,
    struct point from, const struct commit_filter *, int64_t limit,
    int64_t offset, struct commit_page *ret);

/* Whether a version is of a table, view or namespace, and not of a location
 * claim. */
bool version_is_shown(const struct version *);

#endif
