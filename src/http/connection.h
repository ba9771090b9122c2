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

/* What the pool has finished: answers it. */
void connections_answer(struct job *finished);

/* At the end of each turn of the loop: answers what was parked in it. */
void connections_end_turn(void);

/* Answers those that have waited too long for a thread or a lane, or that have
 * been on a thread until `late_us` (clock_mono_us()) after their deadline. */
void connections_shed(int64_t waiting_since_us, int64_t late_us);

/* Closes what has been silent or slow for too long. */
void connections_expire(int64_t now_us);

/* Closes those between two requests; the others go after their reply.  A
 * newcomer's first request may be on its way: it is spared at first. */
void connections_drain(bool newcomers);

size_t connections_count(void);

#endif
