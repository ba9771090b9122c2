/* test_storage_config.c - storage_config in each spelling, and back. */
#include "catalog/storage_config.h"

#include "catalog/vending_strategy.h"
#include "tests/unit/unit.h"

#define assert_ok(expr) assert_int_equal((expr), OK)

static struct arena *a;
static struct error e;

static int
begin(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct pairs
pairs_of(const char *json)
{
	struct pairs pairs = { 0 };

	assert_ok(json_to_pairs(a, str_from(json), &pairs, &e));
	return pairs;
}

static enum err
read_json(const char *json, struct storage_config *ret, struct pairs *ret_row)
{
	TRY(storage_config_to_row(a, pairs_of(json), ret_row, &e));
	return storage_config_read(*ret_row, ret, &e);
}

#define KEYS_DOTTED                                                            \
	"\"s3.access-key-id\":\"AK\",\"s3.secret-access-key\":\"SK\""
#define KEYS_PLAIN "\"access_key_id\":\"AK\",\"secret_access_key\":\"SK\""

static void
both_spellings_say_the_same_and_come_back(void **state)
{
	static const char *const texts[] = {
		"{\"s3.bucket\":\"lake\",\"s3.prefix\":\"a/b\","
		"\"s3.region\":\"eu\"," KEYS_DOTTED "}",
		"{\"type\":\"s3\",\"bucket\":\"lake\",\"prefix\":\"a/b\","
		"\"region\":\"eu\"," KEYS_PLAIN "}",
		"{\"location\":\"s3://lake/a/b/\",\"region\":\"eu\"," KEYS_PLAIN
		"}",
		"{\"root\":\"s3a://lake/a/b\",\"s3.region\":\"eu\"," KEYS_DOTTED
		"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct storage_config c;
		struct pairs row;

		assert_ok(read_json(texts[i], &c, &row));
		assert_int_equal(c.scheme, STORAGE_S3);
		assert_str(storage_config_root(a, &c), STR("s3://lake/a/b"));
		assert_str(c.region, STR("eu"));
		assert_str(c.access_key, STR("AK"));
		assert_str(c.secret_key, STR("SK"));
		assert_str(pairs_find(row, STR("s3.access-key-id")), STR("AK"));
		assert_str(json_of_pairs(a, storage_config_of_row(a, row)),
		    str_from(texts[i]));
	}
}

static void
what_was_a_file_warehouse_still_is(void **state)
{
	struct storage_config c;
	struct pairs row;

	(void)state;
	assert_ok(
	    read_json("{\"root\":\"/srv\",\"s3.bucket\":\"b\",\"gcs.x\":\"y\"}",
		&c, &row));
	assert_int_equal(c.scheme, STORAGE_FILE);
	assert_str(c.place, STR("/srv"));
}

static void
refusals_name_the_field_as_it_was_spelt(void **state)
{
	static const struct {
		const char *json, *said;
	} bad[] = {
		{ "{\"s3.bucket\":\"b\"}", "s3.access-key-id: " },
		{ "{\"bucket\":\"b\"}", "access_key_id: " },
		{ "{\"bucket\":\"b\",\"access_key_id\":\"x\"}",
		    "secret_access_key: " },
		{ "{\"type\":\"s3\"," KEYS_PLAIN "}", "bucket: " },
		{ "{\"s3.bucket\":\"b\",\"s3.endpiont\":\"x\"," KEYS_DOTTED "}",
		    "s3.endpiont: there is no such field; did you mean "
		    "s3.endpoint?" },
		{ "{\"s3.bucket\":\"b\",\"bucket\":\"b\"," KEYS_DOTTED "}",
		    "bucket: s3.bucket is given twice" },
		{ "{\"bucket\":\"b\",\"path_style\":\"maybe\"," KEYS_PLAIN "}",
		    "path_style_access: " },
		{ "{\"bucket\":\"b\",\"sse_type\":\"aes\"," KEYS_PLAIN "}",
		    "sse_type: " },
		{ "{\"bucket\":\"b\",\"kms_key_id\":\"k\"," KEYS_PLAIN "}",
		    "sse_key: " },
		{ "{\"bucket\":\"b\",\"prefix\":\"a/../b\"," KEYS_PLAIN "}",
		    "prefix: " },
		{ "{\"bucket\":\"b\",\"prefix\":\"a%2e\"," KEYS_PLAIN "}",
		    "prefix: " },
		{ "{\"bucket\":\"b\",\"location\":\"s3://c\"," KEYS_PLAIN "}",
		    "bucket: " },
		{ "{\"type\":\"s3\",\"root\":\"/srv\"}", "type: " },
		{ "{\"type\":\"azure\"}", "type: " },
		{ "{\"adls.container\":\"c\"}", "adls.container: " },
		{ "{\"bucket\":\"b\",\"dialect\":\"x\"," KEYS_PLAIN "}",
		    "dialect: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct storage_config c;
		struct pairs row;

		if (read_json(bad[i].json, &c, &row) != ERR_BAD_REQUEST ||
		    !str_starts_with(str_from(e.message),
			arena_printf(a, "storage_config/%s", bad[i].said)))
			fail_msg("%s: %s", bad[i].json, e.message);
	}
}

static void
reads_each_way_of_vending(void **state)
{
	static const struct {
		const char *json, *text;
	} good[] = {
		{ "null", "\"None\"" },
		{ "\"None\"", "\"None\"" },
		{ "{\"AwsSts\":{\"role_arn\":\"r\",\"external_id\":null}}",
		    "{\"AwsSts\":{\"role_arn\":\"r\"}}" },
		{ "{\"type\":\"AwsStatic\",\"access_key_id\":\"k\","
		  "\"secret_access_key\":\"s\"}",
		    "{\"AwsStatic\":{\"access_key_id\":\"k\","
		    "\"secret_access_key\":\"s\"}}" },
	};
	static const char *const bad[] = { "7", "[]", "{}", "\"AwsSts\"",
		"{\"AwsSts\":{}}", "{\"AwsSts\":[]}", "{\"AwsStatic\":{}}",
		"{\"AwsSts\":{\"role_arn\":7}}", "{\"GcpDownscoped\":{}}",
		"{\"AwsSts\":{\"role_arn\":\"r\",\"colour\":\"red\"}}",
		"{\"AwsSts\":{\"role_arn\":\"r\"},\"x\":1}" };
	struct vending_strategy v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_ok(
		    vending_strategy_read(a, str_from(good[i].json), &v, &e));
		assert_str(
		    vending_strategy_text(a, &v), str_from(good[i].text));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (vending_strategy_read(a, str_from(bad[i]), &v, &e) !=
			ERR_BAD_REQUEST ||
		    strncmp(e.message, "vending_strategy", 16) != 0)
			fail_msg("%s: %s", bad[i], e.message);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_spellings_say_the_same_and_come_back),
		TEST(what_was_a_file_warehouse_still_is),
		TEST(refusals_name_the_field_as_it_was_spelt),
		TEST(reads_each_way_of_vending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
