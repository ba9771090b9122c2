/*
 * conn_fixture.h - a connection at one end of a socket pair, the test as its
 * client at the other.
 */
#ifndef PANGOLIN_CONN_FIXTURE_H
#define PANGOLIN_CONN_FIXTURE_H

#include "http/conn.h"
#include "http/exchange_threads.h"
#include "http/read_batch.h"
#include "http/streaming.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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

static int parts_made, fails_at; /* 0: at none */

/* As many parts as the request says; the second is empty. */
static enum err
next_part(struct request *r, void *arg, bool *ret_more)
{
	int *left = arg;

	if (++parts_made == fails_at)
		return (fail)(&r->error, ERR_UNAVAILABLE, "Not this one.");
	if (parts_made != 2)
		reply_part(r, arena_printf(r->arena, "part%d", parts_made));
	if (parts_made == 3)
		reply_part(r, (struct str){ big, BIG });
	*ret_more = --*left != 0;
	return OK;
}

static enum err
parts(struct request *r)
{
	int *left = ARENA_NEW(r->arena, int, 1);

	*left = request_header(r, STR("Parts")).ptr[0] - '0';
	return reply_stream(r, next_part, left);
}

static enum err
wait_for_test(struct request *r)
{
	(void)sem_wait(&may_end);
	return hello(r);
}

static int asked; /* how often who it is */

/* "slow": not on the loop, and on a thread when the test says so.  "twice": the
 * first try fails. */
static enum err
identify(struct request *r)
{
	struct str who = request_header(r, STR("Authorization"));
	struct call c = { .usage = &r->usage, .error = &r->error };

	asked++;
	if (str_eq(who, STR("slow")) && r->nowait)
		return usage_would_block(&c, "It is slow");
	if (str_eq(who, STR("slow")))
		(void)sem_wait(&may_end);
	if (who.ptr == NULL)
		return (fail)(&r->error, ERR_NOT_AUTHORIZED, "Who is it?");
	if (str_eq(who, STR("twice")))
		(void)(fail)(&r->error, ERR_UNAVAILABLE, "Not at once.");
	r->principal = (const struct principal *)(const void *)big;
	return OK;
}

static enum err
authorize(struct request *r)
{
	if (str_eq(request_header(r, STR("Authorization")), STR("guest")))
		return (fail)(&r->error, ERR_FORBIDDEN, "Guests may not.");
	r->is_authorized = true;
	return OK;
}

/* clang-format off */
#define AT_ONCE (ROUTE_PUBLIC | ROUTE_ON_LOOP)
static const struct route table[] = {
	{ .method = METHOD_GET,  .path = "/hello",  .handle = hello,         .flags = AT_ONCE },
	{ .method = METHOD_POST, .path = "/hello",  .handle = hello,         .flags = AT_ONCE },
	{ .method = METHOD_GET,  .path = "/much",   .handle = much,          .flags = AT_ONCE },
	{ .method = METHOD_GET,  .path = "/parts",  .handle = parts,         .flags = AT_ONCE },
	{ .method = METHOD_GET,  .path = "/wait",   .handle = wait_for_test, .flags = ROUTE_PUBLIC },
	{ .method = METHOD_POST, .path = "/wait",   .handle = wait_for_test, .flags = ROUTE_PUBLIC },
	{ .method = METHOD_GET,  .path = "/mine",   .handle = parts,         .flags = ROUTE_ON_LOOP },
	{ .method = METHOD_GET,  .path = "/secret", .handle = hello,         .flags = ROUTE_ON_LOOP },
	{ .method = METHOD_POST, .path = "/secret", .handle = hello },
};
/* clang-format on */

static const struct limits limits = {
	.head_bytes = 32768,
	.header_lines = 100,
	.target_bytes = 16384,
	.body_bytes = 1 << 20,
	.public_body_bytes = 65536,
	.bodies_bytes = 1 << 20,
	.bodies_tenant_percent = 100,
	.bodies_address_percent = 20,
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

	assert_int_equal(sem_init(&may_end, 0, 0), 0);
	asked = parts_made = fails_at = 0;
	*f = (struct fixture){ .arena = arena_new(),
		.settings = { .limits = &limits,
		    .stages = { identify, authorize, NULL } } };
	f->front = (struct front){ .settings = &f->settings,
		.router = router_new(f->arena, routes),
		.slot = &f->slot };
	front_init(&f->front);
	f->front.read_batch = read_batch_new(&f->front);
	assert_int_equal(pool_new(1, &f->front.pool, &e), OK);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->client = pair[1];
	conn_init(&f->conn, &f->front, pair[0], STR("127.0.0.1"));
	f->got = buf_in(f->arena);
	*state = f;
	return 0;
}

/* Large exchanges that no thread has come to free. */
static void
free_what_waits(struct pool *pool)
{
	pool_expire(pool, INT64_MAX);
	for (struct job *next, *job = pool_collect(pool); job != NULL;
	     job = next) {
		next = job->next;
		(void)exchange_is_over(job);
	}
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	conn_clear(&f->conn);
	(void)close(f->conn.stream.fd);
	(void)close(f->client);
	free_what_waits(f->front.pool);
	pool_free(f->front.pool);
	read_batch_free(f->front.read_batch);
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

/* The pool has finished one exchange, or has a part. */
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

#endif
