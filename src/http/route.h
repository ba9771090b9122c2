/*
 * route.h - one row of the route table; the table itself is api/routes.c.
 *
 * From the same row come dispatch, 404 against 405 with Allow, the stages a
 * request passes, the permission it needs, the `endpoints` list of
 * GET /v1/config and what is written to the log.
 */
#ifndef PANGOLIN_ROUTE_H
#define PANGOLIN_ROUTE_H

#include "base/error.h"
#include "base/str.h"

struct form;
struct request;

enum method {
	METHOD_GET = 1 << 0,
	METHOD_HEAD = 1 << 1,
	METHOD_POST = 1 << 2,
	METHOD_PUT = 1 << 3,
	METHOD_DELETE = 1 << 4,
	METHOD_OPTIONS = 1 << 5,
	METHOD_PATCH = 1 << 6
};

#define ROUTE_ARGS_MAX 6

enum route_flags {
	ROUTE_PUBLIC = 1 << 0,     /* no token needed, none looked at */
	ROUTE_ON_LOOP = 1 << 1,    /* answers at once, never blocks */
	ROUTE_ICEBERG = 1 << 2,    /* listed in GET /v1/config */
	ROUTE_URLENCODED = 1 << 3, /* body is a form, not JSON */
	ROUTE_NO_TENANT = 1 << 4,  /* root needs not name a tenant */

	/* for the documents, where 200 and one `answer` are not the case */
	ROUTE_LIST = 1 << 5,     /* an array of them */
	ROUTE_MADE = 1 << 6,     /* 201 */
	ROUTE_ACCEPTED = 1 << 7, /* 202 */
	ROUTE_FILE = 1 << 8,     /* what no form describes */
	ROUTE_TAGGED = 1 << 9    /* has an ETag: 304 for who has it */
};

struct route {
	enum method method;
	const char *path; /* "{x}" matches one segment, never an empty one */
	enum err (*handle)(struct request *);
	int action;                /* enum action of identity/actions.def */
	unsigned flags;            /* enum route_flags */
	const struct form *body;   /* what it takes; NULL: nothing */
	const struct form *answer; /* what 200 holds; NULL: see the handler */
};

struct routes {
	const struct route *at;
	size_t count;
};

#endif
