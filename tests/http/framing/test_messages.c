/*
 * test_messages.c - the table of messages.h through framing and reply.
 *
 * Each message is fed whole, cut in two everywhere, and byte by byte: all of
 * it must end alike.  test_messages.py sends the same table to a server.
 */
#include "http/framing.h"
#include "http/reply.h"
#include "http/router.h"
#include "messages.h"
#include "tests/unit/unit.h"

static const struct limits limits = {
	.head_bytes = 32768,
	.header_lines = 100,
	.target_bytes = 16384,
	.body_bytes = 1 << 20,
	.bodies_bytes = 1 << 20,
	.bodies_address_percent = 100,
	.public_body_bytes = 1 << 20,
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

/* How a message arrives. */
struct pieces {
	const char *cut; /* one ends here; outside of the message: none does */
	size_t most;     /* bytes of each */
};

static size_t
next_piece(const struct pieces *pieces, struct str in)
{
	size_t n = in.len < pieces->most ? in.len : pieces->most;

	if (pieces->cut > in.ptr && pieces->cut < in.ptr + n)
		n = (size_t)(pieces->cut - in.ptr);
	return n;
}

/* Feeds `in` until one request ends. */
static enum framing_event
feed(struct framing *f, struct str *in, const struct pieces *pieces)
{
	enum framing_event event = FRAMING_MORE;

	while (
	    event == FRAMING_HEAD || (event == FRAMING_MORE && in->len != 0)) {
		size_t n = next_piece(pieces, *in), used;

		event = framing_feed(f, (struct str){ in->ptr, n }, &used);
		assert_true(used <= n);
		*in = str_skip(*in, used);
	}
	return event;
}

static void
write_down(struct buf *accepted, const struct request *r)
{
	struct str method = router_allow(r->arena, r->method);

	buf_printf(accepted, STR_FMT " " STR_FMT " " STR_FMT "\n",
	    STR_ARG(method), STR_ARG(r->path), STR_ARG(r->body));
}

static struct outcome
outcome_of(struct arena *a, struct str in, const struct pieces *pieces)
{
	struct outcome o = { .accepted = buf_in(a) };
	struct bodies bodies = { 0 };
	struct framing f;
	bool more = true;

	framing_init(&f, &limits, &bodies);
	while (more && in.len != 0) {
		struct request *r = request_in(a);

		framing_start(&f, r);

		enum framing_event event = feed(&f, &in, pieces);

		if (event == FRAMING_REFUSED)
			o.refused = r;
		else if (event == FRAMING_END)
			write_down(&o.accepted, r);
		bodies_release(&bodies, r);
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

/* What every refusal of framing is called (RFC 9110, 15). */
static const char *
phrase(enum err code)
{
	switch (err_http(code)) {
	case 400:
		return "Bad Request";
	case 413:
		return "Content Too Large";
	case 417:
		return "Expectation Failed";
	case 501:
		return "Not Implemented";
	default:
		return "HTTP Version Not Supported";
	}
}

static struct str
wanted_answer(struct arena *a, const struct request *r)
{
	enum err code = r->error.code;
	struct str body = arena_printf(a,
	    "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"code\":%d}}",
	    r->error.message, err_type(code), err_http(code));

	return arena_printf(a,
	    "HTTP/1.1 %d %s\r\nX-Content-Type-Options: nosniff\r\nDate: D\r\n"
	    "X-Request-ID: \r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n" STR_FMT,
	    err_http(code), phrase(code), body.len, STR_ARG(body));
}

static void
check(const struct message *m, struct pieces pieces)
{
	struct arena *a = arena_new();
	struct outcome o = outcome_of(a, m->bytes, &pieces);
	enum err code = o.refused != NULL ? o.refused->error.code : OK;

	if (code != m->refused ||
	    !str_eq(buf_str(&o.accepted), str_from(m->accepted)))
		fail_msg("%s (RFC %s), cut at %td: %d\n" STR_FMT, m->name,
		    m->section, pieces.cut - m->bytes.ptr, err_http(code),
		    STR_ARG(buf_str(&o.accepted)));
	if (code != OK)
		assert_str(
		    answer_to(a, o.refused), wanted_answer(a, o.refused));
	arena_free(a);
}

static void
every_message_is_accepted_or_refused_as_its_row_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		check(&messages[i],
		    (struct pieces){ messages[i].bytes.ptr, SIZE_MAX });
}

static void
a_cut_anywhere_makes_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		struct str bytes = messages[i].bytes;

		for (size_t at = 1; at < bytes.len; at++)
			check(&messages[i],
			    (struct pieces){ bytes.ptr + at, SIZE_MAX });
	}
}

static void
small_pieces_make_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		check(
		    &messages[i], (struct pieces){ messages[i].bytes.ptr, 1 });
		check(
		    &messages[i], (struct pieces){ messages[i].bytes.ptr, 7 });
	}
}

static void
no_two_rows_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(
			    messages[i].name, messages[j].name);
			if (str_eq(messages[i].bytes, messages[j].bytes))
				fail_msg("%s is %s", messages[i].name,
				    messages[j].name);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_message_is_accepted_or_refused_as_its_row_says),
		cmocka_unit_test(no_two_rows_say_the_same),
		cmocka_unit_test(a_cut_anywhere_makes_no_difference),
		cmocka_unit_test(small_pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
