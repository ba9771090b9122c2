/*
 * forms_ops.h - the bodies for operators: health, caches, statements of the
 * store.
 */
#ifndef PANGOLIN_FORMS_OPS_H
#define PANGOLIN_FORMS_OPS_H

#include "api/form.h"

struct health_body {
	struct str status, store;
	int64_t store_latency_ms;
};

struct cache_level_body {
	struct str name;
	int64_t hits, misses, puts, drops, errors, resting;
	int64_t entries, bytes, max_bytes, evictions, refused, pins, emptied;
	struct str problem;
};

struct object_clients_body {
	int64_t clients, requests, connections_made, connections_reused;
};

struct cache_stats_body {
	int64_t hits, misses, entries, bytes;
	struct form_list levels;
	struct object_clients_body object_clients;
};

struct slow_statement_body {
	struct str statement;
	int64_t count, total_us, max_us, last_us, rows, last_at;
	struct str plan, advice;
};

extern const struct form form_health, form_cache_stats, form_slow_statement;

#endif
