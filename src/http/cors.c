#include "http/cors.h"

#include "base/buf.h"
#include "config/settings.h"

/* A browser keeps the answer so long. */
#define MAX_AGE "600"

static const struct str any = STR_INIT("*");

static bool
is_origin(struct str text)
{
	struct str host = text;
	struct str scheme = str_cut(&host, ':');

	if (str_eq(text, any))
		return true;
	return (str_eq(scheme, STR("http")) || str_eq(scheme, STR("https"))) &&
	       str_starts_with(host, STR("//")) && host.len > 2 &&
	       memchr(host.ptr + 2, '/', host.len - 2) == NULL;
}

enum err
cors_check(const struct str_list *origins, struct error *e)
{
	for (size_t i = 0; i < origins->count; i++)
		if (!is_origin(origins->at[i]))
			return fail(e, ERR_VALIDATION,
			    "server.cors_origins: \"" STR_FMT
			    "\" is not an origin, such as "
			    "https://lake.example:8443",
			    STR_ARG(origins->at[i]));
	return OK;
}

/* The origin as the answer names it; ptr NULL: it is not allowed. */
static struct str
allowed(const struct request *r, const struct str_list *origins)
{
	struct str origin = request_header(r, STR("Origin"));

	for (size_t i = 0; origin.ptr != NULL && i < origins->count; i++)
		if (str_eq(origins->at[i], any) ||
		    str_eq_nocase(origins->at[i], origin))
			return str_eq(origins->at[i], any) ? any : origin;
	return (struct str){ 0 };
}

struct str
cors_lines(struct request *r, const struct str_list *origins)
{
	struct buf lines = buf_in(r->arena);
	struct str origin;

	if (origins == NULL || origins->count == 0)
		return (struct str){ 0 };
	origin = allowed(r, origins);
	buf_add(&lines, STR("Vary: Origin\r\n"));
	if (origin.ptr != NULL) {
		buf_add(&lines, STR("Access-Control-Allow-Origin: "));
		buf_add(&lines, origin);
		buf_add(
		    &lines, STR("\r\nAccess-Control-Expose-Headers: "
				"ETag, Link, Retry-After, X-Request-ID\r\n"));
	}
	return buf_str(&lines);
}

static enum err
answer(struct request *r)
{
	r->reply.status = 204;
	reply_header(r, "Access-Control-Allow-Methods",
	    STR("GET, HEAD, POST, PUT, DELETE, PATCH"));
	reply_header(r, "Access-Control-Allow-Headers",
	    STR("Accept, Authorization, Content-Type, Idempotency-Key, "
		"If-Match, If-None-Match, X-API-Key, "
		"X-Iceberg-Access-Delegation, X-Pangolin-Commit-Message, "
		"X-Pangolin-Tenant, X-Request-ID"));
	reply_header(r, "Access-Control-Max-Age", STR(MAX_AGE));
	return OK;
}

const struct route *
cors_preflight(const struct request *r, const struct str_list *origins)
{
	static const struct route preflight = { .method = METHOD_OPTIONS,
		.path = "preflight",
		.handle = answer,
		.flags = ROUTE_PUBLIC | ROUTE_ON_LOOP };

	if (r->method != METHOD_OPTIONS || origins == NULL ||
	    request_header(r, STR("Access-Control-Request-Method")).ptr ==
		NULL ||
	    allowed(r, origins).ptr == NULL)
		return NULL;
	return &preflight;
}
