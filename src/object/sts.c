#include "object/sts.h"

#include "base/clock.h"
#include "object/s3_xml.h"

#define ANSWER_MAX ((size_t)64 * 1024)
#define SILENCE_US (10 * CLOCK_SECOND)

/* ---- the request */
static void
add_argument(struct buf *b, const char *name, struct str value)
{
	if (value.ptr == NULL)
		return;
	if (b->len != 0)
		buf_add_char(b, '&');
	buf_add(b, str_from(name));
	buf_add_char(b, '=');
	sigv4_encode(b, value, false);
}

static struct str
form_of(struct arena *a, const struct sts_request *r)
{
	struct buf b = buf_in(a);

	add_argument(&b, "Action", STR("AssumeRole"));
	add_argument(&b, "Version", STR("2011-06-15"));
	add_argument(&b, "RoleArn", r->role);
	add_argument(&b, "RoleSessionName", STR("pangolin"));
	add_argument(&b, "ExternalId", r->external_id);
	add_argument(&b, "DurationSeconds",
	    arena_printf(a, "%lld", (long long)r->seconds));
	add_argument(&b, "Policy", r->policy);
	return buf_str(&b);
}

/* The Host header of an endpoint, as libcurl sends it. */
static struct str
host_of(struct str endpoint)
{
	bool is_tls = str_starts_with(endpoint, STR("https:"));
	struct str port = is_tls ? STR(":443") : STR(":80");
	struct str rest = endpoint;

	(void)str_cut(&rest, ':');
	while (str_starts_with(rest, STR("/")))
		rest = str_skip(rest, 1);
	rest = str_cut(&rest, '/');
	if (str_ends_with(rest, port))
		rest.len -= port.len;
	return rest;
}

static struct s3_exchange
signed_exchange(struct arena *a, const struct sts_request *r)
{
	struct str body = form_of(a, r), host = host_of(r->endpoint);
	struct pair headers[] = {
		{ STR("Host"), host },
		{ STR("Content-Type"),
		    STR("application/x-www-form-urlencoded") },
	};
	const struct sigv4_request s = { .method = STR("POST"),
		.path = STR("/"),
		.headers = { headers, 2 },
		.payload_hash = sigv4_hash(a, body),
		.region = r->region,
		.service = STR("sts"),
		.at_us = r->at_us };
	const char *scheme =
	    str_starts_with(r->endpoint, STR("https:")) ? "https" : "http";

	return (struct s3_exchange){ .method = "POST",
		.url =
		    arena_printf(a, "%s://" STR_FMT "/", scheme, STR_ARG(host)),
		.headers = sigv4_sign(a, &s, &r->by),
		.body = body,
		.most = ANSWER_MAX,
		.silence_us = SILENCE_US };
}

/* ---- the answer */
/* The word that STS has for an error, "AccessDenied". */
static struct str
code_of(struct arena *a, struct str answer)
{
	static const char *const around[] = { "ErrorResponse", "Error" };
	struct str inside = answer, found;

	for (size_t i = 0; i < 2; i++) {
		found = xml_find(inside, str_from(around[i]));
		if (found.ptr != NULL)
			inside = found;
	}
	found = xml_find(inside, STR("Code"));
	if (found.ptr == NULL || found.len == 0 || found.len > 64)
		return STR("");
	for (size_t i = 0; i < found.len; i++)
		if (!((found.ptr[i] >= 'A' && found.ptr[i] <= 'Z') ||
			(found.ptr[i] >= 'a' && found.ptr[i] <= 'z')))
			return STR("");
	return arena_copy(a, found);
}

static enum err
refused(struct call *c, const struct s3_exchange *x)
{
	if (x->status == 0)
		return fail(c->error, ERR_UNAVAILABLE,
		    "STS gives no credentials: no answer: %s", x->why);
	return fail(c->error, ERR_UNAVAILABLE,
	    "STS gives no credentials: the server answers %d " STR_FMT,
	    x->status, STR_ARG(code_of(c->arena, x->answer)));
}

static struct str
text_of(struct arena *a, struct str inside, const char *name)
{
	struct str found = xml_find(inside, str_from(name));

	return found.ptr != NULL ? xml_text(a, found) : found;
}

static enum err
read_session(struct call *c, struct str answer, struct sts_session *ret)
{
	static const char *const path[] = { "AssumeRoleResponse",
		"AssumeRoleResult", "Credentials" };
	struct arena *a = c->arena;
	struct str at = answer;

	for (size_t i = 0; i < 3 && at.ptr != NULL; i++)
		at = xml_find(at, str_from(path[i]));
	if (at.ptr == NULL)
		at = STR("");

	struct str until = text_of(a, at, "Expiration");
	struct sts_session s = { .credentials = { text_of(a, at, "AccessKeyId"),
				     text_of(a, at, "SecretAccessKey"),
				     text_of(a, at, "SessionToken") } };

	if (s.credentials.access_key.len == 0 ||
	    s.credentials.secret_key.len == 0 ||
	    s.credentials.session_token.len == 0 || until.ptr == NULL ||
	    !clock_parse(until, &s.expires_us))
		return fail(c->error, ERR_UNAVAILABLE,
		    "STS gives no credentials: its answer cannot be read");
	*ret = s;
	return OK;
}

enum err
sts_assume_role(
    struct call *c, const struct sts_request *r, struct sts_session *ret)
{
	struct s3_exchange x = signed_exchange(c->arena, r);
	struct s3_http *http = NULL;
	enum err err;

	TRY(s3_http_open(&r->http, &http, c->error));
	err = s3_http_send(http, c, &x);
	s3_http_close(http);
	TRY(err);
	return x.status == 200 ? read_session(c, x.answer, ret)
			       : refused(c, &x);
}
