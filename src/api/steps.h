/*
 * steps.h - the steps that management handlers share: read what came,
 * answer with a form.
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
 * number, or a limit of 0, is ERR_BAD_REQUEST. */
struct range {
	int64_t limit, offset;
};
MUST_CHECK enum err query_range(struct request *, struct range *ret);

/* 200 with an object, or with an array of `count`. */
void reply_form(struct request *, const struct form *, const void *from);
void reply_forms(
    struct request *, const struct form *, const void *from, size_t count);

/* The same with 201: a thing was made. */
void reply_made(struct request *, const struct form *, const void *from);

/* What was written holds a secret: no cache may keep it (RFC 6749, 5.1). */
void reply_no_store(struct request *);

#endif
