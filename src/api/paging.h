/*
 * paging.h - pageToken and pageSize of the Iceberg REST spec (PageToken).
 *
 * A token is good for the list that it came from and no other, on every node
 * and behind a restart, and nobody else can make one.
 */
#ifndef PANGOLIN_PAGING_H
#define PANGOLIN_PAGING_H

#include "catalog/page.h"
#include "http/request.h"

/* What is listed. */
struct listed {
	int64_t branch;
	const char *what; /* "Table" */
	struct str ns;    /* in which namespace, as the client wrote it */
};

/* The page that the request asks for.  ERR_BAD_REQUEST for a token that is not
 * of this list, and a size that is none. */
MUST_CHECK enum err paging_read(
    struct request *, const struct listed *, struct page *ret);

/* Is all of the list asked for, from its beginning? */
bool paging_wants_all(struct page);

/* The token of what follows; ptr NULL: nothing does. */
struct str paging_token(
    const struct request *, const struct listed *, struct cursor next);

#endif
