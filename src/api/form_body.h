/*
 * form_body.h - bodies of requests and replies by their forms (api/form.h), and
 * ids in the path.
 */
#ifndef PANGOLIN_FORM_BODY_H
#define PANGOLIN_FORM_BODY_H

#include "api/form.h"
#include "http/request.h"

MUST_CHECK enum err body_decode(
    struct request *, const struct form *, void *ret);

/* A path argument: ERR_BAD_REQUEST "user id '...' is not a UUID". */
MUST_CHECK enum err arg_id(
    struct request *, int arg, const char *what, struct id *ret);

/* 200 with an object, or with an array of `count`. */
void reply_form(struct request *, const struct form *, const void *from);
void reply_forms(
    struct request *, const struct form *, const void *from, size_t count);

/* The same with 201: something was made. */
void reply_made(struct request *, const struct form *, const void *from);

/* Forbids caches to store the reply, which holds a secret (RFC 6749, 5.1). */
void reply_no_store(struct request *);

#endif
