/*
 * stages.h - runs a request through its stages, and resumes where it stopped.
 *
 *     identify -> authorize -> unpack -> handle -> pack -> done
 *
 * A request is in one of three places (enum stage says how far it has come):
 *
 *     a read, or a request whose body has not come:
 *         batch --heads polled--> LOOP --would block--> POOL
 *     any other request:                                POOL
 *     POOL --bulkhead full--> WAITING --bulkhead has room--> POOL
 *
 * On the LOOP nothing may block.  In the POOL the request has a thread; while
 * it is WAITING it has none.  A stage that says ERR_WOULD_BLOCK is rolled back
 * (arena, reply, releases) and runs again from its start in the next place.  A
 * request that has written to the store is never rolled back: it waits for
 * bulkheads on its thread.
 */
#ifndef PANGOLIN_STAGES_H
#define PANGOLIN_STAGES_H

#include "http/exchange.h"

/* Whether the request is tried on the loop first: a GET, HEAD or OPTIONS
 * without a body that needs a token. */
bool stages_are_optimistic(const struct request *);

/* Runs the stages that are left before x->until.  False: a stage would block
 * and is not finished.  True: the reply is there, also that of an error, unless
 * x->until is before the last stage. */
MUST_CHECK bool stages_run(struct exchange *, bool on_loop);

#endif
