/*
 * test_settings.c - defaults, the values of a file, secrets, and the rules
 * between settings.
 */
#include "settings_fixture.h"

#include "base/clock.h"

/* ---- defaults */

static void
needs_no_file(void **state)
{
	struct settings s = load(NULL);

	(void)state;
	assert_null(s.file.ptr);
	assert_text(s.listen.text, "127.0.0.1:8181");
	assert_text(s.listen.host, "127.0.0.1");
	assert_int_equal(s.listen.port, 8181);
	assert_true(s.listen.loopback);
	assert_in_range(s.workers, 1, 4);
	assert_int_equal(s.threads, 32);
	assert_int_equal(s.log_level, LEVEL_INFO);
	assert_text(s.store_plugin, "sqlite");
	assert_int_equal(s.store_options.count, 0);
	assert_int_equal(s.cache_levels.count, 1);
	assert_text(s.cache_levels.at[0], "memory");
	assert_int_equal(s.bootstrap, BOOTSTRAP_DEFAULT);
	assert_true(s.auth_enabled);
	assert_int_equal(s.auth_token_ttl_us, 86400 * CLOCK_SECOND);
	assert_int_equal(s.tls_mode, TLS_AUTO);
	assert_int_equal(s.shutdown_grace_us, 25 * CLOCK_SECOND);
}

static void
has_the_limits_of_the_design(void **state)
{
	struct limits l = load(NULL).limits;

	(void)state;
	assert_int_equal(l.connections, 0);
	assert_int_equal(l.head_bytes, 32 * 1024);
	assert_int_equal(l.header_lines, 100);
	assert_int_equal(l.target_bytes, 16 * 1024);
	assert_int_equal(l.body_bytes, 16 * 1024 * 1024);
	assert_int_equal(l.bodies_bytes, 128 * 1024 * 1024);
	assert_int_equal(l.input_bytes, 64 * 1024);
	assert_int_equal(l.output_bytes, 64 * 1024);
	assert_int_equal(l.head_time_us, 10 * CLOCK_SECOND);
	assert_int_equal(l.tls_handshake_time_us, 10 * CLOCK_SECOND);
	assert_int_equal(l.idle_time_us, 120 * CLOCK_SECOND);
	assert_int_equal(l.progress_bytes, 10 * 1024);
	assert_int_equal(l.progress_time_us, 10 * CLOCK_SECOND);
	assert_int_equal(l.thread_wait_time_us, 5 * CLOCK_SECOND);
	assert_int_equal(l.request_time_us, 30 * CLOCK_SECOND);
	assert_int_equal(l.drain_bytes, 1024 * 1024);
	assert_int_equal(l.drain_time_us, 2 * CLOCK_SECOND);
}

static void
keeps_state_where_the_account_may_write(void **state)
{
	bool root = geteuid() == 0;

	(void)state;
	assert_text(load(NULL).state_dir,
	    root ? "/var/lib/pangolin" : "/home/ann/.local/state/pangolin");
	assert_text(load(NULL).warehouse_root,
	    root ? "file:///var/lib/pangolin/warehouse"
		 : "file:///home/ann/.local/state/pangolin/warehouse");
	give("STATE_DIRECTORY", "/srv/state");
	assert_text(load(NULL).state_dir, "/srv/state");
	assert_text(load(NULL).warehouse_root, "file:///srv/state/warehouse");
	assert_text(load(NULL).warehouse_allowed_roots.at[0],
	    "file:///srv/state/warehouse");
}

static void
makes_paths_absolute(void **state)
{
	struct settings s = load("plugin_dir = \"build/plugins\"\n");
	char expected[64];

	(void)state;
	(void)snprintf(expected, sizeof(expected), "%s/build/plugins", folder);
	assert_text(s.plugin_dir, expected);
	assert_text(s.file, FILE_NAME);
}

/* ---- values */

static void
reads_every_type_of_the_file(void **state)
{
	struct settings s = load("bootstrap = \"none\"\n"
				 "[server]\nlisten = \"[::1]:80\"\n"
				 "workers = 3\n"
				 "[cache]\nlevels = [\"memory\", \"redis\"]\n"
				 "[auth]\nenabled = false\ntoken_ttl = 3600\n"
				 "[limits]\nbody_bytes = \"64 MiB\"\n"
				 "head_bytes = 2048\ntarget_bytes = 1024\n"
				 "thread_wait_time = \"250ms\"\n"
				 "[warehouse]\nroot = \"file:///b/p/\"\n");

	(void)state;
	assert_int_equal(s.bootstrap, BOOTSTRAP_NONE);
	assert_text(s.listen.text, "[::1]:80");
	assert_text(s.listen.host, "::1");
	assert_true(s.listen.loopback);
	assert_int_equal(s.workers, 3);
	assert_int_equal(s.cache_levels.count, 2);
	assert_text(s.cache_levels.at[1], "redis");
	assert_false(s.auth_enabled);
	assert_int_equal(s.auth_token_ttl_us, 3600 * CLOCK_SECOND);
	assert_int_equal(s.limits.body_bytes, 64 * 1024 * 1024);
	assert_int_equal(s.limits.head_bytes, 2048);
	assert_int_equal(s.limits.thread_wait_time_us, 250 * CLOCK_MS);
	assert_text(s.warehouse_root, "file:///b/p");
}

/* clang-format off */
static const char *const refusals[][2] = {
{ "[server\n", "pangolin.toml:1:8: expected ']' behind the name, not "
  "the end of the line" },
{ "[server]\nworkers = \"2\"\n", "pangolin.toml:2:11: server.workers "
  "must be an integer, not \"2\"" },
{ "[server]\nworkers = 65\n", "pangolin.toml:2:11: server.workers "
  "must be from 0 to 64, not 65" },
{ "[server]\nuser = 1\n", "pangolin.toml:2:8: server.user must be a "
  "string, not 1" },
{ "[server]\nuser = ''\n", "pangolin.toml:2:8: server.user must have "
  "1 to 32 bytes, not 0" },
{ "[server]\nuser = \"a\\nb\"\n", "pangolin.toml:2:8: server.user must "
  "not contain control characters" },
{ "[server]\nlisten = 'example.org:80'\n", "pangolin.toml:2:10: "
  "server.listen must be ADDRESS:PORT with a numeric address or "
  "localhost, not \"example.org:80\"" },
{ "[server]\nlisten = '127.0.0.1:65536'\n", "pangolin.toml:2:10: "
  "server.listen must be ADDRESS:PORT with a numeric address or "
  "localhost, not \"127.0.0.1:65536\"" },
{ "[server]\nlisten = '::1:80'\n", "pangolin.toml:2:10: "
  "server.listen must be ADDRESS:PORT with a numeric address or "
  "localhost, not \"::1:80\"" },
{ "[log]\nlevel = 'loud'\n", "pangolin.toml:2:9: log.level must be one "
  "of \"debug\", \"info\", \"warn\", \"error\", not \"loud\"" },
{ "[auth]\nenabled = 1\n", "pangolin.toml:2:11: auth.enabled must be "
  "true or false, not 1" },
{ "[auth]\ntoken_ttl = '1 week'\n", "pangolin.toml:2:13: "
  "auth.token_ttl must be a number of seconds, or a string such as "
  "\"250ms\", \"10s\", \"5m\", \"1h\" or \"2d\", not \"1 week\"" },
{ "[auth]\ntoken_ttl = 59\n", "pangolin.toml:2:13: auth.token_ttl must "
  "be from 1m to 365d, not 59" },
{ "[limits]\nbody_bytes = 16.5\n", "pangolin.toml:2:14: "
  "limits.body_bytes must be a number of bytes, or a string such as "
  "\"16KiB\", \"64MiB\" or \"1GiB\", not a float" },
{ "[limits]\nbody_bytes = '2GiB'\n", "pangolin.toml:2:14: "
  "limits.body_bytes must be from 1KiB to 1GiB, not \"2GiB\"" },
{ "[cache]\nlevels = 'a'\n", "pangolin.toml:2:10: cache.levels must "
  "be an array of strings, not \"a\"" },
{ "[cache]\nlevels = ['a', 1]\n", "pangolin.toml:2:10: cache.levels "
  "must be an array of strings, not 1" },
{ "[server.workers]\n", "pangolin.toml:1:9: server.workers must be an "
  "integer, not a table" },
{ "server = 1\n", "pangolin.toml:1:10: server must be a table, not an "
  "integer" },
{ "[[server]]\n", "pangolin.toml:1:3: server must be a table, not an "
  "array" },
{ "[store.options]\npath = 1.5\n", "pangolin.toml:2:8: "
  "store.options.path must be a string, an integer or a boolean, not "
  "a float" },
{ "[cache.options]\nredis = 1\n", "pangolin.toml:2:9: "
  "cache.options.redis must be a table, not an integer" },
{ "[warehouse]\nroot = '/data'\n", "warehouse.root must be a URL such "
  "as file:///data/warehouse or s3://bucket/prefix, not \"/data\"" },
{ "[warehouse]\nroot = 's3://b'\n", "warehouse.root is in S3: "
  "warehouse.s3_access_key_id must be given" },
{ "[warehouse]\ns3_region = 'x'\n", "warehouse.s3_region is given, but "
  "warehouse.root is no URL such as s3://bucket/prefix" },
{ "[warehouse]\nallowed_roots = ['/data']\n", "warehouse.allowed_roots must "
  "be URLs such as file:///srv/warehouses, not \"/data\"" },
{ "[warehouse]\nroot = 'file://data'\n", "warehouse.root must be a URL "
  "such as file:///data/warehouse or s3://bucket/prefix, not "
  "\"file://data\"" },
{ "[limits]\nhead_bytes = 100000\n", "limits.head_bytes must not be "
  "more than limits.input_bytes" },
{ "[limits]\ntarget_bytes = 40000\n", "limits.target_bytes must not be "
  "more than limits.head_bytes" },
};
/* clang-format on */

static void
refuses_with_place_key_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		assert_refused(refusals[i][0], refusals[i][1]);
}

/* clang-format off */
static const char *const unknown_keys[][2] = {
{ "[server]\nlisen = 'x'\n", "pangolin.toml:2:1: unknown key "
  "\"server.lisen\"; did you mean server.listen?" },
{ "[sever]\nworkers = 1\n", "pangolin.toml:2:1: unknown key "
  "\"sever.workers\"; did you mean server.workers?" },
{ "[limits]\ngrace = 1\n", "pangolin.toml:2:1: unknown key "
  "\"limits.grace\"; did you mean shutdown.grace?" },
{ "[weather]\n", "pangolin.toml:1:2: unknown key \"weather\"" },
{ "frobnicate = 1\n",
  "pangolin.toml:1:1: unknown key \"frobnicate\"" },
{ "\"server.listen\" = 'x'\n", "pangolin.toml:1:1: unknown key "
  "\"server.listen\"; did you mean server.listen?" },
{ "[server]\nuser_file = 'x'\n", "pangolin.toml:2:1: unknown key "
  "\"server.user_file\"; did you mean server.user?" },
};
/* clang-format on */

static void
names_the_nearest_key_to_an_unknown_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unknown_keys) / sizeof(unknown_keys[0]);
	     i++)
		assert_refused(unknown_keys[i][0], unknown_keys[i][1]);
}

static void
says_that_a_file_is_missing(void **state)
{
	struct settings s;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(settings_load(arena, "/nowhere.toml", NULL, 0, &s, &e),
	    ERR_VALIDATION);
	assert_string_equal(e.message, "configuration: cannot read "
				       "/nowhere.toml: No such file or "
				       "directory");
}

/* ---- secrets */

#define SECRET "hunter2-hunter2-hunter2-hunter2-hunter2"

static void
reads_a_secret_from_a_file(void **state)
{
	(void)state;
	write_file("secret", SECRET "\n");
	assert_text(
	    load("[auth]\ntoken_secret_file = \"secret\"\n").auth_token_secret,
	    SECRET);
	give("PANGOLIN_AUTH_TOKEN_SECRET_FILE", "secret");
	assert_text(load(NULL).auth_token_secret, SECRET);
	assert_int_equal(load(NULL).unknown_env.count, 0);
}

static void
refuses_a_secret_given_twice_or_not_readable(void **state)
{
	(void)state;
	assert_refused("[auth]\ntoken_secret = \"" SECRET "\"\n"
		       "token_secret_file = \"secret\"\n",
	    "pangolin.toml:3:21: give auth.token_secret or "
	    "auth.token_secret_file, not both");
	assert_refused("[auth]\ntoken_secret_file = \"secret\"\n",
	    "pangolin.toml:2:21: cannot read secret: No such file or "
	    "directory");
	write_file("secret", "\n");
	assert_refused("[auth]\ntoken_secret_file = \"secret\"\n",
	    "pangolin.toml:2:21: the file that auth.token_secret_file names "
	    "is empty");
	give("PANGOLIN_AUTH_TOKEN_SECRET", SECRET);
	give("PANGOLIN_AUTH_TOKEN_SECRET_FILE", "secret");
	assert_refused(NULL,
	    "PANGOLIN_AUTH_TOKEN_SECRET_FILE: give PANGOLIN_AUTH_TOKEN_SECRET "
	    "or PANGOLIN_AUTH_TOKEN_SECRET_FILE, not both");
}

static void
never_shows_a_secret(void **state)
{
	struct settings s = load("[auth]\ntoken_secret = \"" SECRET "\"\n"
				 "[store.options]\npassword = \"hunter2\"\n");
	const char *text = printed(print_settings, &s).ptr;

	(void)state;
	assert_null(strstr(text, "hunter2"));
	assert_non_null(strstr(text, "token_secret = \"********\"\n"));
	assert_non_null(strstr(text, "\"password\" = \"********\"\n"));
	assert_refused("[auth]\ntoken_secret = \"hunter2\"\n",
	    "pangolin.toml:2:16: auth.token_secret must have 32 to 4096 "
	    "bytes, not 7");
	assert_refused("[auth]\ntoken_secret = 20777\n",
	    "pangolin.toml:2:16: auth.token_secret must be a string, not an "
	    "integer");
}

/* ---- rules between settings */

static void
wants_plain_http_in_writing_off_loopback(void **state)
{
	(void)state;
	give("PANGOLIN_SERVER_LISTEN", "0.0.0.0:8181");
	assert_refused(NULL,
	    "listen address 0.0.0.0:8181 is not loopback: set tls.mode to "
	    "\"files\" or \"self-signed\" to serve HTTPS, or to \"off\" to "
	    "serve plain HTTP, as behind a proxy that does TLS");
	assert_false(load("tls.mode = \"off\"\n").listen.loopback);
	assert_false(load("tls.mode = \"self-signed\"\n").listen.loopback);
	give("PANGOLIN_SERVER_LISTEN", "[::ffff:127.0.0.1]:8181");
	assert_true(load(NULL).listen.loopback);
}

static void
wants_certificate_and_key_together(void **state)
{
	struct settings s;

	(void)state;
	assert_refused("tls.mode = \"files\"\n",
	    "tls.mode = \"files\" needs tls.certificate");
	assert_refused("[tls]\nmode = \"files\"\ncertificate = \"/a\"\n",
	    "tls.mode = \"files\" needs tls.key");
	assert_refused("[tls]\nkey = \"/a\"\n",
	    "tls.key is given, but tls.mode is not \"files\"");
	s = load("[tls]\nmode = \"files\"\ncertificate = \"/a\"\n"
		 "key = \"/b\"\nmin_version = \"1.3\"\n");
	assert_true(settings_use_tls(&s));
	assert_int_equal(s.tls_min_version, TLS_1_3);
	s = load("[tls]\nmode = \"off\"\nkey = \"/b\"\n");
	assert_false(settings_use_tls(&s));
}

static void
allows_no_authentication_on_loopback_only(void **state)
{
	(void)state;
	give("PANGOLIN_NO_AUTH", "1");
	assert_false(load("server.listen = \"127.1.2.3:1\"\n").auth_enabled);
	assert_refused("tls.mode = \"off\"\nserver.listen = \"[::]:8181\"\n",
	    "listen address [::]:8181 is not loopback: auth.enabled = false "
	    "is allowed on loopback addresses only");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(needs_no_file),
		TEST(has_the_limits_of_the_design),
		TEST(keeps_state_where_the_account_may_write),
		TEST(makes_paths_absolute),
		TEST(reads_every_type_of_the_file),
		TEST(refuses_with_place_key_and_reason),
		TEST(names_the_nearest_key_to_an_unknown_one),
		TEST(says_that_a_file_is_missing),
		TEST(reads_a_secret_from_a_file),
		TEST(refuses_a_secret_given_twice_or_not_readable),
		TEST(never_shows_a_secret),
		TEST(wants_plain_http_in_writing_off_loopback),
		TEST(wants_certificate_and_key_together),
		TEST(allows_no_authentication_on_loopback_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
