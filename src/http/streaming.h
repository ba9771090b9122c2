/*
 * streaming.h - replies that are made part by part: of any length, with one
 * part in memory at a time.
 *
 *     handler: first part --more?--> queued --all sent--> POOL: next part
 *                  |                   ^                     |       |
 *                  no: a usual reply   +------- more --------+     failed:
 *                                      last: the end is marked     reset
 *
 * The next part is made when the connection has taken the one before, so a
 * client that reads slowly holds back its own reply.  Each part has the time of
 * a request.  HTTP/1.1 gets chunks (RFC 9112, 7.1), HTTP/1.0 a body that ends
 * with the connection.  After the first part a failure has no status any more:
 * the connection is reset, so that the body does not look complete.
 */
#ifndef PANGOLIN_STREAMING_H
#define PANGOLIN_STREAMING_H

#include "http/request.h"

#define STREAMING_PARTS (REPLY_PARTS_MAX - 2) /* size and end are two */

/* Adds a part to the reply by reply_part(), called STREAMING_PARTS times at the
 * most, on a thread of the pool.  It may have no bytes.  What `arg` points to
 * was allocated before reply_stream(), and changes last, when nothing can fail
 * any more: a part for which a bulkhead has no room is made again. */
typedef enum err streaming_next(struct request *, void *arg, bool *ret_more);

struct streaming {
	streaming_next *next;
	void *arg;
	bool more;               /* another part follows */
	int64_t known_until;     /* clock_mono_us(): is identified then */
	struct arena_mark mark;  /* what came later belongs to a part */
	struct release *release; /* the same of r->releases */
};

/* Answers with the parts of `next`; the first is made at once. */
MUST_CHECK enum err reply_stream(
    struct request *, streaming_next *next, void *arg);

/* Makes the next part. */
MUST_CHECK enum err streaming_go_on(struct request *);

/* Frees the part that was sent. */
void streaming_free_part(struct request *);

/* Whether parts follow the head: not of HEAD. */
bool streaming_is_on(const struct request *);

#endif
