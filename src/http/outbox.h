/*
 * outbox.h - the queue of replies that wait to be sent to one client.
 *
 * Replies that wait together leave in one call.  Kore-free.
 */
#ifndef PANGOLIN_OUTBOX_H
#define PANGOLIN_OUTBOX_H

#include <sys/uio.h>

#include "http/exchange.h"
#include "tls/stream.h"

#define OUTGOING_PIECES (1 + REPLY_PARTS_MAX)

struct outgoing {
	struct outgoing *next;
	struct exchange *exchange; /* freed once all is sent; NULL: none, and
				    * this is in no arena, with its bytes or
				    * without */
	struct iovec piece[OUTGOING_PIECES];
	size_t at, count; /* the first piece not sent, and their end */
};

struct outbox {
	struct outgoing *first, **last;
	size_t waiting; /* bytes */
};

void outbox_init(struct outbox *);

/* Frees the replies that were not sent. */
void outbox_clear(struct outbox *);

/* Queues status line, headers and body of an exchange, which the outbox owns
 * now. */
void outbox_add_reply(struct outbox *, struct exchange *);

/* Queues a part of a reply that goes on, the first with the head.  The exchange
 * must not be freed before it is sent. */
void outbox_add_part(struct outbox *, struct exchange *);

/* Queues static bytes ahead of a reply.  They belong to the connection: their
 * request may be given up and freed before they are sent. */
void outbox_add_interim(struct outbox *, struct str);

enum outbox_state {
	OUTBOX_EMPTY,
	OUTBOX_MORE,    /* much was sent: others come first */
	OUTBOX_BLOCKED, /* the socket takes no more now */
	OUTBOX_BROKEN   /* the socket will never take more */
};

enum outbox_state outbox_send(struct outbox *, struct stream *);

/* Called when the client does not take what waits.  An arena is 16 KiB at least
 * and holds all that its reply was made of: the bytes of small replies are
 * copied, and their exchanges are freed. */
void outbox_leave_arenas(struct outbox *);

#endif
