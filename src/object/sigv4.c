/* sigv4.c - the four steps of AWS Signature Version 4. */
#include "object/sigv4.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hex.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TIME_TEXT 17 /* "20130524T000000Z" and a NUL */
#define DATE_LEN 8

struct digest {
	unsigned char b[crypto_hash_sha256_BYTES];
};

/* ---- encoding */
static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void
sigv4_encode(struct buf *b, struct str text, bool is_path)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (is_unreserved(c) || (is_path && c == '/')) {
			buf_add_char(b, c);
			continue;
		}
		buf_add_char(b, '%');
		buf_add_hex(b, (struct str){ &c, 1 });
	}
}

static struct str
encoded(struct arena *a, struct str text)
{
	struct buf b = buf_in(a);

	sigv4_encode(&b, text, false);
	return buf_str(&b);
}

static int
by_name(const void *one, const void *other)
{
	const struct pair *p = one, *q = other;
	int order = str_cmp(p->name, q->name);

	return order != 0 ? order : str_cmp(p->value, q->value);
}

static void
sort_pairs(struct pairs pairs)
{
	if (pairs.count > 1)
		qsort(pairs.at, pairs.count, sizeof(*pairs.at), by_name);
}

/* Names are sorted as they are encoded (Signature Version 4, create a
 * canonical request, step 3). */
struct str
sigv4_query(struct arena *a, struct pairs query)
{
	struct pairs sorted = { ARENA_NEW(a, struct pair, query.count + 1),
		query.count };
	struct buf b = buf_in(a);

	for (size_t i = 0; i < query.count; i++)
		sorted.at[i] = (struct pair){ encoded(a, query.at[i].name),
			encoded(a, query.at[i].value) };
	sort_pairs(sorted);
	for (size_t i = 0; i < sorted.count; i++) {
		if (i > 0)
			buf_add_char(&b, '&');
		buf_add(&b, sorted.at[i].name);
		buf_add_char(&b, '=');
		buf_add(&b, sorted.at[i].value);
	}
	return buf_str(&b);
}

/* ---- hashes */
struct str
sigv4_hash(struct arena *a, struct str bytes)
{
	struct digest d;
	char *hex = ARENA_NEW(a, char, 2 * sizeof(d.b));

	(void)crypto_hash_sha256(
	    d.b, (const unsigned char *)bytes.ptr, bytes.len);
	hex_write(hex, (struct str){ (const char *)d.b, sizeof(d.b) });
	return (struct str){ hex, 2 * sizeof(d.b) };
}

static struct digest
hmac(const void *key, size_t key_len, struct str text)
{
	crypto_auth_hmacsha256_state state;
	struct digest ret;

	(void)crypto_auth_hmacsha256_init(&state, key, key_len);
	(void)crypto_auth_hmacsha256_update(
	    &state, (const unsigned char *)text.ptr, text.len);
	(void)crypto_auth_hmacsha256_final(&state, ret.b);
	sodium_memzero(&state, sizeof(state));
	return ret;
}

/* ---- the parts of a signature */
static void
time_text(int64_t at_us, char ret[TIME_TEXT])
{
	char text[CLOCK_TEXT];
	size_t n = 0;

	clock_format(at_us, text);
	for (const char *c = text; *c != '.' && *c != '\0'; c++)
		if (*c != '-' && *c != ':' && n < TIME_TEXT - 2)
			ret[n++] = *c;
	ret[n++] = 'Z';
	ret[n] = '\0';
}

static struct str
scope(struct arena *a, const struct sigv4_request *r)
{
	char at[TIME_TEXT];

	time_text(r->at_us, at);
	return arena_printf(a, "%.*s/" STR_FMT "/" STR_FMT "/aws4_request",
	    DATE_LEN, at, STR_ARG(r->region), STR_ARG(r->service));
}

/* Headers as they are signed: names in small letters, sorted. */
static struct pairs
canonical_headers(struct arena *a, struct pairs headers)
{
	struct pairs ret = { ARENA_NEW(a, struct pair, headers.count + 1),
		headers.count };

	for (size_t i = 0; i < headers.count; i++) {
		struct str name = arena_copy(a, headers.at[i].name);
		char *at = (char *)(uintptr_t)name.ptr;

		for (size_t k = 0; k < name.len; k++)
			if (at[k] >= 'A' && at[k] <= 'Z')
				at[k] = (char)(at[k] - 'A' + 'a');
		ret.at[i] =
		    (struct pair){ name, str_trim(headers.at[i].value) };
	}
	sort_pairs(ret);
	return ret;
}

static struct str
signed_names(struct arena *a, struct pairs canonical)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < canonical.count; i++) {
		if (i > 0)
			buf_add_char(&b, ';');
		buf_add(&b, canonical.at[i].name);
	}
	return buf_str(&b);
}

static void
add_line(struct buf *b, struct str text)
{
	buf_add(b, text);
	buf_add_char(b, '\n');
}

struct str
sigv4_canonical(struct arena *a, const struct sigv4_request *r)
{
	struct pairs headers = canonical_headers(a, r->headers);
	struct str query = sigv4_query(a, r->query);
	struct str names = signed_names(a, headers);
	struct buf b = buf_in(a);

	add_line(&b, r->method);
	add_line(&b, r->path);
	add_line(&b, query);
	for (size_t i = 0; i < headers.count; i++) {
		buf_add(&b, headers.at[i].name);
		buf_add_char(&b, ':');
		add_line(&b, headers.at[i].value);
	}
	add_line(&b, STR(""));
	add_line(&b, names);
	buf_add(&b, r->payload_hash);
	return buf_str(&b);
}

static struct digest
signing_key(const struct sigv4_request *r, struct str date, struct str secret)
{
	char first[4 + SIGV4_SECRET_MAX] = "AWS4";
	size_t n =
	    secret.len < SIGV4_SECRET_MAX ? secret.len : SIGV4_SECRET_MAX;
	struct digest key;

	if (n != 0)
		memcpy(first + 4, secret.ptr, n);
	key = hmac(first, 4 + n, date);
	sodium_memzero(first, sizeof(first));
	key = hmac(key.b, sizeof(key.b), r->region);
	key = hmac(key.b, sizeof(key.b), r->service);
	return hmac(key.b, sizeof(key.b), STR("aws4_request"));
}

static struct str
signature(struct arena *a, const struct sigv4_request *r, struct str secret_key)
{
	char at[TIME_TEXT];

	time_text(r->at_us, at);

	struct str hash = sigv4_hash(a, sigv4_canonical(a, r));
	struct str within = scope(a, r);
	struct str text =
	    arena_printf(a, ALGORITHM "\n%s\n" STR_FMT "\n" STR_FMT, at,
		STR_ARG(within), STR_ARG(hash));
	struct digest key =
	    signing_key(r, (struct str){ at, DATE_LEN }, secret_key);
	struct digest d = hmac(key.b, sizeof(key.b), text);
	char *hex = ARENA_NEW(a, char, 2 * sizeof(d.b));

	sodium_memzero(&key, sizeof(key));
	hex_write(hex, (struct str){ (const char *)d.b, sizeof(d.b) });
	return (struct str){ hex, 2 * sizeof(d.b) };
}

/* ---- what is sent */
static struct pairs
with_room(struct arena *a, struct pairs from, size_t more)
{
	struct pairs ret = { ARENA_NEW(a, struct pair, from.count + more),
		from.count };

	if (from.count != 0)
		memcpy(ret.at, from.at, from.count * sizeof(*from.at));
	return ret;
}

static void
add_pair(struct pairs *to, struct str name, struct str value)
{
	to->at[to->count++] = (struct pair){ name, value };
}

struct pairs
sigv4_sign(struct arena *a, const struct sigv4_request *request,
    const struct sigv4_credentials *by)
{
	struct sigv4_request r = *request;
	char *at = ARENA_NEW(a, char, TIME_TEXT);

	time_text(r.at_us, at);
	r.headers = with_room(a, request->headers, 4);
	add_pair(&r.headers, STR("x-amz-date"), str_from(at));
	add_pair(&r.headers, STR("x-amz-content-sha256"), r.payload_hash);
	if (by->session_token.ptr != NULL)
		add_pair(
		    &r.headers, STR("x-amz-security-token"), by->session_token);

	struct str names = signed_names(a, canonical_headers(a, r.headers));
	struct str within = scope(a, &r);
	struct str sum = signature(a, &r, by->secret_key);

	add_pair(&r.headers, STR("Authorization"),
	    arena_printf(a,
		ALGORITHM " Credential=" STR_FMT "/" STR_FMT
			  ",SignedHeaders=" STR_FMT ",Signature=" STR_FMT,
		STR_ARG(by->access_key), STR_ARG(within), STR_ARG(names),
		STR_ARG(sum)));
	return r.headers;
}

struct str
sigv4_presign(struct arena *a, const struct sigv4_request *request,
    const struct sigv4_credentials *by, int64_t seconds)
{
	struct sigv4_request r = *request;
	char *at = ARENA_NEW(a, char, TIME_TEXT);
	struct str within = scope(a, &r);

	time_text(r.at_us, at);
	r.payload_hash = SIGV4_UNSIGNED_PAYLOAD;
	r.query = with_room(a, request->query, 7);
	add_pair(&r.query, STR("X-Amz-Algorithm"), STR(ALGORITHM));
	add_pair(&r.query, STR("X-Amz-Credential"),
	    arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(by->access_key),
		STR_ARG(within)));
	add_pair(&r.query, STR("X-Amz-Date"), str_from(at));
	add_pair(&r.query, STR("X-Amz-Expires"),
	    arena_printf(a, "%lld", (long long)seconds));
	if (by->session_token.ptr != NULL)
		add_pair(
		    &r.query, STR("X-Amz-Security-Token"), by->session_token);
	add_pair(&r.query, STR("X-Amz-SignedHeaders"),
	    signed_names(a, canonical_headers(a, r.headers)));
	add_pair(
	    &r.query, STR("X-Amz-Signature"), signature(a, &r, by->secret_key));
	return sigv4_query(a, r.query);
}
