#include "object/s3_multipart.h"

#include "base/clock.h"
#include "object/s3_xml.h"

#define ANSWER_BYTES_MAX ((size_t)64 * 1024)
#define LIST_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define ID_MAX 1024 /* AWS's have 128 characters */
#define LISTED_MAX 100
#define END_US (5 * CLOCK_SECOND)

static bool
is_success(const struct s3_exchange *x)
{
	return x->status >= 200 && x->status < 300;
}

/* The object has to be looked for. */
static void
is_unclear(struct s3_exchange *x)
{
	x->status = 500;
}

struct s3_upload
s3_upload_of(
    struct call *c, struct str key, struct str bytes, struct pairs headers)
{
	return (struct s3_upload){ .key = key,
		.bytes = bytes,
		.headers = headers,
		.list = buf_in(c->arena) };
}

/* ---- the requests of an upload */
/* An answer that is lost leaves an upload that s3_upload_end() finds. */
static enum err
begin(struct s3_client *client, struct call *c, struct s3_upload *u,
    struct s3_exchange *ret)
{
	struct pair query = { STR("uploads"), STR("") };
	struct s3_request r = { .method = "POST",
		.key = u->key,
		.query = { &query, 1 },
		.headers = u->headers,
		.body = STR(""),
		.most = ANSWER_BYTES_MAX };
	struct str result, id;

	TRY(s3_ask(client, c, &r, ret));
	if (!is_success(ret))
		return OK;
	result = xml_find(ret->answer, STR("InitiateMultipartUploadResult"));
	id = xml_text(c->arena, xml_find(result, STR("UploadId")));
	if (id.len == 0 || id.len > ID_MAX) {
		is_unclear(ret);
		return OK;
	}
	*u = s3_upload_of(c, u->key, u->bytes, u->headers);
	u->id = id;
	return OK;
}

static void
add_part(struct s3_upload *u, struct str etag)
{
	buf_printf(
	    &u->list, "<Part><PartNumber>%d</PartNumber><ETag>", u->parts);
	xml_add_text(&u->list, etag);
	buf_add(&u->list, STR("</ETag></Part>"));
}

static enum err
write_part(struct s3_client *client, struct call *c, struct s3_upload *u,
    struct s3_exchange *ret)
{
	struct pair query[] = {
		{ STR("partNumber"),
		    arena_printf(c->arena, "%d", u->parts + 1) },
		{ STR("uploadId"), u->id },
	};
	struct s3_request r = { .method = "PUT",
		.key = u->key,
		.query = { query, 2 },
		.body = str_skip(u->bytes, u->written) };

	if (r.body.len > S3_UPLOAD_PART_BYTES)
		r.body.len = S3_UPLOAD_PART_BYTES;
	TRY(s3_ask(client, c, &r, ret));
	if (!is_success(ret))
		return OK;
	if (ret->etag.len == 0) {
		is_unclear(ret);
		return OK;
	}
	u->parts++;
	u->written += r.body.len;
	add_part(u, ret->etag);
	return OK;
}

/* Not every server minds the condition of complete(): Ceph's gateway 16.2 does
 * not.  Those that race there may both win, one over the other. */
static enum err
is_there(struct s3_client *client, struct call *c, struct str key, bool *ret)
{
	struct s3_head head = { 0 };
	enum err err = s3_head(client, c, key, &head);

	*ret = err == OK;
	return err == ERR_NOT_FOUND ? OK : err;
}

/* A 200 may still hold an error (S3 API, CompleteMultipartUpload).  It is sent
 * once: whose object there is decides whether it is sent again. */
static enum err
complete(struct s3_client *client, struct call *c, const struct s3_upload *u,
    struct s3_exchange *ret)
{
	struct pair query = { STR("uploadId"), u->id };
	struct pair header = { STR("If-None-Match"), STR("*") };
	struct s3_request r = { .method = "POST",
		.key = u->key,
		.query = { &query, 1 },
		.headers = { &header, 1 },
		.body = arena_printf(c->arena,
		    "<CompleteMultipartUpload>" STR_FMT
		    "</CompleteMultipartUpload>",
		    STR_ARG(buf_str(&u->list))),
		.most = ANSWER_BYTES_MAX,
		.once = true };

	TRY(s3_ask(client, c, &r, ret));
	if (is_success(ret) &&
	    xml_find(ret->answer, STR("CompleteMultipartUploadResult")).ptr ==
		NULL)
		is_unclear(ret);
	return OK;
}

/* Without its upload a request finds nothing: it was completed by a request
 * whose answer was lost, or somebody has aborted it. */
static void
look_whether_gone(struct s3_upload *u, struct s3_exchange *x)
{
	if (x->status != 404)
		return;
	u->id = (struct str){ 0 };
	is_unclear(x);
}

enum err
s3_upload_try(struct s3_client *client, struct call *c, struct s3_upload *u,
    struct s3_exchange *ret)
{
	bool there;

	if (u->id.ptr == NULL)
		TRY(begin(client, c, u, ret));
	if (u->id.ptr == NULL)
		return OK;
	while (u->written < u->bytes.len) {
		TRY(write_part(client, c, u, ret));
		if (!is_success(ret)) {
			look_whether_gone(u, ret);
			return OK;
		}
	}
	TRY(is_there(client, c, u->key, &there));
	if (there) {
		ret->status = 412;
		return OK;
	}
	TRY(complete(client, c, u, ret));
	look_whether_gone(u, ret);
	if (is_success(ret))
		u->id = (struct str){ 0 };
	return OK;
}

/* ---- the end */
static void
abort_upload(
    struct s3_client *client, struct call *c, struct str key, struct str id)
{
	struct pair query = { STR("uploadId"), id };
	struct s3_request r = {
		.method = "DELETE", .key = key, .query = { &query, 1 }
	};
	struct s3_exchange ignored;

	(void)!s3_ask(client, c, &r, &ignored);
}

/* Once a key has its object no other upload of it can become one. */
static void
abort_listed(struct s3_client *client, struct call *c, struct str key)
{
	struct pair query[] = {
		{ STR("uploads"), STR("") },
		{ STR("prefix"), key },
		{ STR("max-uploads"),
		    arena_printf(c->arena, "%d", LISTED_MAX) },
	};
	struct s3_request r = {
		.method = "GET", .query = { query, 3 }, .most = LIST_BYTES_MAX
	};
	struct s3_exchange x;
	struct xml_element e;
	struct str inside;

	if (s3_ask(client, c, &r, &x) != OK || !is_success(&x))
		return;
	inside = xml_find(x.answer, STR("ListMultipartUploadsResult"));
	for (int n = 0; n < LISTED_MAX && xml_next(&inside, &e); n++) {
		struct str of =
		    xml_text(c->arena, xml_find(e.inside, STR("Key")));
		struct str id =
		    xml_text(c->arena, xml_find(e.inside, STR("UploadId")));

		if (str_eq(e.name, STR("Upload")) && str_eq(of, key) &&
		    id.len != 0 && id.len <= ID_MAX)
			abort_upload(client, c, key, id);
	}
}

void
s3_upload_end(
    struct s3_client *client, const struct call *call, struct s3_upload *u)
{
	struct error ignored = { 0 };
	struct call c = *call;

	c.error = &ignored;
	c.deadline_us = clock_mono_us() + END_US;
	if (u->id.ptr != NULL)
		abort_upload(client, &c, u->key, u->id);
	abort_listed(client, &c, u->key);
}
