/*
 * fuzz_path.c - targets, routes, decoding and queries under libFuzzer.
 *
 * Any bytes are refused or taken apart into pieces of themselves; what was
 * decoded is UTF-8 without NUL.
 */
#include <stdlib.h>

#include "http/request.h"
#include "http/router.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* clang-format off */
static const struct route table[] = {
	{ .method = METHOD_GET,  .path = "/" },
	{ .method = METHOD_GET,  .path = "/a/{x}" },
	{ .method = METHOD_POST, .path = "/a/b" },
	{ .method = METHOD_GET,  .path = "/{x}/b/{y}" },
	{ .method = METHOD_PUT,  .path = "/a/{x}/{y}/{z}" },
};
/* clang-format on */

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
within(struct str part, struct str whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr &&
		   part.ptr + part.len <= whole.ptr + whole.len);
}

static void
check_decoded(struct str text)
{
	require(str_is_utf8(text));
	require(text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

static void
check_route(struct arena *a, const struct router *router, struct str path)
{
	struct route_match m = router_find(router, METHOD_GET, path);

	require((m.route != NULL) == ((m.allowed & METHOD_GET) != 0));
	for (size_t i = 0; i < m.arg_count; i++) {
		struct error e;
		struct str text;

		require(m.arg[i].len != 0 && within(m.arg[i], path));
		if (request_decode(a, m.arg[i], "It", &text, &e) == OK)
			check_decoded(text);
	}
}

static void
check_query(struct arena *a, struct str query)
{
	struct request *r = ARENA_NEW(a, struct request, 1);
	struct str value;

	r->arena = a;
	r->query = query;
	if (request_query(r, "x", &value) == OK)
		check_decoded(value);
	else
		require(r->error.code == ERR_BAD_REQUEST);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const struct router *router = router_new(
	    a, (struct routes){ table, sizeof(table) / sizeof(table[0]) });
	struct str target = { (const char *)data, size }, path, query;

	if (target_split(target, &path, &query)) {
		require(path.len != 0 && path.ptr[0] == '/');
		require(within(query, target));
		check_route(a, router, path);
		check_query(a, query);
	}
	arena_free(a);
	return 0;
}
