/* test_s3_settings.c - a client of S3 says which of its settings cannot be. */
#include "object/s3_client.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

static const struct s3_settings good = {
	.endpoint = STR_INIT("https://s3.example:9000"),
	.region = STR_INIT("us-east-1"),
	.bucket = STR_INIT("lake"),
	.path_style = true,
	.credentials = { STR_INIT("access"), STR_INIT("secret"), { 0 } },
	.http = { .connections = 2 },
	.silence_us = CLOCK_SECOND,
};

static void
assert_refused(const struct s3_settings *s, const char *named)
{
	struct s3_client *client = NULL;
	struct error e = { 0 };

	assert_int_equal(s3_client_open(s, &client, &e), ERR_BAD_REQUEST);
	assert_null(client);
	assert_true(str_starts_with(str_from(e.message), str_from(named)));
	assert_null(strstr(e.message, "secret\n"));
}

static void
refusals_name_the_setting(void **state)
{
	static const char *const endpoints[] = { "", "s3", "ftp://s3",
		"https://", "https://a/b", "https://u:p@s3", "http://a?b",
		"http://a b", "http://a\r\nb" };
	struct s3_settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++) {
		s = good;
		s.endpoint = str_from(endpoints[i]);
		assert_refused(&s, "endpoint: ");
	}
	s = good;
	s.bucket = STR("a/b");
	assert_refused(&s, "bucket: ");
	s = good;
	s.region = STR("");
	assert_refused(&s, "region: ");
	s = good;
	s.credentials.access_key = STR("a\nb");
	assert_refused(&s, "access key: ");
	s = good;
	s.credentials.secret_key = STR("secret\n");
	assert_refused(&s, "secret key: ");
	s = good;
	s.credentials.session_token = STR("");
	assert_refused(&s, "session token: ");
}

static void
assert_presigned(const struct s3_settings *s, const char *begins)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct call c = { .arena = a, .error = &e };
	struct s3_client *client;
	struct str url;

	assert_int_equal(s3_client_open(s, &client, &e), OK);
	assert_int_equal(
	    s3_presign(client, &c, "GET", STR("a b"), 60, &url), OK);
	if (!str_starts_with(url, str_from(begins)))
		fail_msg("%.*s", STR_ARG(url));
	s3_client_close(client);
	arena_free(a);
}

static void
addresses_have_the_bucket_in_path_or_host(void **state)
{
	struct s3_settings s = good;

	(void)state;
	assert_presigned(&s, "https://s3.example:9000/lake/a%20b?");
	s.path_style = false;
	assert_presigned(&s, "https://lake.s3.example:9000/a%20b?");
	s.endpoint = STR("https://s3.example:443/");
	assert_presigned(&s, "https://lake.s3.example/a%20b?");
	s.endpoint = STR("http://[::1]:80");
	s.path_style = true;
	assert_presigned(&s, "http://[::1]/lake/a%20b?");
	s.endpoint = (struct str){ 0 };
	s.path_style = false;
	assert_presigned(&s, "https://"
			     "lake.s3.us-east-1.amazonaws.com/a%20b?");
}

static void
nothing_is_waited_for_on_the_loop(void **state)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct call c = { .arena = a, .error = &e, .nowait = true };
	struct s3_client *client;
	struct s3_head head;

	(void)state;
	assert_int_equal(s3_client_open(&good, &client, &e), OK);
	assert_int_equal(s3_head(client, &c, STR("k"), &head), ERR_WOULD_BLOCK);
	c.nowait = false;
	assert_int_equal(s3_head(client, &c, STR("k"), &head), ERR_SLOW_DOWN);
	assert_int_equal(s3_head(client, &c, STR(""), &head), ERR_BAD_REQUEST);
	assert_int_equal(s3_counts(client).requests, 0);
	s3_client_close(client);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_name_the_setting),
		cmocka_unit_test(addresses_have_the_bucket_in_path_or_host),
		cmocka_unit_test(nothing_is_waited_for_on_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
