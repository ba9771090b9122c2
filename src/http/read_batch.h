/*
 * read_batch.h - batches reads so that one poll of the store validates them
 * all.
 *
 * A read that arrives during a turn of the event loop joins the batch.  At the
 * end of the turn the store's heads are polled once for the whole batch (struct
 * freshness of server_settings.h, cache/heads.h), and each member runs on the
 * loop (http/stages.h).  A member that would block there is handed to the
 * thread pool.  A poll that has to wait runs on a pool thread; reads that
 * arrive while it runs belong to the next poll.  Kore-free.
 */
#ifndef PANGOLIN_READ_BATCH_H
#define PANGOLIN_READ_BATCH_H

#include "http/exchange.h"

struct read_batch;

struct read_batch *read_batch_new(struct front *);
void read_batch_free(
    struct read_batch *); /* also frees the exchanges in the batch */

void read_batch_add(struct read_batch *, struct exchange *);

/* Is this job the poll that ran on the pool?  Then the poll is over. */
bool read_batch_takes(struct read_batch *, struct job *);

/* The next exchange that is answered, or whose client is gone.  An exchange
 * that would block is handed to the pool instead.  NULL: there is none, or this
 * turn has taken long enough and another will follow at once. */
struct exchange *read_batch_next(struct read_batch *);

/* The caller does this at the end of each turn, before read_batch_next(). */
void read_batch_begin_turn(struct read_batch *);

/* Exchanges that have waited since before this time run without a poll: what
 * may have changed they read from the store. */
void read_batch_expire(struct read_batch *, int64_t before_us);

#endif
