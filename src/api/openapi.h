/*
 * openapi.h - GET /openapi.json: an OpenAPI 3.1 document made from the table of
 * routes and the forms.
 */
#ifndef PANGOLIN_OPENAPI_H
#define PANGOLIN_OPENAPI_H

#include "base/buf.h"
#include "http/route.h"

/* The whole document. */
struct str openapi_document(struct arena *, struct routes, struct str server);

/* The name of an operation, "get_v1_prefix_namespaces". */
struct str openapi_operation_id(struct arena *, const struct route *);

#endif
