#include "ops/health.h"

#include "base/clock.h"
#include "plugin/store_call.h"
#include "record/app.h"

enum err
health_live(struct request *r)
{
	reply_part(r, STR("{\"status\":\"alive\"}"));
	return OK;
}

static enum err
unready(struct request *r, struct str body)
{
	r->reply.status = 503;
	reply_header(r, "Retry-After", STR("1"));
	reply_part(r, body);
	return OK;
}

enum err
health_ready(struct request *r)
{
	struct error ignored = { 0 };
	struct store_stats stats = { 0 };
	struct call call = { .store = r->app->store,
		.arena = r->arena,
		.error = &ignored,
		.deadline_us = clock_mono_us() + CLOCK_SECOND };

	if (r->app->draining)
		return unready(r, STR("{\"status\":\"draining\"}"));
	if (store_ping(&call, &stats) != OK)
		return unready(r, STR("{\"status\":\"unready\","
				      "\"store\":\"unreachable\"}"));
	reply_part(r, arena_printf(r->arena,
			  "{\"status\":\"ready\",\"store\":\"ok\","
			  "\"store_latency_ms\":%lld}",
			  (long long)(stats.latency_us / CLOCK_MS)));
	return OK;
}
