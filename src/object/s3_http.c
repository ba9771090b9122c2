/*
 * s3_http.c - requests by libcurl.
 *
 * A handle that was used before sends a request again by itself when the kept
 * connection turns out to be dead: so a request may arrive twice, and whoever
 * minds (a conditional put) has to look.
 */
#include "object/s3_http.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "calls/usage.h"
#include "object/ca_bundle.h"
#include "object/curl_memory.h"
#include "object/endpoint_guard.h"
#include "shm/warehouse_bytes.h"

#define CONNECT_MS 5000
#define LONGEST_MS 86400000 /* of a call without a deadline */
#define ERROR_BODY_BYTES ((size_t)16 * 1024)

struct s3_http {
	pthread_mutex_t lock; /* protects the next three */
	pthread_cond_t freed;
	CURL **idle;
	unsigned idle_count, made;
	struct s3_http_settings settings;
	char *ca_file;
	_Atomic int64_t requests, connections, heard_us;
};

static void
init_lock(struct s3_http *h)
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&h->freed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

enum err
s3_http_open(
    const struct s3_http_settings *s, struct s3_http **ret, struct error *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct s3_http *h = calloc(1, sizeof(*h));

	(void)pthread_once(&once, curl_memory_start);
	if (h == NULL)
		return fail(e, ERR_UNAVAILABLE, "No memory for connections");
	init_lock(h);
	h->settings = *s;
	h->idle = calloc(s->connections, sizeof(CURL *));
	h->ca_file = s->ca_file.ptr != NULL
			 ? strndup(s->ca_file.ptr, s->ca_file.len)
			 : strdup(ca_bundle());
	if (h->idle == NULL || h->ca_file == NULL) {
		s3_http_close(h);
		return fail(e, ERR_UNAVAILABLE, "No memory for connections");
	}
	*ret = h;
	return OK;
}

void
s3_http_close(struct s3_http *h)
{
	if (h == NULL)
		return;
	for (unsigned i = 0; h->idle != NULL && i < h->idle_count; i++)
		curl_easy_cleanup(h->idle[i]);
	(void)pthread_cond_destroy(&h->freed);
	(void)pthread_mutex_destroy(&h->lock);
	free(h->idle);
	free(h->ca_file);
	free(h);
}

struct s3_counts
s3_http_counts(const struct s3_http *h)
{
	return (struct s3_counts){ atomic_load(&h->requests),
		atomic_load(&h->connections) };
}

int64_t
s3_http_heard_us(const struct s3_http *h)
{
	return atomic_load(&h->heard_us);
}

/* ---- the pool */
static CURL *
take_locked(struct s3_http *h)
{
	CURL *made;

	if (h->idle_count != 0)
		return h->idle[--h->idle_count];
	if (h->made == h->settings.connections)
		return NULL;
	made = curl_easy_init();
	if (made != NULL)
		h->made++;
	return made;
}

static enum err
take(struct s3_http *h, struct call *c, CURL **ret)
{
	const struct timespec until = { c->deadline_us / CLOCK_SECOND,
		c->deadline_us % CLOCK_SECOND * 1000 };
	int waited = 0;

	(void)pthread_mutex_lock(&h->lock);
	while ((*ret = take_locked(h)) == NULL && waited == 0)
		waited = pthread_cond_timedwait(&h->freed, &h->lock, &until);
	(void)pthread_mutex_unlock(&h->lock);
	if (*ret != NULL)
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "All %u connections to the object store are in use: try again",
	    h->settings.connections);
}

static void
give_back(struct s3_http *h, CURL *curl)
{
	(void)pthread_mutex_lock(&h->lock);
	h->idle[h->idle_count++] = curl;
	(void)pthread_cond_signal(&h->freed);
	(void)pthread_mutex_unlock(&h->lock);
}

/* ---- the answer */
struct receiver {
	CURL *curl;
	const struct s3_http_settings *settings;
	_Atomic int64_t *heard_us;
	struct call *call;
	struct s3_exchange *x;
	struct buf body;
};

static size_t
room_for(const struct receiver *to, size_t n)
{
	curl_off_t length = -1;

	(void)curl_easy_getinfo(
	    to->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (to->body.len != 0 || length < (curl_off_t)n ||
	    (size_t)length > to->x->most)
		return n;
	return (size_t)length;
}

/* libcurl calls this for each part of a body; a result that is less than the
 * part breaks the request off. */
static size_t
on_body(char *bytes, size_t size, size_t n, void *at)
{
	struct receiver *to = at;
	long status = 0;
	struct str part = { bytes, size * n };

	atomic_store(to->heard_us, clock_mono_us());

	(void)curl_easy_getinfo(to->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 300) {
		if (to->body.len + part.len <= ERROR_BODY_BYTES)
			buf_add(&to->body, part);
		return part.len;
	}
	if (to->body.len + part.len > to->x->most) {
		to->x->too_large = true;
		return 0;
	}

	size_t room = room_for(to, part.len);

	if (!arena_fits(to->call->arena, room))
		return 0;
	(void)buf_reserve(&to->body, room);
	buf_add(&to->body, part);
	return part.len;
}

static bool
value_of(struct str line, struct str name, struct str *ret)
{
	if (line.len <= name.len || line.ptr[name.len] != ':' ||
	    !str_eq_nocase((struct str){ line.ptr, name.len }, name))
		return false;
	*ret = str_trim(str_skip(line, name.len + 1));
	return true;
}

/* The headers of an interim answer (100) are overwritten by the next. */
static size_t
on_header(char *bytes, size_t size, size_t n, void *at)
{
	struct receiver *to = at;
	struct s3_exchange *x = to->x;
	struct arena *a = to->call->arena;
	struct str line = { bytes, size * n }, value;

	atomic_store(to->heard_us, clock_mono_us());

	while (line.len != 0 && (line.ptr[line.len - 1] == '\n' ||
				    line.ptr[line.len - 1] == '\r'))
		line.len--;
	if (value_of(line, STR("Date"), &value))
		x->date_us = (int64_t)curl_getdate(arena_cstr(a, value), NULL) *
			     CLOCK_SECOND;
	else if (value_of(line, STR("ETag"), &value))
		x->etag = arena_copy(a, value);
	else if (value_of(line, STR(S3_MARK), &value))
		x->mark = arena_copy(a, value);
	return size * n;
}

/* ---- one request */
/* libcurl calls this with the address that it is about to connect to. */
static curl_socket_t
open_socket(void *at, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct receiver *r = at;
	const struct s3_http_settings *s = r->settings;

	(void)purpose;
	if (!s->any_address && !endpoint_may_be(&to->addr, &s->networks)) {
		r->x->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static struct curl_slist *
header_list(struct arena *a, struct pairs headers)
{
	/* libcurl adds these by itself otherwise */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	list = curl_slist_append(list, "Content-Type:");
	for (size_t i = 0; i < headers.count; i++)
		list = curl_slist_append(
		    list, arena_cstr(a, arena_printf(a, STR_FMT ": " STR_FMT,
					    STR_ARG(headers.at[i].name),
					    STR_ARG(headers.at[i].value))));
	return list;
}

static void
set_times(CURL *curl, const struct call *c, const struct s3_exchange *x)
{
	int64_t left_ms = (c->deadline_us - clock_mono_us()) / CLOCK_MS;
	int64_t silence = x->silence_us / CLOCK_SECOND;

	/* 0 would be: for ever */
	if (left_ms < 1)
		left_ms = 1;
	if (left_ms > LONGEST_MS)
		left_ms = LONGEST_MS;
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    left_ms < CONNECT_MS ? (long)left_ms : (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(
	    curl, CURLOPT_LOW_SPEED_TIME, silence < 1 ? 1L : (long)silence);
}

static void
set_body(CURL *curl, const struct s3_exchange *x)
{
	if (strcmp(x->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (x->body.ptr != NULL) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		    x->body.len != 0 ? x->body.ptr : "");
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, x->method);
}

static void
set_options(CURL *curl, const struct s3_http *h, struct receiver *to,
    struct curl_slist *headers)
{
	struct s3_exchange *x = to->x;

	curl_easy_reset(curl);
	curl_easy_setopt(
	    curl, CURLOPT_URL, arena_cstr(to->call->arena, x->url));
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(
	    curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, to);
	curl_easy_setopt(curl, CURLOPT_CAINFO, h->ca_file);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, curl_memory_tls);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, to);
	/* a name server that is slower than the deadline is not waited for */
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	set_times(curl, to->call, x);
	set_body(curl, x);
}

static bool
is_hopeless(CURLcode code)
{
	return code == CURLE_URL_MALFORMAT ||
	       code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE;
}

static void
count_bytes(CURL *curl, struct byte_counts *counts)
{
	curl_off_t written = 0, read = 0;

	if (counts == NULL)
		return;
	(void)curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &written);
	(void)curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &read);
	(void)atomic_fetch_add(&counts->written, written);
	(void)atomic_fetch_add(&counts->read, read);
}

static void
perform(struct s3_http *h, struct receiver *to)
{
	struct curl_slist *headers =
	    header_list(to->call->arena, to->x->headers);
	struct s3_exchange *x = to->x;
	curl_off_t length = -1;
	long status = 0, connections = 0;

	set_options(to->curl, h, to, headers);

	CURLcode code = curl_easy_perform(to->curl);

	curl_slist_free_all(headers);
	(void)curl_easy_getinfo(to->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(
	    to->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	(void)curl_easy_getinfo(to->curl, CURLINFO_NUM_CONNECTS, &connections);
	count_bytes(to->curl, h->settings.bytes);
	atomic_fetch_add(&h->requests, 1);
	atomic_fetch_add(&h->connections, connections);
	x->status = code == CURLE_OK || x->too_large ? (int)status : 0;
	x->why = curl_easy_strerror(code);
	x->hopeless = is_hopeless(code);
	if (x->status == 0 && x->refused) {
		x->hopeless = true;
		x->why = "its address is loopback, private or link-local, "
			 "which is not allowed: the setting "
			 "warehouse.allowed_endpoints does not have it";
	}
	x->length = length;
	x->answer = buf_str(&to->body);
}

enum err
s3_http_send(struct s3_http *h, struct call *c, struct s3_exchange *x)
{
	struct receiver to = { .settings = &h->settings,
		.heard_us = &h->heard_us,
		.call = c,
		.x = x,
		.body = buf_in(c->arena) };

	x->status = 0;
	x->too_large = x->hopeless = x->refused = false;
	x->date_us = 0;
	x->etag = x->mark = (struct str){ 0 };
	if (c->nowait)
		return usage_would_block(c, "An object store is waited for.");
	if (clock_mono_us() >= c->deadline_us)
		return fail(c->error, ERR_SLOW_DOWN,
		    "The time was over before the object store was asked.");
	TRY(take(h, c, &to.curl));
	perform(h, &to);
	give_back(h, to.curl);
	return arena_check(c->arena, c->error);
}
