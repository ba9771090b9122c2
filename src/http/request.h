/*
 * request.h - a request as handlers see it: decoded, complete, without kore.
 *
 * A request and all it points to live in its arena.  A handler fills `reply`
 * and returns OK, or the code of fail(&r->error, ...), never a status.
 */
#ifndef PANGOLIN_REQUEST_H
#define PANGOLIN_REQUEST_H

#include "base/arena.h"
#include "base/error.h"
#include "calls/usage.h"
#include "http/holding.h"
#include "http/route.h"

struct app;             /* made by main.c; http/ never looks inside */
struct principal;       /* identity/principal.h */
struct idempotency_key; /* catalog/idempotency_keys.h */

struct header {
	struct str name, value; /* value without blanks at its ends */
};

struct headers {
	const struct header *at;
	size_t count;
};

#define REPLY_PARTS_MAX 4
#define REPLY_HEADERS_MAX 8

struct reply {
	int status;                       /* 0: 200 with a body, 204 without */
	const char *content_type;         /* NULL: application/json */
	struct str part[REPLY_PARTS_MAX]; /* sent one behind the other */
	size_t part_count;
	struct header header[REPLY_HEADERS_MAX]; /* names go out verbatim */
	size_t header_count;
	struct streaming *streaming; /* NULL: `part` is all of the body */
	/* Called with the compressed body, to cache it; NULL: nobody. */
	void (*packed)(struct request *, struct str gzip, void *arg);
	void *packed_arg;
};

#define REQUEST_ID_MAX 128

/* Given back once the reply is sent, or before its stage runs again. */
struct release {
	struct release *next;
	void (*run)(void *);
	void *arg;
};

struct request {
	struct app *app;
	struct arena *arena;
	const struct route *route; /* NULL while none is known */
	enum method method;
	unsigned short allowed;         /* at its target: identity/grants.h */
	unsigned short retry_after_s;   /* of a 429 or 503; 0: a second */
	struct str target, path, query; /* as received; both parts of it */
	struct str arg[ROUTE_ARGS_MAX]; /* path arguments, decoded once */
	struct headers headers;
	struct str body; /* chunks joined, unpacked */
	struct holding holding;
	struct str peer, client; /* addresses: behind proxies two */
	struct str origin; /* "https://host/path" as trusted proxies say */
	bool over_tls, takes_chunks; /* of the connection; HTTP/1.1 */
	bool nowait; /* on the loop: calls say ERR_WOULD_BLOCK */
	bool is_authorized, is_charged; /* at its target; to its rate */
	char id[REQUEST_ID_MAX + 1];    /* X-Request-ID, theirs or ours */
	unsigned rate_limit;            /* of a 429: what is used up; 0: load */
	int64_t came_ns; /* when it was complete; clock_mono_ns() */
	int64_t deadline_us;
	struct usage usage;
	struct release *releases;            /* the newest first */
	const struct principal *principal;   /* set by identify */
	struct idempotency_key *idempotency; /* while it is handled */
	const struct str *tried; /* the name of a sign-in; NULL: none is */
	struct str allow;        /* of a 405: the methods there are */
	struct reply reply;
	struct error error;
};

/* Whether it changes nothing: then it takes no permit of writes, may be
 * answered from the caches, and is told 503 where others must get 429. */
static inline bool
request_reads(const struct request *r)
{
	return method_is_safe(r->method) ||
	       (r->route != NULL && (r->route->flags & ROUTE_READS) != 0);
}

/* The first header of this name, in any case of letters; ptr NULL: none. */
struct str request_header(const struct request *, struct str name);

/* A query argument, decoded ('+' is a space); ptr NULL: absent.
 * ERR_BAD_REQUEST for an argument that is not valid encoded UTF-8. */
MUST_CHECK enum err request_query(
    struct request *, const char *name, struct str *ret);

/* Percent-decodes one path segment or query value, '+' as a space (Java encodes
 * path segments so).  ERR_BAD_REQUEST for a bad escape, %00 or invalid UTF-8;
 * `what` names it in the message. */
MUST_CHECK enum err request_decode(struct arena *, struct str encoded,
    const char *what, struct str *ret, struct error *);

/* Adds a header to the reply; both strings must live as long as the request. */
void reply_header(struct request *, const char *name, struct str value);

/* Adds a part to the body of the reply. */
void reply_part(struct request *, struct str);

/* Calls run(arg) when the request needs it no more. */
void request_on_release(struct request *, void (*run)(void *), void *arg);

/* Runs the releases added since `mark`, an earlier r->releases. */
void request_release(struct request *, const struct release *mark);

#endif
