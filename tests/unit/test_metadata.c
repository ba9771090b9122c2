/* test_metadata.c - parsing, keeping and writing table metadata. */
#include "iceberg/member.h"
#include "iceberg/metadata_check.h"
#include "tests/unit/metadata_fixture.h"

static enum err
parse(const char *text)
{
	struct metadata m;

	return metadata_parse(arena, quoted(text), &m, &error);
}

static void
keeps_every_field_in_its_place(void **state)
{
	(void)state;
	for (int version = 2; version <= 3; version++) {
		struct metadata m = data_metadata(version);
		char name[32];
		yyjson_val *read = NULL;

		(void)snprintf(
		    name, sizeof(name), "metadata-v%d.json", version);
		assert_int_equal(
		    json_parse(arena, data_text(name), &read, &error), OK);
		assert_str(metadata_text(&m), json_text(arena, read));
	}
}

static void
keeps_ids_of_64_bits_exact(void **state)
{
	struct metadata m = data_metadata(2);
	int64_t id = 0;

	(void)state;
	assert_true(metadata_current_snapshot(&m, &id));
	assert_true(id == INT64_MAX);
	assert_contains(
	    metadata_text(&m), "'current-snapshot-id':9223372036854775807");
	assert_contains(metadata_text(&m), "'big':18446744073709551615");
}

/* Nobody would write these so, but somebody may have. */
static void
keeps_numbers_as_they_are_written(void **state)
{
	static const char *const numbers[] = { "2.50", "1e3", "1.0", "-0",
		"0.1", "123456789012345678901234567890", "1E-7", "-1.5e+300",
		"3.141592653589793238462643", "1e400", "9223372036854775808" };
	struct metadata plain = data_metadata(2), m;
	struct str text = metadata_text(&plain);

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct str odd =
		    arena_printf(arena, "%.*s,\"new\":[\"1.0\",{\"x\":%s}]}",
			(int)text.len - 1, text.ptr, numbers[i]);

		assert_int_equal(metadata_parse(arena, odd, &m, &error), OK);
		assert_str(metadata_text(&m), odd);
		assert_int_equal(metadata_number(&m, "last-column-id", 0),
		    metadata_number(&plain, "last-column-id", 1));
	}
}

static void
reads_members_by_name(void **state)
{
	struct metadata m = data_metadata(2);
	int64_t id = 0;
	bool branch = true;

	(void)state;
	assert_int_equal(metadata_format_version(&m), 2);
	assert_str(
	    metadata_uuid(&m), STR("5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d"));
	assert_str(metadata_location(&m), STR("s3://lake/sales/orders"));
	assert_true(metadata_last_updated_ms(&m) == 1700000003000);
	assert_str(metadata_property(&m, "owner"), STR("amelie"));
	assert_null(metadata_property(&m, "nobody").ptr);
	assert_true(metadata_property_number(&m, "owner", 5) == 5);
	assert_true(metadata_ref(&m, STR("first"), &id, &branch));
	assert_true(id == INT64_MAX - 6);
	assert_false(branch);
	assert_false(metadata_ref(&m, STR("second"), &id, &branch));
}

static void
gives_a_v1_file_the_lists_of_today(void **state)
{
	struct metadata m = data_metadata(1);
	struct str text = metadata_text(&m);

	(void)state;
	assert_contains(text, "'current-schema-id':0");
	assert_contains(text, "'refs':{'main':{'snapshot-id':7,'type':");
	assert_contains(text, "'default-spec-id':0");
	assert_contains(text, "'source-id':1,'field-id':1001}");
	assert_contains(text, "'last-partition-id':1001");
	assert_contains(text, "'sort-orders':[{'order-id':0,'fields':[]}]");
	assert_int_equal(metadata_check_all(&m, &error), OK);
}

static void
takes_the_last_partition_id_from_all_specs(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(
	    metadata_parse(arena,
		quoted("{'format-version':1,'location':'a','last-updated-ms':1"
		       ",'last-column-id':1,'schemas':[],'current-schema-id':0"
		       ",'default-spec-id':0,'partition-specs':[{'spec-id':0,"
		       "'fields':[{'field-id':1007}]},{'spec-id':1,'fields':"
		       "[{'field-id':1003},3]}]}"),
		&m, &error),
	    OK);
	assert_int_equal(metadata_number(&m, "last-partition-id", 0), 1007);
	assert_null(metadata_uuid(&m).ptr);
}

static void
names_the_field_that_is_wrong(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "Invalid table metadata: Malformed JSON: empty" },
		{ "[]", "Invalid table metadata: it must be an object" },
		{ "{}", "Invalid table metadata: Missing required field "
			"'format-version'" },
		{ "{'format-version':4}",
		  "Invalid table metadata: Cannot read unsupported version 4" },
		{ "{'format-version':0}",
		  "Invalid table metadata: Cannot read unsupported version 0" },
		{ "{'format-version':'2'}", "Invalid table metadata: Field "
			"'format-version' must be a 32-bit integer" },
		{ "{'format-version':2}", "Invalid table metadata: Missing "
			"required field 'table-uuid'" },
		{ "{'format-version':1,'location':7}", "Invalid table "
			"metadata: Field 'location' must be a string" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(
		    parse(cases[i].text), ERR_BAD_REQUEST, cases[i].message);
}

/* v2 metadata with one member replaced, or removed. */
static struct str
with_member(int version, const char *name, const char *value)
{
	struct metadata m = data_metadata(version);

	if (value == NULL)
		yyjson_mut_obj_remove_key(m.root, name);
	else
		member_put(m.doc, m.root, name,
		    yyjson_val_mut_copy(m.doc, json(value)));
	return metadata_text(&m);
}

static void
judges_every_member_by_its_json_type(void **state)
{
	static const char *const values[] = { NULL, "null", "true", "-1", "1.5",
		"1e400", "99999999999999999999", "'x'", "[]", "{}", "[1]",
		"[{}]", "{'a':1}", "{'a':{}}", "[[[[]]]]" };
	struct metadata base = data_metadata(3);
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(base.root);
	yyjson_mut_val *key;
	size_t refused = 0;

	(void)state;
	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]);
		     i++) {
			struct metadata m;
			struct str text =
			    with_member(3, yyjson_mut_get_str(key), values[i]);
			enum err err = metadata_parse(arena, text, &m, &error);

			if (err == OK)
				err = metadata_check_all(&m, &error);
			if (err != OK)
				refused++;
			assert_true(err == OK || err_http(err) == 400);
		}
	assert_true(refused > 200);
}

static void
finds_parts_that_do_not_fit(void **state)
{
	/* clang-format off */
	static const struct {
		int version;
		const char *name, *value, *message;
	} cases[] = {
		{ 2, "table-uuid", "'x'",
		  "Invalid table-uuid: 'x' is not a UUID" },
		{ 1, "table-uuid", "'x'",
		  "Invalid table-uuid: 'x' is not a UUID" },
		{ 2, "last-sequence-number", "2", "Invalid snapshot with "
		  "sequence number 3 greater than last sequence number 2" },
		{ 1, "last-sequence-number", "2",
		  "Sequence number must be 0 in v1: 2" },
		{ 2, "current-snapshot-id", "-1",
		  "Current snapshot ID does not match main branch (-1 != "
		  "9223372036854775807)" },
		{ 2, "refs", "{'b':{'snapshot-id':5,'type':'branch'}}",
		  "Snapshot for reference b does not exist" },
		{ 2, "refs", "{'main':{'snapshot-id':9223372036854775807,"
		  "'type':'tag'}}", "Current snapshot ID does not match" },
		{ 2, "current-schema-id", "9",
		  "Field 'current-schema-id' is 9, which is not in 'schemas'" },
		{ 2, "default-spec-id", "9", "Field 'default-spec-id' is 9" },
		{ 2, "default-sort-order-id", "9",
		  "Field 'default-sort-order-id' is 9" },
		{ 2, "snapshot-log", "[{'snapshot-id':1,'timestamp-ms':70000},"
		  "{'snapshot-id':2,'timestamp-ms':9999}]",
		  "Expected sorted entries in snapshot-log: 9999 follows "
		  "70000" },
		{ 2, "metadata-log", "[{'metadata-file':'f','timestamp-ms':"
		  "9223372036854775807}]",
		  "Invalid timestamp-ms in metadata-log" },
		{ 2, "metadata-log", "[{'metadata-file':'f','timestamp-ms':"
		  "1700000063001}]", "Invalid update timestamp 1700000003000: "
		  "before the last entry of metadata-log at 1700000063001" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct metadata m;
		struct str text = with_member(
		    cases[i].version, cases[i].name, cases[i].value);

		if (metadata_parse(arena, text, &m, &error) != OK)
			fail_msg("%s", error.message);
		assert_fails(metadata_check(&m, &error), ERR_VALIDATION,
		    cases[i].message);
	}
}

static void
tolerates_clocks_a_minute_apart(void **state)
{
	struct metadata m;
	struct str text = with_member(2, "metadata-log",
	    "[{'metadata-file':'f','timestamp-ms':1700000063000},"
	    "{'metadata-file':'f','timestamp-ms':1700000003000}]");

	(void)state;
	assert_int_equal(metadata_parse(arena, text, &m, &error), OK);
	assert_int_equal(metadata_check(&m, &error), OK);
}

static void
refuses_a_registered_file_with_a_member_twice(void **state)
{
	struct metadata m = data_metadata(2);

	(void)state;
	yyjson_mut_obj_add_int(m.doc, m.root, "location", 1);
	assert_fails(metadata_check_all(&m, &error), ERR_BAD_REQUEST,
	    "Field 'location' appears twice");
}

static void
judges_every_layout_of_a_registered_file(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name, *value;
		enum err code;
		const char *message;
	} cases[] = {
		{ "schemas", "[{'schema-id':1,'type':'struct','fields':[7]}]",
		  ERR_BAD_REQUEST,
		  "schemas: Each entry of 'fields' in a schema must be" },
		{ "partition-specs", "[{'spec-id':1,'fields':[7]}]",
		  ERR_BAD_REQUEST,
		  "partition-specs: Each entry of 'fields' in a spec must be an object" },
		{ "sort-orders", "[{'order-id':1,'fields':[7]}]",
		  ERR_BAD_REQUEST,
		  "sort-orders: Each entry of 'fields' in a sort order must be an object" },
		{ "x", "[[{'a':1},{'b':1,'b':2}]]", ERR_BAD_REQUEST,
		  "Field 'b' appears twice" },
		{ "current-schema-id", "9", ERR_VALIDATION,
		  "Field 'current-schema-id' is 9" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct metadata m;

		assert_int_equal(
		    metadata_parse(arena,
			with_member(2, cases[i].name, cases[i].value), &m,
			&error),
		    OK);
		assert_fails(metadata_check_all(&m, &error), cases[i].code,
		    cases[i].message);
	}
}

static void
lets_only_v1_do_without_a_uuid(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(metadata_parse(arena,
			     with_member(1, "table-uuid", NULL), &m, &error),
	    OK);
	assert_int_equal(metadata_check(&m, &error), OK);
	assert_fails(metadata_parse(
			 arena, with_member(2, "table-uuid", NULL), &m, &error),
	    ERR_BAD_REQUEST,
	    "Invalid table metadata: Missing required field 'table-uuid'");
}

static void
names_the_list_with_a_wrong_entry(void **state)
{
	/* clang-format off */
	static const char *const cases[][3] = {
		{ "snapshots", "[7]", "Field 'snapshots' must hold objects" },
		{ "snapshots", "[{'snapshot-id':1}]",
		  "snapshots: Missing required field 'timestamp-ms'" },
		{ "refs", "{'a':{'snapshot-id':'1'}}",
		  "refs: Field 'snapshot-id' must be a 64-bit integer" },
		{ "encryption-keys", "[{}]",
		  "encryption-keys: Missing required field 'key-id'" },
		{ "properties", "{'a':1}",
		  "Field 'properties.a' must be a string" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct metadata m;
		char message[128];

		(void)snprintf(message, sizeof(message),
		    "Invalid table metadata: %s", cases[i][2]);
		assert_fails(
		    metadata_parse(arena,
			with_member(2, cases[i][0], cases[i][1]), &m, &error),
		    ERR_BAD_REQUEST, message);
	}
}

static void
keeps_only_snapshots_with_a_name_for_refs(void **state)
{
	struct metadata m = data_metadata(2);

	(void)state;
	metadata_refs_only(&m);

	yyjson_mut_val *snapshots = metadata_list(&m, "snapshots");

	assert_int_equal(yyjson_mut_arr_size(snapshots), 2);
	assert_true(
	    member_number(member_find(yyjson_mut_arr_get_first(snapshots),
		"snapshot-id")) == INT64_MAX - 6);
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "statistics")), 0);
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "partition-statistics")), 0);
	assert_contains(metadata_text(&m), "'x-of-a-later-version'");
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "snapshot-log")), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_every_field_in_its_place),
		TEST(keeps_ids_of_64_bits_exact),
		TEST(keeps_numbers_as_they_are_written),
		TEST(reads_members_by_name),
		TEST(gives_a_v1_file_the_lists_of_today),
		TEST(takes_the_last_partition_id_from_all_specs),
		TEST(names_the_field_that_is_wrong),
		TEST(judges_every_member_by_its_json_type),
		TEST(finds_parts_that_do_not_fit),
		TEST(tolerates_clocks_a_minute_apart),
		TEST(refuses_a_registered_file_with_a_member_twice),
		TEST(judges_every_layout_of_a_registered_file),
		TEST(lets_only_v1_do_without_a_uuid),
		TEST(names_the_list_with_a_wrong_entry),
		TEST(keeps_only_snapshots_with_a_name_for_refs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
