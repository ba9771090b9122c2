/*
 * parking.h - reads that wait for the end of the loop's turn.
 *
 * There the store is asked once what has changed (server.h, struct freshness),
 * for all that have come by then; who comes later waits for the next time.
 * What follows is tried on the loop.  Kore-free.
 */
#ifndef PANGOLIN_PARKING_H
#define PANGOLIN_PARKING_H

#include "http/exchange.h"

struct parking;

struct parking *parking_new(struct front *);
void parking_free(struct parking *); /* frees the parked exchanges, too */

void parking_add(struct parking *, struct exchange *);

/* Is this what the pool gave back?  Then the asking is over. */
bool parking_takes(struct parking *, struct job *);

/* The next that is answered, or whose client is gone.  What would block goes to
 * the pool.  NULL: there is none, or this turn has taken long enough and
 * another will follow at once. */
struct exchange *parking_next(struct parking *);

/* To be called at the end of each turn, before parking_next(). */
void parking_begin_turn(struct parking *);

/* Whoever has waited since before this time goes on unasked for. */
void parking_expire(struct parking *, int64_t before_us);

#endif
