/*
 * session_cache.h - sessions of STS that this process got, to hand them out
 * again: in memory that core files leave out, never in a cache of others.
 */
#ifndef PANGOLIN_SESSION_CACHE_H
#define PANGOLIN_SESSION_CACHE_H

#include "base/uuid.h"
#include "object/sts.h"

#define SESSION_S 3600 /* for so long sessions are asked for */

/* The scope of a session: a warehouse as its row is, and what it may do. */
struct session_key {
	struct id warehouse;
	int64_t revision;
	struct str policy;
};

/* A session that lives beyond this time (UTC), copied into the arena. */
bool session_cache_find(struct arena *, const struct session_key *,
    int64_t until_us, struct sts_session *ret);

/* Keeps a session; the one that ends first goes when there are too many.  One
 * that says to live longer than SESSION_S is told, and kept, as ending then:
 * the STS may be anybody's, and would fill the cache for ever. */
void session_cache_put(const struct session_key *, struct sts_session *io);

#endif
