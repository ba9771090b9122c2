/*
 * connection.h - runs the connections of a worker on kore's event loop.
 *
 * kore accepts and polls; reading, writing, timing and closing are ours.
 */
#ifndef PANGOLIN_CONNECTION_H
#define PANGOLIN_CONNECTION_H

#include "http/exchange.h"

/* Called once in each worker, before the first connection: kore's callbacks
 * have no argument by which to find `front`. */
void connections_init(struct front *);

/* Answers an exchange that the pool has finished. */
void connections_answer(struct job *finished);

/* Runs the read batch at the end of each turn of the loop. */
void connections_end_turn(void);

/* Answers exchanges that have waited too long for a thread or a bulkhead, or
 * that have been on a thread until `late_us` (clock_mono_us()) after their
 * deadline. */
void connections_shed(int64_t waiting_since_us, int64_t late_us);

/* Closes connections that have been silent or slow for too long. */
void connections_expire(int64_t now_us);

/* Closes connections that are between two requests; the others close after
 * their reply.  The first request of a new connection may be on its way:
 * without `newcomers` it is spared. */
void connections_drain(bool newcomers);

size_t connections_count(void);

#endif
