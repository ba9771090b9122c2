/* s3_objects.c - single objects: read, written, looked at, deleted. */
#include "base/uuid.h"
#include "object/s3_multipart.h"

#define CREATE_TRIES 4

static bool
is_success(const struct s3_exchange *x)
{
	return x->status >= 200 && x->status < 300;
}

static enum err
too_large(struct s3_client *client, struct call *c, struct str key, size_t most)
{
	return fail(c->error, ERR_BAD_REQUEST,
	    "An object is too large, at most %zu bytes are read: s3://" STR_FMT
	    "/" STR_FMT,
	    most, STR_ARG(s3_bucket(client)), STR_ARG(key));
}

/* The answer to a get that was done, in *ret. */
static enum err
get(struct s3_client *client, struct call *c, struct str key,
    struct s3_range range, size_t most, struct s3_exchange *ret)
{
	struct pair header = { STR("Range"), { 0 } };
	struct s3_request r = { .method = "GET", .key = key, .most = most };
	struct s3_exchange x;

	TRY(s3_key_check(client, c, key));
	if (range.count != 0) {
		header.value = arena_printf(c->arena, "bytes=%lld-%lld",
		    (long long)range.from,
		    (long long)(range.from + range.count - 1));
		r.headers = (struct pairs){ &header, 1 };
	}
	TRY(s3_ask(client, c, &r, &x));
	if (x.too_large)
		return too_large(client, c, key, most);
	if (x.status == 416)
		return fail(c->error, ERR_BAD_REQUEST,
		    "A range begins behind the end of s3://" STR_FMT
		    "/" STR_FMT,
		    STR_ARG(s3_bucket(client)), STR_ARG(key));
	if (x.status != (range.count != 0 ? 206 : 200))
		return s3_failed(client, c, &r, &x);
	*ret = x;
	return OK;
}

enum err
s3_get(struct s3_client *client, struct call *c, struct str key,
    struct s3_range range, size_t most, struct str *ret)
{
	struct s3_exchange x;

	TRY(get(client, c, key, range, most, &x));
	*ret = x.answer;
	return OK;
}

static enum err
get_part(struct s3_client *client, struct call *c, struct str key,
    const struct s3_head *of, struct s3_range range, struct str *ret)
{
	struct s3_exchange x = { 0 };

	if (of->size - range.from < range.count)
		range.count = of->size - range.from;
	TRY(get(client, c, key, range, (size_t)S3_PART_BYTES, &x));
	if (str_eq(x.etag, of->etag) && (int64_t)x.answer.len == range.count) {
		*ret = x.answer;
		return OK;
	}
	return fail(c->error, ERR_UNAVAILABLE,
	    "s3://" STR_FMT "/" STR_FMT " was overwritten while it was read",
	    STR_ARG(s3_bucket(client)), STR_ARG(key));
}

enum err
s3_get_parts(struct s3_client *client, struct call *c, struct str key,
    enum err (*take)(void *with, struct str part), void *with)
{
	struct s3_range range = { 0, S3_PART_BYTES };
	struct s3_head head = { 0 };
	struct str part = { 0 };

	TRY(s3_head(client, c, key, &head));
	for (; range.from < head.size; range.from += S3_PART_BYTES) {
		struct arena_mark before = arena_mark(c->arena);

		TRY(get_part(client, c, key, &head, range, &part));
		TRY(take(with, part));
		arena_cut(c->arena, before);
	}
	return OK;
}

enum err
s3_head(struct s3_client *client, struct call *c, struct str key,
    struct s3_head *ret)
{
	struct s3_request r = { .method = "HEAD", .key = key };
	struct s3_exchange x;

	TRY(s3_key_check(client, c, key));
	TRY(s3_ask(client, c, &r, &x));
	if (!is_success(&x))
		return s3_failed(client, c, &r, &x);
	*ret = (struct s3_head){ x.length, x.etag, x.mark };
	return OK;
}

enum err
s3_put(
    struct s3_client *client, struct call *c, struct str key, struct str bytes)
{
	const struct pairs none = { 0 };
	struct s3_request r = { .method = "PUT",
		.key = key,
		.headers = s3_put_headers(client, c->arena, none),
		.body = bytes };
	struct s3_exchange x;

	TRY(s3_key_check(client, c, key));
	TRY(s3_ask(client, c, &r, &x));
	return is_success(&x) ? OK : s3_failed(client, c, &r, &x);
}

enum err
s3_delete(struct s3_client *client, struct call *c, struct str key)
{
	struct s3_request r = { .method = "DELETE", .key = key };
	struct s3_exchange x;

	TRY(s3_key_check(client, c, key));
	TRY(s3_ask(client, c, &r, &x));
	if (is_success(&x) || s3_is_missing(c->arena, &x))
		return OK;
	return s3_failed(client, c, &r, &x);
}

/* ---- a new object */
enum whose { NOBODYS, OURS, ANOTHERS };

/* Reads back whose object is there: each s3_create() has a mark of its own. */
static enum err
whose_is(struct s3_client *client, struct call *c, struct str key,
    struct str mark, enum whose *ret)
{
	struct s3_head head = { 0 };
	enum err err = s3_head(client, c, key, &head);

	if (err == OK) {
		*ret = str_eq(head.mark, mark) ? OURS : ANOTHERS;
		return OK;
	}
	if (err == ERR_NOT_FOUND) {
		*ret = NOBODYS;
		return OK;
	}
	return err;
}

/* A new object, by one put or by an upload of parts. */
struct creation {
	struct s3_request put; /* also names the object for messages */
	struct s3_upload upload;
	bool in_parts;
	struct str mark;
};

static struct creation
creation_of(struct s3_client *client, struct call *c, struct str key,
    struct str bytes, struct str mark)
{
	struct pair pairs[] = {
		{ STR(S3_MARK), mark },
		{ STR("If-None-Match"), STR("*") },
	};
	bool in_parts = bytes.len > S3_MULTIPART_BYTES;
	/* the upload's last request has the condition */
	struct pairs headers = s3_put_headers(
	    client, c->arena, (struct pairs){ pairs, in_parts ? 1 : 2 });

	return (struct creation){ .put = { .method = "PUT",
				      .key = key,
				      .headers = headers,
				      .body = bytes,
				      .once = true },
		.upload = s3_upload_of(c, key, bytes, headers),
		.in_parts = in_parts,
		.mark = mark };
}

/*
 * One try, and what became of it.  A 412 may be about the put itself, when it
 * arrived twice (s3_http.c); a 409 says that a rival's is in progress.
 */
static enum err
try_create(struct s3_client *client, struct call *c, struct creation *new,
    enum whose *ret)
{
	const struct s3_request *r = &new->put;
	struct s3_exchange x;

	if (new->in_parts)
		TRY(s3_upload_try(client, c, &new->upload, &x));
	else
		TRY(s3_ask(client, c, r, &x));
	if (is_success(&x)) {
		*ret = OURS;
		return OK;
	}
	if (x.status != 412 && x.status != 409 && !s3_is_unknown(&x))
		return s3_failed(client, c, r, &x);
	if (whose_is(client, c, r->key, new->mark, ret) == OK)
		return OK;
	return fail(c->error, ERR_UNAVAILABLE,
	    "Nobody knows whether s3://" STR_FMT "/" STR_FMT
	    " was written: the server does not answer",
	    STR_ARG(s3_bucket(client)), STR_ARG(r->key));
}

/* A put that comes late, behind the read that did not see it, carries the same
 * mark and the same bytes as the one that is sent again. */
static enum err
create(struct s3_client *client, struct call *c, struct creation *new)
{
	struct str bucket = s3_bucket(client), key = new->put.key;
	enum whose whose = NOBODYS;

	for (unsigned n = 0; n < CREATE_TRIES; n++) {
		TRY(try_create(client, c, new, &whose));
		if (whose == OURS)
			return OK;
		if (whose == ANOTHERS)
			return fail(c->error, ERR_ALREADY_EXISTS,
			    "There is an object s3://" STR_FMT "/" STR_FMT
			    " already",
			    STR_ARG(bucket), STR_ARG(key));
		if (!s3_wait(c, n))
			break;
	}
	return fail(c->error, ERR_UNAVAILABLE,
	    "Cannot write s3://" STR_FMT "/" STR_FMT
	    ": the server does not answer",
	    STR_ARG(bucket), STR_ARG(key));
}

enum err
s3_create(
    struct s3_client *client, struct call *c, struct str key, struct str bytes)
{
	char mark[ID_TEXT];
	struct creation new;
	enum err err;

	id_format(id_v4(), mark);
	TRY(s3_key_check(client, c, key));
	new = creation_of(
	    client, c, key, bytes, (struct str){ mark, ID_TEXT - 1 });
	err = create(client, c, &new);
	if (new.in_parts)
		s3_upload_end(client, c, &new.upload);
	return err;
}
