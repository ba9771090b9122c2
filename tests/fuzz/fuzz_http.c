/*
 * fuzz_http.c - framing under libFuzzer.
 *
 * The first byte says in what pieces the rest arrives.  Whatever the pieces,
 * the same requests come out, nothing is held at the end, and every answer to
 * a refusal can be written.  (Of two faults either may be the one refused.)
 */
#include <stdlib.h>

#include "http/framing.h"
#include "http/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct limits limits = {
	.head_bytes = 1024,
	.header_lines = 10,
	.target_bytes = 200,
	.body_bytes = 1000,
	.bodies_bytes = 1500,
	.bodies_address_percent = 100,
	.public_body_bytes = 1000,
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_request(const struct request *r)
{
	require(r->method != 0 && r->path.len != 0 && r->path.ptr[0] == '/');
	require((int64_t)r->target.len <= limits.target_bytes);
	require((int64_t)r->headers.count <= limits.header_lines);
	require((int64_t)r->body.len <= limits.body_bytes);
	for (size_t i = 0; i < r->headers.count; i++) {
		struct str value = r->headers.at[i].value;

		require(r->headers.at[i].name.len != 0);
		require(value.len == 0 ||
			(memchr(value.ptr, '\n', value.len) == NULL &&
			    memchr(value.ptr, '\0', value.len) == NULL));
	}
}

static void
check_refusal(struct request *r)
{
	require(r->error.code != OK && err_http(r->error.code) >= 400);
	reply_error(r);
	require(
	    reply_head(r, (struct reply_frame){ .date = STR("D") }).len != 0);
}

/* One request from `in`, in pieces of `step`; the last event. */
static enum framing_event
feed(struct framing *f, struct str *in, size_t step)
{
	enum framing_event event = FRAMING_MORE;

	while (
	    event == FRAMING_HEAD || (event == FRAMING_MORE && in->len != 0)) {
		size_t n = in->len < step ? in->len : step, used;

		event = framing_feed(f, (struct str){ in->ptr, n }, &used);
		require(used <= n);
		*in = str_skip(*in, used);
	}
	return event;
}

/* All requests of `in`, written down. */
static struct str
transcript(struct arena *a, struct str in, size_t step)
{
	struct buf text = buf_in(a);
	struct bodies bodies = { 0 };
	enum framing_event event = FRAMING_END;
	struct framing f;

	framing_init(&f, &limits, &bodies);
	while (event == FRAMING_END && in.len != 0) {
		struct request *r = ARENA_NEW(a, struct request, 1);

		r->arena = a;
		framing_start(&f, r);
		event = feed(&f, &in, step);
		if (event == FRAMING_END) {
			check_request(r);
			buf_printf(&text, "%d " STR_FMT " %zu\n",
			    (int)r->method, STR_ARG(r->target), r->body.len);
			if (!f.keep_alive)
				event = FRAMING_MORE;
		} else if (event == FRAMING_REFUSED) {
			check_refusal(r);
			buf_add(&text, STR("refused\n"));
		}
		bodies_release(&bodies, r);
	}
	require(bodies.held == 0);
	return buf_str(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;

	struct arena *a = arena_new();
	struct str in = { (const char *)data + 1, size - 1 };
	struct str whole = transcript(a, in, SIZE_MAX);
	struct str pieces = transcript(a, in, 1 + data[0] % 16u);

	require(str_eq(whole, pieces));
	arena_free(a);
	return 0;
}
