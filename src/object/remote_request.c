/* remote_request.c - address, key, operation and headers, in this order. */
#include "object/remote_request.h"

#include "base/buf.h"
#include "object/s3_xml.h"

#define QUERY_MAX 32 /* arguments */

/* ---- the address */
static enum err
forbidden_host(const struct s3_address *at, struct error *e)
{
	return fail(e, ERR_FORBIDDEN,
	    "uri: only requests to http%s://" STR_FMT "%s" STR_FMT
	    " are signed here",
	    at->is_tls ? "s" : "",
	    STR_ARG(at->path_style ? STR("") : at->bucket),
	    at->path_style ? "" : ".", STR_ARG(at->host));
}

/* Splits "scheme://authority/path?query"; what it leaves begins with "/". */
static enum err
take_authority(const struct s3_address *at, struct str *rest, struct str *ret,
    struct error *e)
{
	struct str scheme = at->is_tls ? STR("https://") : STR("http://");

	if (rest->len < scheme.len ||
	    !str_eq_nocase((struct str){ rest->ptr, scheme.len }, scheme))
		return forbidden_host(at, e);
	*rest = str_skip(*rest, scheme.len);
	*ret = (struct str){ rest->ptr, 0 };
	while (ret->len < rest->len && rest->ptr[ret->len] != '/' &&
	       rest->ptr[ret->len] != '?')
		ret->len++;
	*rest = str_skip(*rest, ret->len);
	return OK;
}

static bool
is_host_of_bucket(const struct s3_address *at, struct str host)
{
	return host.len == at->bucket.len + 1 + at->host.len &&
	       str_starts_with(host, at->bucket) &&
	       host.ptr[at->bucket.len] == '.' &&
	       str_eq_nocase(str_skip(host, at->bucket.len + 1), at->host);
}

/* A bucket is the first part of the path or of the host's name, as the
 * warehouse's settings have it.  A server that is asked by path takes no bucket
 * from the host: it would look for the key's first part as a bucket. */
static enum err
take_bucket(const struct s3_address *at, struct str host, struct str *path,
    struct error *e)
{
	struct str rest = *path;

	if (!at->path_style) {
		if (!is_host_of_bucket(at, host))
			return forbidden_host(at, e);
		*path = str_skip(rest, rest.len != 0);
		return OK;
	}
	if (!str_eq_nocase(host, at->host))
		return forbidden_host(at, e);
	rest = str_skip(rest, rest.len != 0);
	if (!str_eq(str_cut(&rest, '/'), at->bucket))
		return fail(e, ERR_FORBIDDEN,
		    "uri: only requests to the bucket " STR_FMT
		    " are signed here",
		    STR_ARG(at->bucket));
	*path = rest.ptr != NULL ? rest : STR("");
	return OK;
}

/* ---- text */
static enum err
decode(struct arena *a, struct str encoded, struct str *ret, struct error *e)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < encoded.len; i++) {
		char c = encoded.ptr[i];

		if (c == '%') {
			bool whole = i + 2 < encoded.len;
			int high =
			    whole ? str_hex_digit(encoded.ptr[i + 1]) : -1;
			int low =
			    whole ? str_hex_digit(encoded.ptr[i + 2]) : -1;

			if (high < 0 || low < 0)
				return fail(e, ERR_BAD_REQUEST,
				    "uri: %% without two hexadecimal digits");
			c = (char)(high << 4 | low);
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7F)
			return fail(e, ERR_BAD_REQUEST,
			    "uri: a control character, which no key has");
		buf_add_char(&b, c);
	}
	*ret = buf_str(&b);
	return OK;
}

/* Servers that keep objects in directories would find another object below a
 * name with dots. */
static enum err
key_check(struct str key, struct error *e)
{
	struct str rest = key;

	if (key.len > S3_KEY_MAX || !str_is_utf8(key))
		return fail(e, ERR_BAD_REQUEST,
		    "uri: a key has at most %d bytes of UTF-8", S3_KEY_MAX);
	if (memchr(key.ptr, '\\', key.len) != NULL)
		return fail(e, ERR_FORBIDDEN,
		    "uri: keys with a backslash are not signed");
	while (rest.ptr != NULL) {
		struct str part = str_cut(&rest, '/');

		if (str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return fail(e, ERR_FORBIDDEN,
			    "uri: keys with \".\" or \"..\" in their path are"
			    " not signed");
	}
	return OK;
}

/* A plus sign is a blank to some servers and a plus sign to others. */
static enum err
query_read(struct arena *a, struct str text, struct pairs *ret, struct error *e)
{
	*ret = (struct pairs){ ARENA_NEW(a, struct pair, QUERY_MAX), 0 };
	if (text.len != 0 && memchr(text.ptr, '+', text.len) != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "uri: a plus sign in the query has to be %%2B");
	while (text.len != 0) {
		struct str argument = str_cut(&text, '&');
		struct str name = str_cut(&argument, '=');
		struct pair *p = &ret->at[ret->count];

		if (ret->count == QUERY_MAX)
			return fail(e, ERR_BAD_REQUEST,
			    "uri: more than %d arguments", QUERY_MAX);
		TRY(decode(a, name, &p->name, e));
		if (pairs_find(*ret, p->name).ptr != NULL)
			return fail(e, ERR_BAD_REQUEST,
			    "uri: two arguments have one name");
		TRY(decode(a, argument, &p->value, e));
		ret->count++;
	}
	return OK;
}

/* ---- the operation (Amazon S3 API reference) */
struct operation {
	struct str method;
	bool of_bucket; /* else of an object */
	enum remote_deed deed;
	const char *needs[2];  /* arguments without which it is another */
	const char *takes[12]; /* others it may have */
};

#define RANGES "partNumber", "x-id"

/* The first row that fits; `x-id` is the SDK's own name of an operation.  A
 * versionId would name what was deleted: by a purge, or by whoever had the
 * place before. */
static const struct operation operations[] = {
	{ STR_INIT("GET"), false, REMOTE_WRITE, { "uploadId" },
	    { "max-parts", "part-number-marker", "x-id" } },
	{ STR_INIT("GET"), false, REMOTE_READ, { NULL }, { RANGES } },
	{ STR_INIT("HEAD"), false, REMOTE_READ, { NULL }, { RANGES } },
	{ STR_INIT("PUT"), false, REMOTE_WRITE, { "partNumber", "uploadId" },
	    { "x-id" } },
	{ STR_INIT("PUT"), false, REMOTE_WRITE, { NULL }, { "x-id" } },
	{ STR_INIT("POST"), false, REMOTE_WRITE, { "uploads" }, { "x-id" } },
	{ STR_INIT("POST"), false, REMOTE_WRITE, { "uploadId" }, { "x-id" } },
	{ STR_INIT("DELETE"), false, REMOTE_WRITE, { "uploadId" }, { "x-id" } },
	{ STR_INIT("DELETE"), false, REMOTE_DELETE, { NULL }, { "x-id" } },
	{ STR_INIT("POST"), true, REMOTE_DELETE, { "delete" }, { "x-id" } },
	{ STR_INIT("GET"), true, REMOTE_LIST, { "prefix" },
	    { "list-type", "delimiter", "max-keys", "continuation-token",
		"start-after", "marker", "encoding-type", "fetch-owner",
		"x-id" } },
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static bool
is_one_of(struct str name, const char *const *names, size_t most)
{
	for (size_t i = 0; i < most && names[i] != NULL; i++)
		if (str_eq(name, str_from(names[i])))
			return true;
	return false;
}

static bool
fits(const struct operation *o, struct str method, bool of_bucket,
    struct pairs query)
{
	size_t needed = 0, found = 0;

	if (!str_eq(method, o->method) || of_bucket != o->of_bucket)
		return false;
	while (needed < 2 && o->needs[needed] != NULL)
		needed++;
	for (size_t i = 0; i < query.count; i++) {
		if (is_one_of(query.at[i].name, o->needs, 2))
			found++;
		else if (!is_one_of(query.at[i].name, o->takes, 12))
			return false;
	}
	return found == needed;
}

static const struct operation *
operation_find(struct str method, bool of_bucket, struct pairs query)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (fits(&operations[i], method, of_bucket, query))
			return &operations[i];
	return NULL;
}

/* ---- headers */
/* Those that S3 acts upon and that change nothing but this object's bytes and
 * what is said about them.  x-amz-copy-source would read another object,
 * x-amz-acl give it to everybody. */
static const struct str known_headers[] = {
	STR_INIT("x-amz-content-sha256"),
	STR_INIT("x-amz-date"),
	STR_INIT("x-amz-decoded-content-length"),
	STR_INIT("x-amz-trailer"),
	STR_INIT("x-amz-checksum-"),
	STR_INIT("x-amz-sdk-checksum-algorithm"),
	STR_INIT("x-amz-meta-"),
	STR_INIT("x-amz-server-side-encryption"),
	STR_INIT("x-amz-user-agent"),
	STR_INIT("x-amz-te"),
};
#define KNOWN_HEADERS (sizeof(known_headers) / sizeof(known_headers[0]))

static bool
starts_with_nocase(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       str_eq_nocase((struct str){ s.ptr, prefix.len }, prefix);
}

static bool
is_known_header(struct str name)
{
	for (size_t i = 0; i < KNOWN_HEADERS; i++)
		if (starts_with_nocase(name, known_headers[i]))
			return true;
	return false;
}

static bool
is_header_text(struct str s, char least)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < least || s.ptr[i] == 0x7F)
			return false;
	return true;
}

static enum err
header_check(struct pair header, struct str host, struct error *e)
{
	if (header.name.len == 0 || !is_header_text(header.name, '!') ||
	    memchr(header.name.ptr, ':', header.name.len) != NULL ||
	    !is_header_text(header.value, ' '))
		return fail(e, ERR_BAD_REQUEST,
		    "headers: a name or value has a character that none may"
		    " have");
	if (str_eq_nocase(header.name, STR("host")) &&
	    !str_eq_nocase(header.value, host))
		return fail(
		    e, ERR_BAD_REQUEST, "headers: Host is not the host of uri");
	if (starts_with_nocase(header.name, STR("x-amz-")) &&
	    !is_known_header(header.name))
		return fail(e, ERR_FORBIDDEN,
		    "headers: " STR_FMT " is not signed", STR_ARG(header.name));
	return OK;
}

static enum err
headers_check(struct pairs headers, struct str host, struct error *e)
{
	if (headers.count > REMOTE_HEADERS_MAX)
		return fail(e, ERR_BAD_REQUEST, "headers: more than %d",
		    REMOTE_HEADERS_MAX);
	for (size_t i = 0; i < headers.count; i++)
		TRY(header_check(headers.at[i], host, e));
	return OK;
}

/* ---- the body of DeleteObjects */
static enum err
bad_body(struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    "body: up to %d objects to delete, each an Object with one Key",
	    S3_DELETE_MAX);
}

/* Only what all readers of XML read alike: no comments, no DTD, and nothing
 * but keys, of which an object has one. */
static enum err
object_key(struct arena *a, struct str object, struct str *ret, struct error *e)
{
	struct xml_element key;

	if (!xml_next(&object, &key) || !str_eq(key.name, STR("Key")))
		return bad_body(e);
	*ret = xml_text(a, key.inside);
	if (ret->len == 0 || xml_next(&object, &key) || object.ptr == NULL)
		return bad_body(e);
	return key_check(*ret, e);
}

static enum err
keys_of_body(struct arena *a, struct str body, struct remote_target *ret,
    struct error *e)
{
	struct xml_element top, next;

	if (body.len == 0 || body.len > REMOTE_BODY_MAX ||
	    memmem(body.ptr, body.len, "<!", 2) != NULL ||
	    !xml_next(&body, &top) || !str_eq(top.name, STR("Delete")))
		return bad_body(e);
	ret->keys = ARENA_NEW(a, struct str, S3_DELETE_MAX);
	while (xml_next(&top.inside, &next)) {
		if (str_eq(next.name, STR("Quiet")))
			continue;
		if (!str_eq(next.name, STR("Object")) ||
		    ret->count == S3_DELETE_MAX)
			return bad_body(e);
		TRY(object_key(a, next.inside, &ret->keys[ret->count++], e));
	}
	return top.inside.ptr == NULL || ret->count == 0 ? bad_body(e) : OK;
}

/* ---- all of it */
static enum err
set_keys(struct arena *a, const struct remote_request *r, struct str key,
    struct remote_target *t, struct error *e)
{
	if (t->deed == REMOTE_DELETE && key.len == 0)
		return keys_of_body(a, r->body, t, e);
	t->keys = ARENA_NEW(a, struct str, 1);
	t->keys[t->count++] =
	    t->deed == REMOTE_LIST ? pairs_find(t->query, STR("prefix")) : key;
	return key_check(t->keys[0], e);
}

static enum err
read_uri(struct arena *a, const struct s3_address *at, struct str uri,
    struct remote_target *t, struct str *ret_key, struct error *e)
{
	struct str rest = uri, path, key;
	struct buf b = buf_in(a);

	if (uri.len == 0 || uri.len > REMOTE_URI_MAX ||
	    memchr(uri.ptr, '#', uri.len) != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "uri: 1 to %d bytes without a fragment", REMOTE_URI_MAX);
	TRY(take_authority(at, &rest, &t->host, e));
	key = path = str_cut(&rest, '?');
	TRY(query_read(a, rest, &t->query, e));
	TRY(take_bucket(at, t->host, &key, e));
	TRY(decode(a, key, ret_key, e));
	TRY(decode(a, path, &path, e));
	sigv4_encode(&b, path.len != 0 ? path : STR("/"), true);
	t->path = buf_str(&b);
	return OK;
}

enum err
remote_request_read(struct arena *a, const struct s3_address *at,
    const struct remote_request *r, struct remote_target *ret, struct error *e)
{
	struct remote_target t = { .count = 0 };
	struct str key;

	TRY(read_uri(a, at, r->uri, &t, &key, e));
	TRY(headers_check(r->headers, t.host, e));

	const struct operation *o =
	    operation_find(r->method, key.len == 0, t.query);

	if (o == NULL)
		return fail(e, ERR_FORBIDDEN,
		    "method, uri: such a request is not signed; signed are the"
		    " operations that read, list, write and delete objects");
	t.deed = o->deed;
	TRY(set_keys(a, r, key, &t, e));
	*ret = t;
	return OK;
}
