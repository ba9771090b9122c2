/*
 * pool.h - the connections of this process, lent to one call at a time.
 *
 * The connection given back last is lent next, so that surplus ones grow old
 * and are closed.
 */
#ifndef PANGOLIN_POOL_H
#define PANGOLIN_POOL_H

#include "conn.h"
#include "plugins/watch/pool_queue.h"

struct pool {
	const struct options *options;
	struct pool_queue queue; /* its lock is for what follows too */
	struct conn *idle;       /* the last given back first */
};

void pool_open(
    struct pool *, const struct options *, const struct store_watch *);
void pool_close(struct pool *);

/* An open connection: by the deadline and the acquire time-out.  `write`: a
 * pool that is used up is the client's time-out, not the server's. */
MUST_CHECK enum err pool_borrow(struct pool *, int64_t deadline_us, bool write,
    struct conn **ret, struct error *);
void pool_give_back(struct pool *, struct conn *);

#endif
