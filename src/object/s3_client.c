/*
 * s3_client.c - one bucket: its settings, its addresses, and signed requests
 * that are tried again.
 */
#include "object/s3_client.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "object/s3_request.h"
#include "object/s3_xml.h"

#define TRIES_MAX 8
#define FIRST_WAIT_US (50 * CLOCK_MS)
#define LONGEST_WAIT_US (2 * CLOCK_SECOND)

/* S3 takes signatures of a clock that is less than 15 minutes wrong. */
#define SKEW_MIN_US (300 * CLOCK_SECOND)

struct s3_client {
	struct arena *arena; /* of the settings */
	struct s3_settings settings;
	struct str host;   /* as the Host header has it */
	struct str origin; /* scheme and host */
	bool is_tls;
	struct s3_http *http;
	_Atomic int64_t skew_us; /* the server's clock minus ours */
};

/* ---- settings */
static bool
has_only(struct str s, const char *others)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9')) &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return true;
}

/* It becomes a part of headers: visible characters, no blanks. */
static bool
is_visible(struct str s, size_t most)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == 0x7F)
			return false;
	return s.len != 0 && s.len <= most;
}

static enum err
settings_check(const struct s3_settings *s, struct error *e)
{
	const struct sigv4_credentials *by = &s->credentials;

	if (s->bucket.len < 3 || s->bucket.len > 63 ||
	    !has_only(s->bucket, ".-_"))
		return fail(e, ERR_BAD_REQUEST,
		    "bucket: 3 to 63 letters, digits, dots and hyphens");
	if (s->region.len == 0 || s->region.len > 63 ||
	    !has_only(s->region, "-_"))
		return fail(e, ERR_BAD_REQUEST,
		    "region: name it, such as \"us-east-1\"");
	if (!is_visible(by->access_key, 256))
		return fail(e, ERR_BAD_REQUEST,
		    "access key: 1 to 256 visible characters");
	if (!is_visible(by->secret_key, SIGV4_SECRET_MAX))
		return fail(e, ERR_BAD_REQUEST,
		    "secret key: 1 to %d visible characters", SIGV4_SECRET_MAX);
	if (s->encryption_key.ptr != NULL &&
	    !is_visible(s->encryption_key, 2048))
		return fail(e, ERR_BAD_REQUEST,
		    "encryption key: 1 to 2048 visible characters");
	if (by->session_token.ptr != NULL &&
	    !is_visible(by->session_token, 8192))
		return fail(e, ERR_BAD_REQUEST,
		    "session token: 1 to 8192 visible characters");
	return OK;
}

static bool
take_scheme(struct str *endpoint, bool *ret_is_tls)
{
	static const struct str http = STR_INIT("http://");
	static const struct str https = STR_INIT("https://");

	*ret_is_tls = str_starts_with(*endpoint, https);
	if (!*ret_is_tls && !str_starts_with(*endpoint, http))
		return false;
	*endpoint = str_skip(*endpoint, *ret_is_tls ? https.len : http.len);
	if (str_ends_with(*endpoint, STR("/")))
		endpoint->len--;
	return endpoint->len != 0 && endpoint->len < 256;
}

/* The Host header has no port that the scheme has by itself: libcurl leaves it
 * out, and it is signed. */
static struct str
without_default_port(struct str host, bool is_tls)
{
	struct str port = is_tls ? STR(":443") : STR(":80");

	if (str_ends_with(host, port))
		host.len -= port.len;
	return host;
}

enum err
s3_address_of(struct arena *a, const struct s3_settings *s,
    struct s3_address *ret, struct error *e)
{
	struct str host = s->endpoint;
	bool is_tls;

	if (host.ptr == NULL)
		host = arena_printf(a,
		    "https://"
		    "s3." STR_FMT ".amazonaws.com",
		    STR_ARG(s->region));
	if (!take_scheme(&host, &is_tls) || !has_only(host, ".-_:[]"))
		return fail(e, ERR_BAD_REQUEST,
		    "endpoint: scheme, host and port, such as "
		    "\"https://s3:9000\"");
	*ret = (struct s3_address){ without_default_port(host, is_tls), is_tls,
		s->path_style, s->bucket };
	return OK;
}

static enum err
set_address(struct s3_client *client, struct error *e)
{
	const struct s3_settings *s = &client->settings;
	struct s3_address at;

	TRY(s3_address_of(client->arena, s, &at, e));
	client->is_tls = at.is_tls;
	client->host = s->path_style
			   ? at.host
			   : arena_printf(client->arena, STR_FMT "." STR_FMT,
				 STR_ARG(s->bucket), STR_ARG(at.host));
	client->origin = arena_printf(client->arena, "http%s://" STR_FMT,
	    client->is_tls ? "s" : "", STR_ARG(client->host));
	return OK;
}

static void
copy_text(struct arena *a, struct str *text)
{
	if (text->ptr != NULL)
		*text = arena_copy(a, *text);
}

static void
copy_settings(struct s3_client *client, const struct s3_settings *from)
{
	struct s3_settings *s = &client->settings;

	*s = *from;
	copy_text(client->arena, &s->endpoint);
	copy_text(client->arena, &s->region);
	copy_text(client->arena, &s->bucket);
	copy_text(client->arena, &s->credentials.access_key);
	copy_text(client->arena, &s->credentials.secret_key);
	copy_text(client->arena, &s->credentials.session_token);
	copy_text(client->arena, &s->encryption);
	copy_text(client->arena, &s->encryption_key);
	copy_text(client->arena, &s->http.ca_file);
	s->http.networks.at =
	    ARENA_NEW(client->arena, struct network, from->http.networks.count);
	for (size_t i = 0; i < from->http.networks.count; i++)
		s->http.networks.at[i] = from->http.networks.at[i];
}

enum err
s3_client_open(
    const struct s3_settings *s, struct s3_client **ret, struct error *e)
{
	enum err err = settings_check(s, e);
	struct s3_client *client;

	if (err != OK)
		return err;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return fail(e, ERR_UNAVAILABLE, "No memory for a client");
	client->arena = arena_new_hidden();
	copy_settings(client, s);
	err = set_address(client, e);
	if (err == OK)
		err = s3_http_open(&client->settings.http, &client->http, e);
	if (err != OK) {
		s3_client_close(client);
		return err;
	}
	*ret = client;
	return OK;
}

void
s3_client_close(struct s3_client *client)
{
	if (client == NULL)
		return;
	s3_http_close(client->http);
	arena_free(client->arena);
	free(client);
}

struct s3_counts
s3_counts(const struct s3_client *client)
{
	return s3_http_counts(client->http);
}

int64_t
s3_heard_us(const struct s3_client *client)
{
	return s3_http_heard_us(client->http);
}

struct str
s3_bucket(const struct s3_client *client)
{
	return client->settings.bucket;
}

#define SSE "x-amz-server-side-encryption"

struct pairs
s3_put_headers(
    const struct s3_client *client, struct arena *a, struct pairs others)
{
	const struct s3_settings *s = &client->settings;
	struct pairs all = { ARENA_NEW(a, struct pair, others.count + 2),
		others.count };

	if (others.count != 0)
		memcpy(all.at, others.at, others.count * sizeof(*others.at));
	if (s->encryption.ptr != NULL)
		all.at[all.count++] = (struct pair){ STR(SSE), s->encryption };
	if (s->encryption_key.ptr != NULL)
		all.at[all.count++] = (struct pair){ STR(SSE "-aws-kms-key-id"),
			s->encryption_key };
	return all;
}

enum err
s3_key_check(struct s3_client *client, struct call *c, struct str key)
{
	if (key.len != 0 && key.len <= S3_KEY_MAX)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "A key in s3://" STR_FMT " has 1 to %d bytes",
	    STR_ARG(client->settings.bucket), S3_KEY_MAX);
}

/* ---- one signed request */
int64_t
s3_clock_us(const struct s3_client *client)
{
	return clock_now_us() + atomic_load(&client->skew_us);
}

static struct str
path_of(const struct s3_client *client, struct arena *a, struct str key)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, '/');
	if (client->settings.path_style) {
		buf_add(&b, client->settings.bucket);
		if (key.len != 0)
			buf_add_char(&b, '/');
	}
	sigv4_encode(&b, key, true);
	return buf_str(&b);
}

static struct sigv4_request
to_sign(struct s3_client *client, struct arena *a, const char *method,
    struct str key, struct pairs headers)
{
	struct pairs with_host = { ARENA_NEW(a, struct pair, headers.count + 1),
		headers.count + 1 };

	with_host.at[0] = (struct pair){ STR("Host"), client->host };
	if (headers.count != 0)
		memcpy(with_host.at + 1, headers.at,
		    headers.count * sizeof(*headers.at));
	return (struct sigv4_request){
		.method = str_from(method),
		.path = path_of(client, a, key),
		.headers = with_host,
		.region = client->settings.region,
		.service = STR("s3"),
		.at_us = s3_clock_us(client),
	};
}

static struct pairs
with_unsigned(struct arena *a, struct pairs signed_ones, struct pairs others)
{
	size_t count = signed_ones.count + others.count;
	struct pairs all = { ARENA_NEW(a, struct pair, count), count };

	if (others.count == 0)
		return signed_ones;
	memcpy(all.at, signed_ones.at,
	    signed_ones.count * sizeof(*signed_ones.at));
	memcpy(all.at + signed_ones.count, others.at,
	    others.count * sizeof(*others.at));
	return all;
}

/* The body is hashed where TLS does not protect it. */
static enum err
send_once(struct s3_client *client, struct call *c, const struct s3_request *r,
    struct s3_exchange *x, int64_t *ret_signed_us)
{
	struct arena *a = c->arena;
	struct sigv4_request s =
	    to_sign(client, a, r->method, r->key, r->headers);

	s.query = r->query;
	s.payload_hash =
	    client->is_tls ? SIGV4_UNSIGNED_PAYLOAD : sigv4_hash(a, r->body);
	*ret_signed_us = s.at_us;

	struct str query = sigv4_query(a, r->query);

	*x = (struct s3_exchange){
		.method = r->method,
		.url = arena_printf(a, STR_FMT STR_FMT "%s" STR_FMT,
		    STR_ARG(client->origin), STR_ARG(s.path),
		    query.len != 0 ? "?" : "", STR_ARG(query)),
		.headers = with_unsigned(a,
		    sigv4_sign(a, &s, &client->settings.credentials),
		    r->unsigned_headers),
		.body = r->body,
		.most = r->most,
		.silence_us = client->settings.silence_us,
	};
	return s3_http_send(client->http, c, x);
}

/* Whether the server refused the time of the signature: from now on requests
 * are signed by its clock.  An answer to HEAD has no body to say so. */
static bool
corrects_skew(
    struct s3_client *client, const struct s3_exchange *x, int64_t signed_us)
{
	int64_t off = x->date_us - signed_us;

	if (x->status != 403 || x->date_us <= 0 ||
	    (off < SKEW_MIN_US && off > -SKEW_MIN_US))
		return false;
	atomic_store(&client->skew_us, x->date_us - clock_now_us());
	return true;
}

/* ---- trying again */
static bool
is_refused_now(const struct s3_exchange *x)
{
	return x->status == 503 || x->status == 429;
}

bool
s3_is_unknown(const struct s3_exchange *x)
{
	if (x->hopeless || x->too_large)
		return false;
	return x->status == 0 || x->status >= 500 || x->status == 408;
}

bool
s3_wait(const struct call *c, unsigned n)
{
	int64_t most = FIRST_WAIT_US << (n < 6 ? n : 6);
	struct timespec t = { 0 };
	int64_t wait;

	if (most > LONGEST_WAIT_US)
		most = LONGEST_WAIT_US;
	wait = most / 2 + randombytes_uniform((uint32_t)(most / 2));
	if (n >= TRIES_MAX || clock_mono_us() + wait >= c->deadline_us)
		return false;
	t.tv_sec = wait / CLOCK_SECOND;
	t.tv_nsec = wait % CLOCK_SECOND * 1000;
	(void)nanosleep(&t, NULL);
	return true;
}

enum err
s3_ask(struct s3_client *client, struct call *c, const struct s3_request *r,
    struct s3_exchange *ret)
{
	struct arena_mark before = arena_mark(c->arena);
	bool corrected = false;
	int64_t signed_us;

	for (unsigned n = 0;; arena_cut(c->arena, before)) {
		TRY(send_once(client, c, r, ret, &signed_us));
		if (!corrected && corrects_skew(client, ret, signed_us)) {
			corrected = true;
			continue;
		}
		if (!is_refused_now(ret) && (r->once || !s3_is_unknown(ret)))
			return OK;
		if (!s3_wait(c, n++))
			return OK;
	}
}

/* ---- errors */
/* The word that S3 has for an error, "NoSuchKey"; it is shown only if it can be
 * such a word. */
static struct str
code_of(struct arena *a, const struct s3_exchange *x)
{
	struct str error = xml_find(x->answer, STR("Error"));
	struct str code = { 0 };

	if (error.ptr != NULL)
		code = xml_find(error, STR("Code"));
	if (code.ptr == NULL || code.len == 0 || code.len > 64 ||
	    !has_only(code, ""))
		return STR("");
	return arena_copy(a, code);
}

bool
s3_is_missing(struct arena *a, const struct s3_exchange *x)
{
	struct str code = code_of(a, x);

	return x->status == 404 &&
	       (code.len == 0 || str_eq(code, STR("NoSuchKey")) ||
		   str_eq(code, STR("NotFound")));
}

static enum err
missing(struct str code, struct str bucket, struct str key, struct error *e)
{
	if (str_eq(code, STR("NoSuchBucket")))
		return fail(e, ERR_UNAVAILABLE,
		    "There is no bucket s3://" STR_FMT, STR_ARG(bucket));
	return fail(e, ERR_NOT_FOUND,
	    "There is no object s3://" STR_FMT "/" STR_FMT, STR_ARG(bucket),
	    STR_ARG(key));
}

enum err
s3_failed(struct s3_client *client, struct call *c, const struct s3_request *r,
    const struct s3_exchange *x)
{
	struct str bucket = client->settings.bucket;
	struct str code = code_of(c->arena, x);

	if (s3_is_missing(c->arena, x) || str_eq(code, STR("NoSuchBucket")))
		return missing(code, bucket, r->key, c->error);
	if (x->status == 0)
		return fail(c->error, ERR_UNAVAILABLE,
		    "%s s3://" STR_FMT "/" STR_FMT ": no answer: %s", r->method,
		    STR_ARG(bucket), STR_ARG(r->key), x->why);
	return fail(c->error, ERR_UNAVAILABLE,
	    "%s s3://" STR_FMT "/" STR_FMT ": the server answers %d " STR_FMT
	    "%s",
	    r->method, STR_ARG(bucket), STR_ARG(r->key), x->status,
	    STR_ARG(code),
	    x->status == 403 ? " (the warehouse's key may not do this)"
	    : x->status == 301 || x->status == 307
		? " (look at region and endpoint)"
		: "");
}

enum err
s3_presign(struct s3_client *client, struct call *c, const char *method,
    struct str key, int64_t seconds, struct str *ret)
{
	TRY(s3_key_check(client, c, key));

	struct sigv4_request s =
	    to_sign(client, c->arena, method, key, (struct pairs){ 0 });
	struct str query =
	    sigv4_presign(c->arena, &s, &client->settings.credentials, seconds);

	*ret = arena_printf(c->arena, STR_FMT STR_FMT "?" STR_FMT,
	    STR_ARG(client->origin), STR_ARG(s.path), STR_ARG(query));
	return OK;
}
