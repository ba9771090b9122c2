/*
 * openapi.c - writes paths and operations from the rows of the table of routes.
 */
#include "api/openapi.h"

#include "api/forms.h"
#include "api/handlers.h"
#include "api/links.h"
#include "api/openapi_schema.h"
#include "api/routes.h"
#include "http/router.h"
#include "identity/authorize.h"

/* clang-format off */
/* The meaning of each "{x}" of paths. */
static const struct route_argument arguments[] = {
	{ "prefix", "string", "The catalog, as GET /v1/config answers it." },
	{ "namespace", "string", "Its levels, joined by U+001F." },
	{ "table", "string", "Name of the table." },
	{ "function", "string", "Name of the function." },
	{ "plan-id", "string", "Of a plan, as POST .../plan answers it." },
	{ "branch", "string", "Name of the branch." },
	{ "tag", "string", "Name of the tag." },
	{ "id", "string", "A UUID." },
	{ "name", "string", "A name, unique in its tenant." },
};
static const struct route_argument if_none_match = {
	"If-None-Match", "string", "ETag of the answer that the client has." };
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- names */
static const char *
method_of(struct arena *a, const struct route *route)
{
	struct str upper = router_allow(a, route->method);
	char *lower = ARENA_NEW(a, char, upper.len + 1);

	for (size_t i = 0; i < upper.len; i++)
		lower[i] = (char)(upper.ptr[i] - 'A' + 'a');
	return lower;
}

struct str
openapi_operation_id(struct arena *a, const struct route *route)
{
	struct buf id = buf_in(a);

	buf_add(&id, str_from(method_of(a, route)));
	for (const char *c = route->path; *c != '\0'; c++) {
		if (*c == '/' || *c == '-' || *c == '.')
			buf_add_char(&id, '_');
		else if (*c != '{' && *c != '}')
			buf_add_char(&id, *c);
	}
	return buf_str(&id);
}

static bool
is_management(const struct route *route)
{
	return str_starts_with(str_from(route->path), STR("/api/"));
}

static const char *
tag_of(const struct route *route)
{
	if (is_management(route))
		return "management";
	return str_starts_with(str_from(route->path), STR("/v1/"))
		   ? "iceberg"
		   : "operations";
}

/* ---- parameters */
static void
add_parameter(struct buf *b, const struct route_argument *p, const char *in)
{
	doc_open(b, NULL, '{');
	doc_text(b, "name", p->name);
	doc_text(b, "in", in);
	if (strcmp(in, "path") == 0) {
		doc_name(b, "required");
		buf_add(b, STR("true"));
	}
	doc_open(b, "schema", '{');
	doc_text(b, "type", p->type);
	doc_close(b, '}');
	if (p->help != NULL)
		doc_text(b, "description", p->help);
	doc_close(b, '}');
}

static void
add_arguments(struct buf *b, const struct route *route)
{
	struct str rest = str_from(route->path);

	while (rest.ptr != NULL) {
		struct str part = str_cut(&rest, '/');
		struct route_argument p = { .type = "string" };

		if (!str_starts_with(part, STR("{")))
			continue;
		part = (struct str){ part.ptr + 1, part.len - 2 };
		p.name = arena_cstr(b->arena, part);
		for (size_t i = 0; i < COUNT(arguments); i++)
			if (str_eq(part, str_from(arguments[i].name)))
				p = arguments[i];
		add_parameter(b, &p, "path");
	}
}

static void
add_parameters(struct buf *b, const struct route *route)
{
	static const struct route_argument key = { "Idempotency-Key", "string",
		"A UUID: sent again with it, the request is answered as it was "
		"the first time, and done once." };

	static const struct route_argument branch = { "branch", "string",
		"A branch, tag, commit or instant, where neither prefix nor "
		"name has one: [ref][~commit|~instant]." };

	doc_open(b, "parameters", '[');
	add_arguments(b, route);
	if (str_starts_with(str_from(route->path), STR("/v1/{prefix}/")))
		add_parameter(b, &branch, "query");
	for (const struct route_argument *q = route->query;
	     q != NULL && q->name != NULL; q++)
		add_parameter(b, q, "query");
	if ((route->flags & ROUTE_TAGGED) != 0)
		add_parameter(b, &if_none_match, "header");
	if (route->again != NULL)
		add_parameter(b, &key, "header");
	if ((route->flags & ROUTE_PUBLIC) == 0) {
		doc_open(b, NULL, '{');
		doc_ref(b, "parameters", "Tenant");
		doc_close(b, '}');
	}
	doc_close(b, ']');
}

/* ---- bodies */
static void
add_content(struct buf *b, const char *type, const struct form *form, bool list)
{
	doc_open(b, "content", '{');
	doc_open(b, type, '{');
	doc_open(b, "schema", '{');
	if (list) {
		doc_text(b, "type", "array");
		doc_open(b, "items", '{');
	}
	if (form != NULL)
		doc_ref(b, "schemas", form->name);
	if (list)
		doc_close(b, '}');
	doc_close(b, '}');
	doc_close(b, '}');
	doc_close(b, '}');
}

static void
add_body(struct buf *b, const struct route *route)
{
	if (route->body == NULL)
		return;
	doc_open(b, "requestBody", '{');
	doc_name(b, "required");
	buf_add(b, STR("true"));
	add_content(b,
	    (route->flags & ROUTE_URLENCODED) != 0
		? "application/x-www-form-urlencoded"
		: "application/json",
	    route->body, false);
	doc_close(b, '}');
}

static const char *
status_of(const struct route *route)
{
	if ((route->flags & ROUTE_MADE) != 0)
		return "201";
	if ((route->flags & ROUTE_ACCEPTED) != 0)
		return "202";
	return route->answer != NULL ||
		       (route->flags & (ROUTE_FILE | ROUTE_EMPTY)) != 0
		   ? "200"
		   : "204";
}

static void
add_answer(struct buf *b, const struct route *route, const char *status,
    const char *description)
{
	doc_open(b, status, '{');
	doc_text(b, "description", description);
	if ((route->flags & ROUTE_FILE) != 0)
		add_content(b, "*/*", NULL, false);
	else if (route->answer != NULL)
		add_content(b, "application/json", route->answer,
		    (route->flags & ROUTE_LIST) != 0);
	doc_close(b, '}');
}

/* RFC 6749, 5.2 has errors of its own. */
static const char *
error_of(const struct route *route)
{
	if ((route->flags & ROUTE_URLENCODED) != 0)
		return "OAuthError";
	return is_management(route) ? "Error" : "IcebergError";
}

static void
add_responses(struct buf *b, const struct route *route)
{
	doc_open(b, "responses", '{');
	add_answer(b, route, status_of(route), "It is done.");
	if ((route->flags & ROUTE_TAGGED) != 0) {
		doc_open(b, "304", '{');
		doc_text(b, "description", "If-None-Match names it.");
		doc_close(b, '}');
	}
	if (route->answer == &form_health)
		add_answer(b, route, "503", "It is not ready.");
	doc_open(b, "default", '{');
	doc_ref(b, "responses", error_of(route));
	doc_close(b, '}');
	doc_close(b, '}');
}

/* ---- paths */
static void
add_access(struct buf *b, const struct route *route)
{
	static const char *const may[] = {
#define X(name, scope, roles, grant, phrase) [name] = (phrase),
#include "identity/actions.def"
#undef X
	};

	if ((route->flags & ROUTE_PUBLIC) != 0) {
		doc_open(b, "security", '[');
		doc_close(b, ']');
		return;
	}
	doc_text(b, "description",
	    arena_printf(b->arena, "For who may %s.", may[route->action]).ptr);
}

static void
add_operation(struct buf *b, const struct route *route)
{
	doc_open(b, method_of(b->arena, route), '{');
	doc_name(b, "operationId");
	buf_add_json(b, openapi_operation_id(b->arena, route));
	doc_open(b, "tags", '[');
	doc_text(b, NULL, tag_of(route));
	doc_close(b, ']');
	add_access(b, route);
	add_parameters(b, route);
	add_body(b, route);
	add_responses(b, route);
	doc_close(b, '}');
}

static bool
is_first_of_path(struct routes routes, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(routes.at[i].path, routes.at[index].path) == 0)
			return false;
	return true;
}

static void
add_paths(struct buf *b, struct routes routes)
{
	doc_open(b, "paths", '{');
	for (size_t i = 0; i < routes.count; i++) {
		const char *path = routes.at[i].path;

		if (!is_first_of_path(routes, i))
			continue;
		doc_open(b, path, '{');
		for (size_t k = i; k < routes.count; k++)
			if (strcmp(routes.at[k].path, path) == 0)
				add_operation(b, &routes.at[k]);
		doc_close(b, '}');
	}
	doc_close(b, '}');
}

/* ---- components */
static void
add_schemas(struct buf *b, struct routes routes)
{
	struct form_set *set = ARENA_NEW(b->arena, struct form_set, 1);

	for (size_t i = 0; i < routes.count; i++) {
		form_set_add(set, routes.at[i].body);
		form_set_add(set, routes.at[i].answer);
	}
	form_set_add(set, &form_oauth_error);
	doc_open(b, "schemas", '{');
	for (size_t i = 0; i < set->count; i++)
		schema_of_form(b, set->at[i]);
	doc_close(b, '}');
}

/* Components that no form describes: reply.c writes the errors. */
static const char fixed_components[] =
    "\"responses\":{"
    "\"Error\":{\"description\":\"What was wrong, in one sentence.\","
    "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
    "\"properties\":{\"error\":{\"type\":\"string\"}},"
    "\"required\":[\"error\"],\"additionalProperties\":false}}}},"
    "\"OAuthError\":{\"description\":\"An error of RFC 6749, 5.2.\","
    "\"content\":{\"application/json\":{\"schema\":{"
    "\"$ref\":\"#/components/schemas/OAuthError\"}}}},"
    "\"IcebergError\":{\"description\":\"Iceberg's ErrorModel.\","
    "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
    "\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
    "\"message\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"},"
    "\"code\":{\"type\":\"integer\",\"minimum\":400,\"maximum\":600}},"
    "\"required\":[\"message\",\"type\",\"code\"],"
    "\"additionalProperties\":false}},"
    "\"required\":[\"error\"],\"additionalProperties\":false}}}}},"
    "\"parameters\":{\"Tenant\":{\"name\":\"X-Pangolin-Tenant\","
    "\"in\":\"header\",\"schema\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"description\":\"For root: the tenant that the request is about.\"}},"
    "\"securitySchemes\":{"
    "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
    "\"description\":\"A token of POST /v1/oauth/tokens.\"},"
    "\"key\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\","
    "\"description\":\"The key of a service user.\"}}";

struct str
openapi_document(struct arena *a, struct routes routes, struct str server)
{
	struct buf b = buf_in(a);

	(void)buf_reserve(&b, (size_t)128 * 1024);
	buf_add(
	    &b, STR("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Pangolin\","
		    "\"version\":\"" PANGOLIN_VERSION "\",\"description\":"
		    "\"An Apache Iceberg REST catalog for many tenants.\"},"
		    "\"servers\":[{\"url\":"));
	buf_add_json(&b, server);
	buf_add(&b, STR("}],"
			"\"security\":[{\"bearer\":[]},{\"key\":[]}]"));
	add_paths(&b, routes);
	doc_open(&b, "components", '{');
	add_schemas(&b, routes);
	doc_name(&b, NULL);
	buf_add(&b, str_from(fixed_components));
	doc_close(&b, '}');
	doc_close(&b, '}');
	return buf_str(&b);
}

enum err
openapi_get(struct request *r)
{
	struct str base = link_base(r);

	reply_part(r, openapi_document(r->arena, api_routes,
			  base.len != 0 ? base : STR(".")));
	return OK;
}
