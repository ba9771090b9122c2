/*
 * conn.h - one client connection: reads bytes, runs exchanges, sends replies.
 *
 * Kore-free: the owner of a conn says when its socket became readable or
 * writable (edge-triggered: the flags stay until they are used up) and calls
 * conn_advance(), which does all that is possible and says what is next.
 */
#ifndef PANGOLIN_CONN_H
#define PANGOLIN_CONN_H

#include <sys/queue.h>

#include "http/exchange.h"
#include "http/outbox.h"
#include "tls/stream.h"

enum conn_state {
	CONN_SERVING,
	CONN_SHAKING_HANDS, /* TLS is not ready for bytes */
	CONN_CLOSING,       /* no more requests; the outbox is being sent */
	CONN_LINGERING      /* sending is closed; input is thrown away */
};

/* A connection is in one phase, each of which has a time limit of its own. */
enum conn_phase {
	PHASE_HANDSHAKE,
	PHASE_IDLE, /* between two requests */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_RUNNING, /* nothing is expected of the client */
	PHASE_SENDING,
	PHASE_LINGERING
};

struct conn {
	LIST_ENTRY(conn) list; /* its owner's */
	TAILQ_ENTRY(conn) bulk;
	bool in_bulk; /* it is in that list */
	struct front *front;
	struct stream stream;
	bool readable, writable;
	bool ending; /* epoll says that the end of the input is in sight */

	struct framing framing;
	struct exchange *reading; /* its end has not arrived; NULL: none */
	struct exchange *running; /* in the batch or on the pool; NULL: none */
	struct exchange *streaming; /* a part of its reply is in the outbox;
				     * NULL: none */
	bool at_head;               /* the body of `running` is not read yet */
	int64_t discarded; /* bytes to come of a body that was refused */
	struct outbox outbox;
	struct str input; /* read, not used; in `kept` or the shared buffer */
	char *kept;       /* survives the event in which it was read */
	size_t kept_bytes;

	enum conn_state state;
	bool input_ended; /* the client has shut its side down */
	bool linger;      /* unread input may be under way: close gently */
	int64_t lingered; /* bytes thrown away */

	enum conn_phase phase;
	int64_t answered;       /* requests; with `phase` it names the wait */
	int64_t waits_for;      /* `answered` when the wait began */
	int64_t received, sent; /* bytes, ever */
	int64_t progress;       /* of the transfer, at the last check */
	int64_t deadline_us;    /* clock_mono_us() */
	char peer[64];
};

enum conn_next {
	CONN_WAIT,  /* for the socket, the pool or the clock */
	CONN_AGAIN, /* there is more to do, but others come first */
	CONN_GONE   /* to be closed and cleared */
};

/* `c` is zeroed; `peer` is the client's address as text.  TLS when the front
 * has an acceptor. */
void conn_init(struct conn *, struct front *, int fd, struct str peer);

/* Frees what the conn holds.  An exchange on the pool loses its client. */
void conn_clear(struct conn *);

MUST_CHECK enum conn_next conn_advance(struct conn *);

/* The rest of a large body or reply is under way, or input is thrown away:
 * conn_advance() moves a part of it, and the owner decides how many such
 * connections may do so in one turn of its loop. */
bool conn_is_bulk(const struct conn *);

/* Queues the reply of the running exchange, which is finished; then advance. */
void conn_answer(struct conn *);

/* Queues the part of a reply that was made, and has the next one made when it
 * is sent.  False: the reply cannot go on, and the client sees that. */
void conn_send_part(struct conn *, struct exchange *);
MUST_CHECK bool conn_go_on(struct conn *);

/* Between two requests, with nothing under way. */
bool conn_is_idle(const struct conn *);

/* Called when the deadline has passed.  CONN_WAIT: the client was fast enough
 * after all; CONN_AGAIN: it is to be told (advance); CONN_GONE otherwise. */
MUST_CHECK enum conn_next conn_expire(struct conn *, int64_t now_us);

/* Refuses the request that is being read for the reason in its error, and
 * closes after the answer; then advance. */
void conn_refuse(struct conn *);

/* Sets the phase; the clock starts when the connection waits for something else
 * than before. */
void conn_set_phase(struct conn *);

#endif
