/*
 * exchange_start.h - decides where a request starts: loop, read batch or pool.
 */
#ifndef PANGOLIN_EXCHANGE_START_H
#define PANGOLIN_EXCHANGE_START_H

#include "http/exchange.h"

/* Identifies and authorizes a request whose body has not come; it is in the
 * read batch meanwhile. */
void exchange_identify(struct exchange *);

/* Starts a complete request.  True: it was answered at once.  False: it is in
 * the read batch or on the pool. */
bool exchange_start(struct exchange *);

/* Has the next part of a reply made on the pool.  False: memory is short. */
MUST_CHECK bool exchange_go_on(struct exchange *);

#endif
