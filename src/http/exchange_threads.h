/*
 * exchange_threads.h - runs exchanges on the threads of the pool.
 *
 * An exchange that finds its bulkhead full gives its thread back and is
 * submitted again when the bulkhead has room (the picture is in http/stages.h).
 */
#ifndef PANGOLIN_EXCHANGE_THREADS_H
#define PANGOLIN_EXCHANGE_THREADS_H

#include "http/exchange.h"

/* Submits the exchange to the pool, for its first unfinished stage.  False:
 * memory is short, and the exchange is answered with that. */
MUST_CHECK bool exchange_submit(struct exchange *);

/* Takes back an exchange from the pool: answered, or answered here with
 * overload if no thread took it. */
void exchange_finish(struct exchange *);

/* Gives up an exchange whose time is over while a thread still has it.  The
 * result is an exchange of its own that answers the client; NULL: the client is
 * gone. */
struct exchange *exchange_give_up(struct exchange *);

#endif
