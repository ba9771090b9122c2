/*
 * test_read_batch.c - reads on the loop: asked about once, tried there, and
 * gone on with on a thread where they would have blocked.
 */
#include "http/read_batch.h"

#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>

#include "base/clock.h"
#include "http/exchange_start.h"
#include "http/exchange_threads.h"
#include "http/stages.h"
#include "tests/unit/unit.h"

#define READS 5

/* What the stages do, and what became of it. */
static struct {
	int blocks; /* enum stage; -1: none */
	int runs[STAGE_DONE], released;
	size_t allocates;
	enum err answer;   /* of refresh */
	_Atomic int asked; /* on the loop, then in all */
	sem_t may_ask;
} now;

static void
count_release(void *arg)
{
	(void)arg;
	now.released++;
}

/* Takes memory and a hold, then says that it would block, if it is to. */
static enum err
pass(struct request *r, enum stage stage)
{
	struct call c = { .error = &r->error,
		.deadline_us = r->deadline_us,
		.nowait = r->nowait,
		.usage = &r->usage };

	now.runs[stage]++;
	(void)arena_alloc(r->arena, 1, now.allocates);
	request_on_release(r, count_release, NULL);
	reply_header(r, "X-Stage", STR("passed"));
	if (now.blocks != (int)stage)
		return OK;
	TRY(cpu_enter(&c, LOOP_BYTES + 1));
	cpu_leave(&c, LOOP_BYTES + 1);
	return OK;
}

static enum err
identify(struct request *r)
{
	return pass(r, STAGE_IDENTIFY);
}

static enum err
authorize(struct request *r)
{
	return pass(r, STAGE_AUTHORIZE);
}

static enum err
handle(struct request *r)
{
	TRY(pass(r, STAGE_HANDLE));
	reply_part(r, STR("{}"));
	return OK;
}

static enum err
linger(struct request *r)
{
	int64_t end = clock_mono_us() + 5 * CLOCK_MS;

	while (clock_mono_us() < end)
		;
	return handle(r);
}

static enum err
refresh(struct app *app, bool may_block, struct error *e)
{
	(void)app;
	now.asked++;
	if (!may_block && now.answer == ERR_WOULD_BLOCK)
		return e->code = ERR_WOULD_BLOCK;
	if (may_block)
		(void)sem_wait(&now.may_ask);
	return now.answer == ERR_WOULD_BLOCK ? OK : now.answer;
}

static const struct route table[] = {
	{ .method = METHOD_GET, .path = "/read", .handle = handle },
	{ .method = METHOD_GET, .path = "/linger", .handle = linger },
	{ .method = METHOD_POST, .path = "/write", .handle = handle },
	{ .method = METHOD_POST,
	    .path = "/query",
	    .handle = handle,
	    .flags = ROUTE_READS },
	{ .method = METHOD_GET,
	    .path = "/open",
	    .handle = handle,
	    .flags = ROUTE_PUBLIC },
};

struct fixture {
	struct arena *arena;
	struct limits limits;
	struct bulkheads bulkheads;
	struct server_settings settings;
	struct slot slot;
	struct front front;
};

static int
begin(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = { [BULKHEAD_STORE] = 1,
		[BULKHEAD_OBJECT] = 1,
		[BULKHEAD_S3] = 1,
		[BULKHEAD_CPU] = 1,
		[BULKHEAD_WRITE] = 1 };
	const struct routes routes = { table, sizeof(table) / sizeof(*table) };
	struct fixture *f = aligned_alloc(64, sizeof(*f));
	struct error e;

	memset(f, 0, sizeof(*f));
	memset(&now, 0, sizeof(now));
	now.blocks = -1;
	assert_int_equal(sem_init(&now.may_ask, 0, 0), 0);
	f->arena = arena_new();
	f->limits.request_time_us = 30 * CLOCK_SECOND;
	bulkheads_init(&f->bulkheads, permits);
	f->settings = (struct server_settings){ .limits = &f->limits,
		.bulkheads = &f->bulkheads,
		.stages = { .identify = identify, .authorize = authorize } };
	f->front = (struct front){ .settings = &f->settings,
		.router = router_new(f->arena, routes),
		.slot = &f->slot };
	front_init(&f->front);
	f->front.read_batch = read_batch_new(&f->front);
	assert_int_equal(pool_new(2, &f->front.pool, &e), OK);
	*state = f;
	return 0;
}

static int
end(void **state)
{
	struct fixture *f = *state;

	pool_free(f->front.pool);
	read_batch_free(f->front.read_batch);
	front_clear(&f->front);
	bulkheads_clear(&f->bulkheads);
	arena_free(f->arena);
	free(f);
	return 0;
}

/* A client that is still there; nobody looks inside. */
static struct conn *
somebody(void)
{
	static char place;

	return (struct conn *)(void *)&place;
}

static struct exchange *
come(struct fixture *f, enum method method, const char *path)
{
	struct exchange *x = exchange_new(&f->front, somebody(), STR("peer"));

	x->request.method = method;
	x->request.path = str_from(path);
	exchange_admit(x);
	assert_int_equal(x->request.error.code, OK);
	assert_false(exchange_start(x));
	return x;
}

static int
end_turn(struct fixture *f)
{
	struct exchange *x;
	int answered = 0;

	read_batch_begin_turn(f->front.read_batch);
	while ((x = read_batch_next(f->front.read_batch)) != NULL) {
		assert_int_equal(x->stage, STAGE_DONE);
		exchange_free(x);
		answered++;
	}
	return answered;
}

/* What the pool has finished; an asking counts for nothing. */
static int
collect(struct fixture *f)
{
	struct pollfd fd = { .fd = pool_fd(f->front.pool), .events = POLLIN };
	int answered = 0;

	assert_int_equal(poll(&fd, 1, 10000), 1);

	struct job *job = pool_collect(f->front.pool);

	while (job != NULL) {
		struct job *next = job->next;

		if (!read_batch_takes(f->front.read_batch, job)) {
			struct exchange *x = exchange_of(job);

			exchange_finish(x);
			assert_int_equal(x->request.reply.status, 0);
			assert_int_equal(x->request.reply.part_count, 1);
			assert_int_equal(x->request.reply.header_count, 3);
			exchange_free(x);
			answered++;
		}
		job = next;
	}
	return answered;
}

static void
answers_reads_on_the_loop(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < READS; i++)
		(void)come(f, METHOD_GET, "/read");
	assert_int_equal(now.runs[STAGE_IDENTIFY], 0);
	assert_int_equal(end_turn(f), READS);
	assert_int_equal(now.runs[STAGE_HANDLE], READS);
	assert_int_equal(now.released, 3 * READS);
	assert_int_equal(now.asked, 0);
}

static void
sends_writes_and_public_routes_to_the_pool_at_once(void **state)
{
	struct fixture *f = *state;

	(void)come(f, METHOD_POST, "/write");
	assert_int_equal(end_turn(f), 0);
	assert_int_equal(collect(f), 1);
	assert_int_equal(now.runs[STAGE_IDENTIFY], 1);

	struct exchange *x = come(f, METHOD_GET, "/open");

	assert_false(stages_are_optimistic(&x->request));
	assert_int_equal(end_turn(f), 0);

	struct pollfd fd = { .fd = pool_fd(f->front.pool), .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_ptr_equal(pool_collect(f->front.pool), &x->job);
	exchange_finish(x);
	exchange_free(x);
}

static void
asks_no_permit_of_writes_for_a_post_that_reads(void **state)
{
	struct fixture *f = *state;

	f->bulkheads.bulkhead[BULKHEAD_WRITE].shares.free = 0;
	(void)come(f, METHOD_POST, "/query");
	assert_int_equal(end_turn(f), 0); /* it has a body */
	assert_int_equal(collect(f), 1);
}

static void
goes_on_from_the_stage_that_would_block(void **state)
{
	struct fixture *f = *state;
	static const enum stage stages[] = { STAGE_IDENTIFY, STAGE_AUTHORIZE,
		STAGE_HANDLE };

	for (size_t i = 0; i < 3; i++) {
		memset(now.runs, 0, sizeof(now.runs));
		now.released = 0;
		now.blocks = (int)stages[i];
		(void)come(f, METHOD_GET, "/read");
		assert_int_equal(end_turn(f), 0);
		assert_int_equal(collect(f), 1);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(now.runs[stages[k]], k == i ? 2 : 1);
		assert_int_equal(now.released, 4);
	}
}

static void
leaves_nothing_of_what_would_have_blocked(void **state)
{
	struct fixture *f = *state;
	struct exchange *x = exchange_new(&f->front, somebody(), STR("peer"));
	struct arena_mark before, after;

	now.blocks = STAGE_AUTHORIZE;
	now.allocates = 100000;
	x->request.method = METHOD_GET;
	x->request.path = STR("/read");
	exchange_admit(x);
	x->stage = STAGE_AUTHORIZE;
	before = arena_mark(x->request.arena);
	assert_false(stages_run(x, true));
	after = arena_mark(x->request.arena);
	assert_ptr_equal(before.block, after.block);
	assert_int_equal(before.used, after.used);
	assert_null(x->request.releases);
	assert_int_equal(now.released, 1);
	assert_int_equal(x->request.reply.header_count, 0);
	assert_int_equal(x->request.error.code, OK);
	exchange_free(x);
}

static void
asks_once_for_all_of_a_turn(void **state)
{
	struct fixture *f = *state;

	f->settings.freshness.refresh = refresh;
	for (int i = 0; i < READS; i++)
		(void)come(f, METHOD_GET, "/read");
	assert_int_equal(end_turn(f), READS);
	assert_int_equal(now.asked, 1);
	assert_int_equal(end_turn(f), 0);
	assert_int_equal(now.asked, 1); /* never when idle */
}

static void
goes_on_when_asking_fails(void **state)
{
	struct fixture *f = *state;

	f->settings.freshness.refresh = refresh;
	now.answer = ERR_UNAVAILABLE;
	(void)come(f, METHOD_GET, "/read");
	assert_int_equal(end_turn(f), 1);
}

static void
asks_on_a_thread_and_lets_later_ones_wait(void **state)
{
	struct fixture *f = *state;

	f->settings.freshness.refresh = refresh;
	now.answer = ERR_WOULD_BLOCK;
	(void)come(f, METHOD_GET, "/read");
	(void)come(f, METHOD_GET, "/read");
	assert_int_equal(end_turn(f), 0);
	while (now.asked != 2)
		;
	(void)come(f, METHOD_GET, "/read");
	assert_int_equal(end_turn(f), 0); /* one asking at a time */
	assert_int_equal(sem_post(&now.may_ask), 0);
	assert_int_equal(collect(f), 0);
	assert_int_equal(end_turn(f), 2);

	assert_int_equal(sem_post(&now.may_ask), 0);
	assert_int_equal(collect(f), 0);
	assert_int_equal(end_turn(f), 1);
	assert_int_equal(now.asked, 4);
}

static void
waits_for_no_answer_for_ever(void **state)
{
	struct fixture *f = *state;

	f->settings.freshness.refresh = refresh;
	now.answer = ERR_WOULD_BLOCK;
	(void)come(f, METHOD_GET, "/read");
	assert_int_equal(end_turn(f), 0);
	read_batch_expire(f->front.read_batch, clock_mono_us() + 1);
	assert_int_equal(end_turn(f), 1);
	assert_int_equal(sem_post(&now.may_ask), 0);
	assert_int_equal(collect(f), 0);
}

static void
ends_its_turn_when_that_has_taken_long_enough(void **state)
{
	struct fixture *f = *state;
	struct pollfd fd = { .fd = pool_fd(f->front.pool), .events = POLLIN };
	int answered, turns = 0;

	for (int i = 0; i < 4; i++)
		(void)come(f, METHOD_GET, "/linger");
	for (answered = 0; answered < 4; turns++) {
		answered += end_turn(f);
		/* the loop comes back at once */
		assert_int_equal(poll(&fd, 1, 0), answered < 4);
		assert_null(pool_collect(f->front.pool));
	}
	assert_int_equal(turns, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_reads_on_the_loop),
		TEST(sends_writes_and_public_routes_to_the_pool_at_once),
		TEST(asks_no_permit_of_writes_for_a_post_that_reads),
		TEST(goes_on_from_the_stage_that_would_block),
		TEST(leaves_nothing_of_what_would_have_blocked),
		TEST(asks_once_for_all_of_a_turn),
		TEST(goes_on_when_asking_fails),
		TEST(asks_on_a_thread_and_lets_later_ones_wait),
		TEST(waits_for_no_answer_for_ever),
		TEST(ends_its_turn_when_that_has_taken_long_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
