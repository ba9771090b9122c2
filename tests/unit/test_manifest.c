/*
 * test_manifest.c - manifest lists and manifests that PyIceberg wrote
 * (tests/data/manifests): four files each, a to d, and deletes.
 */
#include "iceberg/data_file.h"
#include "tests/unit/metadata_fixture.h"
#include "tests/unit/work_fixture.h"

#define ALL_METRICS (MANIFEST_COUNTS | MANIFEST_BOUNDS | MANIFEST_SIZES)

static struct str
file_of(const char *name, int version)
{
	struct str path =
	    arena_printf(arena, "manifests/%s-v%d.avro", name, version);

	return data_text(arena_cstr(arena, path));
}

struct manifests {
	struct manifest at[4];
	size_t count;
};

static enum err
read_list(struct str path, struct str bytes, struct manifests *ret)
{
	struct manifest_list list;
	bool more = true;

	ret->count = 0;
	TRY(manifest_list_open(arena, path, bytes, plenty(), &list, &error));
	while (more) {
		assert_true(ret->count < 4);
		TRY(manifest_list_next(
		    &list, arena, &ret->at[ret->count], &more, &error));
		ret->count += more;
	}
	return OK;
}

static struct manifests
list_of(int version)
{
	struct manifests list;

	if (read_list(STR("file:/w/list"), file_of("list", version), &list) !=
	    OK)
		fail_msg("%s", error.message);
	return list;
}

static void
lists_are_read_in_each_version(void **state)
{
	(void)state;
	for (int v = 1; v <= 3; v++) {
		struct manifests list = list_of(v);
		const struct manifest *m = &list.at[0];

		assert_int_equal(list.count, v == 1 ? 1 : 2);
		assert_str(m->path, STR("file:/w/m0.avro"));
		assert_true(m->length > 1000);
		assert_int_equal(m->content, MANIFEST_DATA);
		assert_int_equal(m->added_snapshot_id, 7);
		assert_int_equal(m->added_files, 2);
		assert_int_equal(m->existing_files, 1);
		assert_int_equal(m->sequence_number, v == 1 ? 0 : 3);
		assert_int_equal(m->min_sequence_number, v == 1 ? 0 : 1);
		assert_int_equal(m->first_row_id, v == 3 ? 100 : MANIFEST_NONE);
		assert_true(manifest_has_live(m));
		if (v > 1)
			assert_int_equal(list.at[1].content, MANIFEST_DELETES);
	}
}

static void
lists_bring_summaries_of_partitions(void **state)
{
	struct manifests list = list_of(2);
	const struct partition_summary *kind = list.at[0].summaries;

	(void)state;
	assert_int_equal(list.at[0].summary_count, 2);
	assert_true(kind[0].contains_null);
	assert_str(kind[0].lower, STR("a"));
	assert_str(kind[0].upper, STR("d"));
	assert_int_equal(kind[1].lower.len, 4);
}

/* Up to `room` entries; gives how many there are. */
static size_t
entries_of(const struct manifest *m, struct str bytes,
    struct manifest_entry *ret, size_t room)
{
	struct manifest_reader reader;
	bool more = true;
	size_t count = 0;

	if (manifest_open(
		arena, m, bytes, ALL_METRICS, plenty(), &reader, &error) != OK)
		fail_msg("%s", error.message);
	while (count < room) {
		if (manifest_next(&reader, arena, &ret[count], &more, &error) !=
		    OK)
			fail_msg("%s", error.message);
		if (!more)
			break;
		ret[count].file.path = arena_copy(arena, ret[count].file.path);
		count++;
	}
	return count;
}

/* a and d were added without numbers of their own, b and c have theirs. */
static void
entries_inherit_from_the_list(void **state)
{
	static const int64_t rows[] = { 100, 110, MANIFEST_NONE, 77 };

	(void)state;
	for (int v = 1; v <= 3; v++) {
		struct manifests list = list_of(v);
		struct manifest_entry e[5];

		assert_int_equal(
		    entries_of(&list.at[0], file_of("data", v), e, 5), 4);
		assert_str(e[0].file.path, STR("file:/w/a.parquet"));
		assert_int_equal(e[0].status, ENTRY_ADDED);
		assert_int_equal(e[1].status, ENTRY_EXISTING);
		assert_int_equal(e[2].status, ENTRY_DELETED);
		assert_int_equal(e[0].snapshot_id, 7);
		assert_int_equal(e[1].snapshot_id, 5);
		assert_int_equal(e[0].sequence_number, v == 1 ? 0 : 3);
		assert_int_equal(e[1].sequence_number, v == 1 ? 0 : 2);
		assert_int_equal(e[3].sequence_number, v == 1 ? 0 : 3);
		for (int i = 0; i < 4; i++)
			assert_int_equal(e[i].file.first_row_id,
			    v == 3 ? rows[i] : MANIFEST_NONE);
	}
}

static void
entries_tell_of_files(void **state)
{
	struct manifests list = list_of(2);
	static const struct file_column columns[] = {
		{ 1, { .kind = TYPE_LONG } }, { 2, { .kind = TYPE_STRING } }
	};
	struct manifest_entry e;
	const struct data_file *f = &e.file;
	struct file_metrics m;

	(void)state;
	(void)entries_of(&list.at[0], file_of("data", 2), &e, 1);
	assert_str(f->format, STR("PARQUET"));
	assert_int_equal(f->record_count, 10);
	assert_int_equal(f->size, 100);
	assert_int_equal(f->sort_order_id, 1);
	assert_str(f->key_metadata, STR("k"));
	assert_int_equal(f->split_offsets->as.list.count, 2);
	assert_null(f->equality_ids);
	m = data_file_metrics(arena, f, (struct file_columns){ columns, 2 });
	assert_int_equal(m.records, 10);
	assert_int_equal(m.columns[0].values, 10);
	assert_int_equal(m.columns[0].nans, -1);
	assert_int_equal(m.columns[1].nulls, 2);
	assert_int_equal(m.columns[0].lower.len, 8);
	assert_null(m.columns[1].lower.ptr);
}

/* Of the four maps of counts and bounds that its files have. */
static void
metrics_that_nobody_wants_are_skipped(void **state)
{
	static const struct {
		unsigned metrics;
		bool sizes, values, lower;
	} cases[] = { { 0, false, false, false },
		{ MANIFEST_SIZES, true, false, false },
		{ MANIFEST_COUNTS, false, true, false },
		{ MANIFEST_BOUNDS, false, false, true } };
	struct manifests list = list_of(2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifest_reader reader;
		struct manifest_entry e;
		bool more = false;

		assert_int_equal(
		    manifest_open(arena, &list.at[0], file_of("data", 2),
			cases[i].metrics, plenty(), &reader, &error),
		    OK);
		assert_int_equal(
		    manifest_next(&reader, arena, &e, &more, &error), OK);
		assert_int_equal(e.file.column_sizes != NULL, cases[i].sizes);
		assert_int_equal(e.file.value_counts != NULL, cases[i].values);
		assert_int_equal(e.file.lower_bounds != NULL, cases[i].lower);
		assert_int_equal(e.file.record_count, 10);
		assert_str(e.file.key_metadata, STR("k"));
	}
}

static void
delete_files_say_what_they_are_about(void **state)
{
	struct manifests v2 = list_of(2), v3 = list_of(3);
	struct manifest_entry e[3];

	(void)state;
	assert_int_equal(entries_of(&v2.at[1], file_of("deletes", 2), e, 3), 2);
	assert_int_equal(e[0].file.content, FILE_POSITION_DELETES);
	assert_int_equal(e[1].file.content, FILE_EQUALITY_DELETES);
	assert_int_equal(e[1].file.equality_ids->as.list.count, 2);
	assert_int_equal(entries_of(&v3.at[1], file_of("deletes", 3), e, 3), 1);
	assert_true(data_file_is_vector(&e[0].file));
	assert_str(e[0].file.referenced_data_file, STR("file:/w/a.parquet"));
	assert_int_equal(e[0].file.content_offset, 4);
	assert_int_equal(e[0].file.content_size, 50);
	assert_int_equal(e[0].file.first_row_id, MANIFEST_NONE);
}

/* The whole of it: what counts is how it ends. */
static enum err
read_all(const struct manifest *m, struct str bytes)
{
	struct manifest_reader reader;
	struct manifest_entry e;
	bool more = true;

	TRY(manifest_open(
	    arena, m, bytes, ALL_METRICS, plenty(), &reader, &error));
	while (more)
		TRY(manifest_next(&reader, arena, &e, &more, &error));
	return OK;
}

static void
a_manifest_of_other_content_is_refused(void **state)
{
	struct manifests list = list_of(2);

	(void)state;
	assert_int_equal(
	    read_all(&list.at[0], file_of("deletes", 2)), ERR_BAD_REQUEST);
	assert_int_equal(
	    read_all(&list.at[1], file_of("data", 2)), ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "file:/w/m1.avro"));
}

/* Cut anywhere, it is damaged, and the message names it. */
static void
damage_is_told_with_the_name_of_the_file(void **state)
{
	struct manifests list = list_of(2), ignored;
	struct str data = file_of("data", 2), rows = file_of("list", 2);

	(void)state;
	for (size_t len = 0; len < data.len; len += 7) {
		data.len = len;
		error.message[0] = '\0';
		if (read_all(&list.at[0], data) != OK)
			assert_non_null(
			    strstr(error.message, "file:/w/m0.avro"));
		data.len = file_of("data", 2).len;
	}
	for (size_t len = 0; len < rows.len; len += 7) {
		struct str cut = { rows.ptr, len };

		if (read_list(STR("file:/w/l"), cut, &ignored) != OK)
			assert_non_null(strstr(error.message, "file:/w/l"));
	}
	rows.len -= 20;
	assert_int_equal(
	    read_list(STR("file:/w/l"), rows, &ignored), ERR_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_are_read_in_each_version),
		TEST(lists_bring_summaries_of_partitions),
		TEST(entries_inherit_from_the_list),
		TEST(entries_tell_of_files),
		TEST(metrics_that_nobody_wants_are_skipped),
		TEST(delete_files_say_what_they_are_about),
		TEST(a_manifest_of_other_content_is_refused),
		TEST(damage_is_told_with_the_name_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
