/* test_remote_sign.c - what is signed for a client is what its table needs,
 * and nothing else. */
#include "object/remote_sign.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

#define BASE "https://lake.s3.example/"
#define PATH_BASE "https://s3.example/lake/"
#define TABLE "wh/ns/t-1f/"

static const struct s3_settings settings = {
	.endpoint = STR_INIT("https://s3.example"),
	.region = STR_INIT("eu-central-1"),
	.bucket = STR_INIT("lake"),
	.credentials = { .access_key = STR_INIT("AKIAIOSFODNN7EXAMPLE"),
	    .secret_key = STR_INIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
	    .session_token = STR_INIT("token") },
};

static struct s3_settings
by_path(void)
{
	struct s3_settings s = settings;

	s.path_style = true;
	return s;
}

static int
make_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static const struct str prefixes[] = { STR_INIT("wh/ns/older/"),
	STR_INIT(TABLE) };
static const struct remote_grant all = { prefixes, 2, true, true };
static const struct remote_grant writer = { prefixes, 2, true, false };
static const struct remote_grant reader = { prefixes, 2, false, false };

static enum err
sign_for(struct arena *a, const struct s3_settings *of,
    const struct remote_grant *grant, const char *method, const char *uri,
    struct pairs headers, const char *body, struct pairs *ret)
{
	struct remote_request r = { .method = str_from(method),
		.uri = str_from(uri),
		.headers = headers,
		.body = str_from(body) };
	struct error e;

	return remote_sign(
	    a, of, grant, &r, 1369353600 * CLOCK_SECOND, ret, &e);
}

static enum err
sign(struct arena *a, const struct remote_grant *grant, const char *method,
    const char *uri, struct pairs headers, const char *body, struct pairs *ret)
{
	return sign_for(a, &settings, grant, method, uri, headers, body, ret);
}

static enum err
asks(struct arena *a, const struct remote_grant *grant, const char *method,
    const char *uri)
{
	struct pairs signed_by;

	return sign(
	    a, grant, method, uri, (struct pairs){ 0 }, NULL, &signed_by);
}

static enum err
with_header(
    struct arena *a, const char *name, const char *value, struct pairs *ret)
{
	struct pair header = { str_from(name), str_from(value) };

	return sign(a, &all, "PUT", BASE TABLE "a",
	    (struct pairs){ &header, 1 }, NULL, ret);
}

static enum err
deletes(struct arena *a, const char *body)
{
	struct pairs signed_by;

	return sign(a, &all, "POST", BASE "?delete", (struct pairs){ 0 }, body,
	    &signed_by);
}

static void
signs_as_the_catalog_itself_would(void **state)
{
	struct pair header = { STR("Host"), STR("lake.s3.example") };
	struct pair argument = { STR("x-id"), STR("GetObject") };
	struct sigv4_request own = { .method = STR("GET"),
		.path = STR("/" TABLE "a%3Db%20%C3%A9"),
		.query = { &argument, 1 },
		.headers = { &header, 1 },
		.payload_hash = SIGV4_UNSIGNED_PAYLOAD,
		.region = settings.region,
		.service = STR("s3"),
		.at_us = 1369353600 * CLOCK_SECOND };
	struct pairs expected = sigv4_sign(*state, &own, &settings.credentials);
	struct pairs found;

	/* As one client encodes it, and as another. */
	assert_int_equal(sign(*state, &reader, "GET",
			     BASE TABLE "a=b%20%c3%a9?x-id=GetObject",
			     (struct pairs){ 0 }, NULL, &found),
	    OK);
	assert_str(pairs_find(found, STR("Authorization")),
	    pairs_find(expected, STR("Authorization")));
	assert_str(
	    pairs_find(found, STR("x-amz-security-token")), STR("token"));
	assert_int_equal(found.count, 4);
}

static void
each_verb_wants_its_right(void **state)
{
	static const struct {
		const char *method, *uri;
		enum err reader, writer;
	} rows[] = {
		{ "GET", BASE TABLE "a", OK, OK },
		{ "HEAD", BASE TABLE "a", OK, OK },
		{ "GET", BASE "wh/ns/older/a", OK, OK },
		{ "GET", BASE "?list-type=2&prefix=wh%2Fns%2Ft-1f%2Fdata", OK,
		    OK },
		{ "GET", BASE "?prefix=" TABLE, OK, OK },
		{ "GET", BASE TABLE "a?uploadId=7", ERR_FORBIDDEN, OK },
		{ "PUT", BASE TABLE "a", ERR_FORBIDDEN, OK },
		{ "PUT", BASE TABLE "a?uploadId=7&partNumber=1", ERR_FORBIDDEN,
		    OK },
		{ "POST", BASE TABLE "a?uploads", ERR_FORBIDDEN, OK },
		{ "POST", BASE TABLE "a?uploads=", ERR_FORBIDDEN, OK },
		{ "POST", BASE TABLE "a?uploadId=7", ERR_FORBIDDEN, OK },
		{ "DELETE", BASE TABLE "a?uploadId=7", ERR_FORBIDDEN, OK },
		{ "DELETE", BASE TABLE "a", ERR_FORBIDDEN, ERR_FORBIDDEN },
		{ "POST", BASE "?delete", ERR_BAD_REQUEST, ERR_BAD_REQUEST },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    asks(*state, &reader, rows[i].method, rows[i].uri),
		    rows[i].reader);
		assert_int_equal(
		    asks(*state, &writer, rows[i].method, rows[i].uri),
		    rows[i].writer);
	}
	assert_int_equal(asks(*state, &all, "DELETE", BASE TABLE "a"), OK);
}

/* A server without names of buckets in its hosts takes the first part of the
 * path for one: "https://lake.s3.example/wh/ns/..." is its bucket "wh". */
static void
no_bucket_is_reached_in_the_other_style(void **state)
{
	static const char *const ends[] = { TABLE "a", "?prefix=" TABLE };
	const struct s3_settings path = by_path();
	const struct pairs none = { 0 };
	struct pairs found;

	for (size_t i = 0; i < 2; i++) {
		char host_uri[128], path_uri[128];

		(void)snprintf(
		    host_uri, sizeof(host_uri), "%s%s", BASE, ends[i]);
		(void)snprintf(
		    path_uri, sizeof(path_uri), "%s%s", PATH_BASE, ends[i]);
		assert_int_equal(sign_for(*state, &path, &all, "GET", path_uri,
				     none, NULL, &found),
		    OK);
		assert_int_equal(sign_for(*state, &path, &all, "GET", host_uri,
				     none, NULL, &found),
		    ERR_FORBIDDEN);
		assert_int_equal(asks(*state, &all, "GET", host_uri), OK);
		assert_int_equal(
		    asks(*state, &all, "GET", path_uri), ERR_FORBIDDEN);
	}
}

static void
nothing_outside_the_table_is_signed(void **state)
{
	static const char *const uris[] = {
		BASE "wh/ns/t-1",
		BASE "wh/ns/t-1f",
		BASE TABLE,
		BASE "wh/ns/t-1f2/a",
		BASE "wh/ns/other/a",
		BASE TABLE "../other/a",
		BASE TABLE "%2e%2e/other/a",
		BASE TABLE "%2E%2e%2Fother/a",
		BASE TABLE "./../a",
		BASE TABLE "a\\..\\..\\b",
		BASE TABLE "a%5C..%5Cb",
		BASE "/" TABLE "a",
		BASE,
		"https://lake.s3.example",
		BASE "?list-type=2",
		BASE "?list-type=2&prefix=",
		BASE "?list-type=2&prefix=wh/ns/t-1f",
		BASE "?list-type=2&prefix=wh/",
		BASE "?list-type=2&prefix=" TABLE "../",
		BASE "?uploads&prefix=" TABLE,
		BASE "?acl",
		BASE TABLE "a?acl",
		BASE TABLE "a?tagging",
		BASE TABLE "a?torrent",
		BASE TABLE "a?response-content-type=text/html",
		BASE TABLE "a?versionId=7",
		"https://s3.example/lake2/" TABLE "a",
		"https://s3.example/lake%2f" TABLE "a",
		"https://s3.example/" TABLE "a",
		"https://lake2.s3.example/" TABLE "a",
		"https://s3.example:444/lake/" TABLE "a",
		"https://a@s3.example/lake/" TABLE "a",
		"http://s3.example/lake/" TABLE "a",
		"https://sts.example/lake/" TABLE "a",
		"s3://lake/" TABLE "a",
	};

	const struct s3_settings path = by_path();
	const struct pairs none = { 0 };
	struct pairs found;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_int_equal(
		    asks(*state, &all, "GET", uris[i]), ERR_FORBIDDEN);
		assert_int_equal(sign_for(*state, &path, &all, "GET", uris[i],
				     none, NULL, &found),
		    ERR_FORBIDDEN);
		assert_int_not_equal(asks(*state, &all, "PUT", uris[i]), OK);
	}
}

static void
what_servers_read_in_two_ways_is_refused(void **state)
{
	static const char *const uris[] = {
		"",
		BASE TABLE "a#b",
		BASE TABLE "a%",
		BASE TABLE "a%2",
		BASE TABLE "a%zz",
		BASE TABLE "a%00",
		BASE TABLE "a\n",
		BASE TABLE "%ff",
		BASE "?list-type=2&prefix=" TABLE "a+b",
		BASE "?list-type=2&prefix=" TABLE "&prefix=wh/",
	};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		assert_int_equal(
		    asks(*state, &all, "GET", uris[i]), ERR_BAD_REQUEST);
}

static void
headers_that_reach_further_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
		enum err err;
	} rows[] = {
		{ "x-amz-copy-source", "/lake/other", ERR_FORBIDDEN },
		{ "X-Amz-Copy-Source", "/lake/other", ERR_FORBIDDEN },
		{ "x-amz-acl", "public-read", ERR_FORBIDDEN },
		{ "X-AMZ-GRANT-READ", "all", ERR_FORBIDDEN },
		{ "x-amz-security-token", "mine", ERR_FORBIDDEN },
		{ "x-amz-tagging", "a=b", ERR_FORBIDDEN },
		{ "Host", "sts.example", ERR_BAD_REQUEST },
		{ "a:b", "c", ERR_BAD_REQUEST },
		{ "a b", "c", ERR_BAD_REQUEST },
		{ "a", "b\nx-amz-acl:public-read", ERR_BAD_REQUEST },
		{ "x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		    ERR_BAD_REQUEST },
		{ "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
		    OK },
		{ "x-amz-meta-a", "b", OK },
		{ "User-Agent", "c", OK },
		{ "host", "lake.s3.example", OK },
	};
	struct pairs found;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    with_header(*state, rows[i].name, rows[i].value, &found),
		    rows[i].err);
}

static void
assert_signs(struct arena *a, const char *name, const char *names)
{
	struct pairs found;
	struct str by;

	assert_int_equal(with_header(a, name, "1", &found), OK);
	by = pairs_find(found, STR("Authorization"));
	assert_non_null(memmem(by.ptr, by.len, names, strlen(names)));
}

static void
signs_what_s3_wants_signed(void **state)
{
	assert_signs(*state, "x-amz-meta-a",
	    "=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a;");
	assert_signs(*state, "Content-MD5", "=content-md5;host;x-amz-content");
	assert_signs(
	    *state, "Content-Type", "=content-type;host;x-amz-content-sha256;");
	assert_signs(*state, "User-Agent", "=host;x-amz-content-sha256;");
	assert_signs(*state, "X-Amz-Date",
	    "=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,");
}

#define OBJECT(key) "<Object><Key>" key "</Key></Object>"

static void
a_delete_names_its_keys_in_the_body(void **state)
{
	static const char *const bad[] = {
		"",
		"<Delete></Delete>",
		"<Delete>" OBJECT("") "</Delete>",
		"<Delete><Object></Object></Delete>",
		"<Delete><Object><Key>" TABLE "a</Key><Key>b</Key></Object>"
		"</Delete>",
		"<Delete><Object><Key>" TABLE "a</Key><VersionId>b</VersionId>"
		"</Object></Delete>",
		"<Delete><x:Object><Key>b</Key></x:Object></Delete>",
		"<Delete>" OBJECT(TABLE "a<!-- -->") "</Delete>",
		"<!DOCTYPE a [<!ENTITY k 'b'>]><Delete>" OBJECT(
		    "&k;") "</Delete>",
		"<Delete>" OBJECT(TABLE "a"),
	};

	assert_int_equal(
	    deletes(*state,
		"<?xml version=\"1.0\"?><Delete xmlns=\"http://a/\">"
		"<Quiet>true</Quiet>" OBJECT(TABLE "a")
		    OBJECT(TABLE "b&amp;c") "</Delete>"),
	    OK);
	assert_int_equal(deletes(*state, "<Delete>" OBJECT(TABLE "a")
					     OBJECT("wh/b") "</Delete>"),
	    ERR_FORBIDDEN);
	assert_int_equal(
	    deletes(*state, "<Delete>" OBJECT(TABLE "../b") "</Delete>"),
	    ERR_FORBIDDEN);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(deletes(*state, bad[i]), ERR_BAD_REQUEST);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)
	const struct CMUnitTest tests[] = {
		TEST(signs_as_the_catalog_itself_would),
		TEST(each_verb_wants_its_right),
		TEST(no_bucket_is_reached_in_the_other_style),
		TEST(nothing_outside_the_table_is_signed),
		TEST(what_servers_read_in_two_ways_is_refused),
		TEST(headers_that_reach_further_are_refused),
		TEST(signs_what_s3_wants_signed),
		TEST(a_delete_names_its_keys_in_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
