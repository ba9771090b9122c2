/* test_forwarded.c - what proxies say, and who may say it. */
#include "http/forwarded.h"

#include "tests/unit/unit.h"

#define HEADERS_MAX 4

/* The proxies that are trusted are 10.0.0.0/8 and ::1. */
static const char *const trusted[] = { "10.0.0.0/8", "::1" };

/* clang-format off */
#define FOR(value) { STR_INIT("X-Forwarded-For"), STR_INIT(value) }
#define PROTO(value) { STR_INIT("x-forwarded-proto"), STR_INIT(value) }
#define HOST(value) { STR_INIT("X-Forwarded-Host"), STR_INIT(value) }
#define PREFIX(value) { STR_INIT("X-Forwarded-Prefix"), STR_INIT(value) }
#define FORWARDED(value) { STR_INIT("Forwarded"), STR_INIT(value) }
#define AT(value) { STR_INIT("Host"), STR_INIT(value) }

static const struct {
	const char *peer;
	struct header header[HEADERS_MAX];
	const char *client, *origin; /* NULL: none */
} cases[] = {
	/* nobody, or nobody who is trusted, says anything */
	{ "10.0.0.1", { { .name = { 0 } } }, "10.0.0.1", NULL },
	{ "192.0.2.1", { FOR("203.0.113.9"), PROTO("https"), HOST("x") },
	  "192.0.2.1", NULL },
	{ "192.0.2.1", { FORWARDED("for=203.0.113.9;host=x;proto=https") },
	  "192.0.2.1", NULL },
	{ "", { FOR("203.0.113.9") }, "", NULL },

	/* the right-most that is not trusted */
	{ "10.0.0.1", { FOR("203.0.113.9") }, "203.0.113.9", NULL },
	{ "::1", { FOR("203.0.113.9") }, "203.0.113.9", NULL },
	{ "::ffff:10.0.0.1", { FOR("203.0.113.9") }, "203.0.113.9", NULL },
	{ "10.0.0.1", { FOR("1.1.1.1, 203.0.113.9,10.0.0.2") },
	  "203.0.113.9", NULL },
	{ "10.0.0.1", { FOR("1.1.1.1"), FOR("203.0.113.9"), FOR("10.0.0.2") },
	  "203.0.113.9", NULL },
	{ "10.0.0.1", { FOR("10.0.0.3, 10.0.0.2") }, "10.0.0.3", NULL },
	{ "10.0.0.1", { FOR("203.0.113.9:4711") }, "203.0.113.9", NULL },
	{ "10.0.0.1", { FOR("2001:db8::9") }, "2001:db8::9", NULL },
	{ "10.0.0.1", { FOR("[2001:db8::9]:80") }, "2001:db8::9", NULL },

	/* what is no address ends the chain at who said so */
	{ "10.0.0.1", { FOR("unknown") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { FOR("") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { FOR(",") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { FOR("203.0.113.9, <b>, 10.0.0.2") }, "10.0.0.2", NULL },
	{ "10.0.0.1", { FOR("[::1") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { FOR("203.0.113.9\r\nX: y") }, "10.0.0.1", NULL },

	/* RFC 7239 */
	{ "10.0.0.1", { FORWARDED("for=203.0.113.9") }, "203.0.113.9", NULL },
	{ "10.0.0.1", { FORWARDED("For=\"[2001:db8::9]:80\" ; Proto=https;"
	  "host=example.com") }, "2001:db8::9", "https://example.com" },
	{ "10.0.0.1", { FORWARDED("for=1.1.1.1;host=evil, for=203.0.113.9;"
	  "host=good, for=10.0.0.2;host=inner") }, "203.0.113.9",
	  "http://good" },
	{ "10.0.0.1", { FORWARDED("for=\"1.1.1.1, for=203.0.113.9") },
	  "203.0.113.9", NULL },
	{ "10.0.0.1", { FORWARDED("for=_hidden;proto=https;host=a") },
	  "10.0.0.1", "https://a" },
	{ "10.0.0.1", { FORWARDED(";;=;for") }, "10.0.0.1", NULL },

	/* a proxy writes one form; the other is its client's */
	{ "10.0.0.1", { FOR("203.0.113.9"), FORWARDED("for=1.1.1.1;host=evil") },
	  "203.0.113.9", NULL },

	/* the origin */
	{ "10.0.0.1", { PROTO("https"), HOST("example.com:8443") },
	  "10.0.0.1", "https://example.com:8443" },
	{ "10.0.0.1", { PROTO("HTTPS"), AT("kept.example") },
	  "10.0.0.1", "https://kept.example" },
	{ "10.0.0.1", { PROTO("https") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { HOST("[2001:db8::9]:80") },
	  "10.0.0.1", "http://[2001:db8::9]:80" },
	{ "10.0.0.1", { PROTO("http, https"), HOST("evil, good") },
	  "10.0.0.1", "https://good" },
	{ "10.0.0.1", { PROTO("https"), HOST("a"), PREFIX("/x/y/") },
	  "10.0.0.1", "https://a/x/y" },
	{ "10.0.0.1", { PROTO("https"), HOST("a"), PREFIX("//evil") },
	  "10.0.0.1", "https://a" },
	{ "10.0.0.1", { PROTO("https"), HOST("a"), PREFIX("/") },
	  "10.0.0.1", "https://a" },
	{ "10.0.0.1", { PROTO("javascript"), HOST("a") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { PROTO("https"), HOST("a/b") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { PROTO("https"), HOST("me@a") }, "10.0.0.1", NULL },
	{ "10.0.0.1", { PROTO("https"), HOST("a:0") }, "10.0.0.1", NULL },
};
/* clang-format on */

static void
believes_trusted_proxies_only_and_from_the_right(void **state)
{
	struct network at[2];
	struct networks networks = { at, 2 };

	(void)state;
	for (size_t i = 0; i < networks.count; i++)
		assert_true(network_parse(str_from(trusted[i]), &at[i]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r = { .arena = arena_new() };

		r.peer = r.client = str_from(cases[i].peer);
		r.headers.at = cases[i].header;
		while (r.headers.count < HEADERS_MAX &&
		       cases[i].header[r.headers.count].name.ptr != NULL)
			r.headers.count++;
		forwarded_read(&r, &networks);
		assert_str(r.client, str_from(cases[i].client));
		assert_int_equal(r.origin.ptr == NULL, cases[i].origin == NULL);
		if (cases[i].origin != NULL)
			assert_str(r.origin, str_from(cases[i].origin));
		arena_free(r.arena);
	}
}

static void
the_scheme_is_ours_unless_a_proxy_names_one(void **state)
{
	struct header headers[] = { HOST("a"), PROTO("http") };
	struct network at;
	struct networks networks = { &at, 1 };

	(void)state;
	assert_true(network_parse(STR("::1"), &at));
	for (size_t named = 0; named < 2; named++) {
		struct request r = { .arena = arena_new(),
			.peer = STR("::1"),
			.over_tls = true,
			.headers = { headers, 1 + named } };

		forwarded_read(&r, &networks);
		assert_str(
		    r.origin, named ? STR("http://a") : STR("https://a"));
		arena_free(r.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    believes_trusted_proxies_only_and_from_the_right),
		cmocka_unit_test(the_scheme_is_ours_unless_a_proxy_names_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
