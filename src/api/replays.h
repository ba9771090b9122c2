/*
 * replays.h - how each route answers again what it answered before.
 *
 * The table in replays.c says which routes take an Idempotency-Key at all:
 * every one of the Iceberg API that changes something.
 */
#ifndef PANGOLIN_REPLAYS_H
#define PANGOLIN_REPLAYS_H

#include "catalog/once.h"
#include "http/request.h"

struct replay {
	enum err (*handle)(struct request *); /* the route's */
	/* From what was committed, or from the metadata file that was shown
	 * without a commit. */
	enum err (*again)(
	    struct request *, struct call *, const struct answer *first);
};

/* NULL: the route takes no key. */
const struct replay *replay_of(const struct route *);

/* namespaces_api.c */
enum err namespace_create_again(
    struct request *, struct call *, const struct answer *first);
enum err namespace_properties_again(
    struct request *, struct call *, const struct answer *first);

#endif
