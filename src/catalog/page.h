/*
 * page.h - lists by pages (Iceberg REST spec, PageToken).
 *
 * A token names a position of the log and the last name: all pages show the
 * branch as it was when the first was asked for.
 */
#ifndef PANGOLIN_PAGE_H
#define PANGOLIN_PAGE_H

#include "catalog/branch.h"

#define PAGE_ALL 0

struct page {
	struct str token; /* pageToken; empty: the first page */
	int64_t size;     /* pageSize; PAGE_ALL: everything */
};

struct listing {
	const struct version *at;
	size_t count;
	struct str next; /* next-page-token; ptr NULL: the end */
};

/* Live versions of one kind in a space and namespace, by name.  A token that
 * is not of such a list: ERR_BAD_REQUEST. */
MUST_CHECK enum err page_list(struct call *, const struct branch *, enum space,
    struct str ns, enum kind, struct page, struct listing *ret);

#endif
