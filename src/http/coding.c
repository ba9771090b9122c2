/* coding.c - Accept-Encoding, and libdeflate on whole bodies. */
#include "http/coding.h"

#include <libdeflate.h>
#include <stdlib.h>

/* A reply is packed for one client only: speed counts for more than size. */
#define LEVEL 1

#define ROOM_LEAST 4096

/* JSON packs to a tenth or a thirtieth.  Gzip can reach a thousandth, but what
 * does is made to fill memory. */
#define RATIO_MOST 100

/* ---- what the client takes */

/* How much each is wanted, in thousandths; -1: it is not named. */
struct wants {
	int gzip, identity, any;
};

static int *
want_for(struct wants *w, struct str name)
{
	if (str_eq_nocase(name, STR("gzip")) ||
	    str_eq_nocase(name, STR("x-gzip")))
		return &w->gzip;
	if (str_eq_nocase(name, STR("identity")))
		return &w->identity;
	return str_eq(name, STR("*")) ? &w->any : NULL;
}

/* A qvalue (RFC 9110, 12.4.2) in thousandths; 0 for what is none. */
static int
thousandths(struct str q)
{
	int value = 0;

	if (q.len == 0 || q.len > 5 || (q.len > 1 && q.ptr[1] != '.'))
		return 0;
	for (size_t i = 0; i < 5; i++) {
		if (i == 1)
			continue;

		int digit = i < q.len ? q.ptr[i] : '0';

		if (digit < '0' || digit > '9')
			return 0;
		value = value * 10 + (digit - '0');
	}
	return value <= 1000 ? value : 0;
}

/* "gzip" or "gzip;q=0.5" */
static void
note_want(struct wants *w, struct str element)
{
	struct str name = str_trim(str_cut(&element, ';'));
	struct str weight = str_trim(element);
	int *want = want_for(w, name);

	if (want == NULL)
		return;
	*want = 1000;
	if (weight.len >= 2 && (weight.ptr[0] | 0x20) == 'q' &&
	    weight.ptr[1] == '=')
		*want = thousandths(str_skip(weight, 2));
}

bool
coding_takes_gzip(const struct request *r)
{
	struct wants w = { -1, -1, -1 };

	for (size_t i = 0; i < r->headers.count; i++) {
		struct str rest = r->headers.at[i].value;

		if (!str_eq_nocase(
			r->headers.at[i].name, STR("Accept-Encoding")))
			continue;
		while (rest.len != 0)
			note_want(&w, str_cut(&rest, ','));
	}

	int gzip = w.gzip >= 0 ? w.gzip : w.any;

	return gzip > 0 && gzip >= w.identity;
}

/* ---- replies */

static bool
is_text(const char *content_type)
{
	struct str type = str_from(content_type);

	return content_type == NULL ||
	       str_starts_with(type, STR("application/json")) ||
	       str_starts_with(type, STR("text/"));
}

static size_t
length_of(const struct reply *reply)
{
	size_t length = 0;

	for (size_t i = 0; i < reply->part_count; i++)
		length += reply->part[i].len;
	return length;
}

static bool
may_pack(const struct request *r)
{
	const struct reply *reply = &r->reply;

	if (r->method == METHOD_HEAD || reply->streaming != NULL ||
	    reply->status == 204 || reply->status == 304 ||
	    !is_text(reply->content_type) ||
	    reply->header_count + 2 > REPLY_HEADERS_MAX ||
	    length_of(reply) < CODING_LEAST)
		return false;
	for (size_t i = 0; i < reply->header_count; i++) {
		if (str_eq_nocase(
			reply->header[i].name, STR("Content-Encoding")))
			return false;
	}
	return true;
}

static struct str
joined(struct request *r)
{
	struct buf whole = buf_in(r->arena);

	if (r->reply.part_count == 1)
		return r->reply.part[0];
	(void)buf_reserve(&whole, length_of(&r->reply));
	for (size_t i = 0; i < r->reply.part_count; i++)
		buf_add(&whole, r->reply.part[i]);
	return buf_str(&whole);
}

/* One for each thread: making it costs more than packing a small reply. */
static struct libdeflate_compressor *
compressor(void)
{
	static _Thread_local struct libdeflate_compressor *mine;

	if (mine == NULL)
		mine = libdeflate_alloc_compressor(LEVEL);
	if (mine == NULL)
		abort();
	return mine;
}

/* Empty when it would not be smaller. */
static struct str
packed(struct arena *a, struct str plain)
{
	struct libdeflate_compressor *c = compressor();
	struct buf out = buf_in(a);
	char *to = buf_reserve(&out, plain.len);
	size_t n =
	    libdeflate_gzip_compress(c, plain.ptr, plain.len, to, plain.len);

	return (struct str){ to, n };
}

size_t
coding_packs(const struct request *r)
{
	return may_pack(r) && coding_takes_gzip(r) ? length_of(&r->reply) : 0;
}

void
coding_is_packed(struct request *r)
{
	reply_header(r, "Vary", STR("Accept-Encoding"));
	reply_header(r, "Content-Encoding", STR("gzip"));
}

void
coding_pack(struct request *r)
{
	if (!may_pack(r))
		return;
	reply_header(r, "Vary", STR("Accept-Encoding"));
	if (!coding_takes_gzip(r))
		return;

	struct str body = packed(r->arena, joined(r));

	if (body.len == 0)
		return;
	reply_header(r, "Content-Encoding", STR("gzip"));
	r->reply.part[0] = body;
	r->reply.part_count = 1;
	if (r->reply.packed != NULL)
		r->reply.packed(r, body, r->reply.packed_arg);
}

/* ---- requests */

struct unpacking {
	struct request *request;
	const struct limits *limits;
	struct bodies *bodies;
	struct str rest; /* not read yet */
	char *out;
	size_t len, room;
	size_t most;
};

static size_t
most_of(size_t packed, const struct limits *limits)
{
	size_t most = (size_t)limits->body_bytes;
	size_t by_ratio = packed * RATIO_MOST;

	if (by_ratio < (size_t)BODIES_SMALL)
		by_ratio = (size_t)BODIES_SMALL;
	return by_ratio < most ? by_ratio : most;
}

static enum err
too_large(struct unpacking *u)
{
	if (u->most < (size_t)u->limits->body_bytes)
		return fail(&u->request->error, ERR_TOO_LARGE,
		    "The request body unpacks to more than %d times its size.",
		    RATIO_MOST);
	return fail(&u->request->error, ERR_TOO_LARGE,
	    "The request body unpacks to more than %lld bytes.",
	    (long long)u->limits->body_bytes);
}

/* The last bytes of a gzip file are its length (RFC 1952, 2.3.1): true for
 * one member, else a first guess. */
static size_t
announced(struct str gzip)
{
	uint32_t n = 0;

	for (size_t i = 0; i < 4 && i < gzip.len; i++)
		n = n << 8 | (unsigned char)gzip.ptr[gzip.len - 1 - i];
	return n;
}

static enum err
make_room(struct unpacking *u, size_t room)
{
	if (u->room == u->most)
		return too_large(u);
	if (room < ROOM_LEAST)
		room = ROOM_LEAST;
	if (room > u->most)
		room = u->most;
	/* all of it: what was too small stays in the arena */
	TRY(bodies_hold(u->bodies, u->limits, u->request, (int64_t)room));
	u->out = arena_grow(u->request->arena, u->out, u->len, room);
	u->room = room;
	return OK;
}

/* A gzip file may be several, one behind the other. */
static enum err
unpack_member(struct unpacking *u, struct libdeflate_decompressor *d)
{
	size_t used = 0, made = 0;
	enum libdeflate_result result =
	    libdeflate_gzip_decompress_ex(d, u->rest.ptr, u->rest.len,
		u->out + u->len, u->room - u->len, &used, &made);

	if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
		return make_room(u, u->room * 2);
	if (result != LIBDEFLATE_SUCCESS)
		return fail(&u->request->error, ERR_BAD_REQUEST,
		    "The request body is not gzip, as its Content-Encoding "
		    "says.");
	u->rest = str_skip(u->rest, used);
	u->len += made;
	return OK;
}

static enum err
unpack_all(struct unpacking *u)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum err err = make_room(u, announced(u->rest));

	if (d == NULL)
		abort();
	while (err == OK && u->rest.len != 0)
		err = unpack_member(u, d);
	libdeflate_free_decompressor(d);
	return err;
}

static bool
is_plain(struct str coding)
{
	return coding.len == 0 || str_eq_nocase(coding, STR("identity"));
}

enum err
coding_refuse(struct request *r)
{
	if (is_plain(request_header(r, STR("Content-Encoding"))))
		return OK;
	return fail(&r->error, ERR_MEDIA_TYPE,
	    "This path takes no Content-Encoding: send the body as it is.");
}

enum err
coding_unpack(
    struct request *r, const struct limits *limits, struct bodies *bodies)
{
	struct str coding = request_header(r, STR("Content-Encoding"));

	if (is_plain(coding))
		return OK;
	if (!str_eq_nocase(coding, STR("gzip")) &&
	    !str_eq_nocase(coding, STR("x-gzip")))
		return fail(&r->error, ERR_MEDIA_TYPE,
		    "The only Content-Encoding that is understood is gzip.");
	if (r->body.len == 0)
		return OK;

	struct unpacking u = { .request = r,
		.limits = limits,
		.bodies = bodies,
		.rest = r->body,
		.most = most_of(r->body.len, limits) };

	TRY(unpack_all(&u));
	r->body = (struct str){ u.out, u.len };
	return OK;
}
