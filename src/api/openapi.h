/*
 * openapi.h - GET /openapi.json: the table of routes and the forms, as an
 * OpenAPI 3.1 document.
 */
#ifndef PANGOLIN_OPENAPI_H
#define PANGOLIN_OPENAPI_H

#include "base/buf.h"
#include "http/route.h"

/* The whole document. */
struct str openapi_document(struct arena *, struct routes, struct str server);

/* "get_v1_prefix_namespaces": names an operation. */
struct str openapi_operation_id(struct arena *, const struct route *);

#endif
