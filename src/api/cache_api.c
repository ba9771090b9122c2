/*
 * cache_api.c - the caches: GET /api/v1/cache/stats tells hits, misses and
 * sizes, and the connections to object stores that are kept; DELETE
 * /api/v1/cache clears a level or all.
 */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_ops.h"
#include "api/handlers.h"
#include "app/app.h"
#include "cache/levels.h"
#include "calls/usage.h"
#include "record/audit.h"

static struct cache_level_body
body_of(const struct level_stats *s)
{
	const struct cache_stats *holds = &s->holds;

	return (struct cache_level_body){
		.name = str_from(s->name),
		.hits = s->hits,
		.misses = s->misses,
		.puts = s->puts,
		.drops = s->drops,
		.errors = s->errors,
		.resting = s->resting,
		.entries = holds->entries,
		.bytes = holds->bytes,
		.max_bytes =
		    holds->max_bytes != 0 ? holds->max_bytes : FORM_NO_INT,
		.evictions = holds->evictions,
		.refused = holds->refused,
		.pins = holds->pins,
		.emptied = holds->emptied,
	};
}

/* The fault of a level, in the arena; "": it has none. */
static struct str
problem_of(struct request *r, size_t level)
{
	struct error e = { 0 };

	if (level_verify(r->app->levels, level, &e) == OK)
		return STR("");
	return arena_copy(r->arena, str_from(e.message));
}

static enum err
wants_verify(struct request *r, bool *ret)
{
	struct str text;

	TRY(request_query(r, "verify", &text));
	*ret = text.ptr != NULL && str_eq(text, STR("true"));
	if (text.ptr != NULL && !*ret && !str_eq(text, STR("false")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "verify must be true or false: " STR_FMT, STR_ARG(text));
	return OK;
}

/* As of the last beat of each worker. */
static struct object_clients_body
object_clients(struct slots slots)
{
	int64_t requests = slots_sum(slots, GAUGE_S3_REQUESTS);
	int64_t made = slots_sum(slots, GAUGE_S3_CONNECTIONS);

	return (struct object_clients_body){
		.clients = slots_sum(slots, GAUGE_S3_CLIENTS),
		.requests = requests,
		.connections_made = made,
		.connections_reused = requests > made ? requests - made : 0,
	};
}

enum err
cache_stats_get(struct request *r)
{
	struct call c = request_call(r);
	struct levels *levels = r->app->levels;
	const struct cache_totals totals = levels_totals(levels);
	size_t count = levels_count(levels);
	struct cache_level_body *at =
	    ARENA_NEW(r->arena, struct cache_level_body, count + 1);
	struct cache_stats_body body = { .hits = totals.hits,
		.misses = totals.misses,
		.levels = { at, count },
		.object_clients = object_clients(r->app->slots) };
	bool verify = false;

	if (c.nowait)
		return usage_would_block(&c, "Caches may have to be asked.");
	TRY(wants_verify(r, &verify));
	for (size_t i = 0; i < count; i++) {
		struct level_stats stats;

		level_stats(levels, i, &stats);
		at[i] = body_of(&stats);
		if (verify)
			at[i].problem = problem_of(r, i);
		body.entries += at[i].entries;
		body.bytes += at[i].bytes;
	}
	reply_form(r, &form_cache_stats, &body);
	return OK;
}

/* The deed is on record first: caches cannot be part of its unit. */
enum err
cache_delete(struct request *r)
{
	struct call c = request_call(r);
	struct str level;

	TRY(request_query(r, "level", &level));
	if (!levels_have(r->app->levels, level))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "level: cache.levels does not name \"" STR_FMT "\"",
		    STR_ARG(level));
	TRY(audit_write(&c, (struct id){ 0 }, level));
	return levels_clear(r->app->levels, level, c.deadline_us, &r->error);
}
