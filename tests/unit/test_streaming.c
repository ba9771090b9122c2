/*
 * test_streaming.c - replies that are made part by part: how they are framed,
 * that a client which does not read holds them back, and that what is not
 * complete does not seem to be.
 */
#include "http/streaming.h"
#include "tests/unit/conn_fixture.h"

#define PARTS(n, version)                                                      \
	"GET /parts HTTP/" version "\r\nHost: x\r\nParts: " n "\r\n\r\n"

static bool
is_reset(const struct fixture *f)
{
	struct linger set = { 0 };
	socklen_t len = sizeof(set);

	assert_int_equal(
	    getsockopt(f->conn.stream.fd, SOL_SOCKET, SO_LINGER, &set, &len),
	    0);
	return set.l_onoff != 0 && set.l_linger == 0;
}

/* Everything is made and read. */
static enum conn_next
read_all(struct fixture *f)
{
	enum conn_next next = turn(f);

	for (;;) {
		bool ended = hear(f);

		if (f->conn.running != NULL)
			finish_one(f);
		else if (ended || f->conn.outbox.first == NULL)
			return next;
		next = turn(f);
	}
}

static void
one_part_is_a_usual_reply(void **state)
{
	struct fixture *f = *state;

	say(f, STR(PARTS("1", "1.1")));
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_true(heard(f, "Content-Length: 5\r\n"));
	assert_true(heard(f, "\r\n\r\npart1"));
}

static void
sends_chunks_and_then_serves_the_next_request(void **state)
{
	struct fixture *f = *state;

	say(f, STR(PARTS("4", "1.1") GET("/hello")));
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_int_equal(parts_made, 4);
	assert_true(heard(f, "Transfer-Encoding: chunked\r\n"));
	assert_false(heard(f, "Content-Length: 5\r\n\r\npart1"));
	assert_true(heard(f, "\r\n\r\n5\r\npart1\r\n186a5\r\npart3"));
	assert_true(heard(f, "\r\n5\r\npart4\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
	assert_true(heard(f, "\r\n\r\nhello"));
	assert_int_equal(replies(f), 2);
	assert_false(is_reset(f));
}

static void
an_empty_last_part_ends_the_body(void **state)
{
	struct fixture *f = *state;

	say(f, STR(PARTS("2", "1.1")));
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_true(heard(f, "\r\n\r\n5\r\npart1\r\n0\r\n\r\n"));
}

static void
a_body_of_http_1_0_ends_with_the_connection(void **state)
{
	struct fixture *f = *state;

	say(f, STR("GET /parts HTTP/1.0\r\nConnection: keep-alive\r\n"
		   "Parts: 2\r\n\r\n"));
	assert_int_equal(read_all(f), CONN_GONE);
	assert_true(heard(f, "Connection: close\r\n"));
	assert_false(heard(f, "chunked"));
	assert_false(heard(f, "Content-Length"));
	assert_true(heard(f, "\r\n\r\npart1"));
	conn_clear(&f->conn);
	assert_false(is_reset(f));
}

static void
head_is_a_head(void **state)
{
	struct fixture *f = *state;

	say(f, STR("HEAD /parts HTTP/1.1\r\nHost: x\r\nParts: 4\r\n\r\n"));
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_int_equal(parts_made, 1);
	assert_true(heard(f, "Transfer-Encoding: chunked\r\n"));
	assert_false(heard(f, "part1"));
}

static void
a_client_that_does_not_read_gets_no_more_made(void **state)
{
	struct fixture *f = *state;
	const int little = 1;
	size_t held;

	assert_int_equal(setsockopt(f->conn.stream.fd, SOL_SOCKET, SO_SNDBUF,
			     &little, sizeof(little)),
	    0);
	say(f, STR(PARTS("9", "1.1")));
	(void)turn(f);
	finish_one(f); /* the second is empty, and the third is large */
	(void)turn(f);
	finish_one(f);
	while (turn(f) == CONN_AGAIN)
		continue;
	assert_int_equal(parts_made, 3);
	assert_null(f->conn.running);
	assert_int_equal(f->conn.phase, PHASE_SENDING);
	held = arena_held(f->conn.streaming->request.arena);
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_int_equal(parts_made, 9);
	assert_true(held < 2 * BIG);
}

static void
a_failed_part_resets_the_connection(void **state)
{
	struct fixture *f = *state;

	fails_at = 3;
	say(f, STR(PARTS("4", "1.1")));
	assert_int_equal(read_all(f), CONN_GONE);
	assert_int_equal(f->conn.streaming->outcome.status, 503);
	conn_clear(&f->conn);
	f->conn.streaming = NULL;
	assert_true(is_reset(f));
	assert_true(heard(f, "part1"));
	assert_false(heard(f, "\r\n0\r\n\r\n"));
	assert_false(heard(f, "Not this one"));
}

static void
a_failed_first_part_is_an_error(void **state)
{
	struct fixture *f = *state;

	fails_at = 1;
	say(f, STR(PARTS("4", "1.1") GET("/hello")));
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_true(heard(f, "HTTP/1.1 503 "));
	assert_true(heard(f, "Not this one"));
	assert_true(heard(f, "\r\n\r\nhello"));
}

static void
a_client_that_leaves_ends_it(void **state)
{
	struct fixture *f = *state;

	say(f, STR(PARTS("9", "1.1")));
	(void)turn(f);
	assert_non_null(f->conn.running);
	conn_clear(&f->conn);
	f->conn.streaming = NULL;
	assert_true(is_reset(f));
	finish_one(f);
	assert_int_equal(f->front.pooled_count, 0);
	f->conn.running = NULL;
	assert_int_equal(parts_made, 2);
}

static void
a_part_that_comes_too_late_resets_the_connection(void **state)
{
	struct fixture *f = *state;
	struct exchange *late, *told;

	say(f, STR(PARTS("9", "1.1")));
	(void)turn(f);
	late = f->conn.running;
	told = exchange_give_up(late);
	f->conn.running = told;
	conn_answer(&f->conn);
	assert_int_equal(turn(f), CONN_GONE);
	assert_int_equal(told->outcome.status, 503);
	finish_one(f);
	conn_clear(&f->conn);
	f->conn.streaming = NULL;
	assert_true(is_reset(f));
}

static void
a_client_is_identified_again_when_it_takes_long(void **state)
{
	struct fixture *f = *state;

	struct reply *reply;

	say(f, STR("GET /mine HTTP/1.1\r\nHost: x\r\nAuthorization: me\r\n"
		   "Parts: 4\r\n\r\n"));
	(void)turn(f);
	finish_one(f);
	assert_int_equal(asked, 1);
	reply = &f->conn.streaming->request.reply;
	reply->streaming->known_until = 1;
	(void)turn(f);
	finish_one(f);
	assert_int_equal(asked, 2);
	assert_int_equal(read_all(f), CONN_WAIT);
	assert_true(heard(f, "\r\n5\r\npart4\r\n0\r\n\r\n"));
	assert_int_equal(asked, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_part_is_a_usual_reply),
		TEST(sends_chunks_and_then_serves_the_next_request),
		TEST(an_empty_last_part_ends_the_body),
		TEST(a_body_of_http_1_0_ends_with_the_connection),
		TEST(head_is_a_head),
		TEST(a_client_that_does_not_read_gets_no_more_made),
		TEST(a_failed_part_resets_the_connection),
		TEST(a_failed_first_part_is_an_error),
		TEST(a_client_that_leaves_ends_it),
		TEST(a_client_is_identified_again_when_it_takes_long),
		TEST(a_part_that_comes_too_late_resets_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
