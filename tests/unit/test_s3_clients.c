/* test_s3_clients.c - which client a location has, and when it is exchanged. */
#include "object/s3_clients.h"

#include "base/clock.h"
#include "calls/usage.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct error error;
static struct usage usage = { .tenant = { { [0] = 1 } } };
static struct call call = { .error = &error, .usage = &usage };

static const struct s3_settings settings = {
	.endpoint = STR_INIT("https://s3.example:9000"),
	.region = STR_INIT("us-east-1"),
	.path_style = true,
	.credentials = { STR_INIT("access"), STR_INIT("secret"), { 0 } },
	.http = { .connections = 2 },
	.silence_us = CLOCK_SECOND,
};

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	call.arena = arena;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct id
warehouse(uint8_t n)
{
	return (struct id){ { [15] = n } };
}

static void
set(uint8_t n, int64_t revision, const char *root, const char *secret)
{
	struct str roots[] = { str_from(root) };
	struct s3_settings s = settings;

	s.credentials.secret_key = str_from(secret);
	s3_clients_set(&(struct s3_warehouse){ .id = warehouse(n),
	    .tenant = usage.tenant,
	    .revision = revision,
	    .roots = roots,
	    .root_count = 1,
	    .settings = &s });
}

/* The client, by which it is told from others; NULL: there is none. */
static const struct s3_client *
client_of(const char *location, const char *key)
{
	struct s3_loan loan;

	if (s3_clients_take(&call, str_from(location), &loan) != OK)
		return NULL;
	assert_str(loan.key, str_from(key));
	s3_clients_give_back(&loan, true);
	return loan.client;
}

static void
the_longest_root_above_a_location_has_it(void **state)
{
	(void)state;
	set(1, 0, "s3://lake", "secret");
	set(2, 0, "s3://lake/deep/er", "secret");
	assert_non_null(client_of("s3://lake/a", "a"));
	assert_ptr_equal(
	    client_of("s3a://lake/a", "a"), client_of("s3://lake", ""));
	assert_ptr_not_equal(client_of("s3://lake/deep/er/t", "deep/er/t"),
	    client_of("s3://lake/deep/ere", "deep/ere"));
	assert_null(client_of("s3://lakes/a", "a"));
	assert_non_null(strstr(error.message, "s3://lakes/a"));
}

static void
the_key_of_one_tenant_serves_no_other(void **state)
{
	const struct id mine = usage.tenant;
	const struct s3_client *other;

	(void)state;
	usage.tenant = (struct id){ { [0] = 2 } };
	set(9, 0, "s3://shared", "theirs");
	set(10, 0, "s3://shared/deep", "theirs");
	other = client_of("s3://shared/deep/t", "deep/t");
	usage.tenant = mine;
	assert_null(client_of("s3://shared/t", "t"));
	set(11, 0, "s3://shared", "mine");
	assert_non_null(client_of("s3://shared/deep/t", "deep/t"));
	assert_ptr_not_equal(client_of("s3://shared/deep/t", "deep/t"), other);
	call.usage = NULL;
	assert_null(client_of("s3://shared/t", "t"));
	call.usage = &usage;
}

static uint64_t
bucket_of(const char *location)
{
	uint64_t ret = 0;

	assert_int_equal(
	    s3_clients_bucket(&call, str_from(location), &ret), OK);
	return ret;
}

/* At the server of each warehouse: a name alone is anybody's. */
static void
a_bucket_has_one_number_for_all_tenants(void **state)
{
	struct str roots[] = { STR("s3://common/all"), STR("s3://else") };
	struct s3_settings s = settings;
	struct s3_warehouse w = { .id = warehouse(20),
		.tenant = usage.tenant,
		.roots = roots,
		.root_count = 2,
		.settings = &s };
	const struct id tenant = usage.tenant;
	uint64_t mine;

	(void)state;
	s.endpoint = STR("https://lake:9000");
	s3_clients_set(&w);
	mine = bucket_of("s3a://common/all/t");
	assert_int_not_equal(mine, 0);
	assert_int_not_equal(bucket_of("s3://else/t"), mine);
	assert_int_equal(bucket_of("s3://nobodys/t"), 0);

	w.id = warehouse(21);
	usage.tenant = w.tenant = (struct id){ { [0] = 7 } };
	s.endpoint = STR("https://LAKE:9000");
	s.path_style = false;
	s3_clients_set(&w);
	assert_int_equal(bucket_of("s3://common/all/t"), mine);

	w.id = warehouse(22);
	usage.tenant = w.tenant = (struct id){ { [0] = 8 } };
	s.endpoint = STR("https://lake:9001");
	s3_clients_set(&w);
	assert_int_not_equal(bucket_of("s3://common/all/t"), mine);
	usage.tenant = tenant;
}

static void
settings_that_are_the_same_keep_their_client(void **state)
{
	const struct s3_client *before;

	(void)state;
	set(3, 1, "s3://kept/a", "secret");
	before = client_of("s3://kept/a/t", "a/t");
	assert_true(s3_clients_have(warehouse(3), 1));
	assert_false(s3_clients_have(warehouse(3), 2));
	set(3, 2, "s3://kept/a", "secret");
	assert_true(s3_clients_have(warehouse(3), 2));
	assert_ptr_equal(client_of("s3://kept/a/t", "a/t"), before);
}

static const struct s3_client *
client_with(const struct s3_settings *s, int64_t revision)
{
	struct str roots[] = { STR("s3://changes") };

	s3_clients_set(&(struct s3_warehouse){ .id = warehouse(8),
	    .tenant = usage.tenant,
	    .revision = revision,
	    .roots = roots,
	    .root_count = 1,
	    .settings = s });
	return client_of("s3://changes/t", "t");
}

static void
each_setting_that_changes_makes_another_client(void **state)
{
	struct s3_settings s[10];
	struct network network = { .bits = 8 };
	struct s3_loan held;

	(void)state;
	for (size_t i = 0; i < 10; i++)
		s[i] = settings;
	s[0].endpoint = STR("https://other.example");
	s[1].region = STR("eu-west-1");
	s[2].path_style = false;
	s[3].credentials.access_key = STR("other");
	s[4].credentials.session_token = STR("token");
	s[5].encryption = STR("AES256");
	s[6].encryption_key = STR("key");
	s[7].http.any_address = true;
	s[8].http.networks = (struct networks){ &network, 1 };
	s[9].silence_us = 2 * CLOCK_SECOND;
	for (int64_t i = 0; i < 10; i++) {
		(void)client_with(&settings, 2 * i);
		/* held, so that no new one has its address */
		assert_int_equal(
		    s3_clients_take(&call, STR("s3://changes/t"), &held), OK);
		if (client_with(&s[i], 2 * i + 1) == held.client)
			fail_msg("setting %lld changes nothing", (long long)i);
		s3_clients_give_back(&held, true);
	}
}

static void
an_old_row_does_not_undo_a_newer_one(void **state)
{
	const struct s3_client *newer;

	(void)state;
	set(4, 7, "s3://rotated", "new");
	newer = client_of("s3://rotated/t", "t");
	set(4, 6, "s3://rotated", "old");
	assert_ptr_equal(client_of("s3://rotated/t", "t"), newer);
}

static void
a_client_in_use_outlives_its_settings(void **state)
{
	int64_t clients = s3_clients_count().clients;
	struct s3_loan loan;
	struct str url;

	(void)state;
	set(5, 1, "s3://moves", "old");
	assert_int_equal(
	    s3_clients_take(&call, STR("s3://moves/t"), &loan), OK);
	set(5, 2, "s3://moves", "new");
	assert_ptr_not_equal(client_of("s3://moves/t", "t"), loan.client);
	assert_int_equal(s3_clients_count().clients, clients + 1);
	assert_int_equal(
	    s3_presign(loan.client, &call, "GET", loan.key, 60, &url), OK);
	s3_clients_give_back(&loan, true);
}

static void
settings_that_cannot_be_are_the_error_of_each_call(void **state)
{
	struct str roots[] = { STR("s3://broken/a"), STR("file:///srv/a") };
	struct s3_warehouse w = { warehouse(6), usage.tenant, 1, roots, 2, NULL,
		"no key of this server opens its secrets" };

	(void)state;
	s3_clients_set(&w);
	assert_null(client_of("s3://broken/a/t", "a/t"));
	assert_non_null(strstr(error.message, w.why));
	set(6, 2, "s3://broken/a", "with a blank");
	assert_null(client_of("s3://broken/a/t", "a/t"));
	assert_non_null(strstr(error.message, "secret key"));
	set(6, 3, "s3://broken/a", "good");
	assert_non_null(client_of("s3://broken/a/t", "a/t"));
}

static int looks;

static enum err
look(struct call *c, struct str location, struct id known)
{
	(void)c;
	(void)location;
	assert_true(id_is_nil(known));
	looks++;
	set(7, 1, "s3://found", "secret");
	return OK;
}

static void
a_location_without_a_client_is_looked_for_once(void **state)
{
	(void)state;
	s3_clients_look_by(look);
	assert_non_null(client_of("s3://found/t", "t"));
	assert_non_null(client_of("s3://found/u", "u"));
	assert_int_equal(looks, 1);
	s3_clients_look_by(NULL);
}

static void
fill(int n)
{
	struct id id = { { (uint8_t)(n >> 8), (uint8_t)n, usage.tenant.b[0] } };
	struct str roots[] = { arena_printf(arena, "s3://many-%d", n) };

	s3_clients_set(&(struct s3_warehouse){ .id = id,
	    .tenant = usage.tenant,
	    .roots = roots,
	    .root_count = 1,
	    .settings = &settings });
}

static void
a_warehouse_that_made_room_is_not_there_in_part(void **state)
{
	struct str roots[] = { STR("s3://part-a"), STR("s3://part-b"),
		STR("s3://part-c") };
	const struct s3_warehouse w = { .id = warehouse(14),
		.tenant = usage.tenant,
		.roots = roots,
		.root_count = 3,
		.settings = &settings };
	int there = 3;

	(void)state;
	s3_clients_set(&w);
	for (int n = 0; there == 3; n++) {
		assert_true(n < S3_ENTRIES_MAX);
		fill(n);
		there = (client_of("s3://part-a", "") != NULL) +
			(client_of("s3://part-b", "") != NULL) +
			(client_of("s3://part-c", "") != NULL);
	}
	assert_int_equal(there, 0);
	assert_false(s3_clients_have(warehouse(14), 0));
	s3_clients_set(&w);
	assert_non_null(client_of("s3://part-b/t", "t"));
}

static void
the_table_has_a_bound_and_no_tenant_all_of_it(void **state)
{
	const struct id mine = usage.tenant;

	(void)state;
	for (int n = 0; n < S3_TENANT_MAX + 10; n++)
		fill(n);
	assert_non_null(client_of("s3://many-1033/t", "t"));
	assert_null(client_of("s3://lake/a", "a"));
	for (uint8_t tenant = 100; tenant < 104; tenant++) {
		usage.tenant.b[0] = tenant;
		for (int n = 0; n < S3_TENANT_MAX + 10; n++)
			fill(n);
		assert_non_null(client_of("s3://many-1033/t", "t"));
		assert_true(s3_clients_count().clients <= S3_ENTRIES_MAX);
		if (tenant == 100) {
			usage.tenant = mine;
			assert_non_null(client_of("s3://many-1033/t", "t"));
		}
	}
	usage.tenant = mine;
	assert_null(client_of("s3://many-1033/t", "t"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_root_above_a_location_has_it),
		cmocka_unit_test(the_key_of_one_tenant_serves_no_other),
		cmocka_unit_test(a_bucket_has_one_number_for_all_tenants),
		cmocka_unit_test(settings_that_are_the_same_keep_their_client),
		cmocka_unit_test(
		    each_setting_that_changes_makes_another_client),
		cmocka_unit_test(an_old_row_does_not_undo_a_newer_one),
		cmocka_unit_test(a_client_in_use_outlives_its_settings),
		cmocka_unit_test(
		    settings_that_cannot_be_are_the_error_of_each_call),
		cmocka_unit_test(
		    a_location_without_a_client_is_looked_for_once),
		cmocka_unit_test(
		    a_warehouse_that_made_room_is_not_there_in_part),
		cmocka_unit_test(the_table_has_a_bound_and_no_tenant_all_of_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
