/*
 * route.h - one row of the route table; the table itself is api/routes.c.
 *
 * The same row gives dispatch, 404 against 405 with Allow, the stages a request
 * passes, the permission it needs, whether it takes an Idempotency-Key, its
 * query arguments, the `endpoints` list of GET /v1/config, its operation in GET
 * /openapi.json and the route's name in the log.
 */
#ifndef PANGOLIN_ROUTE_H
#define PANGOLIN_ROUTE_H

#include "base/error.h"
#include "base/str.h"

struct answer; /* catalog/idempotency_keys.h */
struct call;
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

/* RFC 9110, 9.2.1. */
static inline bool
method_is_safe(enum method m)
{
	return (m & (METHOD_GET | METHOD_HEAD | METHOD_OPTIONS)) != 0;
}

#define ROUTE_ARGS_MAX 6

enum route_flags {
	ROUTE_PUBLIC = 1 << 0,      /* no token is needed or looked at */
	ROUTE_ON_LOOP = 1 << 1,     /* answers at once, never blocks */
	ROUTE_ICEBERG = 1 << 2,     /* listed in GET /v1/config */
	ROUTE_URLENCODED = 1 << 3,  /* body is a form, not JSON */
	ROUTE_NO_TENANT = 1 << 4,   /* root needs not name a tenant */
	ROUTE_READS = 1 << 5,       /* changes nothing, whatever its method */
	ROUTE_COMMITS = 1 << 14,    /* commits to tables: rate.commits */
	ROUTE_CREDENTIALS = 1 << 6, /* makes or changes them: no_auth.h */

	/* for GET /openapi.json, where the answer is not 200 with one
	 * `answer` */
	ROUTE_LIST = 1 << 7,     /* 200 with an array */
	ROUTE_MADE = 1 << 8,     /* 201 */
	ROUTE_ACCEPTED = 1 << 9, /* 202 */
	ROUTE_FILE = 1 << 10,    /* a body that no form describes */
	ROUTE_TAGGED = 1 << 11,  /* has an ETag, and may answer 304 */
	ROUTE_EMPTY = 1 << 13,   /* 200 without a body */

	ROUTE_SECRETS = 1 << 12 /* its body may have secrets besides those of
				 * ROUTE_CREDENTIALS: memory is zeroed */
};

/* A query argument or a "{x}" of the path, for GET /openapi.json. */
struct route_argument {
	const char *name, *type, *help;
};

struct route {
	enum method method;
	const char *path; /* "{x}" matches one segment, never an empty one */
	enum err (*handle)(struct request *);
	int action;                /* enum action of identity/actions.def */
	int deed;                  /* enum audit_action of record/audit.h */
	unsigned flags;            /* enum route_flags */
	const struct form *body;   /* the body it takes; NULL: none */
	const struct form *answer; /* the body of 200; NULL: see the handler */
	const struct route_argument *query; /* ends without a name; or NULL */
	/* Answers a request that is repeated with its Idempotency-Key, from the
	 * first one's commit or answer; NULL: the route takes no key. */
	enum err (*again)(
	    struct request *, struct call *, const struct answer *first);
};

struct routes {
	const struct route *at;
	size_t count;
};

#endif
