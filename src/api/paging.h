/*
 * paging.h - reads and makes pageToken and pageSize of the Iceberg REST spec.
 *
 * A token works only for the list that it came from, on every node and after a
 * restart, and only this server can make one.
 */
#ifndef PANGOLIN_PAGING_H
#define PANGOLIN_PAGING_H

#include "catalog/page.h"
#include "http/request.h"

/* The list that a page is of. */
struct listed {
	int64_t branch;
	const char *what; /* "Table" */
	struct str ns;    /* the namespace, as the client wrote it */
};

#define PAGE_SIZE_MAX 1000 /* a larger pageSize gets pages of this one */

struct paging {
	struct page page;
	bool may_be_whole; /* the whole list may be answered at once */
};

/* The page that the request asks for.  ERR_BAD_REQUEST for a token of another
 * list and for an invalid size. */
MUST_CHECK enum err paging_read(
    struct request *, const struct listed *, struct paging *ret);

/* The token of the next page; ptr NULL: there is none. */
struct str paging_token(
    const struct request *, const struct listed *, struct cursor next);

#endif
