/*
 * exchange.h - one request from its first byte to the last of its reply.
 *
 * An exchange lives in its own arena together with its request.  It is read
 * and answered on the loop; between the two it may be on a pool thread, where
 * nobody else touches it.  Its client may go away meanwhile: then `conn` is
 * NULL and the reply is dropped.
 */
#ifndef PANGOLIN_EXCHANGE_H
#define PANGOLIN_EXCHANGE_H

#include <stddef.h>
#include <sys/queue.h>

#include "base/uuid.h"
#include "http/framing.h"
#include "http/pool.h"
#include "http/reply.h"
#include "http/router.h"
#include "http/server.h"
#include "plugin/lanes.h"

struct conn;
struct slot;

TAILQ_HEAD(exchanges, exchange);

/* Arenas that are kept for the requests to come. */
#define SPARES_MAX 64

/* What all connections of a worker share. */
struct front {
	const struct server_settings *settings;
	const struct router *router;
	struct pool *pool;
	struct slot *slot;         /* gauges, see shm/slots.h */
	struct acceptor *acceptor; /* of TLS; NULL: plain HTTP */
	struct bodies bodies;
	struct parking *parking;
	struct exchanges pooled; /* on the pool, by the time they came there */
	size_t pooled_count;     /* and those that were given up */
	struct arena *spare[SPARES_MAX];
	size_t spare_count;
	bool draining;        /* no reply offers another request */
	struct id request_id; /* the last one made here; nil: none was */
	char date[REPLY_DATE];
	int64_t date_second;
};

/* What a request passes, in this order, each once. */
enum stage {
	STAGE_IDENTIFY,
	STAGE_AUTHORIZE,
	STAGE_UNPACK,
	STAGE_HANDLE,
	STAGE_PACK,
	STAGE_DONE
};

struct exchange {
	struct request request;
	struct front *front;
	struct conn *conn;          /* NULL: the client is gone */
	enum stage stage;           /* the first that is not finished */
	TAILQ_ENTRY(exchange) list; /* of parking, or front.pooled */
	uint64_t parked;            /* its number there, from 1 */
	struct job job;
	struct lane_waiter waiter;
	bool was_told; /* that the lane it wants has room */
	bool given_up; /* a thread has it; its client has been answered */
	bool keep_alive;
	int64_t begun_us; /* clock_mono_us() at the end of its head; 0: none */
	struct outcome outcome; /* status 0: not answered */
};

static inline struct exchange *
exchange_of(struct job *job)
{
	char *p = (char *)job - offsetof(struct exchange, job);

	return (struct exchange *)(void *)p;
}

static inline struct exchange *
exchange_of_waiter(struct lane_waiter *w)
{
	char *p = (char *)w - offsetof(struct exchange, waiter);

	return (struct exchange *)(void *)p;
}

void front_init(struct front *);
void front_clear(struct front *);

struct exchange *exchange_new(struct front *, struct conn *, struct str peer);
void exchange_free(struct exchange *); /* accepts NULL */

/* The head is there: finds the route.  A failure is kept in request.error. */
void exchange_admit(struct exchange *);

/* The request is complete: true when it was answered at once, false when it
 * was parked or the pool has it now. */
bool exchange_start(struct exchange *);

/* To a thread of the pool; goes on with the first unfinished stage. */
void exchange_submit(struct exchange *);

/* It comes back from the pool, answered: overload if no thread took it. */
void exchange_finish(struct exchange *);

/* Its time is over and a thread still has it: the answer to its client, an
 * exchange of its own.  NULL: it has none. */
struct exchange *exchange_give_up(struct exchange *);

/* Status line and headers, with the date of now. */
struct str exchange_head(struct exchange *);

#endif
