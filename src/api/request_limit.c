#include "api/request_limit.h"

#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "identity/principal.h"
#include "shm/buckets.h"

enum err
limit_refuse(struct request *r, enum gauge gauge, const char *what,
    int64_t limit, int64_t wait_us)
{
	int64_t wait_s = (wait_us + CLOCK_SECOND - 1) / CLOCK_SECOND;

	slot_add_on_thread(&r->app->slots.at[r->app->worker], gauge, 1);
	r->retry_after_s = (unsigned short)wait_s;
	r->rate_limit = (unsigned)limit;
	return fail(&r->error, ERR_SLOW_DOWN,
	    "Too many %s: try again in %lld s", what, (long long)wait_s);
}

struct call *
count_call_of(struct request *r, struct count_call *room)
{
	room->usage = (struct usage){ .bulkheads = r->usage.bulkheads,
		.fate = FATE_WRITES };
	room->call = (struct call){ .store = r->app->store,
		.arena = r->arena,
		.error = &room->error,
		.deadline_us = r->deadline_us,
		.usage = &room->usage,
		.request = r->id };
	return &room->call;
}

struct request_class {
	char kind; /* of its bucket */
	const char *name;
	int64_t limit;
};

static struct request_class
class_of(const struct request *r)
{
	const struct limits *l = &r->app->settings->limits;

	if (request_reads(r))
		return (struct request_class){ 'r', "reads", l->reads };
	if ((r->route->flags & ROUTE_COMMITS) != 0)
		return (struct request_class){ 'c', "commits", l->commits };
	return (struct request_class){ 'w', "writes", l->writes };
}

/* In no-auth mode clients are told apart by their addresses. */
static struct str
who_asks(const struct request *r)
{
	const struct principal *p = r->principal;

	if (p->kind == PRINCIPAL_NOBODY)
		return r->client;
	return (struct str){ (const char *)p->id.b, sizeof(p->id.b) };
}

enum err
request_limit_charge(struct request *r)
{
	struct request_class class = class_of(r);
	const struct bucket_rule rule = { class.limit,
		r->app->settings->limits.rate_window_us };
	int64_t wait_us;
	uint64_t key;

	/* Long bodies and replies are authorized more than once. */
	if (class.limit == 0 || r->is_charged)
		return OK;
	key = buckets_key(r->app->buckets, class.kind, who_asks(r));
	if (buckets_take(
		r->app->buckets, key, &rule, clock_mono_ns(), &wait_us)) {
		r->is_charged = true;
		return OK;
	}
	return limit_refuse(
	    r, GAUGE_REQUESTS_THROTTLED, class.name, class.limit, wait_us);
}
