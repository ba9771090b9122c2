/* test_reply.c - status lines, headers and the bodies of errors. */
#include "http/reply.h"

#include <stdio.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

static int
set_up(void **state)
{
	struct arena *a = arena_new();
	struct request *r = ARENA_NEW(a, struct request, 1);

	r->arena = a;
	r->method = METHOD_GET;
	r->path = STR("/v1/config");
	memcpy(r->id, "i", 2);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct request *)*state)->arena);
	return 0;
}

static void
set_error(struct request *r, enum err code, const char *message)
{
	r->error.code = code;
	(void)snprintf(
	    r->error.message, sizeof(r->error.message), "%s", message);
}

/* Head and body, as they are sent. */
static struct str
sent(struct request *r)
{
	struct reply_frame frame = {
		.date = STR("D"), .keep_alive = true, .idle_seconds = 120
	};
	struct buf text = buf_in(r->arena);

	buf_add(&text, reply_head(r, frame));
	for (size_t i = 0; i < r->reply.part_count; i++)
		buf_add(&text, r->reply.part[i]);
	return buf_str(&text);
}

#define COMMON                                                                 \
	"X-Content-Type-Options: nosniff\r\nDate: D\r\nX-Request-ID: i\r\n"
#define KEEP "Connection: keep-alive\r\nKeep-Alive: timeout=120\r\n\r\n"

static void
sends_parts_and_headers_in_order(void **state)
{
	struct request *r = *state;

	reply_part(r, STR("{\"a\":"));
	reply_part(r, STR("1}"));
	reply_header(r, "ETag", STR("\"x\""));
	assert_str(sent(r),
	    STR("HTTP/1.1 200 OK\r\n" COMMON "ETag: \"x\"\r\n"
		"Content-Type: application/json\r\nContent-Length: 7\r\n" KEEP
		"{\"a\":1}"));
}

static void
says_where_the_time_went_and_what_caches_did(void **state)
{
	struct request *r = *state;
	struct reply_frame frame = { .date = STR("D"), .total_us = 12034 };
	static const struct {
		unsigned hits, misses;
		const char *line;
	} cases[] = {
		{ 0, 0, "total;dur=12.034, store;dur=0.005\r\nConnection" },
		{ 3, 0, "Cache-Status: pangolin; hit\r\nX-Cache: HIT\r\n" },
		{ 3, 1, "Cache-Status: pangolin; fwd=miss\r\nX-Cache: MISS" },
	};

	r->usage.spent_us[BULKHEAD_STORE] = 5;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r->usage.cache_hits = cases[i].hits;
		r->usage.cache_misses = cases[i].misses;

		struct str head = reply_head(r, frame);

		if (strstr(arena_cstr(r->arena, head), cases[i].line) == NULL)
			fail_msg("no \"%s\" in " STR_FMT, cases[i].line,
			    STR_ARG(head));
	}
}

static void
says_for_how_long_tls_is_a_must(void **state)
{
	struct request *r = *state;
	struct reply_frame frame = { .date = STR("D"),
		.hsts = STR("Strict-Transport-Security: max-age=60\r\n") };

	assert_str(reply_head(r, frame),
	    STR("HTTP/1.1 204 No Content\r\n" COMMON
		"Strict-Transport-Security: max-age=60\r\n"
		"Connection: close\r\n\r\n"));
}

static void
is_204_without_a_body(void **state)
{
	assert_str(
	    sent(*state), STR("HTTP/1.1 204 No Content\r\n" COMMON KEEP));
}

static void
has_no_body_in_304(void **state)
{
	struct request *r = *state;

	r->reply.status = 304;
	reply_part(r, STR("x"));
	assert_str(sent(r), STR("HTTP/1.1 304 Not Modified\r\n" COMMON KEEP));
}

static void
answers_head_like_get_without_the_body(void **state)
{
	struct request *r = *state;

	r->method = METHOD_HEAD;
	r->reply.content_type = "text/plain";
	reply_part(r, STR("hello"));
	assert_str(sent(r),
	    STR("HTTP/1.1 200 OK\r\n" COMMON
		"Content-Type: text/plain\r\nContent-Length: 5\r\n" KEEP));
}

static void
tells_iceberg_clients_their_model(void **state)
{
	struct request *r = *state;

	set_error(r, ERR_NO_SUCH_TABLE, "No table \"a\".");
	reply_part(r, STR("half a reply"));
	reply_error(r);
	assert_int_equal(r->reply.status, 404);
	assert_int_equal(r->reply.part_count, 1);
	assert_str(r->reply.part[0],
	    STR("{\"error\":{\"message\":\"No table \\\"a\\\".\","
		"\"type\":\"NoSuchTableException\",\"code\":404}}"));
}

static void
tells_the_management_api_a_sentence(void **state)
{
	struct request *r = *state;

	r->path = STR("/api/v1/tenants");
	set_error(r, ERR_FORBIDDEN, "No.");
	reply_error(r);
	assert_str(r->reply.part[0], STR("{\"error\":\"No.\"}"));
}

static void
adds_what_a_status_demands(void **state)
{
	/* clang-format off */
	static const struct { enum err code; const char *name, *value; } cases[] = {
		{ ERR_NOT_AUTHORIZED,     "WWW-Authenticate", "Bearer" },
		{ ERR_METHOD_NOT_ALLOWED, "Allow",            "GET, PUT" },
		{ ERR_SLOW_DOWN,          "Retry-After",      "1" },
		{ ERR_UNAVAILABLE,        "Retry-After",      "1" },
	};
	/* clang-format on */
	struct request *r = *state;

	r->allow = STR("GET, PUT");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_error(r, cases[i].code, "No.");
		reply_error(r);
		assert_int_equal(r->reply.header_count, 1);
		assert_str(r->reply.header[0].name, str_from(cases[i].name));
		assert_str(r->reply.header[0].value, str_from(cases[i].value));
	}
}

static void
cannot_be_split_by_a_header_value(void **state)
{
	struct request *r = *state;

	reply_header(r, "Location", STR("/a\r\nSet-Cookie: b\x7f"));
	assert_non_null(strstr(
	    arena_cstr(r->arena, sent(r)), "Location: /a??Set-Cookie: b?\r\n"));
}

static void
has_a_phrase_for_every_error(void **state)
{
	struct request *r = *state;

	for (int code = OK + 1; code < ERR_COUNT; code++) {
		set_error(r, (enum err)code, "No.");
		reply_error(r);

		struct str text = sent(r);

		assert_true(text.len > 14 && text.ptr[13] != '\r');
	}
}

static void
writes_dates_as_http_does(void **state)
{
	char date[REPLY_DATE];

	(void)state;
	reply_date(784111777 * CLOCK_SECOND, date); /* RFC 9110, 5.6.7 */
	assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sends_parts_and_headers_in_order),
		TEST(says_where_the_time_went_and_what_caches_did),
		TEST(says_for_how_long_tls_is_a_must),
		TEST(is_204_without_a_body),
		TEST(has_no_body_in_304),
		TEST(answers_head_like_get_without_the_body),
		TEST(tells_iceberg_clients_their_model),
		TEST(tells_the_management_api_a_sentence),
		TEST(adds_what_a_status_demands),
		TEST(cannot_be_split_by_a_header_value),
		TEST(has_a_phrase_for_every_error),
		TEST(writes_dates_as_http_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
