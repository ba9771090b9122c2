/*
 * test_settings_env.c - settings from variables and the command line: which
 * source wins, and the names that earlier deployments use.
 */
#include "settings_fixture.h"

#include "base/clock.h"
#include "config/oidc_settings.h"

/* ---- sources */

static void
lets_the_later_source_win(void **state)
{
	static const struct override flags[] = {
		{ { "server.threads", 14 }, { "10", 2 } },
		{ { "store.options.path", 18 }, { "/flag", 5 } },
	};
	struct settings s = { 0 };
	struct error e = { 0 };

	(void)state;
	assert_int_equal(load("[server]\nthreads = 8\n").threads, 8);
	give("PANGOLIN_SERVER_THREADS", "9");
	give("PANGOLIN_STORE_OPTIONS_PATH", "/env");
	assert_int_equal(load("[server]\nthreads = 8\n").threads, 9);
	assert_int_equal(settings_load(arena, FILE_NAME, flags, 2, &s, &e), OK);
	assert_int_equal(s.threads, 10);
	assert_int_equal(s.store_options.count, 1);
	assert_text(s.store_options.at[0].value, "/flag");
	assert_text(s.store_options.at[0].where, "command line");
}

static void
counts_an_empty_variable_as_not_given(void **state)
{
	(void)state;
	give("PANGOLIN_SERVER_THREADS", "");
	give("PANGOLIN_STORE_OPTIONS_PATH", "");
	assert_int_equal(load(NULL).threads, 32);
	assert_int_equal(load(NULL).store_options.count, 0);
}

static void
names_the_variable_or_flag_that_is_wrong(void **state)
{
	static const struct override flag = { { "server.thread", 13 },
		{ "1", 1 } };
	struct settings s;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(
	    settings_load(arena, NULL, &flag, 1, &s, &e), ERR_VALIDATION);
	assert_string_equal(e.message,
	    "command line: unknown key \"server.thread\"; did you mean "
	    "server.threads?");
	give("PANGOLIN_SERVER_WORKERS", "many");
	assert_refused(NULL, "PANGOLIN_SERVER_WORKERS: server.workers must be "
			     "an integer, not \"many\"");
}

static void
reads_lists_and_times_from_variables(void **state)
{
	struct settings s;

	(void)state;
	give("PANGOLIN_CACHE_LEVELS", "memory, redis");
	give("PANGOLIN_LIMITS_IDLE_TIME", "2m");
	give("PANGOLIN_LIMITS_BODY_BYTES", "1MiB");
	s = load(NULL);
	assert_int_equal(s.cache_levels.count, 2);
	assert_text(s.cache_levels.at[0], "memory");
	assert_text(s.cache_levels.at[1], "redis");
	assert_int_equal(s.limits.idle_time_us, 120 * CLOCK_SECOND);
	assert_int_equal(s.limits.body_bytes, 1024 * 1024);
}

static void
understands_the_aliases(void **state)
{
	struct settings s;

	(void)state;
	give("PANGOLIN_NO_AUTH", "yes");
	give("PANGOLIN_SESSION_TTL_SECS", "600");
	give("PANGOLIN_MAX_BODY_BYTES", "10485760");
	give("PANGOLIN_REQUEST_TIMEOUT_SECS", "20");
	give("PANGOLIN_SHUTDOWN_GRACE_SECS", "5");
	give("PANGOLIN_SEED_ADMIN", "true");
	give("PANGOLIN_ROOT_USER", "top");
	give("PANGOLIN_ADMIN_USER", "ann");
	give("PANGOLIN_ADMIN_PASSWORD", "long enough");
	give("PANGOLIN_JWT_SECRET", "0123456789abcdef0123456789abcdef");
	s = load("[auth]\nenabled = true\n");
	assert_false(s.auth_enabled);
	assert_int_equal(s.auth_token_ttl_us, 600 * CLOCK_SECOND);
	assert_int_equal(s.limits.body_bytes, 10 * 1024 * 1024);
	assert_int_equal(s.limits.request_time_us, 20 * CLOCK_SECOND);
	assert_int_equal(s.shutdown_grace_us, 5 * CLOCK_SECOND);
	assert_int_equal(s.auth_token_secret.len, 32);
	assert_text(s.bootstrap_root_user, "top");
	assert_text(s.bootstrap_admin_user, "ann");
	assert_text(s.bootstrap_admin_password, "long enough");
	assert_int_equal(s.unknown_env.count, 0);
	give("PANGOLIN_AUTH_ENABLED", "true"); /* our own name wins */
	assert_true(load(NULL).auth_enabled);
	give("PANGOLIN_NO_AUTH", "maybe");
	assert_refused(NULL, "PANGOLIN_NO_AUTH: auth.enabled must be true or "
			     "false, not \"maybe\"");
}

static void
makes_providers_of_the_variables_of_earlier_deployments(void **state)
{
	struct settings s;

	(void)state;
	give("PANGOLIN_PUBLIC_URL", "https://lake.example");
	give("PANGOLIN_OIDC_REQUIRE", "true");
	give("PANGOLIN_GOOGLE_CLIENT_ID", "web");
	give("PANGOLIN_GOOGLE_CLIENT_SECRET", "hidden");
	give("PANGOLIN_OAUTH_EMAIL_LINK_DOMAINS", "a.example,b.example");
	s = load(NULL);
	assert_int_equal(s.oidc_count, 1);
	assert_text(s.oidc[0].name, "google");
	assert_text(s.oidc[0].client_secret, "hidden");
	assert_text(s.oidc[0].issuer, "https://accounts.google.com");
	assert_text(s.oidc[0].tenant, "default");
	assert_int_equal(s.oidc[0].email_domains.count, 2);
	assert_int_equal(s.unknown_env.count, 0);
	s = load("[oidc.google]\ntenant_claim = \"hd\"\n");
	assert_text(s.oidc[0].tenant, "");

	give("PANGOLIN_OIDC_GOOGLE_ISSUER", "https://accounts.example");
	give("PANGOLIN_OKTA_CLIENT_ID", "web");
	assert_refused(NULL, "PANGOLIN_OKTA_CLIENT_ID: PANGOLIN_OKTA_DOMAIN is "
			     "needed as well, or PANGOLIN_OKTA_ISSUER");
	give("PANGOLIN_OKTA_DOMAIN", "corp.example");
	s = load(NULL);
	assert_text(s.oidc[0].issuer, "https://accounts.example");
	assert_text(s.oidc[1].issuer, "https://corp.example");

	give("PANGOLIN_GITHUB_CLIENT_ID", "web");
	assert_refused(NULL, "PANGOLIN_GITHUB_CLIENT_ID: GitHub does not speak "
			     "OpenID Connect, by which people sign in here: "
			     "unset the variable");
}

static void
takes_address_and_port_from_two_variables(void **state)
{
	(void)state;
	give("PORT", "9000");
	assert_text(load(NULL).listen.text, "127.0.0.1:9000");
	give("PANGOLIN_BIND_ADDRESS", "::1");
	assert_text(load(NULL).listen.text, "[::1]:9000");
	give("PANGOLIN_BIND_ADDRESS", "localhost");
	assert_text(load(NULL).listen.text, "127.0.0.1:9000");
	give("PANGOLIN_SERVER_LISTEN", "127.0.0.2:1");
	assert_text(load(NULL).listen.text, "127.0.0.2:1");
}

static void
chooses_the_store_by_database_url(void **state)
{
	struct settings s;

	(void)state;
	give("DATABASE_URL", "sqlite:///data/p.db?mode=rwc");
	s = load(NULL);
	assert_text(s.store_plugin, "sqlite");
	assert_text(s.store_options.at[0].name, "path");
	assert_text(s.store_options.at[0].value, "/data/p.db");
	give("DATABASE_URL", "postgresql://u:p@h/d");
	s = load(NULL);
	assert_text(s.store_plugin, "postgres");
	assert_text(s.store_options.at[0].name, "url");
	assert_text(s.store_options.at[0].value, "postgresql://u:p@h/d");
	give("DATABASE_MAX_CONNECTIONS", "7");
	give("DATABASE_CONNECT_TIMEOUT", "30");
	s = load(NULL);
	assert_int_equal(s.store_options.count, 3);
	assert_text(s.store_options.at[1].name, "max_connections");
	assert_text(s.store_options.at[1].value, "7");
	assert_text(s.store_options.at[2].name, "connect_timeout");
	assert_text(s.store_options.at[2].value, "30s");
	assert_text(s.store_options.at[2].where, "DATABASE_CONNECT_TIMEOUT");
	give("DATABASE_URL", "mongodb://h1,h2/?replicaSet=rs0");
	give("MONGO_DB_NAME", "lake");
	give("MONGO_MAX_POOL_SIZE", "9");
	s = load(NULL);
	assert_text(s.store_plugin, "mongo");
	assert_int_equal(s.store_options.count, 3);
	assert_text(s.store_options.at[1].name, "database");
	assert_text(s.store_options.at[1].value, "lake");
	assert_text(s.store_options.at[2].name, "max_connections");
	give("PANGOLIN_STORAGE_TYPE", "mongodb");
	assert_text(load(NULL).store_plugin, "mongo");
	give("DATABASE_URL", "mysql://u:p@h/d");
	assert_refused(NULL,
	    "DATABASE_URL: the URL must begin with sqlite:, postgres:, "
	    "postgresql:, mongodb: or mongodb+srv:");
}

static void
keeps_options_with_their_places(void **state)
{
	struct settings s;

	(void)state;
	give("PANGOLIN_CACHE_OPTIONS_REDIS_KEY_PREFIX", "p");
	s = load("[store.options]\npath = \"/x\"\nsync = true\n"
		 "[cache.options.redis]\nport = 6379\n");
	assert_int_equal(s.store_options.count, 2);
	assert_null(s.store_options.at[0].plugin.ptr);
	assert_text(s.store_options.at[0].name, "path");
	assert_text(s.store_options.at[0].value, "/x");
	assert_text(s.store_options.at[0].where, "pangolin.toml:2:8");
	assert_text(s.store_options.at[1].value, "true");
	assert_int_equal(s.cache_options.count, 2);
	assert_text(s.cache_options.at[0].plugin, "redis");
	assert_text(s.cache_options.at[0].value, "6379");
	assert_text(s.cache_options.at[1].plugin, "redis");
	assert_text(s.cache_options.at[1].name, "key_prefix");
	assert_text(s.cache_options.at[1].where,
	    "PANGOLIN_CACHE_OPTIONS_REDIS_KEY_PREFIX");
}

static void
reports_variables_that_nobody_reads(void **state)
{
	struct settings s;

	(void)state;
	give("PANGOLIN_SERVER_LISEN", "x");
	give("PANGOLIN_TEST_POSTGRES_URL", "x");
	give("PANGOLIN_URL", "x");
	give("PANGOLIN_SERVER_USER", "ann");
	s = load(NULL);
	assert_int_equal(s.unknown_env.count, 1);
	assert_text(s.unknown_env.at[0], "PANGOLIN_SERVER_LISEN");
}

static void
says_which_variable_was_meant(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{ "PANGOLIN_LOG_LEVL", "PANGOLIN_LOG_LEVEL" },
		{ "PANGOLIN_LOGLEVEL", "PANGOLIN_LOG_LEVEL" },
		{ "PANGOLIN_LISTEN", "PANGOLIN_SERVER_LISTEN" },
		{ "PANGOLIN_JWT_SECRETS", "PANGOLIN_JWT_SECRET" },
		{ "PANGOLIN_STORAGE_TYP", "PANGOLIN_STORAGE_TYPE" },
		{ "PANGOLIN_COLOUR", NULL },
		{ "PANGOLIN_", NULL },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str expected = arena_printf(arena,
		    "no setting is named by the variable %s%s%s%s", rows[i][0],
		    rows[i][1] != NULL ? "; did you mean " : "",
		    rows[i][1] != NULL ? rows[i][1] : "",
		    rows[i][1] != NULL ? "?" : "");

		assert_text(
		    settings_unknown_variable(arena, str_from(rows[i][0])),
		    arena_cstr(arena, expected));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_the_later_source_win),
		TEST(counts_an_empty_variable_as_not_given),
		TEST(names_the_variable_or_flag_that_is_wrong),
		TEST(reads_lists_and_times_from_variables),
		TEST(understands_the_aliases),
		TEST(makes_providers_of_the_variables_of_earlier_deployments),
		TEST(takes_address_and_port_from_two_variables),
		TEST(chooses_the_store_by_database_url),
		TEST(keeps_options_with_their_places),
		TEST(reports_variables_that_nobody_reads),
		TEST(says_which_variable_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
