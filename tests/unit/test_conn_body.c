/*
 * test_conn_body.c - bodies on a connection: which are asked for, which are
 * read, and what becomes of those that nobody wants.
 */
#include "http/read_batch.h"
#include "tests/unit/conn_fixture.h"

static void
survives_a_client_that_leaves_while_its_request_runs(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /wait HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 5\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	say(f, STR("hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(f->front.bodies.held, 5);
	conn_clear(&f->conn);
	assert_null(f->conn.running->conn);
	finish_one(f);
	assert_int_equal(f->front.pooled_count, 0);
	f->conn.running = NULL;
}

static void
closes_gently_what_it_refuses(void **state)
{
	struct fixture *f = *state;
	char waste[50000] = { 0 };

	say(f, STR("POST /nope HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 90000\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_true(hear(f)); /* shut down for writing */
	assert_true(heard(f, "404"));
	assert_true(heard(f, "Connection: close"));
	say(f, (struct str){ waste, sizeof(waste) });
	assert_int_equal(turn(f), CONN_WAIT);
	say(f, (struct str){ waste, sizeof(waste) });
	say(f, (struct str){ waste, 1 });
	assert_int_equal(turn(f), CONN_GONE);
}

static void
sends_100_continue_only_for_a_body_it_wants(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		   "Expect: 100-continue\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 100 Continue\r\n\r\n"));
	say(f, STR("hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
	f->got.len = 0;
	say(f, STR("POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		   "Expect: 100-continue\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_int_equal(replies(f), 1);
	assert_true(heard(f, "404"));
}

/* As turn(), but the client takes nothing. */
static void
turn_blocked(struct fixture *f)
{
	f->conn.readable = true;
	f->conn.writable = false;
	assert_int_equal(conn_advance(&f->conn), CONN_WAIT);
}

static void
keeps_100_continue_longer_than_its_request(void **state)
{
	struct fixture *f = *state;
	struct exchange *late, *other;

	say(f, STR("POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		   "Expect: 100-continue\r\n\r\n"));
	turn_blocked(f);
	say(f, STR("hello"));
	turn_blocked(f);
	late = f->conn.running;
	f->conn.running = exchange_give_up(late);
	conn_answer(&f->conn);
	finish_one(f); /* and forgotten, while its 100 is still to be sent */
	other = exchange_new(&f->front, NULL, STR("")); /* in its memory */
	(void)arena_alloc(other->request.arena, 1, 8000);
	assert_int_equal(turn(f), CONN_WAIT);
	exchange_free(other);
	(void)hear(f);
	assert_true(str_starts_with(buf_str(&f->got),
	    STR("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 ")));
	assert_int_equal(replies(f), 2);
}

static void
lets_a_body_be_slow_but_not_too_slow(void **state)
{
	struct fixture *f = *state;
	char part[10240] = { 0 };

	say(f, STR("POST /hello HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 50000\r\n\r\n"));
	(void)turn(f);
	for (int i = 0; i < 3; i++) {
		say(f, (struct str){ part, sizeof(part) });
		(void)turn(f);
		assert_int_equal(
		    conn_expire(&f->conn, f->conn.deadline_us), CONN_WAIT);
	}
	say(f, (struct str){ part, sizeof(part) - 1 });
	(void)turn(f);
	assert_int_equal(
	    conn_expire(&f->conn, f->conn.deadline_us), CONN_AGAIN);
	(void)turn(f);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 408 "));
}

/* ---- who asks is known before the body comes */

#define POST(length, more)                                                     \
	"POST /secret HTTP/1.1\r\nHost: x\r\n" more "Content-Length: " length  \
	"\r\n\r\n"

/* The end of a turn of the loop, and what follows from it. */
static enum conn_next
end_turn(struct fixture *f)
{
	struct exchange *x;

	read_batch_begin_turn(f->front.read_batch);
	while ((x = read_batch_next(f->front.read_batch)) != NULL) {
		if (x->conn != NULL)
			conn_answer(x->conn);
		else
			exchange_free(x);
	}
	return turn(f);
}

static void
refuses_whom_it_does_not_know_before_the_body_comes(void **state)
{
	struct fixture *f = *state;
	char waste[50000] = { 0 };

	say(f, STR(POST("50000", "")));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 401 "));
	assert_true(heard(f, "Connection: keep-alive"));
	assert_int_equal(f->front.bodies.held, 0);
	say(f, (struct str){ waste, 20000 });
	assert_int_equal(turn(f), CONN_WAIT);
	say(f, (struct str){ waste, 30000 });
	say(f, STR(GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
	assert_true(heard(f, "HTTP/1.1 200 "));
}

static void
closes_on_whom_it_does_not_know_with_a_body_without_end(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /secret HTTP/1.1\r\nHost: x\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_true(heard(f, "HTTP/1.1 401 "));
	assert_true(heard(f, "Connection: close"));
}

static void
asks_for_the_body_only_whom_it_lets_in(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("5", "Authorization: me\r\nExpect: 100-continue\r\n")));
	(void)turn(f);
	(void)hear(f);
	assert_int_equal(replies(f), 0);
	assert_int_equal(f->front.bodies.held, 0);
	assert_int_equal(end_turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 100 Continue\r\n\r\n"));
	assert_int_equal(f->front.bodies.held, 5);
	assert_int_equal(f->front.bodies.unknown, 0);
	say(f, STR("hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 200 "));
	assert_int_equal(asked, 1);

	f->got.len = 0;
	say(f,
	    STR(POST("5", "Authorization: guest\r\nExpect: 100-continue\r\n")));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_int_equal(replies(f), 1);
	assert_true(heard(f, "HTTP/1.1 403 "));
}

/* A commit was answered 503 while the database restarted. */
static void
lets_in_whom_it_knew_at_the_second_try(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("5", "Authorization: twice\r\n")));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 0);
	say(f, STR("hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_int_equal(replies(f), 1);
	assert_true(heard(f, "HTTP/1.1 200 "));
}

static void
asks_nothing_first_of_a_body_that_is_there(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("5", "Authorization: me\r\n") "hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(f->front.pooled_count, 1);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 200 "));
	assert_int_equal(asked, 1);
}

static void
does_not_read_while_it_asks(void **state)
{
	struct fixture *f = *state;
	char byte;

	say(f, STR(POST("5", "Authorization: slow\r\n") "he"));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	assert_int_equal(f->front.pooled_count, 1);
	say(f, STR("llo" GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(recv(f->conn.stream.fd, &byte, 1, MSG_PEEK), 1);
	finish_one(f); /* it is known */
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f); /* it is answered */
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
	assert_int_equal(asked, 2); /* on the loop, and on a thread */
}

static void
survives_a_client_that_leaves_while_it_asks(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("50000", "Authorization: slow\r\n") "he"));
	(void)turn(f);
	conn_clear(&f->conn); /* parked */
	f->conn.running = NULL;
	f->conn.kept = NULL;
	f->conn.input.len = 0;
	f->conn.at_head = false;
	(void)end_turn(f);
	assert_int_equal(f->front.pooled_count, 0);
	say(f, STR(POST("50000", "Authorization: slow\r\n")));
	(void)turn(f);
	(void)end_turn(f);
	assert_int_equal(f->front.pooled_count, 1);
	conn_clear(&f->conn); /* on the pool */
	f->conn.running = NULL;
	finish_one(f);
	assert_int_equal(f->front.pooled_count, 0);
}

static void
says_in_time_that_it_could_not_ask(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("5", "Authorization: slow\r\n")));
	(void)turn(f);
	(void)end_turn(f);
	f->conn.running = exchange_give_up(f->conn.running);
	conn_answer(&f->conn);
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 429 "));
	finish_one(f);
	say(f, STR("hello" GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
}

static void
asks_first_where_strangers_have_filled_their_part(void **state)
{
	struct fixture *f = *state;

	char body[5000] = { 0 };

	f->front.bodies.unknown = limits.bodies_bytes / 2;
	say(f, STR(POST("5", "Authorization: me\r\n") "hello"));
	assert_int_equal(turn(f), CONN_WAIT); /* it is little */
	finish_one(f);
	(void)turn(f);
	say(f, STR(POST("5000", "Authorization: me\r\n")));
	say(f, (struct str){ body, sizeof(body) });
	(void)turn(f);
	assert_int_equal(f->front.pooled_count, 0);
	assert_int_equal(end_turn(f), CONN_WAIT);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
	assert_false(heard(f, "HTTP/1.1 4"));
	assert_int_equal(asked, 2);
}

/* Hours may be between the two. */
static void
asks_once_more_when_a_body_has_taken_long(void **state)
{
	struct fixture *f = *state;

	say(f, STR(POST("5", "Authorization: me\r\n")));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	assert_int_equal(asked, 1);
	f->conn.reading->request.deadline_us = clock_mono_us() - 1;
	say(f, STR("hello"));
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 200 "));
	assert_int_equal(asked, 2);
}

static void
reads_no_large_body_that_means_nothing(void **state)
{
	struct fixture *f = *state;

	say(f, STR("GET /hello HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 5\r\n\r\nhello"));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 200 "));
	say(f, STR("HEAD /hello HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 4097\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_true(heard(f, "HTTP/1.1 413 "));
	assert_int_equal(f->front.bodies.held, 0);
}

/* What it holds itself is no reason to wait. */
static void
goes_on_when_the_memory_it_waits_for_is_there(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = {
		[BULKHEAD_CPU] = 1, [BULKHEAD_WRITE] = 1, [BULKHEAD_MEMORY] = 1
	};
	static struct bulkheads bulkheads;
	static char commas[1 << 16];
	struct fixture *f = *state;
	struct arena *other = arena_new();

	bulkheads_init(&bulkheads, permits);
	f->settings.bulkheads = &bulkheads;
	memset(commas, ',', sizeof(commas));
	budget_set_limit(
	    &process_budget, budget_held(&process_budget) + (8 << 20));
	assert_true(arena_reserve(other, 4 << 20));
	say(f, STR(POST("1048576", "Authorization: me\r\n")));
	(void)turn(f);
	(void)end_turn(f);
	for (int i = 0; i < 16; i++) {
		say(f, (struct str){ commas, sizeof(commas) });
		(void)turn(f);
	}
	while (bulkheads_load(&bulkheads, BULKHEAD_MEMORY).waiting == 0)
		assert_int_equal(f->front.pooled_count, 1);
	arena_free(other);
	bulkheads_tell_next(&bulkheads, BULKHEAD_MEMORY);
	finish_one(f);
	(void)turn(f);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 200 "));
	budget_set_limit(&process_budget, 0);
}

static void
has_no_room_for_what_a_tenant_may_not_hold(void **state)
{
	struct fixture *f = *state;

	f->front.bodies.held = limits.bodies_bytes;
	say(f, STR(POST("5", "Authorization: me\r\n")));
	(void)turn(f);
	(void)end_turn(f);
	assert_true(hear(f));
	assert_true(heard(f, "HTTP/1.1 429 "));
	f->front.bodies.held = 0;
}

static void
takes_little_from_whom_it_need_not_know(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		   "Content-Encoding: gzip\r\n\r\nhello"));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 415 "));
	say(f, STR("POST /hello HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 65537\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_true(heard(f, "HTTP/1.1 413 "));
}

static void
reads_a_large_body_in_parts(void **state)
{
	struct fixture *f = *state;
	char part[65536] = { 0 };

	say(f, STR("POST /secret HTTP/1.1\r\nHost: x\r\nAuthorization: me\r\n"
		   "Content-Length: 131072\r\n\r\n"));
	(void)turn(f);
	assert_int_equal(end_turn(f), CONN_WAIT);
	assert_true(conn_is_bulk(&f->conn));
	for (int i = 0; i < 2; i++)
		say(f, (struct str){ part, sizeof(part) });

	int64_t before = f->conn.received;

	assert_int_equal(turn(f), CONN_AGAIN);
	assert_int_equal(f->conn.received - before, sizeof(part));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_non_null(f->conn.running);
	assert_false(conn_is_bulk(&f->conn));
	finish_one(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(survives_a_client_that_leaves_while_its_request_runs),
		TEST(closes_gently_what_it_refuses),
		TEST(sends_100_continue_only_for_a_body_it_wants),
		TEST(keeps_100_continue_longer_than_its_request),
		TEST(lets_a_body_be_slow_but_not_too_slow),
		TEST(refuses_whom_it_does_not_know_before_the_body_comes),
		TEST(closes_on_whom_it_does_not_know_with_a_body_without_end),
		TEST(asks_for_the_body_only_whom_it_lets_in),
		TEST(lets_in_whom_it_knew_at_the_second_try),
		TEST(asks_nothing_first_of_a_body_that_is_there),
		TEST(does_not_read_while_it_asks),
		TEST(survives_a_client_that_leaves_while_it_asks),
		TEST(says_in_time_that_it_could_not_ask),
		TEST(asks_first_where_strangers_have_filled_their_part),
		TEST(asks_once_more_when_a_body_has_taken_long),
		TEST(reads_no_large_body_that_means_nothing),
		TEST(goes_on_when_the_memory_it_waits_for_is_there),
		TEST(has_no_room_for_what_a_tenant_may_not_hold),
		TEST(takes_little_from_whom_it_need_not_know),
		TEST(reads_a_large_body_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
