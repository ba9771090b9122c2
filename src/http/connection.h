/*
 * connection.h - the connections of a worker, on kore's event loop.
 *
 * kore accepts and polls; reading, writing, timing and closing are ours.
 */
#ifndef PANGOLIN_CONNECTION_H
#define PANGOLIN_CONNECTION_H

#include "http/exchange.h"

/* Once in each worker, before the first connection: kore gives its callbacks
 * nothing to find `front` by. */
void connections_init(struct front *);

/* Exchanges that the pool has finished: answers them. */
void connections_answer(struct job *finished);

/* Closes what has been silent or slow for too long. */
void connections_expire(int64_t now_us);

/* Closes those between two requests; the others go after their reply.  A
 * newcomer's first request may be on its way: it is spared at first. */
void connections_drain(bool newcomers);

size_t connections_count(void);

#endif
