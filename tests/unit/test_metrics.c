/* test_metrics.c - the page of metrics, from counts that are known. */
#include "ops/metrics.h"

#include <unistd.h>

#include "catalog/committer.h"
#include "shm/statements.h"
#include "tests/unit/handling.h"

static const struct route table[] = {
	{ .method = METHOD_GET, .path = "/v1/config" },
	{ .method = METHOD_POST, .path = "/v1/{prefix}/namespaces" },
};
static const struct routes routes = { table, 2 };

#define WORKERS 3

static int
set_up(void **state)
{
	static const struct plugin plugin = { .name = "memory" };
	size_t size = slots_size(WORKERS) + traffic_size(WORKERS, 2) +
		      shm_size(sizeof(struct store_pool), WORKERS) +
		      statements_size() + committer_size();
	struct shm *shm = NULL;

	(void)begin(state);
	assert_ok(shm_new(size, &shm, &error));
	settings.metrics_enabled = true;
	app.store_plugin = &plugin;
	app.routes = &routes;
	app.slots = slots_new(shm, WORKERS);
	app.traffic = traffic_new(shm, WORKERS, 2);
	app.pools = SHM_NEW(shm, struct store_pool, WORKERS);
	app.statements = statements_new(shm);
	app.committer = committer_new(shm, app.slots);
	app.started_us = clock_now_us();
	return 0;
}

static const char *
page(void)
{
	assert_handled(metrics_get, NULL, (struct str){ 0 }, "", 0);
	return arena_cstr(call.arena, answer());
}

/* Whole lines of the page, one behind the other. */
static void
assert_has(const char *lines)
{
	const char *text = page();

	if (strstr(text, lines) == NULL)
		fail_msg("%s\n--- has no\n%s", text, lines);
}

static void
sums_the_gauges_of_all_workers(void **state)
{
	(void)state;
	slot_add(&app.slots.at[0], GAUGE_ACCEPTED, 5);
	slot_add(&app.slots.at[2], GAUGE_ACCEPTED, 7);
	assert_has("# TYPE pangolin_connections_accepted_total counter\n"
		   "pangolin_connections_accepted_total 12\n");
}

static void
sums_the_connections_of_all_workers(void **state)
{
	(void)state;
	app.pools[0].counts.lent = 3;
	app.pools[2].counts.lent = 4;
	app.pools[1].counts.wait_us = 1500000;
	assert_has("# TYPE pangolin_store_pool_used gauge\n"
		   "pangolin_store_pool_used 7\n");
	assert_has("pangolin_store_pool_wait_seconds_total 1.500000\n");
}

static void
counts_requests_by_route_and_class(void **state)
{
	(void)state;
	traffic_count(traffic_at(app.traffic, 0, 0), 200, 1, 10);
	traffic_count(traffic_at(app.traffic, 1, 0), 200, 1, 20);
	traffic_count(traffic_at(app.traffic, 2, 0), 503, 1, 0);
	traffic_count(traffic_at(app.traffic, 2, 2), 404, 1, 0);
	assert_has("pangolin_http_requests_total{route=\"/v1/config\","
		   "method=\"GET\",code=\"2xx\"} 2\n"
		   "pangolin_http_requests_total{route=\"/v1/config\","
		   "method=\"GET\",code=\"5xx\"} 1\n"
		   "pangolin_http_requests_total{route=\"none\","
		   "method=\"none\",code=\"4xx\"} 1\n");
	assert_has("pangolin_http_reply_body_bytes_total{"
		   "route=\"/v1/config\",method=\"GET\"} 30\n");
	assert_null(strstr(page(), "namespaces"));
}

static void
buckets_of_a_histogram_hold_the_faster_ones_too(void **state)
{
	(void)state;
	traffic_count(traffic_at(app.traffic, 0, 1), 200, 250, 0);
	traffic_count(traffic_at(app.traffic, 1, 1), 200, 2000000, 0);
	assert_has("_bucket{route=\"/v1/{prefix}/namespaces\",method=\"POST\","
		   "le=\"0.00025\"} 1\n");
	assert_has("method=\"POST\",le=\"1\"} 1\n");
	assert_has("method=\"POST\",le=\"5\"} 2\n");
	assert_has("method=\"POST\",le=\"+Inf\"} 2\n"
		   "pangolin_http_request_duration_seconds_sum{"
		   "route=\"/v1/{prefix}/namespaces\",method=\"POST\"}"
		   " 2.000250\n");
	assert_has("_count{route=\"/v1/{prefix}/namespaces\","
		   "method=\"POST\"} 2\n");
}

static void
a_worker_that_is_silent_is_none(void **state)
{
	(void)state;
	for (int i = 0; i < WORKERS; i++)
		atomic_store(&app.slots.at[i].beat_us, clock_mono_us());
	assert_has("pangolin_workers 3\n");
	atomic_store(
	    &app.slots.at[1].beat_us, clock_mono_us() - 11 * CLOCK_SECOND);
	assert_has("pangolin_workers 2\n");
	assert_has("pangolin_worker_beat_age_seconds{worker=\"2\"} 11.");
}

static void
says_what_processes_use(void **state)
{
	(void)state;
	atomic_store(&app.slots.at[1].pid, getpid());
	assert_has("pangolin_resident_memory_bytes{process=\"worker-2\"} ");
	assert_has("pangolin_cpu_seconds_total{process=\"worker-2\"} ");
	assert_null(strstr(page(), "process=\"worker-1\""));
}

static void
answers_for_the_store(void **state)
{
	(void)state;
	assert_has("pangolin_store_up 1\n");
	assert_has("pangolin_build_info{version=\"" PANGOLIN_VERSION
		   "\",store=\"memory\"} 1\n");
}

static void
tells_of_commits_on_their_way(void **state)
{
	const struct key key = { SPACE_RELATION, STR("ns"), STR("t") };
	struct ticket *ticket = NULL;

	(void)state;
	assert_ok(
	    committer_take_ticket(app.committer, &call, 1, &key, &ticket));
	assert_has("pangolin_commit_turns{state=\"held\"} 1\n"
		   "pangolin_commit_turns{state=\"waiting\"} 0\n");
	committer_drop_ticket(app.committer, ticket);
	assert_has("pangolin_commit_turns{state=\"held\"} 0\n");
	assert_has("pangolin_commit_queue{state=\"waiting\"} 0\n");
	assert_has("pangolin_commit_units_total 0\n");
}

static void
is_not_there_when_it_is_turned_off(void **state)
{
	(void)state;
	settings.metrics_enabled = false;
	assert_refused(metrics_get, NULL, ((struct str){ 0 }), "",
	    ERR_NOT_FOUND, "Metrics are turned off by metrics.enabled.");
}

static void
a_worker_that_drains_is_not_ready(void **state)
{
	(void)state;
	assert_handled(health_ready_get, NULL, (struct str){ 0 }, "", 0);
	app.draining = true;
	assert_handled(health_ready_get, NULL, (struct str){ 0 }, "", 503);
	assert_str(answer(), STR("{\"status\":\"draining\"}"));
	assert_handled(health_live_get, NULL, (struct str){ 0 }, "", 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sums_the_gauges_of_all_workers),
		TEST(sums_the_connections_of_all_workers),
		TEST(counts_requests_by_route_and_class),
		TEST(buckets_of_a_histogram_hold_the_faster_ones_too),
		TEST(a_worker_that_is_silent_is_none),
		TEST(says_what_processes_use),
		TEST(answers_for_the_store),
		TEST(tells_of_commits_on_their_way),
		TEST(is_not_there_when_it_is_turned_off),
		TEST(a_worker_that_drains_is_not_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
