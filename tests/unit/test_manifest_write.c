/*
 * test_manifest_write.c - manifests and manifest lists of PyIceberg's, written
 * again in each format version.
 */
#include "iceberg/manifest_write.h"

#include "tests/unit/manifest_fixture.h"

static const struct id sync_id = { { 7 } };

/* The columns of the fixture: kind, and the day of `at`. */
static struct partition_type
partition_type(struct partition_column columns[2])
{
	columns[0] = (struct partition_column){
		.id = 1000, .name = STR("kind"), .type = { .kind = TYPE_STRING }
	};
	columns[1] = (struct partition_column){
		.id = 1001, .name = STR("at_day"), .type = { .kind = TYPE_DATE }
	};
	return (struct partition_type){ columns, 2 };
}

struct written {
	struct str bytes;
	struct manifest row;
};

/* Each file of a manifest, added. */
static struct written
written(const char *name, int from, const struct manifest *m, int version)
{
	struct manifest_reader reader =
	    entries_of(m, manifest_bytes(name, from));
	struct partition_column columns[2];
	struct manifest_setting setting = { .format_version = version,
		.path = STR("file:/w/new.avro"),
		.schema = STR("{}"),
		.spec = STR("[]"),
		.type = partition_type(columns),
		.snapshot_id = 99,
		.sync = sync_id };
	struct manifest_writer writer;
	struct manifest_entry entry;
	struct written w;

	if (manifest_partition_schema(
		arena, &reader, &setting.partition, &error) != OK)
		fail_msg("%s", error.message);
	writer = manifest_writer_new(arena, &setting);
	while (next_entry(&reader, &entry))
		if (manifest_writer_add(&writer, &entry.file, &error) != OK)
			fail_msg("%s", error.message);
	if (manifest_writer_finish(&writer, &w.bytes, &w.row, &error) != OK)
		fail_msg("%s", error.message);
	return w;
}

static void
assert_value(const struct avro_value *got, const struct avro_value *want)
{
	struct buf a = buf_in(arena), b = buf_in(arena);

	assert_int_equal(got != NULL, want != NULL);
	if (got == NULL)
		return;
	avro_put_value(&a, got->type, got);
	avro_put_value(&b, want->type, want);
	assert_str(buf_str(&a), buf_str(&b));
}

static void
assert_file(const struct data_file *got, const struct data_file *want)
{
	assert_int_equal(got->content, want->content);
	assert_str(got->path, want->path);
	assert_str(got->format, want->format);
	assert_value(got->partition, want->partition);
	assert_int_equal(got->record_count, want->record_count);
	assert_int_equal(got->size, want->size);
	assert_value(got->column_sizes, want->column_sizes);
	assert_value(got->value_counts, want->value_counts);
	assert_value(got->null_counts, want->null_counts);
	assert_value(got->nan_counts, want->nan_counts);
	assert_value(got->lower_bounds, want->lower_bounds);
	assert_value(got->upper_bounds, want->upper_bounds);
	assert_value(got->split_offsets, want->split_offsets);
	assert_value(got->equality_ids, want->equality_ids);
	assert_str(got->key_metadata, want->key_metadata);
	assert_int_equal(got->sort_order_id, want->sort_order_id);
	assert_str(got->referenced_data_file, want->referenced_data_file);
}

static void
files_are_written_as_they_were(void **state)
{
	(void)state;
	for (int version = 1; version <= 3; version++) {
		struct rows list = rows_of(manifest_bytes("list", version));
		struct written w =
		    written("data", version, &list.at[0], version);
		struct manifest row = w.row;
		struct manifest_entry got, want;

		row.sequence_number = 12;
		row.first_row_id = 500;

		struct manifest_reader ours = entries_of(&row, w.bytes);
		struct manifest_reader theirs =
		    entries_of(&list.at[0], manifest_bytes("data", version));

		while (next_entry(&theirs, &want)) {
			assert_true(next_entry(&ours, &got));
			assert_file(&got.file, &want.file);
			assert_int_equal(got.status, ENTRY_ADDED);
			assert_int_equal(got.snapshot_id, 99);
			assert_int_equal(got.sequence_number, 12);
			if (want.file.first_row_id != MANIFEST_NONE)
				assert_int_equal(got.file.first_row_id,
				    want.file.first_row_id);
		}
		assert_false(next_entry(&ours, &got));
		assert_int_equal(row.added_files, 4);
		assert_int_equal(row.length, w.bytes.len);
	}
}

static void
what_a_delete_file_says_is_written_too(void **state)
{
	struct rows list = rows_of(manifest_bytes("list", 3));
	struct written w = written("deletes", 3, &list.at[1], 3);
	struct manifest row = w.row;
	struct manifest_reader ours, theirs;
	struct manifest_entry got, want;

	(void)state;
	row.content = MANIFEST_DELETES;
	ours = entries_of(&row, w.bytes);
	theirs = entries_of(&list.at[1], manifest_bytes("deletes", 3));
	while (next_entry(&theirs, &want)) {
		assert_true(next_entry(&ours, &got));
		assert_file(&got.file, &want.file);
		assert_int_equal(
		    got.file.content_offset, want.file.content_offset);
		assert_int_equal(got.file.content_size, want.file.content_size);
	}
}

static void
a_manifest_sums_up_its_partitions(void **state)
{
	struct rows list = rows_of(manifest_bytes("list", 2));
	struct written w = written("data", 2, &list.at[0], 2);
	const struct partition_summary *want = list.at[0].summaries;

	(void)state;
	assert_int_equal(w.row.summary_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct partition_summary *got = &w.row.summaries[i];

		assert_int_equal(got->contains_null, want[i].contains_null);
		assert_str(got->lower, want[i].lower);
		assert_str(got->upper, want[i].upper);
	}
}

/* ---- lists */
static struct str
list_text(const struct rows *rows, int version, int64_t *ret_next)
{
	struct list_setting setting = { .format_version = version,
		.snapshot_id = 99,
		.parent_id = 7,
		.sequence_number = 12,
		.first_row_id = 1000,
		.sync = sync_id };
	struct list_writer w = list_writer_new(arena, &setting);
	struct str text = { 0 };

	for (size_t i = 0; i < rows->count; i++)
		if (list_writer_add(&w, &rows->at[i], &error) != OK)
			fail_msg("%s", error.message);
	if (list_writer_finish(&w, &text, ret_next, &error) != OK)
		fail_msg("%s", error.message);
	return text;
}

static void
assert_row(const struct manifest *got, const struct manifest *want)
{
	assert_str(got->path, want->path);
	assert_int_equal(got->length, want->length);
	assert_int_equal(got->spec_id, want->spec_id);
	assert_int_equal(got->content, want->content);
	assert_int_equal(got->sequence_number, want->sequence_number);
	assert_int_equal(got->min_sequence_number, want->min_sequence_number);
	assert_int_equal(got->added_snapshot_id, want->added_snapshot_id);
	assert_int_equal(got->added_files, want->added_files);
	assert_int_equal(got->existing_files, want->existing_files);
	assert_int_equal(got->deleted_files, want->deleted_files);
	assert_int_equal(got->added_rows, want->added_rows);
	assert_int_equal(got->existing_rows, want->existing_rows);
	assert_int_equal(got->deleted_rows, want->deleted_rows);
	assert_str(got->key_metadata, want->key_metadata);
	assert_int_equal(got->summary_count, want->summary_count);
	for (size_t i = 0; i < want->summary_count; i++) {
		assert_str(got->summaries[i].lower, want->summaries[i].lower);
		assert_str(got->summaries[i].upper, want->summaries[i].upper);
		assert_int_equal(got->summaries[i].contains_null,
		    want->summaries[i].contains_null);
		assert_int_equal(got->summaries[i].contains_nan,
		    want->summaries[i].contains_nan);
	}
}

/* The reader gives texts that are of one block; a list has one here. */
static void
rows_of_lists_are_written_as_they_were(void **state)
{
	(void)state;
	for (int version = 1; version <= 3; version++) {
		struct rows want = rows_of(manifest_bytes("list", version));
		int64_t next = 0;
		struct rows got = rows_of(list_text(&want, version, &next));

		assert_int_equal(got.count, want.count);
		assert_int_equal(want.at[0].added_rows > 0, true);
		for (size_t i = 0; i < got.count; i++)
			assert_row(&got.at[i], &want.at[i]);
		if (version == 3)
			assert_int_equal(got.at[0].first_row_id, 100);
		assert_int_equal(next, 1000);
	}
}

static void
manifests_of_an_upgraded_table_are_given_row_ids(void **state)
{
	struct rows want = rows_of(manifest_bytes("list", 2));
	int64_t next = 0;
	struct rows got = rows_of(list_text(&want, 3, &next));
	const struct manifest *m = &want.at[0];

	(void)state;
	assert_int_equal(got.at[0].first_row_id, 1000);
	assert_int_equal(got.at[1].first_row_id, MANIFEST_NONE);
	assert_int_equal(next, 1000 + m->added_rows + m->existing_rows);
}

static void
lies_about_rows_are_refused(void **state)
{
	struct list_setting setting = { .format_version = 3,
		.first_row_id = 1000 };
	struct list_writer w = list_writer_new(arena, &setting);
	struct manifest row = { .path = STR("file:/w/m.avro"),
		.first_row_id = MANIFEST_NONE,
		.added_rows = INT64_MAX,
		.existing_rows = 1 };

	(void)state;
	assert_fails(list_writer_add(&w, &row, &error), ERR_BAD_REQUEST,
	    "Manifest file:/w/m.avro: it does not say how many rows");
	row.existing_rows = 0;
	assert_fails(list_writer_add(&w, &row, &error), ERR_BAD_REQUEST,
	    "Manifest file:/w/m.avro: its row ids do not fit");
	row.added_rows = MANIFEST_NONE;
	assert_fails(list_writer_add(&w, &row, &error), ERR_BAD_REQUEST,
	    "Manifest file:/w/m.avro: it does not say how many rows");
	row.first_row_id = 5;
	assert_fails(list_writer_add(&w, &row, &error), ERR_BAD_REQUEST,
	    "Manifest file:/w/m.avro: its list does not say");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_written_as_they_were),
		TEST(what_a_delete_file_says_is_written_too),
		TEST(a_manifest_sums_up_its_partitions),
		TEST(rows_of_lists_are_written_as_they_were),
		TEST(manifests_of_an_upgraded_table_are_given_row_ids),
		TEST(lies_about_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
