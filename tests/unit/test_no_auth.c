/* test_no_auth.c - who is let in where nobody signs in. */
#include "http/no_auth.h"

#include "tests/unit/unit.h"

#define HEADERS_MAX 4

/* clang-format off */
#define AT(value) { STR_INIT("Host"), STR_INIT(value) }
#define ORIGIN(value) { STR_INIT("origin"), STR_INIT(value) }
#define SITE(value) { STR_INIT("Sec-Fetch-Site"), STR_INIT(value) }
#define MODE(value) { STR_INIT("Sec-Fetch-Mode"), STR_INIT(value) }
#define DEST(value) { STR_INIT("Sec-Fetch-Dest"), STR_INIT(value) }
#define TYPE(value) { STR_INIT("Content-Type"), STR_INIT(value) }
#define LENGTH(value) { STR_INIT("Content-Length"), STR_INIT(value) }
#define CHUNKED { STR_INIT("Transfer-Encoding"), STR_INIT("chunked") }
#define JSON TYPE("application/json")

static const struct {
	enum method method;
	enum err want;
	struct header header[HEADERS_MAX];
} cases[] = {
	/* names that lead here, and names that somebody made lead here */
	{ METHOD_GET, OK, { AT("localhost") } },
	{ METHOD_GET, OK, { AT("LocalHost:8181") } },
	{ METHOD_GET, OK, { AT("127.0.0.1:8181") } },
	{ METHOD_GET, OK, { AT("127.255.1.2") } },
	{ METHOD_GET, OK, { AT("[::1]") } },
	{ METHOD_GET, OK, { AT("[::1]:8181") } },
	{ METHOD_GET, OK, { AT("[::ffff:127.0.0.1]:8181") } },
	{ METHOD_GET, OK, { AT("lake.example") } },
	{ METHOD_GET, OK, { AT("Lake.Example:8443") } },
	{ METHOD_GET, OK, { { .name = { 0 } } } }, /* HTTP/1.0 */
	{ METHOD_GET, ERR_FORBIDDEN, { AT("") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("evil.example") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("evil.example:8181") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost.evil.example") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("127.0.0.1.evil.example") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("x.lake.example") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("128.0.0.1") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("0.0.0.0:8181") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("[::2]") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("[::]:8181") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("[::ffff:10.0.0.1]") } },

	/* sites */
	{ METHOD_GET, OK, { AT("localhost"), SITE("same-origin") } },
	{ METHOD_GET, OK, { AT("localhost"), SITE("none") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost"), SITE("cross-site") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost"), SITE("same-site") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost"), SITE("") } },
	{ METHOD_GET, OK, { AT("localhost"), SITE("cross-site"), MODE("navigate"), DEST("document") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost"), SITE("cross-site"), MODE("navigate"), DEST("iframe") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost"), SITE("cross-site"), MODE("no-cors"), DEST("image") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost"), SITE("cross-site"), MODE("navigate"), DEST("document") } },

	/* origins */
	{ METHOD_POST, OK, { AT("localhost:8181"), ORIGIN("http://localhost:8181") } },
	{ METHOD_POST, OK, { AT("localhost:80"), ORIGIN("http://localhost") } },
	{ METHOD_POST, OK, { AT("localhost:8181"), ORIGIN("https://lake.example") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("http://lake.example") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("https://localhost:8181") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("http://localhost:3000") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("http://localhost:8181.evil.example") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("null") } },
	{ METHOD_POST, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("") } },
	{ METHOD_GET, ERR_FORBIDDEN, { AT("localhost:8181"), ORIGIN("https://evil.example") } },

	/* bodies */
	{ METHOD_POST, OK, { AT("localhost"), LENGTH("0") } },
	{ METHOD_POST, OK, { AT("localhost"), LENGTH("2"), JSON } },
	{ METHOD_POST, OK, { AT("localhost"), CHUNKED, TYPE("Application/JSON; charset=utf-8") } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), LENGTH("2") } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), CHUNKED } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), LENGTH("2"), TYPE("text/plain") } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), LENGTH("2"), TYPE("text/plain; x=application/json") } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), LENGTH("2"), TYPE("multipart/form-data") } },
	{ METHOD_POST, ERR_MEDIA_TYPE, { AT("localhost"), LENGTH("2"), TYPE("application/jsonp") } },
};
/* clang-format on */

static enum err
check(struct request *r, const struct header *header)
{
	static const struct route route = { .path = "/" };

	if (r->route == NULL)
		r->route = &route;
	r->headers.at = header;
	while (r->headers.count < HEADERS_MAX &&
	       header[r->headers.count].name.ptr != NULL)
		r->headers.count++;
	return no_auth_check(r, STR("https://lake.example:443/catalog"));
}

static void
tells_programs_and_its_own_page_from_other_sites(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r = { .arena = a, .method = cases[i].method };
		enum err got = check(&r, cases[i].header);

		if (got != cases[i].want)
			fail_msg("row %zu: %d, %s", i, got, r.error.message);
	}
	arena_free(a);
}

static void
takes_the_word_of_an_absolute_target_too(void **state)
{
	static const struct header at[] = { AT("localhost"),
		{ .name = { 0 } } };
	static const struct {
		struct str target;
		enum err want;
	} targets[] = {
		{ STR_INIT("/v1/config"), OK },
		{ STR_INIT("http://localhost:8181/v1/config"), OK },
		{ STR_INIT("https://lake.example/"), OK },
		{ STR_INIT("http://evil.example/v1/config"), ERR_FORBIDDEN },
		{ STR_INIT("http://evil.example?a=/b"), ERR_FORBIDDEN },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct request r = { .arena = a, .target = targets[i].target };

		assert_int_equal(check(&r, at), targets[i].want);
	}
	arena_free(a);
}

static void
makes_no_credentials(void **state)
{
	static const struct route route = { .flags = ROUTE_CREDENTIALS };
	static const struct header header[] = { AT("localhost"),
		{ .name = { 0 } } };
	struct arena *a = arena_new();
	struct request r = {
		.arena = a, .method = METHOD_POST, .route = &route
	};

	(void)state;
	assert_int_equal(check(&r, header), ERR_FORBIDDEN);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    tells_programs_and_its_own_page_from_other_sites),
		cmocka_unit_test(takes_the_word_of_an_absolute_target_too),
		cmocka_unit_test(makes_no_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
