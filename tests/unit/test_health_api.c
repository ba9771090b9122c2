/* test_health_api.c - ready is who may be asked, and whose store answers. */
#include "tests/unit/handling.h"

static enum err
no_answer(struct call *c, struct store_stats *ret)
{
	(void)ret;
	return (fail)(c->error, ERR_UNAVAILABLE, "connection refused");
}

static int64_t deadline_us;

static enum err
answer_late(struct call *c, struct store_stats *ret)
{
	deadline_us = c->deadline_us;
	*ret = (struct store_stats){ .latency_us = 7 * CLOCK_MS };
	return OK;
}

static struct store_ops ops;
static struct store store = { .ops = &ops };

static int
set_up(void **state)
{
	(void)begin(state);
	app.store = &store;
	return 0;
}

#define assert_health(handler, status, body)                                   \
	do {                                                                   \
		assert_handled(                                                \
		    (handler), NULL, (struct str){ 0 }, "", (status));         \
		assert_str(answer(), STR(body));                               \
	} while (0)

static void
ready_says_how_fast_the_store_is(void **state)
{
	int64_t now = clock_mono_us();

	(void)state;
	ops.ping = answer_late;
	assert_health(health_ready_get, 0,
	    "{\"status\":\"ready\",\"store\":\"ok\",\"store_latency_ms\":7}");
	assert_in_range(
	    deadline_us, now + CLOCK_SECOND, now + 2 * CLOCK_SECOND);
}

static void
a_store_that_does_not_answer_is_unreachable(void **state)
{
	(void)state;
	ops.ping = no_answer;
	assert_health(health_ready_get, 503,
	    "{\"status\":\"unready\",\"store\":\"unreachable\"}");
	assert_str(reply_value("Retry-After"), STR("1"));
}

static void
a_worker_that_drains_is_not_ready_whatever_the_store_says(void **state)
{
	(void)state;
	ops.ping = answer_late;
	app.draining = true;
	assert_health(health_ready_get, 503, "{\"status\":\"draining\"}");
}

static void
live_asks_nobody(void **state)
{
	(void)state;
	ops.ping = no_answer;
	app.draining = true;
	assert_health(health_live_get, 0, "{\"status\":\"alive\"}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ready_says_how_fast_the_store_is),
		TEST(a_store_that_does_not_answer_is_unreachable),
		TEST(a_worker_that_drains_is_not_ready_whatever_the_store_says),
		TEST(live_asks_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
