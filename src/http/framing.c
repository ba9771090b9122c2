/* framing.c - llhttp's callbacks and the checks on top of it. */
#include "http/framing.h"

#include <assert.h>

#include "base/list.h"
#include "http/head_check.h"
#include "http/router.h"
#include "http/target.h"

static_assert(LLHTTP_VERSION_MAJOR * 10000 + LLHTTP_VERSION_MINOR * 100 +
		      LLHTTP_VERSION_PATCH >=
		  90201,
    "llhttp before 9.2.1 lets CVE-2025-23167 through");

/* A chunk needs this room beside its data: its length and two line ends. */
#define CHUNK_EXTRA 16

/* A callback that has called fail() ends the parsing with this. */
static int
refused(struct framing *f)
{
	f->event = FRAMING_REFUSED;
	return HPE_USER;
}

static int
span_add(llhttp_t *parser, const char *at, size_t len)
{
	struct framing *f = parser->data;

	if ((parser->flags & F_TRAILING) == 0)
		buf_add(&f->span, (struct str){ at, len });
	return HPE_OK;
}

/* Copies the finished span; it is empty again. */
static struct str
span_take(struct framing *f)
{
	struct str text = arena_copy(f->request->arena, buf_str(&f->span));

	f->span.len = 0;
	return text;
}

static int
target_too_long(struct framing *f)
{
	(void)fail(&f->request->error, ERR_TARGET_TOO_LONG,
	    "The request target is longer than %lld bytes.",
	    (long long)f->limits->target_bytes);
	return refused(f);
}

static int
on_url(llhttp_t *parser, const char *at, size_t len)
{
	struct framing *f = parser->data;

	if ((int64_t)(f->span.len + len) > f->limits->target_bytes)
		return target_too_long(f);
	return span_add(parser, at, len);
}

static int
on_url_complete(llhttp_t *parser)
{
	struct framing *f = parser->data;

	f->request->target = span_take(f);
	return HPE_OK;
}

static void
remember(struct framing *f, struct str in)
{
	size_t all = sizeof(f->before), n = in.len < all ? in.len : all;

	memmove(f->before, f->before + n, all - n);
	memcpy(f->before + all - n, in.ptr + in.len - n, n);
}

/* llhttp takes RTSP/1.0 and ICE/1.0 like HTTP/1.0 behind the methods that they
 * share, and tells the version only. */
static int
on_version(llhttp_t *parser, const char *at, size_t len)
{
	struct framing *f = parser->data;

	(void)len;
	if (f->protocol_known)
		return HPE_OK;
	remember(f, (struct str){ f->piece, (size_t)(at - f->piece) });
	f->protocol_known = memcmp(f->before, "HTTP/", sizeof(f->before)) == 0;
	return f->protocol_known ? HPE_OK : HPE_INVALID_VERSION;
}

/* HTTP/0.9 has a first line without a version, and no headers. */
static bool
is_http09(const struct framing *f)
{
	return f->request->target.ptr != NULL && f->parser.http_major == 0 &&
	       f->parser.http_minor == 9;
}

/* RFC 9112, 2.3. */
static enum err
check_version(const llhttp_t *parser, struct error *e)
{
	if (parser->http_major != 1)
		return fail(e, ERR_HTTP_VERSION,
		    "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	return OK;
}

static int
on_header_field_complete(llhttp_t *parser)
{
	struct framing *f = parser->data;

	if (is_http09(f)) {
		(void)check_version(parser, &f->request->error);
		return refused(f);
	}
	if ((parser->flags & F_TRAILING) == 0)
		f->name = span_take(f);
	return HPE_OK;
}

static int
on_header_value_complete(llhttp_t *parser)
{
	struct framing *f = parser->data;
	struct request *r = f->request;

	if ((parser->flags & F_TRAILING) != 0)
		return HPE_OK;
	if ((int64_t)r->headers.count == f->limits->header_lines) {
		(void)fail(&r->error, ERR_HEAD_TOO_LARGE,
		    "The request has more than %lld header lines.",
		    (long long)f->limits->header_lines);
		return refused(f);
	}
	LIST_RESERVE(r->arena, f->header, r->headers.count, f->header_room, 1);
	f->header[r->headers.count++] =
	    (struct header){ f->name, str_trim(span_take(f)) };
	r->headers.at = f->header;
	return HPE_OK;
}

static enum err
body_too_large(struct framing *f)
{
	return fail(&f->request->error, ERR_TOO_LARGE,
	    "The request body is larger than %lld bytes.",
	    (long long)f->body_most);
}

static enum err
check_length(struct framing *f)
{
	bool chunked = (f->parser.flags & F_CHUNKED) != 0;
	bool counted = (f->parser.flags & F_CONTENT_LENGTH) != 0;
	uint64_t length = counted ? f->parser.content_length : 0;

	if (length > (uint64_t)f->body_most)
		return body_too_large(f);
	f->content_length = chunked ? -1 : (int64_t)length;
	f->body_expected = chunked || length != 0;
	return OK;
}

static enum err
check_head(struct framing *f)
{
	struct request *r = f->request;
	const char *name =
	    llhttp_method_name((llhttp_method_t)f->parser.method);

	TRY(check_version(&f->parser, &r->error));
	r->takes_chunks = f->parser.http_minor != 0;
	r->method = method_parse(str_from(name));
	if (r->method == 0)
		return fail(&r->error, ERR_NOT_IMPLEMENTED,
		    "The method %s is not implemented.", name);
	if (!target_split(r->target, &r->path, &r->query))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "The request target is not a path.");
	TRY(head_check(r, f->parser.http_minor, &f->continue_expected));
	/* of these a body means nothing (RFC 9110, 9.3.1), and is not read */
	if (method_is_safe(r->method) && f->body_most > BODIES_UNCOUNTED)
		f->body_most = BODIES_UNCOUNTED;
	TRY(check_length(f));
	f->continue_expected = f->continue_expected && f->body_expected;
	return OK;
}

static int
on_headers_complete(llhttp_t *parser)
{
	struct framing *f = parser->data;

	f->in_body = true;
	f->keep_alive = llhttp_should_keep_alive(parser) != 0;
	if (check_head(f) != OK)
		return refused(f);
	f->event = FRAMING_HEAD;
	return HPE_PAUSED;
}

static int
on_chunk_header(llhttp_t *parser)
{
	struct framing *f = parser->data;
	int64_t room = f->body_most - (int64_t)f->request->body.len;

	if (parser->content_length > (uint64_t)room) { /* of this chunk */
		(void)body_too_large(f);
		return refused(f);
	}
	f->extra_left += CHUNK_EXTRA;
	return HPE_OK;
}

/* Room for `n` more bytes; a length that was announced is taken at once, the
 * pages of what never comes are never touched. */
static void
body_reserve(struct framing *f, size_t n)
{
	size_t len = f->request->body.len, room = f->body_room;

	if (len + n <= room)
		return;
	if (f->content_length >= 0)
		room = (size_t)f->content_length;
	else
		room = room * 2 > len + n ? room * 2 : len + n;
	if (room > (size_t)f->body_most)
		room = (size_t)f->body_most;
	f->body = arena_grow(f->request->arena, f->body, len, room);
	f->body_room = room;
	f->request->body.ptr = f->body;
}

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct framing *f = parser->data;
	struct str *body = &f->request->body;
	int64_t n = (int64_t)len;

	if ((int64_t)body->len + n > f->body_most) {
		(void)body_too_large(f);
		return refused(f);
	}
	if (f->content_length < 0 &&
	    bodies_hold(f->bodies, f->limits, f->request, n) != OK)
		return refused(f);
	body_reserve(f, len);
	memcpy(f->body + body->len, at, len);
	body->len += len;
	f->extra_left += n;
	return HPE_OK;
}

static int
on_message_complete(llhttp_t *parser)
{
	struct framing *f = parser->data;

	f->event = FRAMING_END;
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_version = on_version,
	.on_header_field = span_add,
	.on_header_field_complete = on_header_field_complete,
	.on_header_value = span_add,
	.on_header_value_complete = on_header_value_complete,
	.on_headers_complete = on_headers_complete,
	.on_chunk_header = on_chunk_header,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void
framing_init(
    struct framing *f, const struct limits *limits, struct bodies *bodies)
{
	*f = (struct framing){ .limits = limits, .bodies = bodies };
}

void
framing_start(struct framing *f, struct request *r)
{
	llhttp_init(&f->parser, HTTP_REQUEST, &callbacks);
	f->parser.data = f;
	*f = (struct framing){
		.parser = f->parser,
		.limits = f->limits,
		.bodies = f->bodies,
		.request = r,
		.span = buf_in(r->arena),
		.head_left = f->limits->head_bytes,
		.extra_left = f->limits->head_bytes,
		.body_most = f->limits->body_bytes,
	};
}

static bool
is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* The part of a request that llhttp did not like. */
static const char *
culprit(llhttp_errno_t code)
{
	switch ((int)code) {
	case HPE_INVALID_CONTENT_LENGTH:
	case HPE_UNEXPECTED_CONTENT_LENGTH:
		return "its Content-Length is not one plain number";
	case HPE_INVALID_TRANSFER_ENCODING:
		return "its Transfer-Encoding is not 'chunked'";
	case HPE_INVALID_CHUNK_SIZE:
		return "a chunk size is not a hexadecimal number";
	case HPE_INVALID_URL:
		return "its target has a character that must be encoded";
	case HPE_INVALID_HEADER_TOKEN:
	case HPE_UNEXPECTED_SPACE:
		return "a header line has a character that may not be there";
	case HPE_CR_EXPECTED:
	case HPE_LF_EXPECTED:
	case HPE_STRICT:
		return "a line or a chunk does not end with CR LF";
	default:
		return "its first line is not a request";
	}
}

/* A well-formed method that nobody knows is 501 (RFC 9110, 9.1), anything
 * else in its place is not HTTP.  llhttp knows some that are not HTTP's. */
static bool
is_unknown_method(const struct framing *f, llhttp_errno_t code, struct str at)
{
	llhttp_method_t method = (llhttp_method_t)f->parser.method;

	if (code == HPE_INVALID_CONSTANT && f->request->target.ptr != NULL)
		return method_parse(str_from(llhttp_method_name(method))) == 0;
	return code == HPE_INVALID_METHOD && at.len != 0 &&
	       (is_token_char(at.ptr[0]) || at.ptr[0] == ' ');
}

static void
explain(struct framing *f, llhttp_errno_t code, struct str at)
{
	struct error *e = &f->request->error;
	bool version_known =
	    f->parser.http_major == 1 && f->parser.http_minor <= 1;

	if (is_unknown_method(f, code, at))
		(void)fail(e, ERR_NOT_IMPLEMENTED,
		    "The method of the request is not implemented.");
	else if (is_http09(f) || code == HPE_PAUSED_H2_UPGRADE ||
		 (code == HPE_INVALID_VERSION && !version_known))
		(void)fail(e, ERR_HTTP_VERSION,
		    "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	else
		(void)fail(e, ERR_BAD_REQUEST,
		    "The request is not well-formed HTTP/1.1: %s.",
		    culprit(code));
}

/* Refuses heads that llhttp accepted but that are too long, and HTTP/0.9. */
static enum err
check_progress(struct framing *f)
{
	struct error *e = &f->request->error, ignored;

	if (arena_check(f->request->arena, &ignored) != OK)
		return bodies_refuse(f->request);
	if (!f->in_body && f->head_left == 0)
		return fail(e, ERR_HEAD_TOO_LARGE,
		    "The request head is larger than %lld bytes.",
		    (long long)f->limits->head_bytes);
	if (f->extra_left < 0)
		return fail(e, ERR_HEAD_TOO_LARGE,
		    "The chunk extensions and trailers are too long.");
	return OK;
}

enum framing_event
framing_feed(struct framing *f, struct str in, size_t *ret_used)
{
	bool body = f->in_body;
	size_t n = in.len;

	if (!body && (int64_t)n > f->head_left)
		n = (size_t)f->head_left;
	f->event = FRAMING_MORE;
	f->piece = in.ptr;

	llhttp_errno_t code = llhttp_execute(&f->parser, in.ptr, n);

	if (code != HPE_OK)
		n = (size_t)(llhttp_get_error_pos(&f->parser) - in.ptr);
	*ret_used = n;
	if (!f->protocol_known)
		remember(f, (struct str){ in.ptr, n });
	*(body ? &f->extra_left : &f->head_left) -= (int64_t)n;
	if (f->event == FRAMING_HEAD)
		llhttp_resume(&f->parser);
	if (f->event == FRAMING_HEAD || f->event == FRAMING_REFUSED)
		return f->event;
	if (code != HPE_OK && f->event != FRAMING_END) {
		explain(f, code, str_skip(in, n));
		f->event = FRAMING_REFUSED;
	} else if (check_progress(f) != OK) {
		f->event = FRAMING_REFUSED;
	}
	return f->event;
}

enum err
framing_limit_body(struct framing *f, int64_t most)
{
	if (most < f->body_most)
		f->body_most = most;
	return f->content_length > f->body_most ? body_too_large(f) : OK;
}
