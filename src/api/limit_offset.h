/*
 * limit_offset.h - pages of the lists of the management API: which page a
 * request asks for, and the link to the next one (RFC 8288).
 *
 * Lists of the Iceberg API go on by a token instead (api/paging.h).
 */
#ifndef PANGOLIN_LIMIT_OFFSET_H
#define PANGOLIN_LIMIT_OFFSET_H

#include "http/request.h"

/* `limit` and `offset` of the query, or `page` (from 1 on) and `page_size`
 * (100): 0 when they are not there; what is no number, or a limit of 0, or both
 * ways at once, is ERR_BAD_REQUEST.  No list answers more than
 * LIST_ROWS_MAX at once, whatever the limit. */
struct range {
	int64_t limit, offset;
};
MUST_CHECK enum err query_range(struct request *, struct range *ret);

/* The same of a list that has at most `most` on a page, and without a limit
 * `usual`. */
MUST_CHECK enum err query_page(
    struct request *, int64_t usual, int64_t most, struct range *ret);

/* The page of a list that does not show everything: offset and limit count what
 * it shows. */
struct shown_page {
	int64_t skip;
	size_t most, count;
	bool more; /* there are more to show */
};
struct shown_page shown_page_of(struct range);
/* Takes one more that may be shown; true: it is on the page, the last so
 * far. */
bool shown_page_takes(struct shown_page *);

/* Tells the client where a list goes on behind the `count` rows that are
 * answered, in a header Link, since the body is a plain array. */
void reply_next(struct request *, struct range, size_t count, bool more);

/* The same by a token, for lists that go on by position. */
void reply_next_token(struct request *, struct str token);

#endif
