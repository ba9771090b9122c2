/*
 * framing.h - parses bytes into one complete request, or the reason why not.
 *
 * It is RFC 9112 by llhttp in its strict mode, plus what llhttp leaves to its
 * user: one Host, no Transfer-Encoding on HTTP/1.0, no HTTP/0.9, and the limits
 * (the size of the head is limits.head_bytes).  It knows neither sockets nor
 * kore.
 *
 * For each request: framing_start(), then framing_feed() with the bytes that
 * came, until it says FRAMING_END or FRAMING_REFUSED.  FRAMING_HEAD comes
 * between, once: everything but the body is there.  After a refusal the
 * connection ends: nobody knows where the next request would begin.
 */
#ifndef PANGOLIN_FRAMING_H
#define PANGOLIN_FRAMING_H

#include <llhttp.h>

#include "base/buf.h"
#include "http/bodies.h"

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
	char before[5];    /* the last bytes fed, or those before the version */
	bool protocol_known; /* the client speaks HTTP */
	struct buf span;     /* the piece of the head that is being received */
	struct str name;     /* of the header whose value is being received */
	struct header *header;
	size_t header_room;
	int64_t head_left;  /* bytes the head may still have */
	int64_t extra_left; /* bytes the body may have besides its data */

	char *body;
	size_t body_room;
	int64_t body_most;
	bool in_body;

	/* about the request; from FRAMING_HEAD on */
	bool body_expected;
	bool continue_expected; /* Expect: 100-continue */
	bool keep_alive;        /* the client may send another request */
	int64_t content_length; /* -1: chunked */
};

void framing_init(struct framing *, const struct limits *, struct bodies *);

/* Begins a request.  `r` has its arena; the rest is filled, `error` too.
 * Chunks are held (http/bodies.h) as they arrive; the caller holds an announced
 * length. */
void framing_start(struct framing *, struct request *r);

/* Reads `in` up to the next event and says how much of it was used. */
enum framing_event framing_feed(
    struct framing *, struct str in, size_t *ret_used);

/* After FRAMING_HEAD: sets a limit of this body below limits.body_bytes. */
MUST_CHECK enum err framing_limit_body(struct framing *, int64_t most);

#endif
