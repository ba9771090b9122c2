/*
 * page.h - lists names, whole or by pages.
 *
 * A cursor names a position of the log and the last name: all pages show the
 * branch as it was when the first was asked for, whatever is made or dropped
 * meanwhile.  Names are passed on as they are read, some at a time: a list of a
 * million takes no more memory than what the caller makes of it.  The page size
 * that clients ask for is read in api/paging.c.
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
	struct page page;
	/* called with each name, in order; the text is gone after the call;
	 * NULL: names are only counted */
	void (*take)(void *arg, struct str name);
	void *arg;
	/* whether a list shows an entry; NULL: all */
	bool (*shows)(void *arg, const struct version *);
	void *shows_arg;
	/* written by page_list() */
	int64_t count;
	struct cursor next; /* none: this is the end */
};

/* Lists the names of live entries of one kind in a space and namespace.  The
 * event loop gets short lists only: ERR_WOULD_BLOCK for others. */
MUST_CHECK enum err page_list(struct call *, const struct branch *, enum space,
    struct str ns, enum kind, struct listing *io);

/* Whether any branch of the catalog shows a namespace. */
MUST_CHECK enum err catalog_holds_namespaces(
    struct call *, const struct catalog *, bool *ret);

#endif
