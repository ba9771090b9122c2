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

#include "base/uuid.h"
#include "http/framing.h"
#include "http/pool.h"
#include "http/reply.h"
#include "http/router.h"
#include "http/server.h"

struct conn;
struct slot;

/* What all connections of a worker share. */
struct front {
	const struct server_settings *settings;
	const struct router *router;
	struct pool *pool;
	struct slot *slot; /* gauges, see shm/slots.h */
	struct bodies bodies;
	size_t pooled;        /* exchanges on the pool */
	bool draining;        /* no reply offers another request */
	struct id request_id; /* the last one made here; nil: none was */
	char date[REPLY_DATE];
	int64_t date_second;
};

struct exchange {
	struct request request;
	struct front *front;
	struct conn *conn; /* NULL: the client is gone */
	struct job job;
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

struct exchange *exchange_new(struct front *, struct conn *, struct str peer);
void exchange_free(struct exchange *); /* accepts NULL */

/* The head is there: finds the route.  A failure is kept in request.error. */
void exchange_admit(struct exchange *);

/* The request is complete: true when it was answered at once, false when the
 * pool has it now. */
bool exchange_start(struct exchange *);

/* It comes back from the pool, answered: overload if no thread took it. */
void exchange_finish(struct exchange *);

/* Status line and headers, with the date of now. */
struct str exchange_head(struct exchange *);

#endif
