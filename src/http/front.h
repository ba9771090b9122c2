/* front.h - the state that all connections of a worker share. */
#ifndef PANGOLIN_FRONT_H
#define PANGOLIN_FRONT_H

#include <stddef.h>
#include <sys/queue.h>

#include "base/uuid.h"
#include "http/bodies.h"
#include "http/pool.h"
#include "http/reply.h"
#include "http/router.h"
#include "http/server_settings.h"

struct exchange;
struct read_batch;
struct slot;

TAILQ_HEAD(exchanges, exchange);

/* Free arenas that wait for the next requests. */
#define SPARES_MAX 64

struct front {
	const struct server_settings *settings;
	const struct router *router;
	struct pool *pool;
	struct slot *slot;         /* gauges, see shm/slots.h */
	struct acceptor *acceptor; /* of TLS; NULL: plain HTTP */
	struct bodies bodies;
	struct read_batch *read_batch;
	struct exchanges pooled; /* on the pool, oldest first */
	size_t pooled_count;     /* also those that were given up */
	struct arena *spare[SPARES_MAX];
	size_t spare_count;
	size_t request_memory; /* the ceiling of a request's arena */
	bool draining;         /* no reply offers another request */
	struct id_batch request_ids;
	char date[REPLY_DATE];
	int64_t date_second;
};

void front_init(struct front *);
void front_clear(struct front *);

#endif
