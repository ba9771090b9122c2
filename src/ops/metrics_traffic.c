/* metrics_traffic.c - requests, by route and method. */
#include "base/clock.h"
#include "http/router.h"
#include "ops/metrics_page.h"

/* Only what was asked for at least once: most routes are rarely used. */
static bool
traffic_of(struct page *p, size_t route, const char *values[LABELS_MAX],
    struct traffic_sum *ret)
{
	const struct routes *routes = p->app->routes;

	*ret = traffic_sum(p->app->traffic, route);
	if (ret->count == 0)
		return false;
	values[0] = values[1] = "none";
	if (route < routes->count) {
		unsigned method = routes->at[route].method;

		values[0] = routes->at[route].path;
		values[1] =
		    arena_cstr(p->arena, router_allow(p->arena, method));
	}
	return true;
}

void
traffic_requests(struct page *p)
{
	static const char *const class[TRAFFIC_CLASSES] = { "1xx", "2xx", "3xx",
		"4xx", "5xx" };
	const char *values[LABELS_MAX];
	struct traffic_sum sum;

	for (size_t i = 0; i <= p->app->traffic.routes; i++) {
		if (!traffic_of(p, i, values, &sum))
			continue;
		for (size_t c = 0; c < TRAFFIC_CLASSES; c++) {
			if (sum.in_class[c] == 0)
				continue;
			values[2] = class[c];
			sample_begin(p, "", values);
			sample_number(p, sum.in_class[c]);
		}
	}
}

void
traffic_reply_bytes(struct page *p)
{
	const char *values[LABELS_MAX];
	struct traffic_sum sum;

	for (size_t i = 0; i <= p->app->traffic.routes; i++) {
		if (!traffic_of(p, i, values, &sum))
			continue;
		values[2] = NULL;
		sample_begin(p, "", values);
		sample_number(p, sum.body_bytes);
	}
}

/* Buckets hold all that was as fast or faster. */
static void
add_histogram(
    struct page *p, const char *values[LABELS_MAX], struct traffic_sum *sum)
{
	int64_t so_far = 0;

	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) {
		so_far += sum->in_bucket[i];
		values[2] = "+Inf";
		if (i < TRAFFIC_BUCKETS - 1)
			values[2] = arena_printf(p->arena, "%g",
			    (double)traffic_end_us[i] / (double)CLOCK_SECOND)
					.ptr;
		sample_begin(p, "_bucket", values);
		sample_number(p, so_far);
	}
	values[2] = NULL;
	sample_begin(p, "_sum", values);
	sample_seconds(p, sum->duration_us);
	sample_begin(p, "_count", values);
	sample_number(p, sum->count);
}

void
traffic_durations(struct page *p)
{
	const char *values[LABELS_MAX];
	struct traffic_sum sum;

	for (size_t i = 0; i <= p->app->traffic.routes; i++)
		if (traffic_of(p, i, values, &sum))
			add_histogram(p, values, &sum);
}
