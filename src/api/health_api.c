/* health_api.c - GET /health/live and /health/ready. */
#include "api/form_body.h"
#include "api/forms_ops.h"
#include "api/handlers.h"
#include "app/app.h"
#include "base/clock.h"
#include "calls/store_call.h"

/* The store must have answered by then. */
#define PING_US CLOCK_SECOND

/* That it is answered says that the event loop turns. */
enum err
health_live_get(struct request *r)
{
	const struct health_body alive = { .status = STR("alive"),
		.store_latency_ms = FORM_NO_INT };

	reply_form(r, &form_health, &alive);
	return OK;
}

static enum err
unready(struct request *r, const struct health_body *answer)
{
	r->reply.status = 503;
	reply_header(r, "Retry-After", STR("1"));
	reply_form(r, &form_health, answer);
	return OK;
}

enum err
health_ready_get(struct request *r)
{
	struct health_body answer = { .store_latency_ms = FORM_NO_INT };
	struct error ignored = { 0 };
	struct store_stats stats = { 0 };
	struct call call = { .store = r->app->store,
		.arena = r->arena,
		.error = &ignored,
		.deadline_us = clock_mono_us() + PING_US };

	if (r->app->draining) {
		answer.status = STR("draining");
		return unready(r, &answer);
	}
	if (store_ping(&call, &stats) != OK) {
		answer.status = STR("unready");
		answer.store = STR("unreachable");
		return unready(r, &answer);
	}
	answer.status = STR("ready");
	answer.store = STR("ok");
	answer.store_latency_ms = stats.latency_us / CLOCK_MS;
	reply_form(r, &form_health, &answer);
	return OK;
}
