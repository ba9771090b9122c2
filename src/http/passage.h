/*
 * passage.h - a request's way through its stages, on the loop or a thread.
 *
 * A stage runs until it does not say ERR_WOULD_BLOCK; then what it left in the
 * request is taken back, and it runs again elsewhere or later.
 */
#ifndef PANGOLIN_PASSAGE_H
#define PANGOLIN_PASSAGE_H

#include "http/exchange.h"

/* May it be tried on the loop?  Reads that somebody asks. */
bool passage_is_optimistic(const struct request *);

/* All stages that are left.  False: one would block, and is the first that is
 * not finished; else the reply is there, of an error too. */
MUST_CHECK bool passage_run(struct exchange *, bool on_loop);

#endif
