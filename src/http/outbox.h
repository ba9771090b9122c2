/*
 * outbox.h - what waits to be sent to one client, in order.
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
	struct exchange *exchange; /* freed once all is sent; NULL: none */
	struct iovec piece[OUTGOING_PIECES];
	size_t at,
	    count; /* the first piece with something left, and their end */
};

struct outbox {
	struct outgoing *first, **last;
	size_t waiting; /* bytes */
};

void outbox_init(struct outbox *);

/* Frees what was not sent. */
void outbox_clear(struct outbox *);

/* Status line, headers and body of an exchange, which the outbox owns now. */
void outbox_add_reply(struct outbox *, struct exchange *);

/* Bytes that live as long as the exchange, ahead of its reply. */
void outbox_add_interim(struct outbox *, struct exchange *, struct str);

enum outbox_state {
	OUTBOX_EMPTY,
	OUTBOX_BLOCKED, /* the socket takes no more now */
	OUTBOX_BROKEN   /* it never will */
};

enum outbox_state outbox_send(struct outbox *, struct stream *);

#endif
