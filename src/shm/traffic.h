/*
 * traffic.h - counts replies by route, status and duration, in shared memory.
 *
 * There is a row for each worker and route, and one after the routes for
 * requests that found none.  As in slots.h, a worker's loop writes its own
 * rows, any process reads all, and counts never go back.
 */
#ifndef PANGOLIN_TRAFFIC_H
#define PANGOLIN_TRAFFIC_H

#include <stdatomic.h>
#include <stdint.h>

#include "shm/shm.h"

#define TRAFFIC_CLASSES 5 /* statuses 1xx to 5xx */
#define TRAFFIC_BUCKETS 14

/* Upper ends of the buckets of durations; the last is open. */
extern const int64_t traffic_end_us[TRAFFIC_BUCKETS - 1];

struct traffic_row {
	_Atomic int64_t in_class[TRAFFIC_CLASSES];
	_Atomic int64_t in_bucket[TRAFFIC_BUCKETS];
	_Atomic int64_t duration_us; /* all together */
	_Atomic int64_t body_bytes;  /* of replies */
};

struct traffic {
	struct traffic_row *at; /* in shared memory, worker by worker */
	unsigned workers;
	size_t routes;
};

/* A row summed over workers. */
struct traffic_sum {
	int64_t in_class[TRAFFIC_CLASSES];
	int64_t in_bucket[TRAFFIC_BUCKETS];
	int64_t duration_us, body_bytes;
	int64_t count;
};

size_t traffic_size(unsigned workers, size_t routes);
struct traffic traffic_new(struct shm *, unsigned workers, size_t routes);

/* `route` is an index, or `routes` for a request that found none. */
struct traffic_row *traffic_at(struct traffic, unsigned worker, size_t route);

void traffic_count(
    struct traffic_row *, int status, int64_t duration_us, int64_t body_bytes);

struct traffic_sum traffic_sum(struct traffic, size_t route);

#endif
