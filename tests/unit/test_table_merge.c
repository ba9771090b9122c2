/* test_table_merge.c - merges of tables, and what they make of damage. */
#include "iceberg/member.h"
#include "tests/unit/manifest_fixture.h"
#include "tests/unit/merge_fixture.h"

static struct merge_world *
new_world(void)
{
	struct merge_world *w = ARENA_NEW(arena, struct merge_world, 1);

	make_world(w, arena);
	return w;
}

static struct table_merge
merged(struct merge_world *w)
{
	struct table_merge merge;

	if (merge_world(w, BASE, SOURCE, TARGET, &merge, &error) != OK)
		fail_msg("%s", error.message);
	return merge;
}

static void
assert_data_conflict(struct merge_world *w, const char *message)
{
	struct table_merge merge = merged(w);

	assert_int_equal(merge.conflicts.count, 1);
	assert_int_equal(merge.conflicts.at[0].kind, CONFLICT_DATA);
	assert_contains(merge.conflicts.at[0].message, message);
	assert_int_equal(merge.files.count, 0);
}

static void
appends_of_both_sides_are_joined(void **state)
{
	struct table_merge merge = merged(new_world());
	struct rows rows = rows_of(merge.files.at[1].bytes);
	struct manifest_entry entry;
	struct str text = metadata_text(&merge.metadata);

	(void)state;
	assert_int_equal(merge.conflicts.count, 0);
	assert_int_equal(merge.files.count, 2);
	assert_int_equal(rows.count, 3);
	assert_str(rows.at[0].path, merge.files.at[0].location);
	assert_int_equal(rows.at[0].added_snapshot_id, merge.snapshot_id);
	assert_int_equal(rows.at[0].sequence_number, 3);
	assert_int_equal(rows.at[0].first_row_id, 20);
	assert_str(rows.at[0].summaries[0].lower, STR("b"));

	struct manifest_reader reader =
	    entries_of(&rows.at[0], merge.files.at[0].bytes);

	assert_true(next_entry(&reader, &entry));
	assert_str(entry.file.path, STR("file:/w/1.parquet"));
	assert_false(next_entry(&reader, &entry));
	assert_contains(text, "'next-row-id':30");
	assert_contains(text, "'total-records':'20'");
	assert_contains(text, "'source-snapshot-id':'2'");
	assert_contains(text, "file:/w/00001-a.metadata.json");
}

static void
the_same_input_makes_the_same_bytes(void **state)
{
	struct table_merge one = merged(new_world());
	struct table_merge other = merged(new_world());

	(void)state;
	for (size_t i = 0; i < one.files.count; i++) {
		assert_str(
		    one.files.at[i].location, other.files.at[i].location);
		assert_str(one.files.at[i].bytes, other.files.at[i].bytes);
	}
	assert_str(
	    metadata_text(&one.metadata), metadata_text(&other.metadata));
}

static void
the_input_is_left_as_it_was(void **state)
{
	struct merge_world *w = new_world();
	struct str before = metadata_text(&w->sides[TARGET]);
	struct table_merge merge = merged(w);

	(void)state;
	assert_true(merge.changed);
	assert_str(metadata_text(&w->sides[TARGET]), before);
}

static void
what_target_has_changes_nothing(void **state)
{
	struct merge_world *w = new_world();
	struct table_merge merge;

	(void)state;
	assert_int_equal(
	    merge_world(w, BASE, BASE, TARGET, &merge, &error), OK);
	assert_false(merge.changed);
	assert_int_equal(
	    merge_world(w, BASE, SOURCE, SOURCE, &merge, &error), OK);
	assert_false(merge.changed);
	assert_int_equal(
	    merge_world(w, BASE, SOURCE, BASE, &merge, &error), OK);
	assert_true(merge.changed);
	assert_int_equal(merge.files.count, 0);
}

/* ---- lies and damage */
static void
a_row_of_another_snapshot_is_not_read(void **state)
{
	struct merge_world *w = new_world();
	struct table_merge merge;

	(void)state;
	w->rows[SOURCE].added_snapshot_id = 77;
	make_list(w, SOURCE);
	merge = merged(w);
	assert_int_equal(merge.conflicts.count, 0);
	assert_false(merge.changed);
}

static void
deletes_in_an_append_are_a_conflict(void **state)
{
	struct merge_world *w = new_world();

	(void)state;
	w->rows[SOURCE].content = MANIFEST_DELETES;
	make_list(w, SOURCE);
	assert_data_conflict(w, "deletes rows");
}

static void
an_encrypted_manifest_is_a_conflict(void **state)
{
	struct merge_world *w = new_world();

	(void)state;
	w->rows[SOURCE].key_metadata = STR("key");
	make_list(w, SOURCE);
	assert_data_conflict(w, "encrypted");
}

static void
a_manifest_that_is_gone_is_a_conflict(void **state)
{
	struct merge_world *w = new_world();

	(void)state;
	w->paths[MANIFESTS + SOURCE] = STR("file:/elsewhere");
	assert_data_conflict(w, "There is no file file:/w/m1");
}

/* Counts are of target's list, which is taken as it is. */
static void
counts_that_lie_do_no_harm(void **state)
{
	struct merge_world *w = new_world();
	struct manifest *row = &w->rows[TARGET];
	struct table_merge merge;

	(void)state;
	row->added_rows = INT64_MAX;
	row->existing_rows = INT64_MAX;
	row->first_row_id = 5;
	make_list(w, TARGET);
	merge = merged(w);
	assert_int_equal(merge.conflicts.count, 0);
	row->first_row_id = MANIFEST_NONE;
	w->rows[BASE].first_row_id = 0;
	w->sides[TARGET] = make_side(w, TARGET);
	row->added_rows = INT64_MAX - 5;
	row->existing_rows = 0;
	make_list(w, BASE);

	struct list_setting setting = { .format_version = 2 };
	struct list_writer list = list_writer_new(arena, &setting);
	int64_t next;

	assert_int_equal(list_writer_add(&list, row, &error), OK);
	assert_int_equal(
	    list_writer_finish(&list, &w->files[LISTS + TARGET], &next, &error),
	    OK);
	assert_data_conflict(w, "row ids do not fit 64 bits");
}

static void
a_history_in_circles_ends(void **state)
{
	struct merge_world *w = new_world();
	yyjson_mut_val *first =
	    metadata_entry(&w->sides[SOURCE], "snapshots", "snapshot-id", 2);

	(void)state;
	member_put_number(w->sides[SOURCE].doc, first, "parent-snapshot-id", 2);
	assert_data_conflict(w, "both sides had");
}

static void
a_parent_that_expired_is_a_conflict(void **state)
{
	struct merge_world *w = new_world();
	yyjson_mut_val *first =
	    metadata_entry(&w->sides[SOURCE], "snapshots", "snapshot-id", 2);

	(void)state;
	member_put_number(
	    w->sides[SOURCE].doc, first, "parent-snapshot-id", 66);
	assert_data_conflict(w, "have expired");
}

/* It may say anything but must end, and not read what is not there. */
static void
damaged_files_harm_nobody(void **state)
{
	struct merge_world *w = new_world();
	struct table_merge merge;
	size_t merges = 0;

	(void)state;
	for (int f = 0; f < FILES; f++) {
		struct str whole = w->files[f];

		for (size_t i = 0; i < whole.len; i += 1 + whole.len / 300) {
			struct arena_mark mark = arena_mark(arena);
			char *copy = arena_alloc(arena, 1, whole.len);

			memcpy(copy, whole.ptr, whole.len);
			copy[i] = (char)(copy[i] ^ (1 << (i % 8)));
			w->files[f] = (struct str){ copy, whole.len };
			merges += merge_world(w, BASE, SOURCE, TARGET, &merge,
				      &error) == OK;
			w->files[f].len = i;
			merges += merge_world(w, BASE, SOURCE, TARGET, &merge,
				      &error) == OK;
			arena_cut(arena, mark);
		}
		w->files[f] = whole;
	}
	assert_true(merges > 100);
}

static void
no_time_left_is_no_conflict(void **state)
{
	struct merge_world *w = new_world();
	struct table_merge merge;
	struct table_merge_input in = { .base = &w->sides[BASE],
		.source = &w->sides[SOURCE],
		.target = &w->sides[TARGET],
		.reader = { read_of_world, w },
		.budget = only_steps(0) };

	(void)state;
	assert_int_equal(table_merge(&in, &merge, &error), ERR_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(appends_of_both_sides_are_joined),
		TEST(the_same_input_makes_the_same_bytes),
		TEST(the_input_is_left_as_it_was),
		TEST(what_target_has_changes_nothing),
		TEST(a_row_of_another_snapshot_is_not_read),
		TEST(deletes_in_an_append_are_a_conflict),
		TEST(an_encrypted_manifest_is_a_conflict),
		TEST(a_manifest_that_is_gone_is_a_conflict),
		TEST(counts_that_lie_do_no_harm),
		TEST(a_history_in_circles_ends),
		TEST(a_parent_that_expired_is_a_conflict),
		TEST(damaged_files_harm_nobody),
		TEST(no_time_left_is_no_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
