/*
 * request.h - a request as handlers see it: decoded, complete, without kore.
 *
 * A request and all it points to live in its arena.  It passes four stages:
 * admit (limits, on the event loop), identify, authorize, handle (on a pool
 * thread).  A handler fills `reply` and returns OK, or returns the code of
 * fail(&r->error, ...); it never picks the status of a failure.
 */
#ifndef PANGOLIN_REQUEST_H
#define PANGOLIN_REQUEST_H

#include "base/arena.h"
#include "base/error.h"
#include "http/route.h"
#include "plugin/usage.h"

struct app;       /* what main.c passes down; http/ never looks inside */
struct principal; /* identity/principal.h */
struct once;      /* catalog/once.h */

struct header {
	struct str name, value; /* value without blanks at its ends */
};

struct headers {
	const struct header *at;
	size_t count;
};

#define REPLY_PARTS_MAX 4
#define REPLY_HEADERS_MAX 12

struct reply {
	int status;                       /* 0: 200 with a body, 204 without */
	const char *content_type;         /* NULL: application/json */
	struct str part[REPLY_PARTS_MAX]; /* sent one behind the other */
	size_t part_count;
	struct header header[REPLY_HEADERS_MAX]; /* names go out verbatim */
	size_t header_count;
	/* Told of the body when it is packed, to keep it; NULL: nobody. */
	void (*packed)(struct request *, struct str gzip, void *arg);
	void *packed_arg;
};

#define REQUEST_ID_MAX 128

/* What is given back once the reply is sent, or the stage that asked for it
 * runs again. */
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
	struct str target;              /* as received */
	struct str path, query;         /* of the target; still encoded */
	struct str arg[ROUTE_ARGS_MAX]; /* path arguments, decoded once */
	struct headers headers;
	struct str body;   /* chunks joined, unpacked */
	int64_t body_held; /* bytes that are kept for it */
	struct str peer;   /* who connected, as text */
	struct str client; /* who asks: behind proxies another */
	struct str origin; /* "https://host/path" as trusted proxies say */
	bool over_tls;     /* how the peer has connected */
	char id[REQUEST_ID_MAX + 1]; /* X-Request-ID, theirs or ours */
	int64_t came_ns;             /* when it was complete; clock_mono_ns() */
	int64_t deadline_us;
	bool nowait; /* on the loop: calls say ERR_WOULD_BLOCK */
	struct usage usage;
	struct release *releases;          /* the newest first */
	const struct principal *principal; /* set by identify */
	struct once *once; /* of its Idempotency-Key, while it is handled */
	struct str allow;  /* of a 405: the methods there are */
	struct reply reply;
	struct error error;
};

/* The first header of this name, in any case of letters; ptr NULL: none. */
struct str request_header(const struct request *, struct str name);

/* A query argument, decoded ('+' is a space); ptr NULL: not there.  An
 * argument that is not valid encoded UTF-8: ERR_BAD_REQUEST. */
MUST_CHECK enum err request_query(
    struct request *, const char *name, struct str *ret);

/* Percent-decoding of one path segment or query value, '+' as a space (Java
 * encodes path segments so).  ERR_BAD_REQUEST for a bad escape, %00 or what is
 * not UTF-8; `what` names it in the message. */
MUST_CHECK enum err request_decode(struct arena *, struct str encoded,
    const char *what, struct str *ret, struct error *);

/* A header of the reply; both strings must live as long as the request. */
void reply_header(struct request *, const char *name, struct str value);

/* One more part of the body. */
void reply_part(struct request *, struct str);

/* Calls run(arg) when nothing of the request is needed any more: for bytes
 * that a reply is sent from in place. */
void request_on_release(struct request *, void (*run)(void *), void *arg);

/* Runs those that were added since `mark`, an earlier value of r->releases. */
void request_release(struct request *, const struct release *mark);

#endif
