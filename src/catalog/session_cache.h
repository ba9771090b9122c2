/*
 * session_cache.h - sessions of STS that this process got, to hand them out
 * again: in memory that core files leave out, never in a cache of others.
 */
#ifndef PANGOLIN_SESSION_CACHE_H
#define PANGOLIN_SESSION_CACHE_H

#include "base/uuid.h"
#include "object/sts.h"

/* What a session is for: a warehouse as its row is, and what it may do. */
struct session_key {
	struct id warehouse;
	int64_t revision;
	struct str policy;
};

/* A session that lives beyond this time (UTC), copied into the arena. */
bool session_cache_find(struct arena *, const struct session_key *,
    int64_t until_us, struct sts_session *ret);

/* Keeps a session; the one that ends first goes when there are too many. */
void session_cache_put(const struct session_key *, const struct sts_session *);

#endif
