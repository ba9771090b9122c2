/* test_metadata_file.c - names of metadata files and the log of them. */
#include "iceberg/member.h"
#include "iceberg/metadata_file.h"
#include "tests/unit/metadata_fixture.h"

static void
reads_the_number_a_name_begins_with(void **state)
{
	/* clang-format off */
	static const struct {
		const char *file;
		int version;
	} cases[] = {
		{ "s3://b/t/metadata/00007-x.metadata.json", 7 },
		{ "00000-x.metadata.json", 0 },
		{ "123456-x.gz.metadata.json", 123456 },
		{ "s3://b-1/t/metadata/v3.metadata.json", -1 },
		{ "s3://b/t/metadata/x-00003.metadata.json", -1 },
		{ "s3://b/t/-3-x.metadata.json", -1 },
		{ "2147483647-x.metadata.json", -1 },
		{ "99999999999999999999-x.metadata.json", -1 },
		{ "", -1 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(metadata_file_version(str_from(cases[i].file)),
		    cases[i].version);
	assert_int_equal(metadata_file_version((struct str){ 0 }), -1);
}

static void
set_property(struct metadata *m, const char *name, struct str value)
{
	member_put_string(m->doc, metadata_list(m, "properties"), name, value);
}

static void
names_the_next_file(void **state)
{
	struct metadata m = data_metadata(2);
	struct str next;

	(void)state;
	assert_int_equal(
	    metadata_file_next(&m, STR(BASE_FILE), STR("u"), &next, &error),
	    OK);
	assert_str(
	    next, STR("s3://lake/sales/orders/metadata/00003-u.metadata.json"));
	set_property(&m, "write.metadata.path", STR("file:/other/"));
	set_property(&m, "write.metadata.compression-codec", STR("GZIP"));
	assert_int_equal(
	    metadata_file_next(&m, (struct str){ 0 }, STR("u"), &next, &error),
	    OK);
	assert_str(next, STR("file:/other/00000-u.gz.metadata.json"));
	assert_true(metadata_file_is_gzip(next));
	assert_true(metadata_file_is_gzip(STR("a.metadata.json.gz")));
	assert_false(metadata_file_is_gzip(STR("a.metadata.json")));
	assert_true(metadata_file_is_named_so(STR("a.metadata.json")));
	assert_true(metadata_file_is_named_so(next));
	assert_true(metadata_file_is_named_so(STR("a.metadata.json.gz")));
	assert_false(metadata_file_is_named_so(STR("metadata.json")));
	assert_false(metadata_file_is_named_so(STR("a.parquet")));
	assert_false(metadata_file_is_named_so((struct str){ 0 }));
	set_property(&m, "write.metadata.compression-codec", STR("lzma"));
	assert_fails(
	    metadata_file_next(&m, STR(BASE_FILE), STR("u"), &next, &error),
	    ERR_BAD_REQUEST, "Invalid codec name: lzma");
}

static size_t
log_size_with(const char *max)
{
	struct metadata m = data_metadata(2);
	struct file_names dropped;

	if (max != NULL)
		set_property(
		    &m, "write.metadata.previous-versions-max", str_from(max));
	metadata_log_push(&m, STR("new"), 1700000003000, &dropped);
	assert_int_equal(dropped.count, 0); /* not asked to delete */

	yyjson_mut_val *log = metadata_list(&m, "metadata-log");

	assert_str(json_mut_str(member_find(
		       yyjson_mut_arr_get_last(log), "metadata-file")),
	    STR("new"));
	return yyjson_mut_arr_size(log);
}

static void
keeps_as_many_log_entries_as_the_table_asks(void **state)
{
	(void)state;
	assert_int_equal(log_size_with(NULL), 3);
	assert_int_equal(log_size_with("3"), 3);
	assert_int_equal(log_size_with("2"), 2);
	assert_int_equal(log_size_with("0"), 1);
	assert_int_equal(log_size_with("-5"), 1);
	assert_int_equal(log_size_with("many"), 3);
}

static void
keeps_a_hundred_entries_unless_told(void **state)
{
	struct metadata m = data_metadata(2);
	struct file_names dropped;

	(void)state;
	for (int i = 0; i < 120; i++)
		metadata_log_push(&m, STR("new"), 1700000003000, &dropped);
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "metadata-log")), 100);
}

static void
lists_the_manifest_list_of_each_snapshot(void **state)
{
	struct metadata m = data_metadata(2);
	struct file_names files = metadata_manifest_lists(&m);
	yyjson_mut_val *bare =
	    yyjson_mut_arr_add_obj(m.doc, metadata_list(&m, "snapshots"));

	(void)state;
	assert_non_null(bare);
	assert_int_equal(files.count,
	    yyjson_mut_arr_size(metadata_list(&m, "snapshots")) - 1);
	assert_true(files.count > 0);
	for (size_t i = 0; i < files.count; i++)
		assert_true(files.at[i].len > 0);
	assert_int_equal(metadata_manifest_lists(&m).count, files.count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_the_number_a_name_begins_with),
		TEST(names_the_next_file),
		TEST(keeps_as_many_log_entries_as_the_table_asks),
		TEST(keeps_a_hundred_entries_unless_told),
		TEST(lists_the_manifest_list_of_each_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
