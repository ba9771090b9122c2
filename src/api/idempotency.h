/*
 * idempotency.h - handles requests with an Idempotency-Key (Iceberg REST spec,
 * parameter idempotency-key): a repeated request gets the first one's answer.
 */
#ifndef PANGOLIN_IDEMPOTENCY_H
#define PANGOLIN_IDEMPOTENCY_H

#include "http/request.h"

/* Calls the handler of the route, or answers again.  ERR_BAD_REQUEST: the key
 * is no UUID; ERR_UNPROCESSABLE: it was used for another request. */
MUST_CHECK enum err idempotency_handle(struct request *);

#endif
