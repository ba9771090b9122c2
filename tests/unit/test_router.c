/* test_router.c - paths to rows, and what is said when there is none. */
#include "http/router.h"

#include "tests/unit/unit.h"

/* clang-format off */
static const struct route table[] = {
	{ .method = METHOD_GET,    .path = "/" },
	{ .method = METHOD_GET,    .path = "/v1/config" },
	{ .method = METHOD_GET,    .path = "/v1/{prefix}/namespaces" },
	{ .method = METHOD_POST,   .path = "/v1/{prefix}/namespaces" },
	{ .method = METHOD_GET,    .path = "/v1/{prefix}/namespaces/{ns}" },
	{ .method = METHOD_HEAD,   .path = "/v1/{prefix}/namespaces/{ns}" },
	{ .method = METHOD_DELETE, .path = "/v1/{prefix}/namespaces/{ns}" },
	{ .method = METHOD_GET,    .path = "/v1/{prefix}/namespaces/{ns}/tables/{t}" },
	{ .method = METHOD_GET,    .path = "/tasks/{id}" },
	{ .method = METHOD_POST,   .path = "/tasks/search" },
	{ .method = METHOD_POST,   .path = "/tasks/{id}/cancel" },
};
/* clang-format on */

struct fixture {
	struct arena *arena;
	struct router *router;
};

static int
set_up(void **state)
{
	static struct fixture f;
	struct routes routes = { table, sizeof(table) / sizeof(table[0]) };

	f.arena = arena_new();
	f.router = router_new(f.arena, routes);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

static struct route_match
find(void **state, enum method method, const char *path)
{
	const struct fixture *f = *state;

	return router_find(f->router, method, str_from(path));
}

static void
finds_every_row_by_its_own_path(void **state)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct route_match m =
		    find(state, table[i].method, table[i].path);

		assert_ptr_equal(m.route, &table[i]);
	}
}

static void
hands_over_arguments_in_order_and_encoded(void **state)
{
	struct route_match m =
	    find(state, METHOD_GET, "/v1/acme/namespaces/a%1Fb/tables/x%2Fy+z");

	assert_int_equal(m.arg_count, 3);
	assert_str(m.arg[0], STR("acme"));
	assert_str(m.arg[1], STR("a%1Fb"));
	assert_str(m.arg[2], STR("x%2Fy+z"));
}

static void
tells_404_from_405(void **state)
{
	struct route_match none = find(state, METHOD_GET, "/v2/config");
	struct route_match other =
	    find(state, METHOD_PUT, "/v1/a/namespaces/b");

	assert_null(none.route);
	assert_int_equal(none.allowed, 0);
	assert_null(other.route);
	assert_int_equal(
	    other.allowed, METHOD_GET | METHOD_HEAD | METHOD_DELETE);
}

static void
answers_head_wherever_it_answers_get(void **state)
{
	const struct route *get = find(state, METHOD_GET, "/v1/config").route;

	assert_non_null(get);
	assert_ptr_equal(find(state, METHOD_HEAD, "/v1/config").route, get);
	assert_int_equal(
	    find(state, METHOD_HEAD, "/v1/a/namespaces/b").route->method,
	    METHOD_HEAD);
}

static void
knows_options_only_from_rows(void **state)
{
	assert_null(find(state, METHOD_OPTIONS, "/v1/config").route);
	assert_int_equal(find(state, METHOD_OPTIONS, "/v1/config").allowed,
	    METHOD_GET | METHOD_HEAD);
}

static void
never_takes_an_empty_segment_for_an_argument(void **state)
{
	static const char *const paths[] = { "/v1//namespaces",
		"/v1/a/namespaces/", "/v1/a/namespaces/b/tables/", "//", "",
		"/v1/config/", "v1/config", "*" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(find(state, METHOD_GET, paths[i]).allowed, 0);
}

static void
goes_back_when_a_literal_leads_nowhere(void **state)
{
	struct route_match m = find(state, METHOD_POST, "/tasks/search/cancel");

	assert_string_equal(m.route->path, "/tasks/{id}/cancel");
	assert_str(m.arg[0], STR("search"));
}

static void
joins_the_methods_of_literal_and_parameter(void **state)
{
	struct route_match m = find(state, METHOD_GET, "/tasks/search");

	assert_string_equal(m.route->path, "/tasks/{id}");
	assert_string_equal(
	    find(state, METHOD_POST, "/tasks/search").route->path,
	    "/tasks/search");
	assert_int_equal(find(state, METHOD_PUT, "/tasks/search").allowed,
	    METHOD_GET | METHOD_HEAD | METHOD_POST);
}

static void
writes_an_allow_header(void **state)
{
	const struct fixture *f = *state;

	assert_str(router_allow(f->arena, METHOD_GET), STR("GET"));
	assert_str(
	    router_allow(f->arena, METHOD_DELETE | METHOD_GET | METHOD_PATCH),
	    STR("GET, DELETE, PATCH"));
}

static void
reads_methods_by_their_exact_name(void **state)
{
	(void)state;
	assert_int_equal(method_parse(STR("PATCH")), METHOD_PATCH);
	assert_int_equal(method_parse(STR("get")), 0);
	assert_int_equal(method_parse(STR("TRACE")), 0);
	assert_true(method_is_safe(METHOD_HEAD));
	assert_false(method_is_safe(METHOD_POST));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_row_by_its_own_path),
		cmocka_unit_test(hands_over_arguments_in_order_and_encoded),
		cmocka_unit_test(tells_404_from_405),
		cmocka_unit_test(answers_head_wherever_it_answers_get),
		cmocka_unit_test(knows_options_only_from_rows),
		cmocka_unit_test(never_takes_an_empty_segment_for_an_argument),
		cmocka_unit_test(goes_back_when_a_literal_leads_nowhere),
		cmocka_unit_test(joins_the_methods_of_literal_and_parameter),
		cmocka_unit_test(writes_an_allow_header),
		cmocka_unit_test(reads_methods_by_their_exact_name),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
