/* remote_sign.c - the grant is compared with the request, then it is signed. */
#include "object/remote_sign.h"

static bool
has_key(const struct remote_grant *grant, struct str key, bool is_list)
{
	for (size_t i = 0; i < grant->count; i++)
		if (str_starts_with(key, grant->prefixes[i]) &&
		    (is_list || key.len > grant->prefixes[i].len))
			return true;
	return false;
}

static enum err
covered(const struct remote_grant *grant, const struct remote_target *t,
    struct error *e)
{
	if ((t->deed == REMOTE_WRITE && !grant->may_write) ||
	    (t->deed == REMOTE_DELETE && !grant->may_delete))
		return fail(e, ERR_FORBIDDEN,
		    "Requests that %s objects are not signed for you here",
		    t->deed == REMOTE_WRITE ? "write" : "delete");
	for (size_t i = 0; i < t->count; i++)
		if (!has_key(grant, t->keys[i], t->deed == REMOTE_LIST))
			return fail(e, ERR_FORBIDDEN,
			    "Only requests below the table's location are"
			    " signed; not: " STR_FMT,
			    STR_ARG(t->keys[i]));
	return OK;
}

static bool
is_signed_by_us(struct str name)
{
	return str_eq_nocase(name, STR("x-amz-date")) ||
	       str_eq_nocase(name, STR("x-amz-content-sha256"));
}

/* S3 wants Host and all of x-amz- signed, newer servers Content-Type, too; what
 * the client's library may still change, such as User-Agent, stays out. */
static bool
is_to_sign(struct str name)
{
	static const struct str prefix = STR_INIT("x-amz-");

	if (is_signed_by_us(name))
		return false;
	return str_eq_nocase(name, STR("content-md5")) ||
	       str_eq_nocase(name, STR("content-type")) ||
	       (name.len >= prefix.len &&
		   str_eq_nocase((struct str){ name.ptr, prefix.len }, prefix));
}

static struct pairs
headers_to_sign(struct arena *a, struct str host, struct pairs from)
{
	struct pairs ret = { ARENA_NEW(a, struct pair, from.count + 1), 0 };

	ret.at[ret.count++] = (struct pair){ STR("host"), host };
	for (size_t i = 0; i < from.count; i++)
		if (is_to_sign(from.at[i].name))
			ret.at[ret.count++] = from.at[i];
	return ret;
}

static struct str
header_find(struct pairs headers, struct str name)
{
	for (size_t i = 0; i < headers.count; i++)
		if (str_eq_nocase(headers.at[i].name, name))
			return headers.at[i].value;
	return (struct str){ 0 };
}

/* The keys of a delete are in the body, so its hash is ours.  Otherwise the
 * client says what it will send; chunks that are signed one by one it could not
 * sign. */
static enum err
payload_hash(struct arena *a, const struct remote_request *r,
    const struct remote_target *t, struct str *ret, struct error *e)
{
	struct str said = header_find(r->headers, STR("x-amz-content-sha256"));

	if (t->deed == REMOTE_DELETE && r->body.ptr != NULL)
		*ret = sigv4_hash(a, r->body);
	else if (said.len == 0)
		*ret = SIGV4_UNSIGNED_PAYLOAD;
	else if (str_starts_with(said, STR("STREAMING-AWS4-")))
		return fail(e, ERR_BAD_REQUEST,
		    "headers: x-amz-content-sha256 announces chunks that the"
		    " client would have to sign");
	else
		*ret = said;
	return OK;
}

enum err
remote_sign(struct arena *a, const struct s3_settings *s,
    const struct remote_grant *grant, const struct remote_request *r,
    int64_t at_us, struct pairs *ret, struct error *e)
{
	struct s3_address at;
	struct remote_target t;
	struct str hash;

	TRY(s3_address_of(a, s, &at, e));
	TRY(remote_request_read(a, &at, r, &t, e));
	TRY(covered(grant, &t, e));
	TRY(payload_hash(a, r, &t, &hash, e));

	struct sigv4_request to_sign = { .method = r->method,
		.path = t.path,
		.query = t.query,
		.headers = headers_to_sign(a, t.host, r->headers),
		.payload_hash = hash,
		.region = s->region,
		.service = STR("s3"),
		.at_us = at_us };
	struct pairs all = sigv4_sign(a, &to_sign, &s->credentials);

	/* What sigv4_sign() has added stands behind what it was given. */
	*ret = (struct pairs){ all.at + to_sign.headers.count,
		all.count - to_sign.headers.count };
	return OK;
}

bool
remote_may_be_kept(const struct remote_request *r)
{
	return str_eq(r->method, STR("GET")) || str_eq(r->method, STR("HEAD"));
}
