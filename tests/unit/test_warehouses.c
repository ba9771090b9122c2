/* test_warehouses.c - warehouses of a tenant. */
#include "base/clock.h"
#include "calls/usage.h"
#include "catalog/catalogs.h"
#include "catalog/config_mask.h"
#include "catalog/deleted_catalogs.h"
#include "catalog/reseal.h"
#include "catalog/sealing.h"
#include "catalog/warehouse_clients.h"
#include "catalog/warehouse_storage.h"
#include "object/object.h"
#include "tests/unit/people.h"
#include "tests/unit/scratch.h"

#define OLD_KEY "an old key of thirty-two letters "
#define NEW_KEY "a new key of thirty-two letters.."

static const struct warehouse_change nothing = { .use_sts = -1 };

static int
begin(void **state)
{
	(void)open_store(state);
	assert_ok(sealing_set_keys(STR(OLD_KEY), call.error));
	make_scratch();
	acme = new_tenant("acme");
	other = new_tenant("other");
	return 0;
}

static int
end(void **state)
{
	remove_scratch();
	return close_store(state);
}

static struct pair
place(const char *name)
{
	return (struct pair){ STR("root"),
		arena_printf(call.arena, "file://%s/%s", scratch, name) };
}

static enum err
create(struct id tenant, const char *name, struct pair config)
{
	struct warehouse new = { .tenant = tenant,
		.name = str_from(name),
		.storage_config = { &config, 1 } };
	struct warehouse made;

	return warehouses_create(&call, NULL, &new, &made);
}

static void
makes_a_warehouse_and_its_directory(void **state)
{
	struct pair config[] = { place("wh"), { STR("s3.region"), STR("x") } };
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = { config, 2 },
		.vending_strategy = STR("\"None\"") };
	struct warehouse made, got;
	struct stat st;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &made));
	assert_ok(warehouses_get(&call, acme, STR("wh"), &got));
	assert_true(id_eq(made.id, got.id));
	assert_str(got.root, config[0].value);
	assert_str(pairs_find(got.storage_config, STR("s3.region")), STR("x"));
	assert_str(got.vending_strategy, STR("\"None\""));
	assert_int_equal(stat(str_skip(config[0].value, 7).ptr, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
}

static void
refuses_what_it_would_ignore(void **state)
{
	struct pair s3[] = { { STR("s3.bucket"), STR("b") } };
	struct pair typed[] = { place("a"), { STR("type"), STR("s3") } };
	struct pair good[] = { place("b") };
	const struct warehouse bad[] = {
		{ .storage_config = { NULL, 0 } },
		{ .storage_config = { s3, 1 } },
		{ .storage_config = { typed, 2 } },
		{ .storage_config = { good, 1 }, .use_sts = true },
		{ .storage_config = { good, 1 },
		    .vending_strategy = STR("{\"AwsStatic\":{}}") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct warehouse new = bad[i], made;

		new.tenant = acme;
		new.name = STR("w");
		if (warehouses_create(&call, NULL, &new, &made) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted row %zu", i);
	}
	assert_int_equal(create(acme, "a/b", place("c")), ERR_BAD_REQUEST);
	assert_int_equal(create(acme, "", place("c")), ERR_BAD_REQUEST);
	assert_fails(create(id_v4(), "w", place("c")), ERR_NOT_FOUND,
	    "Tenant not found");
}

static void
keeps_names_unique_in_a_tenant(void **state)
{
	(void)state;
	assert_ok(create(acme, "wh", place("a")));
	assert_fails(create(acme, "wh", place("b")), ERR_ALREADY_EXISTS,
	    "Warehouse 'wh' exists already");
	assert_ok(create(other, "wh", place("c")));
}

static void
keeps_tenants_apart(void **state)
{
	struct warehouse_list list;
	struct warehouse got;

	(void)state;
	assert_ok(create(acme, "wh", place("a")));
	assert_fails(warehouses_get(&call, other, STR("wh"), &got),
	    ERR_NO_SUCH_WAREHOUSE, "Warehouse does not exist: wh");
	assert_int_equal(
	    warehouses_update(&call, NULL, other, STR("wh"), &nothing, &got),
	    ERR_NO_SUCH_WAREHOUSE);
	assert_int_equal(
	    warehouses_delete(&call, other, STR("wh")), ERR_NO_SUCH_WAREHOUSE);
	assert_ok(warehouses_list(&call, other, 0, 0, &list));
	assert_int_equal(list.count, 0);
	assert_fails(create(other, "wh", place("a/b")), ERR_BAD_REQUEST,
	    "storage_config/root: the place is taken");
	assert_ok(create(acme, "within", place("a/b")));
}

static void
assert_opens(const struct warehouse *w, const char *name, const char *secret)
{
	const struct config_of of = { call.arena, call.error, w->id,
		"storage_config" };
	struct pairs open;

	assert_ok(config_open(&of, w->row_config, &open));
	assert_str(pairs_find(open, str_from(name)), str_from(secret));
}

/* "s3.sse.key" is SSE-C's: no list of words for secrets had it. */
static void
masks_all_but_known_names_and_takes_the_mask_back(void **state)
{
	struct pair config[] = { place("a"),
		{ STR("s3.Secret-Access-Key"), STR("hunter2") },
		{ STR("s3.access-key-id"), STR("AKIA") },
		{ STR("s3.sse.key"), STR("hunter3") } };
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = { config, 4 } };
	struct warehouse_change change = nothing;
	struct warehouse got;
	const struct value *row;
	struct warehouse_list list;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	assert_str(got.storage_config.at[1].value, STR("********"));
	assert_str(got.storage_config.at[2].value, STR("AKIA"));
	assert_str(got.storage_config.at[3].value, STR("********"));
	assert_ok(warehouses_list(&call, acme, 0, 0, &list));
	assert_str(list.at[0].storage_config.at[1].value, STR("********"));

	change.storage_config = got.storage_config;
	assert_ok(
	    warehouses_update(&call, NULL, acme, STR("wh"), &change, &got));
	assert_str(got.storage_config.at[1].value, STR("********"));
	assert_ok(record_find_by_key(
	    &call, ENTITY_WAREHOUSES, value_id(got.id), &row));
	assert_null(memmem(row[WAREHOUSE_STORAGE].as.s.ptr,
	    row[WAREHOUSE_STORAGE].as.s.len, "hunter", 6));
	assert_opens(&got, "s3.Secret-Access-Key", "hunter2");
	assert_opens(&got, "s3.sse.key", "hunter3");
}

static const struct pair bucket[] = {
	{ STR_INIT("s3.bucket"), STR_INIT("lake") },
	{ STR_INIT("s3.endpoint"), STR_INIT("https://s3.example") },
	{ STR_INIT("s3.access-key-id"), STR_INIT("AKIA") },
	{ STR_INIT("s3.secret-access-key"), STR_INIT("hunter2") },
};

static struct pairs
bucket_config(void)
{
	struct pair *at = ARENA_NEW(call.arena, struct pair, 4);

	memcpy(at, bucket, sizeof(bucket));
	return (struct pairs){ at, 4 };
}

static void
reads_the_settings_of_s3_from_a_sealed_row(void **state)
{
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = bucket_config(),
		.vending_strategy =
		    STR("{\"AwsStatic\":{\"access_key_id\":\"AK2\","
			"\"secret_access_key\":\"hunter3\"}}") };
	struct s3_settings s;
	struct warehouse got;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	assert_str(got.root, STR("s3://lake"));
	assert_str(got.vending_strategy,
	    STR("{\"AwsStatic\":{\"access_key_id\":\"AK2\","
		"\"secret_access_key\":\"********\"}}"));
	assert_null(
	    memmem(got.row_vending.ptr, got.row_vending.len, "hunter", 6));
	assert_ok(warehouse_s3_settings(&call, &got, &s));
	assert_str(s.credentials.secret_key, STR("hunter2"));
	assert_str(s.bucket, STR("lake"));
	assert_str(s.region, STR("us-east-1"));
	assert_true(s.path_style);
	assert_fails(create(other, "w", bucket[0]), ERR_BAD_REQUEST,
	    "storage_config/s3.access-key-id: an S3 warehouse needs the key "
	    "that the server uses");
	new.tenant = other;
	assert_fails(warehouses_create(&call, NULL, &new, &got),
	    ERR_BAD_REQUEST, "storage_config/root: the place is taken");
}

static struct pairs
bucket_with(const char *name, const char *value)
{
	struct pairs config = { ARENA_NEW(call.arena, struct pair, 5), 5 };

	memcpy(config.at, bucket, sizeof(bucket));
	config.at[4] = (struct pair){ str_from(name), str_from(value) };
	return config;
}

#define WHERE                                                                  \
	"scheme, host and port are expected, such as "                         \
	"\"https://sts:9000\""

/* The name before the '@' may be an allowed host; the request would go to the
 * address behind it. */
static void
asks_no_sts_behind_a_user_name(void **state)
{
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = bucket_with(
		    "s3.sts-endpoint", "http://minio:x@169.254.169.254:80") };
	struct storage_access access;
	struct warehouse got;

	(void)state;
	assert_fails(warehouses_create(&call, NULL, &new, &got),
	    ERR_BAD_REQUEST, "storage_config/s3.sts-endpoint: " WHERE);
	new.storage_config = bucket_with("s3.sts-endpoint", "https://sts:9000");
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	assert_ok(warehouse_storage_access(&call, &got, &access));
	got.row_config.at[4].value = STR("http://minio:x@169.254.169.254:80");
	assert_fails(warehouse_storage_access(&call, &got, &access),
	    ERR_BAD_REQUEST, "storage_config/s3.sts-endpoint: " WHERE);
}

/* Whoever changes a warehouse does not see them, and would have them sent to a
 * server of its own. */
static void
gives_no_kept_secret_to_another_server(void **state)
{
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = bucket_with("s3.session-token", "hunter3"),
		.vending_strategy = STR("{\"AwsSts\":{\"role_arn\":\"r\","
					"\"external_id\":\"hunter4\"}}") };
	struct warehouse_change change = nothing;
	struct storage_draft draft;
	struct warehouse got;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	change.storage_config = bucket_with("s3.session-token", "********");
	assert_ok(storage_draft_make(&call, &got, &change, &draft));
	change.storage_config.at[1].value = STR("https://elsewhere");
	assert_fails(storage_draft_make(&call, &got, &change, &draft),
	    ERR_BAD_REQUEST,
	    "storage_config/s3.session-token: give it anew: it would be sent "
	    "to another server");
	change.storage_config.at[4].value = STR("mine");
	assert_fails(storage_draft_make(&call, &got, &change, &draft),
	    ERR_BAD_REQUEST,
	    "vending_strategy/external_id: give it anew: it would be sent to "
	    "another server");
	change.vending_strategy = STR("{\"AwsSts\":{\"role_arn\":\"r\","
				      "\"external_id\":\"********\"}}");
	assert_int_equal(
	    storage_draft_make(&call, &got, &change, &draft), ERR_BAD_REQUEST);
	change.vending_strategy = STR("{\"AwsSts\":{\"role_arn\":\"r\","
				      "\"external_id\":\"mine\"}}");
	assert_ok(storage_draft_make(&call, &got, &change, &draft));
	change.vending_strategy = STR("\"None\"");
	assert_ok(storage_draft_make(&call, &got, &change, &draft));
}

static void
seals_anew_with_the_newest_key(void **state)
{
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = bucket_config() };
	struct s3_settings s;
	struct resealed resealed;
	struct warehouse got;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	assert_ok(sealing_set_keys(STR(NEW_KEY "," OLD_KEY), call.error));
	assert_ok(warehouses_reseal(&call, &resealed));
	assert_int_equal(resealed.done, 1);
	assert_ok(sealing_set_keys(STR(NEW_KEY), call.error));
	assert_ok(warehouses_get(&call, acme, STR("wh"), &got));
	assert_ok(warehouse_s3_settings(&call, &got, &s));
	assert_str(s.credentials.secret_key, STR("hunter2"));

	assert_ok(sealing_set_keys(STR(OLD_KEY), call.error));
	assert_int_equal(
	    warehouse_s3_settings(&call, &got, &s), ERR_UNAVAILABLE);
	assert_ok(warehouses_reseal(&call, &resealed));
	assert_int_equal(resealed.locked, 1);
}

static void
takes_no_secret_without_a_key(void **state)
{
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = bucket_config() };
	struct warehouse made;

	(void)state;
	assert_ok(sealing_set_keys((struct str){ 0 }, call.error));
	assert_int_equal(
	    warehouses_create(&call, NULL, &new, &made), ERR_BAD_REQUEST);
	assert_non_null(strstr(call.error->message, "warehouse.sealing_key"));
	assert_ok(create(acme, "wh", place("a")));
}

static enum err
catalog_in(const char *warehouse)
{
	struct catalog new = { .tenant = acme,
		.name = STR("sales"),
		.warehouse = str_from(warehouse) };
	struct catalog made;

	return catalogs_create(&call, &new, &made);
}

static void
stays_where_it_is_while_it_is_used(void **state)
{
	struct pair elsewhere = place("b");
	struct warehouse_change rename = nothing, move = nothing;
	struct warehouse got;

	(void)state;
	rename.name = STR("new");
	move.storage_config = (struct pairs){ &elsewhere, 1 };
	assert_ok(create(acme, "wh", place("a")));
	assert_ok(catalog_in("wh"));
	assert_fails(
	    warehouses_update(&call, NULL, acme, STR("wh"), &rename, &got),
	    ERR_CONFLICT,
	    "Warehouse 'wh' cannot be renamed: catalog 'sales' uses it");
	assert_fails(
	    warehouses_update(&call, NULL, acme, STR("wh"), &move, &got),
	    ERR_CONFLICT,
	    "Warehouse 'wh' cannot move: catalog 'sales' uses it");
	assert_fails(warehouses_delete(&call, acme, STR("wh")), ERR_CONFLICT,
	    "Warehouse 'wh' cannot be deleted: catalog 'sales' uses it");
	assert_ok(catalogs_delete(&call, acme, STR("sales")));
	assert_ok(warehouses_update(&call, NULL, acme, STR("wh"), &move, &got));
	assert_str(got.root, elsewhere.value);
	assert_ok(
	    warehouses_update(&call, NULL, acme, STR("wh"), &rename, &got));
	assert_ok(warehouses_delete(&call, acme, STR("new")));
	assert_int_equal(warehouses_get(&call, acme, STR("new"), &got),
	    ERR_NO_SUCH_WAREHOUSE);
}

static void
does_not_take_anothers_name(void **state)
{
	struct warehouse_change rename = nothing;
	struct warehouse got;

	(void)state;
	rename.name = STR("two");
	assert_ok(create(acme, "one", place("a")));
	assert_ok(create(acme, "two", place("b")));
	assert_fails(
	    warehouses_update(&call, NULL, acme, STR("one"), &rename, &got),
	    ERR_ALREADY_EXISTS, "Warehouse 'two' exists already");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

/* Makes a warehouse in the bucket "left", whose key has its name. */
static void
make_in_left(const char *name, const char *prefix)
{
	struct pair config[] = {
		{ STR("s3.bucket"), STR("left") },
		{ STR("s3.prefix"), str_from(prefix) },
		{ STR("s3.endpoint"), STR("https://s3.example") },
		{ STR("s3.access-key-id"), str_from(name) },
		{ STR("s3.secret-access-key"), STR("hunter2") },
	};
	struct warehouse new = { .tenant = acme,
		.name = str_from(name),
		.storage_config = { config, 5 } };
	struct warehouse made;

	assert_ok(warehouses_create(&call, NULL, &new, &made));
}

static bool
signs_with(const char *key, const char *location)
{
	struct str url;

	assert_ok(object_presign(&call, str_from(location), 60, &url));
	return memmem(url.ptr, url.len, key, strlen(key)) != NULL;
}

static void
signs_nothing_with_the_key_of_a_deleted_warehouse(void **state)
{
	int64_t until = clock_mono_us() + 20 * CLOCK_SECOND;
	struct usage usage = { .tenant = acme };

	(void)state;
	call.usage = &usage;
	warehouse_clients_start(NULL);
	make_in_left("DEEPER", "p");
	assert_true(signs_with("DEEPER", "s3://left/p/t"));
	assert_ok(warehouses_delete(&call, acme, STR("DEEPER")));
	make_in_left("WIDER", "");
	/* the row is looked for when its client is two seconds old */
	while (!signs_with("WIDER", "s3://left/p/t"))
		assert_true(clock_mono_us() < until);
	call.usage = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_a_warehouse_and_its_directory),
		TEST(refuses_what_it_would_ignore),
		TEST(keeps_names_unique_in_a_tenant),
		TEST(keeps_tenants_apart),
		TEST(masks_all_but_known_names_and_takes_the_mask_back),
		TEST(reads_the_settings_of_s3_from_a_sealed_row),
		TEST(asks_no_sts_behind_a_user_name),
		TEST(gives_no_kept_secret_to_another_server),
		TEST(seals_anew_with_the_newest_key),
		TEST(takes_no_secret_without_a_key),
		TEST(stays_where_it_is_while_it_is_used),
		TEST(does_not_take_anothers_name),
		TEST(signs_nothing_with_the_key_of_a_deleted_warehouse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
