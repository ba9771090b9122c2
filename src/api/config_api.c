/*
 * config_api.c - GET /v1/config: where a client's catalog is, and what this
 * server can do.  `endpoints` is made from the route table.
 */
#include <pthread.h>

#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/links.h"
#include "api/request_target.h"
#include "api/routes.h"
#include "api/target_access.h"
#include "app/app.h"
#include "base/buf.h"
#include "base/clock.h"
#include "config/settings.h"
#include "identity/principal.h"

static const char *
method_name(enum method method)
{
	switch (method) {
	case METHOD_GET:
		return "GET";
	case METHOD_HEAD:
		return "HEAD";
	case METHOD_POST:
		return "POST";
	case METHOD_PUT:
		return "PUT";
	case METHOD_DELETE:
		return "DELETE";
	case METHOD_OPTIONS:
		return "OPTIONS";
	case METHOD_PATCH:
		return "PATCH";
	}
	return "";
}

/* "GET /v1/config" */
static struct str
endpoint(struct arena *a, const struct route *route)
{
	struct buf b = buf_in(a);

	buf_add(&b, str_from(method_name(route->method)));
	buf_add_char(&b, ' ');
	buf_add(&b, str_from(route->path));
	return buf_str(&b);
}

/* The same for all clients; made at the first request, then reused. */
static struct form_texts all_endpoints;
static pthread_once_t endpoints_made = PTHREAD_ONCE_INIT;

static void
make_endpoints(void)
{
	struct arena *a = arena_new(); /* as long as the process */
	struct str *at = ARENA_NEW(a, struct str, api_routes.count);
	size_t count = 0;

	for (size_t i = 0; i < api_routes.count; i++) {
		const struct route *route = &api_routes.at[i];

		if ((route->flags & ROUTE_ICEBERG) != 0)
			at[count++] = endpoint(a, route);
	}
	all_endpoints = (struct form_texts){ at, count };
}

/* Clients put the prefix into URLs as it is: it must be encoded already.  An
 * '@' and a ':' may stand in a path (RFC 3986, pchar): bare they also suit a
 * client that encodes once more. */
static struct str
encoded(struct arena *a, struct str name)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '_' ||
			     c == '.' || c == '~' || c == '@' || c == ':';

		if (plain)
			buf_add_char(&b, (char)c);
		else
			buf_printf(&b, "%%%02X", c);
	}
	return buf_str(&b);
}

/* ISO 8601, in seconds at the finest. */
static struct str
lifetime(struct arena *a, int64_t us)
{
	long long seconds = us / CLOCK_SECOND;

	if (seconds % 60 == 0)
		return arena_printf(a, "PT%lldM", seconds / 60);
	return arena_printf(a, "PT%lldS", seconds);
}

enum err
config_get(struct request *r)
{
	struct catalog_config config = { 0 };
	struct buf body = buf_in(r->arena);
	struct call call = request_call(r);
	struct branch branch;
	struct str name;
	enum err err;

	TRY(request_query(r, "warehouse", &name));
	if (name.len == 0)
		name = STR("default");
	err = branch_open_to_read(&call, request_tenant(r), name, &branch);
	TRY(access_opened(r, &call, name, err, &branch));

	struct str base = link_base(r);
	bool known = base.len != 0;
	struct pair overrides[] = { { STR("prefix"), encoded(r->arena, name) },
		{ STR("uri"), base } };
	struct pair oauth = { STR("oauth2-server-uri"),
		arena_printf(
		    r->arena, STR_FMT "/v1/oauth/tokens", STR_ARG(base)) };

	config.overrides = (struct pairs){ overrides, known ? 2 : 1 };
	config.defaults = (struct pairs){ &oauth, known ? 1 : 0 };
	(void)pthread_once(&endpoints_made, make_endpoints);
	config.endpoints = all_endpoints;
	config.key_lifetime =
	    lifetime(r->arena, r->app->settings->idempotency_lifetime_us);
	form_encode(r->route->answer, &config, &body);
	reply_part(r, buf_str(&body));
	return OK;
}
