/*
 * page.h - lists by pages.
 *
 * A cursor names a position of the log and the last name: all pages show the
 * branch as it was when the first was asked for, whatever is made or dropped
 * meanwhile.
 */
#ifndef PANGOLIN_PAGE_H
#define PANGOLIN_PAGE_H

#include "catalog/branch.h"

#define PAGE_ALL 0

struct cursor {
	int64_t seq;
	struct str name; /* ptr NULL: there is none */
};

struct page {
	struct cursor after; /* none: the first page */
	int64_t size;        /* PAGE_ALL: everything */
};

struct listing {
	const struct version *at;
	size_t count;
	struct cursor next; /* none: this is the end */
};

/* Live versions of one kind in a space and namespace, by name. */
MUST_CHECK enum err page_list(struct call *, const struct branch *, enum space,
    struct str ns, enum kind, struct page, struct listing *ret);

#endif
