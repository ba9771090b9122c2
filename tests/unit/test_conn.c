/*
 * test_conn.c - a connection at one end of a socket pair, the test as client
 * at the other: order, back-pressure, half-closed clients, refusals, clocks.
 */
#include "http/conn.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define BIG 100000

static sem_t may_end;
static char big[BIG];

static enum err
hello(struct request *r)
{
	reply_part(r, STR("hello"));
	return OK;
}

static enum err
much(struct request *r)
{
	reply_part(r, (struct str){ big, BIG });
	return OK;
}

static enum err
wait_for_test(struct request *r)
{
	(void)sem_wait(&may_end);
	return hello(r);
}

static enum err
nobody(struct request *r)
{
	r->error = (struct error){ ERR_NOT_AUTHORIZED, "Who is it?" };
	return ERR_NOT_AUTHORIZED;
}

/* clang-format off */
#define AT_ONCE (ROUTE_PUBLIC | ROUTE_ON_LOOP)
static const struct route table[] = {
	{ .method = METHOD_GET,  .path = "/hello",  .handle = hello,         .flags = AT_ONCE },
	{ .method = METHOD_POST, .path = "/hello",  .handle = hello,         .flags = AT_ONCE },
	{ .method = METHOD_GET,  .path = "/much",   .handle = much,          .flags = AT_ONCE },
	{ .method = METHOD_GET,  .path = "/wait",   .handle = wait_for_test, .flags = ROUTE_PUBLIC },
	{ .method = METHOD_POST, .path = "/wait",   .handle = wait_for_test, .flags = ROUTE_PUBLIC },
	{ .method = METHOD_GET,  .path = "/secret", .handle = hello,         .flags = ROUTE_ON_LOOP },
};
/* clang-format on */

static const struct limits limits = {
	.head_bytes = 32768,
	.header_lines = 100,
	.target_bytes = 16384,
	.body_bytes = 1 << 20,
	.bodies_bytes = 1 << 20,
	.input_bytes = 65536,
	.output_bytes = 65536,
	.head_time_us = 10 * CLOCK_SECOND,
	.idle_time_us = 120 * CLOCK_SECOND,
	.progress_bytes = 10240,
	.progress_time_us = 10 * CLOCK_SECOND,
	.request_time_us = 30 * CLOCK_SECOND,
	.drain_bytes = 100000,
	.drain_time_us = 2 * CLOCK_SECOND,
};

struct fixture {
	struct arena *arena;
	struct server_settings settings;
	struct slot slot;
	struct front front;
	struct conn conn;
	int client;
	struct buf got;
};

static int
set_up(void **state)
{
	struct routes routes = { table, sizeof(table) / sizeof(table[0]) };
	struct fixture *f = aligned_alloc(64, sizeof(*f));
	struct error e;
	int pair[2];

	*f = (struct fixture){ .arena = arena_new(),
		.settings = {
		    .limits = &limits, .stages = { .identify = nobody } } };
	f->front = (struct front){ .settings = &f->settings,
		.router = router_new(f->arena, routes),
		.slot = &f->slot };
	front_init(&f->front);
	assert_int_equal(pool_new(1, &f->front.pool, &e), OK);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->client = pair[1];
	conn_init(&f->conn, &f->front, pair[0], STR("127.0.0.1"));
	f->got = buf_in(f->arena);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	conn_clear(&f->conn);
	(void)close(f->conn.stream.fd);
	(void)close(f->client);
	pool_free(f->front.pool);
	front_clear(&f->front);
	assert_int_equal(f->front.bodies.held, 0);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void
say(struct fixture *f, struct str bytes)
{
	assert_int_equal(send(f->client, bytes.ptr, bytes.len, 0), bytes.len);
}

/* What epoll would do: both ways are open, as far as is known. */
static enum conn_next
turn(struct fixture *f)
{
	f->conn.readable = f->conn.writable = true;
	return conn_advance(&f->conn);
}

/* Everything that was sent until now; true at the end of it. */
static bool
hear(struct fixture *f)
{
	for (;;) {
		char *to = buf_reserve(&f->got, 65536);
		ssize_t n = recv(f->client, to, 65536, 0);

		if (n <= 0)
			return n == 0;
		f->got.len += (size_t)n;
	}
}

static int
replies(const struct fixture *f)
{
	struct str rest = buf_str(&f->got);
	int count = 0;

	for (; rest.len >= 9; rest = str_skip(rest, 1))
		count += str_starts_with(rest, STR("HTTP/1.1 "));
	return count;
}

static bool
heard(const struct fixture *f, const char *text)
{
	return memmem(f->got.data, f->got.len, text, strlen(text)) != NULL;
}

/* The pool has finished one exchange. */
static void
finish_one(struct fixture *f)
{
	struct pollfd fd = { .fd = pool_fd(f->front.pool), .events = POLLIN };

	(void)sem_post(&may_end);
	assert_int_equal(poll(&fd, 1, 10000), 1);

	struct exchange *x = exchange_of(pool_collect(f->front.pool));

	exchange_finish(x);
	if (x->conn != NULL)
		conn_answer(x->conn);
	else
		exchange_free(x);
}

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
	assert_int_equal(turn(f), CONN_WAIT);
	assert_in_range(f->conn.outbox.waiting, 65536, 65536 + BIG + 1000);
	for (int i = 0; i < 1000 && replies(f) < 50; i++) {
		(void)hear(f);
		(void)turn(f);
	}
	assert_int_equal(replies(f), 50);
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
survives_a_client_that_leaves_while_its_request_runs(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /wait HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 5\r\n\r\nhello"));
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
reads_small_bodies_of_refused_requests(void **state)
{
	struct fixture *f = *state;

	say(f, STR("POST /nope HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 5\r\n\r\nhello" GET("/hello")));
	assert_int_equal(turn(f), CONN_WAIT);
	(void)hear(f);
	assert_int_equal(replies(f), 2);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_pipelined_requests_in_one_turn),
		TEST(runs_one_request_at_a_time),
		TEST(does_not_read_while_a_request_runs),
		TEST(holds_back_when_the_client_does_not_read),
		TEST(answers_a_half_closed_client),
		TEST(forgets_half_a_request),
		TEST(survives_a_client_that_leaves_while_its_request_runs),
		TEST(closes_gently_what_it_refuses),
		TEST(reads_small_bodies_of_refused_requests),
		TEST(sends_100_continue_only_for_a_body_it_wants),
		TEST(stops_after_connection_close),
		TEST(offers_no_other_request_while_draining),
		TEST(asks_who_it_is_unless_the_route_is_public),
		TEST(gives_a_head_its_time_from_the_first_byte),
		TEST(lets_a_body_be_slow_but_not_too_slow),
		TEST(closes_on_a_client_that_does_not_read_its_reply),
		TEST(has_no_deadline_of_its_own_while_a_request_runs),
	};

	(void)sem_init(&may_end, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
