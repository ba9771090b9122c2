/*
 * steps.h - the steps that management handlers share: reading the request,
 * answering with a form.
 */
#ifndef PANGOLIN_STEPS_H
#define PANGOLIN_STEPS_H

#include "api/form.h"
#include "http/request.h"

MUST_CHECK enum err body_decode(
    struct request *, const struct form *, void *ret);

/* A path argument: ERR_BAD_REQUEST "user id '...' is not a UUID". */
MUST_CHECK enum err arg_id(
    struct request *, int arg, const char *what, struct id *ret);

/* `limit` and `offset` of the query: 0 when they are not there; what is no
 * number, or a limit of 0, is ERR_BAD_REQUEST.  No list answers more than
 * LIST_ROWS_MAX at once, whatever the limit. */
struct range {
	int64_t limit, offset;
};
MUST_CHECK enum err query_range(struct request *, struct range *ret);

/* The same of a list that has at most `most` on a page, and without a limit
 * `usual`. */
MUST_CHECK enum err query_page(
    struct request *, int64_t usual, int64_t most, struct range *ret);

/* Tells the client where a list goes on behind the `count` rows that are
 * answered: a header Link with the next page (RFC 8288), since the body is a
 * plain array. */
void reply_next(struct request *, struct range, size_t count, bool more);

/* The same by a token, for lists that go on by position. */
void reply_next_token(struct request *, struct str token);

/* 200 with an object, or with an array of `count`. */
void reply_form(struct request *, const struct form *, const void *from);
void reply_forms(
    struct request *, const struct form *, const void *from, size_t count);

/* The same with 201: something was made. */
void reply_made(struct request *, const struct form *, const void *from);

/* Forbids caches to store the reply, which holds a secret (RFC 6749, 5.1). */
void reply_no_store(struct request *);

#endif
