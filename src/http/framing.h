/*
 * framing.h - from bytes to one complete request, or to the reason why not.
 *
 * RFC 9112 by llhttp in its strict mode, plus what it leaves to its user: one
 * Host, no Transfer-Encoding on HTTP/1.0, no HTTP/0.9, and the limits.  It
 * knows neither sockets nor kore.
 *
 * For each request: framing_start(), then framing_feed() with what came, until
 * it says FRAMING_END or FRAMING_REFUSED.  FRAMING_HEAD comes between, once:
 * everything but the body is there.  A refusal is the last word of a
 * connection: where the next request would begin is not known.
 */
#ifndef PANGOLIN_FRAMING_H
#define PANGOLIN_FRAMING_H

#include <llhttp.h>

#include "base/buf.h"
#include "config/limits.h"
#include "http/request.h"

/* Bytes of bodies that a worker holds; shared by all its connections. */
struct bodies {
	_Atomic int64_t held;
};

/* Some more bytes of a body: they count until framing_release().  Fails when
 * the worker holds enough. */
MUST_CHECK enum err bodies_hold(
    struct bodies *, const struct limits *, struct request *, int64_t bytes);

enum framing_event {
	FRAMING_MORE,   /* all was used; feed more */
	FRAMING_HEAD,   /* feed what is left next, even when nothing is */
	FRAMING_END,    /* the request is complete */
	FRAMING_REFUSED /* request.error says why */
};

struct framing {
	llhttp_t parser;
	const struct limits *limits;
	struct bodies *bodies;
	struct request *request; /* being filled; NULL between requests */
	enum framing_event event;

	const char *piece; /* what is being fed */
	char before[5];    /* what was fed last, or what precedes the version */
	bool protocol_known; /* it is HTTP */
	struct buf span;     /* the piece of the head that is being received */
	struct str name;     /* of the header whose value is being received */
	struct header *header;
	size_t header_room;
	int64_t head_left;  /* bytes the head may still have */
	int64_t extra_left; /* bytes the body may have besides its data */

	char *body;
	size_t body_room;
	bool in_body;

	/* about the request; from FRAMING_HEAD on */
	bool body_expected;
	bool continue_expected; /* Expect: 100-continue */
	bool keep_alive; /* the client would send another; from the end */
	int64_t content_length; /* -1: chunked */
};

void framing_init(struct framing *, const struct limits *, struct bodies *);

/* `r` has its arena; the rest is filled, `error` too.  The bytes of its body
 * count as held until framing_release(). */
void framing_start(struct framing *, struct request *r);

/* Reads `in` up to the next event and says how much of it was used. */
enum framing_event framing_feed(
    struct framing *, struct str in, size_t *ret_used);

/* The body of a request is no longer needed. */
void framing_release(struct bodies *, const struct request *);

#endif
