/*
 * page_token.h - the page tokens of lists that go on by position: a text that
 * is sealed for one list of one catalog.
 */
#ifndef PANGOLIN_PAGE_TOKEN_H
#define PANGOLIN_PAGE_TOKEN_H

#include "catalog/catalogs.h"
#include "http/request.h"

/* Reads the text that page_token_reply() has sealed; ptr NULL: the query has
 * no token.  ERR_BAD_REQUEST: it is not one of ours. */
MUST_CHECK enum err page_token_read(
    struct request *, struct str list, const struct catalog *, struct str *ret);

/* The same of a list that `about` names with all that makes its rows others. */
MUST_CHECK enum err page_token_read_of(
    struct request *, struct str about, struct str *ret);
void page_token_reply_of(struct request *, struct str about, struct str text);

/* ERR_BAD_REQUEST: the token is one of another list. */
enum err page_token_foreign(struct request *);

/* Tells the client how the list goes on, as reply_next_token() does. */
void page_token_reply(
    struct request *, struct str list, const struct catalog *, struct str text);

/* The texts of points. */
struct str page_token_of_point(struct arena *, struct point);
bool page_token_to_point(struct str text, struct point *ret);

#endif
