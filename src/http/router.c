/*
 * router.c - a trie of path segments.
 *
 * A path may match several nodes ("search" is also an "{id}"), so the search
 * goes back when a literal leads nowhere, and the methods of all of them are
 * allowed.
 */
#include "http/router.h"

#include <assert.h>

#include "base/buf.h"

#define METHOD_COUNT 7

struct node {
	struct str segment;
	struct node *literals;  /* first child; the others by `next` */
	struct node *parameter; /* the child for any non-empty segment */
	struct node *next;
	const struct route *route[METHOD_COUNT];
	unsigned methods;
};

struct router {
	struct node root;
};

static const char *const method_name[METHOD_COUNT] = { "GET", "HEAD", "POST",
	"PUT", "DELETE", "OPTIONS", "PATCH" };

static size_t
method_index(enum method m)
{
	return (size_t)__builtin_ctz(m);
}

enum method
method_parse(struct str name)
{
	for (unsigned i = 0; i < METHOD_COUNT; i++) {
		if (str_eq(str_from(method_name[i]), name))
			return (enum method)(1u << i);
	}
	return (enum method)0;
}

static struct node *
literal_child(const struct node *n, struct str segment)
{
	struct node *child = n->literals;

	while (child != NULL && !str_eq(child->segment, segment))
		child = child->next;
	return child;
}

static struct node *
add_literal(struct arena *a, struct node *n, struct str segment)
{
	struct node *child = literal_child(n, segment);

	if (child == NULL) {
		child = ARENA_NEW(a, struct node, 1);
		child->segment = segment;
		child->next = n->literals;
		n->literals = child;
	}
	return child;
}

static struct node *
add_parameter(struct arena *a, struct node *n)
{
	if (n->parameter == NULL)
		n->parameter = ARENA_NEW(a, struct node, 1);
	return n->parameter;
}

/* HEAD is GET without the body wherever it has no row of its own (RFC 9110,
 * 9.3.2); a reply to it is sent without one in any case. */
static void
put_route(struct node *n, const struct route *route)
{
	const struct route **of = &n->route[method_index(route->method)];
	const struct route **head = &n->route[method_index(METHOD_HEAD)];

	assert(*of == NULL || (*of)->method != route->method);
	*of = route;
	n->methods |= route->method;
	if (route->method == METHOD_GET) {
		if (*head == NULL)
			*head = route;
		n->methods |= METHOD_HEAD;
	}
}

static void
add_route(struct arena *a, struct node *n, const struct route *route)
{
	struct str rest = str_skip(str_from(route->path), 1);
	size_t parameters = 0;

	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		if (str_starts_with(segment, STR("{"))) {
			n = add_parameter(a, n);
			parameters++;
		} else {
			n = add_literal(a, n, segment);
		}
	}
	assert(parameters <= ROUTE_ARGS_MAX);
	put_route(n, route);
}

struct router *
router_new(struct arena *a, struct routes routes)
{
	struct router *router = ARENA_NEW(a, struct router, 1);

	for (size_t i = 0; i < routes.count; i++)
		add_route(a, &router->root, &routes.at[i]);
	return router;
}

/* One search: where it stands on the way down, and what it found. */
struct search {
	enum method method;
	struct str arg[ROUTE_ARGS_MAX];
	size_t arg_count;
	struct route_match found;
};

static void
visit_end(const struct node *n, struct search *s)
{
	s->found.allowed |= n->methods;
	if (s->found.route != NULL || (n->methods & s->method) == 0)
		return;
	s->found.route = n->route[method_index(s->method)];
	memcpy(s->found.arg, s->arg, sizeof(s->arg));
	s->found.arg_count = s->arg_count;
}

static void
visit(const struct node *n, struct str rest, struct search *s)
{
	if (rest.ptr == NULL) {
		visit_end(n, s);
		return;
	}

	struct str segment = str_cut(&rest, '/');
	const struct node *literal = literal_child(n, segment);

	if (literal != NULL)
		visit(literal, rest, s);
	if (n->parameter == NULL || segment.len == 0)
		return;
	s->arg[s->arg_count++] = segment;
	visit(n->parameter, rest, s);
	s->arg_count--;
}

struct route_match
router_find(const struct router *router, enum method method, struct str path)
{
	struct search s = { .method = method };

	if (path.len != 0 && path.ptr[0] == '/')
		visit(&router->root, str_skip(path, 1), &s);
	return s.found;
}

struct str
router_allow(struct arena *a, unsigned methods)
{
	struct buf list = buf_in(a);

	for (unsigned i = 0; i < METHOD_COUNT; i++) {
		if ((methods & (1u << i)) == 0)
			continue;
		if (list.len != 0)
			buf_add(&list, STR(", "));
		buf_add(&list, str_from(method_name[i]));
	}
	return buf_str(&list);
}
