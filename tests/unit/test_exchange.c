/* test_exchange.c - what is settled once the head of a request is there. */
#include "http/exchange.h"
#include "http/exchange_start.h"
#include "http/exchange_threads.h"
#include "http/read_batch.h"

#include "shm/slots.h"
#include "tests/unit/unit.h"

static enum err
late(struct request *r)
{
	r->error = (struct error){ ERR_SLOW_DOWN, "Too late." };
	return ERR_SLOW_DOWN;
}

/* clang-format off */
#define AT_ONCE (ROUTE_PUBLIC | ROUTE_ON_LOOP)
static const struct route table[] = {
	{ .method = METHOD_GET, .path = "/a/{x}" },
	{ .method = METHOD_PUT, .path = "/a/{x}" },
	{ .method = METHOD_GET, .path = "/late", .handle = late, .flags = AT_ONCE },
	{ .method = METHOD_PUT, .path = "/late", .handle = late, .flags = AT_ONCE },
	{ .method = METHOD_POST, .path = "/late", .handle = late, .flags = AT_ONCE | ROUTE_READS },
};
/* clang-format on */

static const struct limits limits = { .idle_time_us = 120000000 };
static struct server_settings settings = { .limits = &limits };
static struct front front = { .settings = &settings };
static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	front_init(&front);
	front.read_batch = read_batch_new(&front);
	front.router = router_new(
	    arena, (struct routes){ table, sizeof(table) / sizeof(table[0]) });
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	read_batch_free(front.read_batch);
	front_clear(&front);
	arena_free(arena);
	return 0;
}

/* One whose head has come, with this X-Request-ID; NULL: without. */
static struct exchange *
admitted(enum method method, const char *path, const char *id)
{
	struct exchange *x = exchange_new(&front, NULL, STR("10.0.0.1"));
	struct header *h = ARENA_NEW(x->request.arena, struct header, 1);

	*h = (struct header){ STR("x-request-id"), str_from(id) };
	x->request.method = method;
	x->request.path = str_from(path);
	x->request.headers = (struct headers){ h, id != NULL };
	exchange_admit(x);
	return x;
}

static void
finds_the_route_and_decodes_its_arguments(void **state)
{
	struct exchange *x = admitted(METHOD_PUT, "/a/b%2Fc+d", NULL);

	(void)state;
	assert_ptr_equal(x->request.route, &table[1]);
	assert_str(x->request.arg[0], STR("b/c d"));
	assert_str(x->request.peer, STR("10.0.0.1"));
	exchange_free(x);
}

static void
says_what_is_wrong_with_a_path(void **state)
{
	/* clang-format off */
	static const struct { enum method method; const char *path; enum err code; } cases[] = {
		{ METHOD_GET,  "/b",     ERR_NOT_FOUND },
		{ METHOD_POST, "/a/b",   ERR_METHOD_NOT_ALLOWED },
		{ METHOD_GET,  "/a/%00", ERR_BAD_REQUEST },
		{ METHOD_GET,  "/a/%FF", ERR_BAD_REQUEST },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x =
		    admitted(cases[i].method, cases[i].path, NULL);

		assert_int_equal(x->request.error.code, cases[i].code);
		if (cases[i].code == ERR_METHOD_NOT_ALLOWED)
			assert_str(x->request.allow, STR("GET, HEAD, PUT"));
		exchange_free(x);
	}
}

/* One that counts tells a client how many requests others made. */
static void
makes_ids_that_have_nothing_in_common(void **state)
{
	enum { COUNT = 600 };
	static char ids[COUNT][ID_TEXT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		struct exchange *x = admitted(METHOD_GET, "/a/b", NULL);

		memcpy(ids[i], x->request.id, ID_TEXT);
		exchange_free(x);
		for (int j = 0; j < i; j++) {
			assert_int_not_equal(memcmp(ids[i], ids[j], 13), 0);
			assert_string_not_equal(ids[i] + 24, ids[j] + 24);
		}
	}
}

static void
keeps_a_request_id_that_is_fit_for_logs(void **state)
{
	char longest[REQUEST_ID_MAX + 2] = { 0 };

	(void)state;
	memset(longest, 'a', REQUEST_ID_MAX);

	const char *const kept[] = { "a", "A-z_0.9", longest };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct exchange *x = admitted(METHOD_GET, "/a/b", kept[i]);

		assert_string_equal(x->request.id, kept[i]);
		exchange_free(x);
	}
	longest[REQUEST_ID_MAX] = 'a';

	const char *const replaced[] = { NULL, "", "a b", "a\"", "a\xc3\xa9",
		"a{", longest };

	for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
		struct exchange *x = admitted(METHOD_GET, "/a/b", replaced[i]);

		assert_int_equal(strlen(x->request.id), 36);
		exchange_free(x);
	}
}

static void
gives_an_id_to_what_was_refused_before_its_head_came(void **state)
{
	struct exchange *x = exchange_new(&front, NULL, STR("10.0.0.1"));

	(void)state;
	(void)exchange_head(x);
	assert_int_equal(strlen(x->request.id), 36);
	exchange_free(x);
}

static void
sheds_what_no_thread_took(void **state)
{
	static const struct {
		enum method method;
		int status;
	} cases[] = { { METHOD_GET, 503 }, { METHOD_HEAD, 503 },
		{ METHOD_POST, 429 }, { METHOD_DELETE, 429 } };
	struct slot slot = { .beat_us = 0 };

	(void)state;
	front.slot = &slot;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = exchange_new(&front, NULL, STR(""));

		x->request.method = cases[i].method;
		x->job.expired = true;
		front.pooled_count = 1;
		TAILQ_INSERT_TAIL(&front.pooled, x, list);
		exchange_finish(x);
		assert_int_equal(x->request.reply.status, cases[i].status);
		assert_int_equal(front.pooled_count, 0);
		exchange_free(x);
	}
	assert_int_equal(slot.gauge[GAUGE_SHED], 4);
}

static int told;

static void
tell(struct bulkhead_waiter *w)
{
	(void)w;
	told++;
}

static void
tells_the_next_when_who_was_told_comes_too_late(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = { [BULKHEAD_STORE] = 1,
		[BULKHEAD_OBJECT] = 1,
		[BULKHEAD_S3] = 1,
		[BULKHEAD_CPU] = 1,
		[BULKHEAD_WRITE] = 1 };
	struct bulkhead_waiter waiter = { .ready = tell };
	struct bulkheads bulkheads = { .store_is_prompt = false };
	struct slot slot = { .beat_us = 0 };
	struct exchange *x;

	(void)state;
	bulkheads_init(&bulkheads, permits);
	settings.bulkheads = &bulkheads;
	front.slot = &slot;
	x = exchange_new(&front, NULL, STR(""));
	x->request.usage.wants = BULKHEAD_WRITE;
	bulkheads.bulkhead[BULKHEAD_WRITE].shares.free = 0;
	assert_true(bulkheads_wait(&x->request.usage, &waiter));
	/* of which x was told */
	bulkheads.bulkhead[BULKHEAD_WRITE].shares.free = 1;
	x->was_told = x->job.expired = true;
	front.pooled_count = 1;
	TAILQ_INSERT_TAIL(&front.pooled, x, list);
	exchange_finish(x);
	assert_int_equal(told, 1);
	exchange_free(x);
	settings.bulkheads = NULL;
	bulkheads_clear(&bulkheads);
}

/* The limits of these tests leave no time for a request. */
static void
tells_503_only_to_who_reads_too_late(void **state)
{
	struct exchange *get = admitted(METHOD_GET, "/late", NULL);
	struct exchange *put = admitted(METHOD_PUT, "/late", NULL);
	struct exchange *post = admitted(METHOD_POST, "/late", NULL);

	(void)state;
	assert_true(exchange_start(get));
	assert_int_equal(get->request.reply.status, 503);
	assert_true(exchange_start(put));
	assert_int_equal(put->request.reply.status, 429);
	assert_true(exchange_start(post));
	assert_int_equal(post->request.reply.status, 503);
	exchange_free(get);
	exchange_free(put);
	exchange_free(post);
}

/* ---- what became of it */
static struct outcome seen;

static void
remember(const struct request *r, const struct outcome *o)
{
	(void)r;
	seen = *o;
}

static void
tells_the_observer_what_was_answered(void **state)
{
	struct exchange *x = admitted(METHOD_GET, "/a/b", NULL);

	(void)state;
	settings.observe = remember;
	reply_part(&x->request, STR("four"));
	reply_part(&x->request, STR("5more"));
	(void)exchange_head(x);
	exchange_free(x);
	settings.observe = NULL;
	assert_int_equal(seen.status, 200);
	assert_int_equal(seen.body_bytes, 9);
	assert_true(seen.duration_us >= 0);
}

static void
tells_the_observer_of_clients_that_went_away(void **state)
{
	(void)state;
	settings.observe = remember;
	exchange_free(admitted(METHOD_GET, "/a/b", NULL));
	assert_int_equal(seen.status, STATUS_CLIENT_GONE);

	seen.status = 0; /* no head, no request */
	exchange_free(exchange_new(&front, NULL, STR("10.0.0.1")));
	settings.observe = NULL;
	assert_int_equal(seen.status, 0);
}

static void
answers_for_a_thread_that_is_too_late(void **state)
{
	static const struct {
		enum method method;
		enum fate fate;
		int status;
	} cases[] = { { METHOD_GET, FATE_OPEN, 503 },
		{ METHOD_GET, FATE_WRITES, 503 },
		{ METHOD_POST, FATE_OPEN, 429 },
		{ METHOD_POST, FATE_WRITES, 500 } };
	static char client;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = exchange_new(&front, NULL, STR("p")), *y;

		x->conn = (struct conn *)(void *)&client;
		x->request.method = cases[i].method;
		x->request.path = STR("/a/b");
		x->request.client = STR("192.0.2.7");
		x->request.usage.fate = cases[i].fate;
		front.pooled_count++;
		TAILQ_INSERT_TAIL(&front.pooled, x, list);
		y = exchange_give_up(x);
		assert_int_equal(y->request.reply.status, cases[i].status);
		assert_str(y->request.path, STR("/a/b"));
		assert_str(y->request.client, STR("192.0.2.7"));
		exchange_free(y);
		/* the thread is back, and nothing was written behind us */
		assert_null(x->conn);
		assert_int_equal(x->request.usage.fate,
		    cases[i].fate == FATE_OPEN ? FATE_GIVEN_UP : FATE_WRITES);
		exchange_finish(x);
		exchange_free(x);
	}
	assert_true(TAILQ_EMPTY(&front.pooled));
	assert_int_equal(front.pooled_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_route_and_decodes_its_arguments),
		cmocka_unit_test(says_what_is_wrong_with_a_path),
		cmocka_unit_test(makes_ids_that_have_nothing_in_common),
		cmocka_unit_test(keeps_a_request_id_that_is_fit_for_logs),
		cmocka_unit_test(
		    gives_an_id_to_what_was_refused_before_its_head_came),
		cmocka_unit_test(sheds_what_no_thread_took),
		cmocka_unit_test(
		    tells_the_next_when_who_was_told_comes_too_late),
		cmocka_unit_test(tells_503_only_to_who_reads_too_late),
		cmocka_unit_test(answers_for_a_thread_that_is_too_late),
		cmocka_unit_test(tells_the_observer_what_was_answered),
		cmocka_unit_test(tells_the_observer_of_clients_that_went_away),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
