/*
 * test_conn.c - a connection at one end of a socket pair, the test as client
 * at the other: order, back-pressure, half-closed clients, refusals, clocks.
 */
#include "tests/unit/conn_fixture.h"

static void
answers_pipelined_requests_in_one_turn(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		say(f, STR(GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_false(hear(f));
	assert_int_equal(replies(f), 100);
	assert_true(conn_is_idle(&f->conn));
}

static void
runs_one_request_at_a_time(void **state)
{
	struct fixture *f = *state;

	say(f, STR(GET("/wait") GET("/wait") GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(f->front.pooled_count, 1);
	assert_non_null(f->conn.kept); /* not in the shared buffer */
	assert_ptr_equal(f->conn.input.ptr, f->conn.kept);
	assert_int_equal(hear(f) + replies(f), 0);
	finish_one(f);
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f);
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 3);
}

static void
does_not_read_while_a_request_runs(void **state)
{
	struct fixture *f = *state;
	char byte;

	say(f, STR(GET("/wait")));
	(void)turn(f);
	say(f, STR(GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(recv(f->conn.stream.fd, &byte, 1, MSG_PEEK), 1);
	finish_one(f);
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
}

static void
holds_back_when_the_client_does_not_read(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 50; i++)
		say(f, STR(GET("/much")));
	while (turn(f) == CONN_AGAIN)
		continue;
	assert_in_range(f->conn.outbox.waiting, 65536, 65536 + BIG + 1000);
	for (int i = 0; i < 1000 && replies(f) < 50; i++) {
		(void)hear(f);
		(void)turn(f);
	}
	assert_int_equal(replies(f), 50);
}

/* They have 16 KiB at least, and anybody may ask for such replies. */
static void
holds_no_arenas_for_small_replies_that_nobody_reads(void **state)
{
	struct fixture *f = *state;
	int64_t before = budget_held(&process_budget);

	for (int i = 0; i < 150; i++)
		say(f, STR(GET("/hello")));
	f->conn.readable = true; /* and nothing can be sent */
	f->conn.writable = false;
	assert_int_equal(conn_advance(&f->conn), CONN_WAIT);
	f->conn.readable = true;
	assert_int_equal(conn_advance(&f->conn), CONN_WAIT);
	/* those that are kept for requests to come, and no more */
	assert_in_range(budget_held(&process_budget) - before, 0,
	    (SPARES_MAX + 1) * 17 * 1024);
	for (int i = 0; i < 1000 && replies(f) < 150; i++) {
		(void)turn(f);
		(void)hear(f);
	}
	assert_int_equal(replies(f), 150);
	assert_true(conn_is_idle(&f->conn));
}

static void
answers_a_half_closed_client(void **state)
{
	struct fixture *f = *state;

	say(f, STR(GET("/wait") GET("/hello")));
	(void)shutdown(f->client, SHUT_WR);
	f->conn.ending = true;
	assert_int_equal(turn(f), CONN_WAIT);
	finish_one(f);
	/* no other event will come to say that the input has ended */
	assert_int_equal(conn_advance(&f->conn), CONN_GONE);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
}

static void
forgets_half_a_request(void **state)
{
	struct fixture *f = *state;
	say(f, STR("GET /hello HT"));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)shutdown(f->client, SHUT_WR);
	assert_int_equal(turn(f), CONN_GONE);
}

static void
stops_after_connection_close(void **state)
{
	struct fixture *f = *state;

	say(f, STR("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		   "\r\n" GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT); /* unread input: lingers */
	assert_true(hear(f));
	assert_int_equal(replies(f), 1);
}

static void
offers_no_other_request_while_draining(void **state)
{
	struct fixture *f = *state;

	f->front.draining = true;
	say(f, STR(GET("/hello")));
	assert_int_equal(turn(f), CONN_GONE);
	(void)hear(f);
	assert_true(heard(f, "Connection: close"));
}

static void
asks_who_it_is_unless_the_route_is_public(void **state)
{
	struct fixture *f = *state;

	say(f, STR(GET("/secret")));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(heard(f, "HTTP/1.1 401 "));
}

static void
gives_a_head_its_time_from_the_first_byte(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_mono_us();

	say(f, STR("GET /"));
	(void)turn(f);

	int64_t deadline = f->conn.deadline_us;

	assert_true(deadline >= before + limits.head_time_us);
	say(f, STR("hello"));
	(void)turn(f);
	assert_int_equal(f->conn.deadline_us, deadline);
	assert_int_equal(conn_expire(&f->conn, deadline - 1), CONN_WAIT);
	assert_int_equal(conn_expire(&f->conn, deadline), CONN_AGAIN);
	assert_int_equal(turn(f), CONN_WAIT);
	assert_true(hear(f));
	assert_true(heard(f, "HTTP/1.1 408 "));
}

static void
closes_on_a_client_that_does_not_read_its_reply(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 50; i++)
		say(f, STR(GET("/much")));
	(void)turn(f);
	assert_int_equal(f->conn.phase, PHASE_SENDING);
	assert_int_equal(conn_expire(&f->conn, f->conn.deadline_us), CONN_GONE);
}

static void
has_no_deadline_of_its_own_while_a_request_runs(void **state)
{
	struct fixture *f = *state;

	say(f, STR(GET("/wait")));
	(void)turn(f);
	assert_int_equal(
	    conn_expire(&f->conn, clock_mono_us() + 3600 * CLOCK_SECOND),
	    CONN_WAIT);
	finish_one(f);
	(void)turn(f);
	assert_int_equal(f->conn.phase, PHASE_IDLE);
}

static void
sends_a_large_reply_in_parts(void **state)
{
	struct fixture *f = *state;

	say(f, STR(GET("/much")));
	assert_int_equal(turn(f), CONN_AGAIN);
	(void)hear(f);
	assert_int_equal(f->got.len, 65536);
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_true(f->got.len > BIG);
}

static void
reads_small_bodies_of_refused_requests(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /nope HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 5\r\n\r\nhello" GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_pipelined_requests_in_one_turn),
		TEST(runs_one_request_at_a_time),
		TEST(does_not_read_while_a_request_runs),
		TEST(holds_back_when_the_client_does_not_read),
		TEST(holds_no_arenas_for_small_replies_that_nobody_reads),
		TEST(answers_a_half_closed_client),
		TEST(forgets_half_a_request),
		TEST(stops_after_connection_close),
		TEST(offers_no_other_request_while_draining),
		TEST(asks_who_it_is_unless_the_route_is_public),
		TEST(gives_a_head_its_time_from_the_first_byte),
		TEST(closes_on_a_client_that_does_not_read_its_reply),
		TEST(has_no_deadline_of_its_own_while_a_request_runs),
		TEST(sends_a_large_reply_in_parts),
		TEST(reads_small_bodies_of_refused_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
