#include "api/forms_ops.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field health[] = {
	FIELD(health_body, status, "status", TEXT, FORM_REQUIRED,
	    "alive, ready, unready or draining."),
	FIELD(health_body, store, "store", TEXT, FORM_OMITTED,
	    "ok or unreachable; absent: nobody looked."),
	FIELD(health_body, store_latency_ms, "store_latency_ms", INT,
	    FORM_OMITTED, "How long the store took to answer."),
	FIELDS_END
};
const struct form form_health = FORM("Health", health_body, true, health);

static const struct form_field cache_level[] = {
	FIELD(cache_level_body, name, "name", TEXT, FORM_REQUIRED,
	    "Name of its plugin."),
	FIELD(cache_level_body, hits, "hits", INT, FORM_REQUIRED,
	    "Questions it could answer, of all workers since the start."),
	FIELD(cache_level_body, misses, "misses", INT, FORM_REQUIRED,
	    "Questions it could not answer."),
	FIELD(cache_level_body, puts, "puts", INT, FORM_REQUIRED,
	    "Values that were given to it."),
	FIELD(cache_level_body, drops, "drops", INT, FORM_REQUIRED,
	    "Keys and tags that it was told to forget."),
	FIELD(cache_level_body, errors, "errors", INT, FORM_REQUIRED,
	    "Calls that failed; a question among them was a miss."),
	FIELD(cache_level_body, resting, "resting_workers", INT, FORM_REQUIRED,
	    "Workers that leave it alone for a while, since it failed."),
	FIELD(cache_level_body, entries, "entries", INT, FORM_REQUIRED,
	    "Values it holds now."),
	FIELD(cache_level_body, bytes, "bytes", INT, FORM_REQUIRED,
	    "Memory they take."),
	FIELD(cache_level_body, max_bytes, "max_bytes", INT, 0,
	    "Memory it may take; null: not known."),
	FIELD(cache_level_body, evictions, "evictions", INT, FORM_REQUIRED,
	    "Values it has forgotten to make room."),
	FIELD(cache_level_body, refused, "refused", INT, FORM_REQUIRED,
	    "Values it had no room for."),
	FIELD(cache_level_body, pins, "pinned", INT, FORM_REQUIRED,
	    "Values that are being sent from its memory now."),
	FIELD(cache_level_body, emptied, "emptied", INT, FORM_REQUIRED,
	    "Parts of its memory that were lost with a dead worker."),
	FIELD(cache_level_body, problem, "problem", TEXT, FORM_OMITTED,
	    "With verify: what is wrong with its memory; empty: nothing."),
	FIELDS_END
};
static const struct form form_cache_level =
	FORM("CacheLevel", cache_level_body, true, cache_level);

static const struct form_field object_clients[] = {
	FIELD(object_clients_body, clients, "clients", INT, FORM_REQUIRED,
	    "Clients of object stores that are open, in all workers."),
	FIELD(object_clients_body, requests, "requests", INT, FORM_REQUIRED,
	    "Requests that they sent since the start."),
	FIELD(object_clients_body, connections_made, "connections_made", INT,
	    FORM_REQUIRED, "Connections that they made for them."),
	FIELD(object_clients_body, connections_reused, "connections_reused",
	    INT, FORM_REQUIRED, "Requests over a connection that was there."),
	FIELDS_END
};
static const struct form form_object_clients =
	FORM("ObjectClients", object_clients_body, true, object_clients);

static const struct form_field cache_stats[] = {
	FIELD(cache_stats_body, hits, "hits", INT, FORM_REQUIRED,
	    "Questions that a level could answer."),
	FIELD(cache_stats_body, misses, "misses", INT, FORM_REQUIRED,
	    "Questions that no level could answer."),
	FIELD(cache_stats_body, entries, "entries", INT, FORM_REQUIRED,
	    "Values in all levels."),
	FIELD(cache_stats_body, bytes, "bytes", INT, FORM_REQUIRED,
	    "Memory they take."),
	FIELD(cache_stats_body, levels, "levels", LIST, FORM_REQUIRED,
	    "In the order they are asked.", .form = &form_cache_level),
	FIELD_OBJECT(cache_stats_body, object_clients, "object_clients",
	    &form_object_clients, FORM_REQUIRED,
	    "What keeps connections to object stores, as of the last beat."),
	FIELDS_END
};
const struct form form_cache_stats =
	FORM("CacheStats", cache_stats_body, true, cache_stats);

static const struct form_field slow_statement[] = {
	FIELD(slow_statement_body, statement, "statement", TEXT, FORM_REQUIRED,
	    "Its name, by the store's plugin: names of the schema only."),
	FIELD(slow_statement_body, count, "count", INT, FORM_REQUIRED,
	    "How often it was slow, in all workers since the start."),
	FIELD(slow_statement_body, total_us, "total_us", INT, FORM_REQUIRED,
	    "How long those runs took, together."),
	FIELD(slow_statement_body, max_us, "max_us", INT, FORM_REQUIRED,
	    "How long the slowest took."),
	FIELD(slow_statement_body, last_us, "last_us", INT, FORM_REQUIRED,
	    "How long the last took."),
	FIELD(slow_statement_body, rows, "rows", INT, FORM_REQUIRED,
	    "Rows that the last read or wrote."),
	FIELD(slow_statement_body, last_at, "last_at", TIME, FORM_REQUIRED,
	    "When the last ended."),
	FIELD(slow_statement_body, plan, "plan", TEXT, 0,
	    "How the store finds its rows, in the engine's words; null: not "
	    "known."),
	FIELD(slow_statement_body, advice, "advice", TEXT, 0,
	    "What is wrong with that; null: nothing."),
	FIELDS_END
};
const struct form form_slow_statement =
	FORM("SlowStatement", slow_statement_body, true, slow_statement);

/* clang-format on */
