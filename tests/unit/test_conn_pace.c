/*
 * test_conn_pace.c - how much of a client waits, and for how long: the clocks
 * of silence and refused bodies, and reading that pauses.  test_conn.c has the
 * others.
 */
#include "http/conn.h"
#include "http/exchange_threads.h"
#include "http/read_batch.h"

#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

static sem_t may_end;

static enum err
wait_for_test(struct request *r)
{
	(void)r;
	(void)sem_wait(&may_end);
	return OK;
}

static const struct route table[] = {
	{ .method = METHOD_GET,
	    .path = "/wait",
	    .handle = wait_for_test,
	    .flags = ROUTE_PUBLIC },
};

static const struct limits limits = {
	.head_bytes = 32768,
	.header_lines = 100,
	.target_bytes = 16384,
	.body_bytes = 1 << 20,
	.bodies_bytes = 1 << 20,
	.input_bytes = 4096,
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
};

static int
set_up(void **state)
{
	struct fixture *f = aligned_alloc(64, sizeof(*f));
	struct error e;
	int pair[2];

	memset(f, 0, sizeof(*f));
	f->arena = arena_new();
	f->settings.limits = &limits;
	f->front = (struct front){ .settings = &f->settings,
		.router = router_new(f->arena, (struct routes){ table, 1 }),
		.slot = &f->slot };
	front_init(&f->front);
	f->front.read_batch = read_batch_new(&f->front);
	assert_int_equal(pool_new(1, &f->front.pool, &e), OK);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->client = pair[1];
	conn_init(&f->conn, &f->front, pair[0], STR("127.0.0.1"));
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
	read_batch_free(f->front.read_batch);
	front_clear(&f->front);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void
say(struct fixture *f, struct str bytes)
{
	assert_int_equal(send(f->client, bytes.ptr, bytes.len, 0), bytes.len);
}

static enum conn_next
turn(struct fixture *f)
{
	f->conn.readable = f->conn.writable = true;
	return conn_advance(&f->conn);
}

static void
hears_out_what_it_refuses_for_a_while_only(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_mono_us();

	say(f, STR("POST /nope HTTP/1.1\r\nHost: x\r\n"
		   "Content-Length: 90000\r\n\r\n"));
	assert_int_equal(turn(f), CONN_WAIT);

	int64_t deadline = f->conn.deadline_us;

	assert_true(deadline >= before + limits.drain_time_us);
	assert_true(deadline <= clock_mono_us() + limits.drain_time_us);
	say(f, STR("more of it"));
	assert_int_equal(turn(f), CONN_WAIT); /* which gives it no more time */
	assert_int_equal(conn_expire(&f->conn, deadline - 1), CONN_WAIT);
	assert_int_equal(conn_expire(&f->conn, deadline), CONN_GONE);
}

/* The request itself comes with what was read. */
static void
reads_no_more_than_may_wait(void **state)
{
	struct fixture *f = *state;
	char left[8192];

	say(f, STR("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
	memset(left, '\n', sizeof(left));
	say(f, (struct str){ left, sizeof(left) });
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(f->conn.received, limits.input_bytes);
	assert_int_equal(turn(f), CONN_WAIT);
	assert_int_equal(f->conn.received, limits.input_bytes);

	struct pollfd done = { .fd = pool_fd(f->front.pool), .events = POLLIN };

	(void)sem_post(&may_end);
	assert_int_equal(poll(&done, 1, 10000), 1);
	exchange_finish(exchange_of(pool_collect(f->front.pool)));
	conn_answer(&f->conn);
}

static void
closes_a_silent_connection_without_a_word(void **state)
{
	struct fixture *f = *state;

	say(f, STR("GET /nope HTTP/1.1\r\nHost: x\r\n\r\n"));
	(void)turn(f);
	assert_int_equal(conn_expire(&f->conn, f->conn.deadline_us), CONN_GONE);
}

static void
waits_no_longer_where_transfers_may_be_as_slow_as_they_like(void **state)
{
	struct fixture *f = *state;
	struct limits patient = limits;

	patient.progress_bytes = 0;
	f->settings.limits = &patient;
	(void)turn(f);
	assert_int_equal(
	    conn_expire(&f->conn, clock_mono_us() + 121 * CLOCK_SECOND),
	    CONN_GONE);
	f->settings.limits = &limits;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hears_out_what_it_refuses_for_a_while_only),
		TEST(reads_no_more_than_may_wait),
		TEST(closes_a_silent_connection_without_a_word),
		TEST(
		    waits_no_longer_where_transfers_may_be_as_slow_as_they_like),
	};

	(void)sem_init(&may_end, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
