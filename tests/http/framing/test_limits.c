/* test_limits.c - each limit of a request: kept at its value, refused beyond.
 */
#include "http/framing.h"
#include "tests/unit/unit.h"

static const struct limits limits = {
	.head_bytes = 400,
	.header_lines = 5,
	.target_bytes = 40,
	.body_bytes = 100,
	.public_body_bytes = 100,
	.bodies_bytes = 150,
	.bodies_address_percent = 100,
};

struct fixture {
	struct arena *arena;
	struct bodies bodies;
	struct framing framing;
	struct request *request;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .arena = arena_new() };
	f.request = ARENA_NEW(f.arena, struct request, 1);
	f.request->arena = f.arena;
	framing_init(&f.framing, &limits, &f.bodies);
	framing_start(&f.framing, f.request);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

/* Feeds all of it; the last event. */
static enum framing_event
feed(struct fixture *f, struct str in)
{
	enum framing_event event;
	size_t used;

	do {
		event = framing_feed(&f->framing, in, &used);
		in = str_skip(in, used);
	} while (
	    event == FRAMING_HEAD || (event == FRAMING_MORE && in.len != 0));
	return event;
}

static struct str
filled(struct fixture *f, const char *before, size_t n, const char *after)
{
	struct buf text = buf_in(f->arena);

	buf_add(&text, str_from(before));
	while (n-- != 0)
		buf_add_char(&text, 'a');
	buf_add(&text, str_from(after));
	return buf_str(&text);
}

static void
assert_refused(struct fixture *f, struct str in, enum err code)
{
	assert_int_equal(feed(f, in), FRAMING_REFUSED);
	assert_int_equal(f->request->error.code, code);
}

static void
restart(struct fixture *f)
{
	bodies_release(&f->bodies, f->request);
	*f->request = (struct request){ .arena = f->arena };
	framing_start(&f->framing, f->request);
}

static void
target_bytes(void **state)
{
	struct fixture *f = *state;
	const char *rest = " HTTP/1.1\r\nHost: x\r\n\r\n";

	assert_int_equal(feed(f, filled(f, "GET /", 39, rest)), FRAMING_END);
	restart(f);
	assert_refused(f, filled(f, "GET /", 40, rest), ERR_TARGET_TOO_LONG);
}

static void
header_lines(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(feed(f, STR("GET / HTTP/1.1\r\nHost: x\r\n"
				     "A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n\r\n")),
	    FRAMING_END);
	assert_int_equal(f->request->headers.count, 5);
	restart(f);
	assert_refused(f,
	    STR("GET / HTTP/1.1\r\nHost: x\r\n"
		"A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\n\r\n"),
	    ERR_HEAD_TOO_LARGE);
}

static void
head_bytes(void **state)
{
	struct fixture *f = *state;
	const char *before = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
	size_t room = 400 - strlen(before) - 4;

	assert_int_equal(
	    feed(f, filled(f, before, room, "\r\n\r\n")), FRAMING_END);
	restart(f);
	assert_refused(
	    f, filled(f, before, room + 1, "\r\n\r\n"), ERR_HEAD_TOO_LARGE);
}

static void
head_bytes_counts_what_the_parser_skips(void **state)
{
	struct fixture *f = *state;
	struct buf blanks = buf_in(f->arena);

	buf_printf(&blanks, "GET / HTTP/1.1\r\nHost:%400s", "x");
	assert_refused(f, buf_str(&blanks), ERR_HEAD_TOO_LARGE);
	restart(f);
	for (int i = 0; i < 200; i++)
		assert_int_equal(feed(f, STR("\r\n")),
		    i < 199 ? FRAMING_MORE : FRAMING_REFUSED);
}

static void
body_bytes_announced(void **state)
{
	struct fixture *f = *state;
	const char *head =
	    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";

	assert_int_equal(feed(f, filled(f, head, 100, "")), FRAMING_END);
	assert_int_equal(f->request->body.len, 100);
	restart(f);
	assert_refused(f,
	    STR("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"),
	    ERR_TOO_LARGE);
}

static void
body_bytes_chunked(void **state)
{
	struct fixture *f = *state;
	const char *head =
	    "POST / HTTP/1.1\r\nHost: x\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2\r\nbb\r\n62\r\n";

	assert_int_equal(
	    feed(f, filled(f, head, 98, "\r\n0\r\n\r\n")), FRAMING_END);
	assert_int_equal(f->request->body.len, 100);
	restart(f);
	assert_refused(f, filled(f, head, 98, "\r\n1\r\nc"), ERR_TOO_LARGE);
}

static void
a_body_may_have_a_limit_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct str head =
	    STR("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n");
	size_t used;

	assert_int_equal(framing_feed(&f->framing, head, &used), FRAMING_HEAD);
	assert_int_equal(framing_limit_body(&f->framing, 1000), OK);
	assert_int_equal(framing_limit_body(&f->framing, 50), OK);
	assert_int_equal(framing_limit_body(&f->framing, 49), ERR_TOO_LARGE);
	restart(f);
	head = STR("POST / HTTP/1.1\r\nHost: x\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n");
	assert_int_equal(framing_feed(&f->framing, head, &used), FRAMING_HEAD);
	assert_int_equal(framing_limit_body(&f->framing, 9), OK);
	assert_int_equal(feed(f, STR("9\r\n012345678\r\n")), FRAMING_MORE);
	assert_refused(f, STR("1\r\n"), ERR_TOO_LARGE);
}

static void
chunks_are_held_as_they_come(void **state)
{
	struct fixture *f = *state;
	const char *head = "PUT / HTTP/1.1\r\nHost: x\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n5b\r\n";

	assert_int_equal(feed(f, filled(f, head, 40, "")), FRAMING_MORE);
	assert_int_equal(f->bodies.held, 40);
	assert_int_equal(feed(f, filled(f, "", 51, "")), FRAMING_MORE);
	assert_int_equal(f->bodies.held, 91);
	bodies_release(&f->bodies, f->request);
	assert_int_equal(f->bodies.held, 0);
	f->bodies.held = 60;
	restart(f);
	assert_refused(f, filled(f, head, 91, ""), ERR_SLOW_DOWN);
}

static void
a_length_is_for_the_caller_to_hold(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(feed(f, STR("POST / HTTP/1.1\r\nHost: x\r\n"
				     "Content-Length: 9\r\n\r\nhello")),
	    FRAMING_MORE);
	assert_int_equal(f->bodies.held, 0);
}

static void
chunk_extensions_and_trailers(void **state)
{
	struct fixture *f = *state;
	const char *head = "POST / HTTP/1.1\r\nHost: x\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n1;";

	assert_refused(
	    f, filled(f, head, 500, "\r\nb\r\n0\r\n\r\n"), ERR_HEAD_TOO_LARGE);
	restart(f);
	head = "POST / HTTP/1.1\r\nHost: x\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n0\r\nT: ";
	assert_refused(f, filled(f, head, 500, "\r\n\r\n"), ERR_HEAD_TOO_LARGE);
}

static void
small_chunks_are_no_reason(void **state)
{
	struct fixture *f = *state;

	(void)feed(f, STR("POST / HTTP/1.1\r\nHost: x\r\n"
			  "Transfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 100; i++)
		assert_int_equal(feed(f, STR("1\r\nb\r\n")), FRAMING_MORE);
	assert_int_equal(feed(f, STR("0\r\n\r\n")), FRAMING_END);
}

static void
expectations(void **state)
{
	struct fixture *f = *state;
	size_t used;

	assert_int_equal(
	    framing_feed(&f->framing,
		STR("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		    "Expect: 100-Continue\r\n\r\n"),
		&used),
	    FRAMING_HEAD);
	assert_true(f->framing.continue_expected);
	restart(f);
	assert_refused(f,
	    STR("GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n"),
	    ERR_EXPECTATION);
}

static void
hosts_that_are_none(void **state)
{
	static const char *const hosts[] = { "a b", "a/b", "u@a", "a,b", "a#" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_refused(f,
		    arena_printf(f->arena, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n",
			hosts[i]),
		    ERR_BAD_REQUEST);
		restart(f);
	}
}

static void
keep_alive(void **state)
{
	/* clang-format off */
	static const struct { const char *head; bool keep_alive; } cases[] = {
		{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n",                          true },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",     false },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n",  false },
		{ "GET / HTTP/1.0\r\n\r\n",                                     false },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",           true },
	};
	/* clang-format on */
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(feed(f, str_from(cases[i].head)), FRAMING_END);
		assert_int_equal(f->framing.keep_alive, cases[i].keep_alive);
		restart(f);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(target_bytes),
		TEST(header_lines),
		TEST(head_bytes),
		TEST(head_bytes_counts_what_the_parser_skips),
		TEST(body_bytes_announced),
		TEST(body_bytes_chunked),
		TEST(a_body_may_have_a_limit_of_its_own),
		TEST(chunks_are_held_as_they_come),
		TEST(a_length_is_for_the_caller_to_hold),
		TEST(chunk_extensions_and_trailers),
		TEST(small_chunks_are_no_reason),
		TEST(expectations),
		TEST(hosts_that_are_none),
		TEST(keep_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
