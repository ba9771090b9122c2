/*
 * test_messages.c - the table of messages.h through framing and reply.
 *
 * Each message is fed whole and then byte by byte: both must end alike.
 */
#include "http/framing.h"
#include "http/reply.h"
#include "messages.h"
#include "tests/unit/unit.h"

static const struct limits limits = {
	.head_bytes = 32768,
	.header_lines = 100,
	.target_bytes = 16384,
	.body_bytes = 1 << 20,
	.bodies_bytes = 1 << 20,
};

/* What a message came to: the requests in it, or the refusal. */
struct outcome {
	struct buf accepted;
	struct request *refused; /* NULL: none was */
};

static struct request *
request_in(struct arena *a)
{
	struct request *r = ARENA_NEW(a, struct request, 1);

	r->arena = a;
	return r;
}

/* Feeds `in` in pieces of `step` bytes until one request ends. */
static enum framing_event
feed(struct framing *f, struct str *in, size_t step)
{
	enum framing_event event = FRAMING_MORE;

	while (
	    event == FRAMING_HEAD || (event == FRAMING_MORE && in->len != 0)) {
		size_t n = in->len < step ? in->len : step, used;

		event = framing_feed(f, (struct str){ in->ptr, n }, &used);
		assert_true(used <= n);
		*in = str_skip(*in, used);
	}
	return event;
}

static struct outcome
outcome_of(struct arena *a, struct str in, size_t step)
{
	struct outcome o = { .accepted = buf_in(a) };
	struct bodies bodies = { 0 };
	struct framing f;
	bool more = true;

	framing_init(&f, &limits, &bodies);
	while (more && in.len != 0) {
		struct request *r = request_in(a);

		framing_start(&f, r);

		enum framing_event event = feed(&f, &in, step);

		if (event == FRAMING_REFUSED)
			o.refused = r;
		else if (event == FRAMING_END)
			buf_printf(&o.accepted, "%s " STR_FMT " " STR_FMT "\n",
			    r->method == METHOD_GET ? "GET" : "POST",
			    STR_ARG(r->path), STR_ARG(r->body));
		framing_release(&bodies, r);
		more = event == FRAMING_END && f.keep_alive;
	}
	assert_int_equal(bodies.held, 0);
	return o;
}

/* The whole answer to a refused message. */
static struct str
answer_to(struct arena *a, struct request *r)
{
	struct reply_frame frame = { .date = STR("D") };
	struct buf text = buf_in(a);

	reply_error(r);
	buf_add(&text, reply_head(r, frame));
	buf_add(&text, r->reply.part[0]);
	return buf_str(&text);
}

static struct str
wanted_answer(struct arena *a, const struct request *r)
{
	static const char *const line[] = {
		[0] = "400 Bad Request",
		[1] = "501 Not Implemented",
		[2] = "505 HTTP Version Not Supported",
	};
	enum err code = r->error.code;
	struct str body = arena_printf(a,
	    "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"code\":%d}}",
	    r->error.message, err_type(code), err_http(code));

	return arena_printf(a,
	    "HTTP/1.1 %s\r\nDate: D\r\nX-Request-ID: \r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n" STR_FMT,
	    line[code == ERR_BAD_REQUEST       ? 0
		 : code == ERR_NOT_IMPLEMENTED ? 1
					       : 2],
	    body.len, STR_ARG(body));
}

static void
check(const struct message *m, size_t step)
{
	struct arena *a = arena_new();
	struct outcome o = outcome_of(a, m->bytes, step);
	enum err code = o.refused != NULL ? o.refused->error.code : OK;

	if (code != m->refused)
		fail_msg("%s, by %zu: %d", m->name, step, err_http(code));
	if (m->refused == OK)
		assert_str(buf_str(&o.accepted), str_from(m->accepted));
	else
		assert_str(
		    answer_to(a, o.refused), wanted_answer(a, o.refused));
	arena_free(a);
}

static void
every_message_is_accepted_or_refused_as_its_row_says(void **state)
{
	(void)state;
	assert_int_equal(MESSAGE_COUNT, 50);
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		check(&messages[i], SIZE_MAX);
}

static void
pieces_make_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		check(&messages[i], 1);
		check(&messages[i], 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_message_is_accepted_or_refused_as_its_row_says),
		cmocka_unit_test(pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
