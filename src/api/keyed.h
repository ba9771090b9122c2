/*
 * keyed.h - requests with an Idempotency-Key: what was answered once is
 * answered again (Iceberg REST spec, parameter idempotency-key).
 */
#ifndef PANGOLIN_KEYED_H
#define PANGOLIN_KEYED_H

#include "http/request.h"

/* Calls the handler of the route.  ERR_BAD_REQUEST: the key is no UUID;
 * ERR_UNPROCESSABLE: it was used for another request. */
MUST_CHECK enum err keyed_handle(struct request *);

#endif
