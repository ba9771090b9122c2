/* reply.c - status lines, headers and the bodies of errors. */
#include "http/reply.h"

#include <assert.h>
#include <time.h>

#include "base/clock.h"
#include "http/base_path.h"
#include "http/streaming.h"

void
reply_header(struct request *r, const char *name, struct str value)
{
	struct reply *reply = &r->reply;

	assert(reply->header_count < REPLY_HEADERS_MAX);
	reply->header[reply->header_count++] =
	    (struct header){ str_from(name), value };
}

void
reply_part(struct request *r, struct str part)
{
	assert(r->reply.part_count < REPLY_PARTS_MAX);
	r->reply.part[r->reply.part_count++] = part;
}

static const char *
reason(int status)
{
	/* clang-format off */
	static const struct { int status; const char *phrase; } known[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].status == status)
			return known[i].phrase;
	}
	return "";
}

/* The management API and sign-in with a provider, which is not Iceberg's. */
static bool
is_management(struct str path)
{
	return (str_starts_with(path, STR("/api/")) &&
		   !base_path_is_foreign(path)) ||
	       str_starts_with(path, STR("/oauth/"));
}

/* {"error":{"message":...,"type":...,"code":...}} (Iceberg REST spec,
 * ErrorModel), or {"error":...} for the management API. */
static struct str
error_body(struct request *r)
{
	struct buf body = buf_in(r->arena);
	struct str message = str_from(r->error.message);

	if (is_management(r->path)) {
		buf_add(&body, STR("{\"error\":"));
		buf_add_json(&body, message);
	} else {
		buf_add(&body, STR("{\"error\":{\"message\":"));
		buf_add_json(&body, message);
		buf_printf(&body, ",\"type\":\"%s\",\"code\":%d}",
		    err_type(r->error.code), err_http(r->error.code));
	}
	buf_add_char(&body, '}');
	return buf_str(&body);
}

void
reply_wait(struct request *r)
{
	struct str wait = STR("1");

	if (r->retry_after_s != 0) {
		wait = arena_printf(r->arena, "%d", r->retry_after_s);
		reply_header(r, "X-RateLimit-Limit",
		    arena_printf(r->arena, "%u", r->rate_limit));
		reply_header(r, "X-RateLimit-Remaining", STR("0"));
		reply_header(r, "X-RateLimit-Reset", wait);
	}
	reply_header(r, "Retry-After", wait);
}

void
reply_error(struct request *r)
{
	int status = err_http(r->error.code);

	r->reply = (struct reply){ .status = status };
	if (status == 401)
		reply_header(r, "WWW-Authenticate", STR("Bearer"));
	if (status == 405)
		reply_header(r, "Allow", r->allow);
	if (status == 429 || status == 503)
		reply_wait(r);
	reply_part(r, error_body(r));
}

/* Nothing in a value can end its line. */
static void
add_value(struct buf *head, struct str value)
{
	size_t at = head->len;

	buf_add(head, value);
	for (; at < head->len; at++) {
		if ((unsigned char)head->data[at] < ' ' ||
		    head->data[at] == 0x7F)
			head->data[at] = '?';
	}
}

static void
add_header(struct buf *head, struct str name, struct str value)
{
	buf_add(head, name);
	buf_add(head, STR(": "));
	add_value(head, value);
	buf_add(head, STR("\r\n"));
}

/* RFC 9112, 6.3: how long the body is, or that there is none. */
static void
add_content(struct buf *head, struct request *r, int status)
{
	struct reply *reply = &r->reply;
	size_t length = 0;

	for (size_t i = 0; i < reply->part_count; i++)
		length += reply->part[i].len;
	if (status == 204 || status == 304 || r->method == METHOD_HEAD)
		reply->part_count = 0;
	if (status == 204 || status == 304)
		return;
	if (length != 0 || reply->streaming != NULL)
		add_header(head, STR("Content-Type"),
		    reply->content_type != NULL ? str_from(reply->content_type)
						: STR("application/json"));
	if (reply->streaming != NULL) {
		if (r->takes_chunks)
			buf_add(head, STR("Transfer-Encoding: chunked\r\n"));
		return;
	}
	buf_add(head, STR("Content-Length: "));
	buf_add_int(head, (int64_t)length);
	buf_add(head, STR("\r\n"));
}

static void
add_connection(struct buf *head, struct reply_frame frame)
{
	if (!frame.keep_alive) {
		buf_add(head, STR("Connection: close\r\n"));
		return;
	}
	buf_add(head, STR("Connection: keep-alive\r\nKeep-Alive: timeout="));
	buf_add_int(head, frame.idle_seconds);
	buf_add(head, STR("\r\n"));
}

/* Milliseconds with three digits behind the point. */
static void
add_duration(struct buf *head, struct str name, int64_t us)
{
	const char thousandths[] = { '.', (char)('0' + us / 100 % 10),
		(char)('0' + us / 10 % 10), (char)('0' + us % 10) };

	buf_add(head, name);
	buf_add(head, STR(";dur="));
	buf_add_int(head, us / CLOCK_MS);
	buf_add(head, (struct str){ thousandths, sizeof(thousandths) });
}

/* W3C Server Timing: where the time went. */
static void
add_timing(struct buf *head, const struct usage *u, int64_t total_us)
{
	int64_t object_us = u->spent_us[BULKHEAD_OBJECT] +
			    u->spent_us[BULKHEAD_S3] +
			    u->spent_us[BULKHEAD_PROBE];

	if (total_us == 0)
		return;
	add_duration(head, STR("Server-Timing: total"), total_us);
	if (u->spent_us[BULKHEAD_STORE] != 0)
		add_duration(head, STR(", store"), u->spent_us[BULKHEAD_STORE]);
	if (object_us != 0)
		add_duration(head, STR(", object"), object_us);
	buf_add(head, STR("\r\n"));
}

/* RFC 9211: a hit is what needed nothing but caches. */
static void
add_cache_status(struct buf *head, const struct usage *u)
{
	if (u->cache_misses != 0)
		buf_add(head, STR("Cache-Status: pangolin; fwd=miss\r\n"
				  "X-Cache: MISS\r\n"));
	else if (u->cache_hits != 0)
		buf_add(head, STR("Cache-Status: pangolin; hit\r\n"
				  "X-Cache: HIT\r\n"));
}

struct str
reply_head(struct request *r, struct reply_frame frame)
{
	struct reply *reply = &r->reply;
	struct buf head = buf_in(r->arena);

	if (reply->status == 0)
		reply->status = reply->part_count != 0 ? 200 : 204;

	int status = reply->status;

	(void)buf_reserve(&head, 512);
	buf_add(&head, STR("HTTP/1.1 "));
	buf_add_int(&head, status);
	buf_add_char(&head, ' ');
	buf_add(&head, str_from(reason(status)));
	buf_add(&head, STR("\r\nX-Content-Type-Options: nosniff\r\nDate: "));
	buf_add(&head, frame.date);
	buf_add(&head, STR("\r\nX-Request-ID: "));
	add_value(&head, str_from(r->id));
	buf_add(&head, STR("\r\n"));
	buf_add(&head, frame.hsts);
	buf_add(&head, frame.cors);
	for (size_t i = 0; i < reply->header_count; i++)
		add_header(
		    &head, reply->header[i].name, reply->header[i].value);
	add_timing(&head, &r->usage, frame.total_us);
	add_cache_status(&head, &r->usage);
	add_content(&head, r, status);
	add_connection(&head, frame);
	buf_add(&head, STR("\r\n"));
	return buf_str(&head);
}

void
reply_date(int64_t utc_us, char ret[REPLY_DATE])
{
	time_t seconds = (time_t)(utc_us / CLOCK_SECOND);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	/* names of days and months are English: no locale is ever set */
	(void)strftime(ret, REPLY_DATE, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}
