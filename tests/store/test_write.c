/* test_write.c - PUT, ADD, DELETE, PURGE, TEST, and unique indexes. */
#include "suite.h"

static enum verdict
write_one(struct fixture *f, struct write w)
{
	w.entity = ITEMS;
	return write_rows(f, &w, 1);
}

static void
put_sets_the_named_fields_only(struct fixture *f)
{
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1),
		[ITEM_NAME] = text_value("not named"),
		[ITEM_SIZE] = int_value(5),
	};
	const struct value *got;

	CHECK(put_row(f, ITEMS, row, SET(ITEM_SIZE)) == VERDICT_APPLIED);
	got = get_item(f, 1);
	CHECK(got != NULL && got[ITEM_NAME].type == VALUE_NULL);
	CHECK(got != NULL && got[ITEM_SIZE].as.i == 5);
	CHECK(put_item(f, 1, "n", 6, "t") == VERDICT_APPLIED);
	CHECK(put_row(f, ITEMS, row, SET(ITEM_TAG)) == VERDICT_APPLIED);
	got = get_item(f, 1);
	CHECK(got != NULL && str_eq(got[ITEM_NAME].as.s, STR("n")));
	CHECK(got != NULL && got[ITEM_SIZE].as.i == 6);
	CHECK(got != NULL && got[ITEM_TAG].type == VALUE_NULL);
	CHECK(put_row(f, ITEMS, row, 0) == VERDICT_APPLIED);
	got = get_item(f, 1);
	CHECK(got != NULL && got[ITEM_SIZE].as.i == 6);
}

static void
put_asks_its_tests_of_the_stored_row(struct fixture *f)
{
	const struct test is_5 = test_of(ITEM_SIZE, TEST_EQ, int_value(5));
	const struct test absent = { .op = TEST_ABSENT };
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1),
		[ITEM_SIZE] = int_value(5),
	};
	struct write w = { .op = WRITE_PUT,
		.row = row,
		.set = SET(ITEM_SIZE),
		.when = &is_5,
		.when_count = 1 };

	CHECK(write_one(f, w) == VERDICT_CONFLICT); /* no row, no 5 */
	CHECK(get_item(f, 1) == NULL);
	w.when = &absent;
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
	w.when = &is_5;
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	w.set = 0;
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(put_item(f, 1, NULL, 6, NULL) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
}

static void
add_counts_on_a_row_that_is_there(struct fixture *f)
{
	struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1),
		[ITEM_SIZE] = int_value(3),
	};
	const struct test small = test_of(ITEM_SIZE, TEST_LT, int_value(6));
	struct write w = { .op = WRITE_ADD, .row = row, .set = SET(ITEM_SIZE) };
	const struct value *got;

	CHECK(write_one(f, w) == VERDICT_CONFLICT);
	CHECK(put_row(f, ITEMS, row, 0) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_APPLIED); /* NULL counts as 0 */
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	got = get_item(f, 1);
	CHECK(got != NULL && got[ITEM_SIZE].as.i == 6);
	w.when = &small;
	w.when_count = 1;
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
	w.when_count = 0;
	row[ITEM_SIZE] = int_value(-10);
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	got = get_item(f, 1);
	CHECK(got != NULL && got[ITEM_SIZE].as.i == -4);
}

static void
a_sum_that_does_not_fit_is_invalid(struct fixture *f)
{
	static const int64_t start[] = { INT64_MAX, INT64_MIN, INT64_MAX,
		INT64_MIN };
	static const int64_t step[] = { 1, -1, INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < COUNT_OF(start); i++) {
		const struct value row[ITEM_FIELDS] = {
			[ITEM_ID] = int_value(1),
			[ITEM_SIZE] = int_value(step[i]),
		};
		const struct write w = {
			.op = WRITE_ADD, .row = row, .set = SET(ITEM_SIZE)
		};
		const struct value *got;

		CHECK(put_item(f, 1, NULL, start[i], NULL) == VERDICT_APPLIED);
		CHECK(write_one(f, w) == VERDICT_INVALID);
		got = get_item(f, 1);
		CHECK(got != NULL && got[ITEM_SIZE].as.i == start[i]);
	}
}

static void
delete_takes_what_is_there(struct fixture *f)
{
	const struct value key = int_value(1);
	const struct test is_5 = test_of(ITEM_SIZE, TEST_EQ, int_value(5));
	struct write w = {
		.op = WRITE_DELETE, .row = &key, .when = &is_5, .when_count = 1
	};

	CHECK(write_one(f, w) == VERDICT_APPLIED); /* no row, no failure */
	CHECK(put_item(f, 1, NULL, 4, NULL) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
	CHECK(put_item(f, 1, NULL, 5, NULL) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(get_item(f, 1) == NULL);
	w.when_count = 0;
	CHECK(write_one(f, w) == VERDICT_APPLIED);
}

static void
purge_takes_what_passes_up_to_the_limit(struct fixture *f)
{
	const struct test even = test_of(ITEM_TAG, TEST_EQ, text_value("even"));
	struct write w = {
		.op = WRITE_PURGE, .limit = 3, .when = &even, .when_count = 1
	};
	const struct scan all = {
		.entity = ITEMS, .index = INDEX_KEY, .limit = 1
	};
	int64_t left = 0;

	for (int64_t i = 1; i <= 10; i++)
		CHECK(put_item(f, i, NULL, 0, i % 2 ? "odd" : "even") ==
		      VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(store_count(in_time(f), &all, &left) == OK && left == 7);
	CHECK(get_item(f, 6) == NULL && get_item(f, 8) != NULL);
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_APPLIED); /* none is no failure */
	CHECK(store_count(in_time(f), &all, &left) == OK && left == 5);
	w.when_count = 0;
	w.limit = 100;
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(store_count(in_time(f), &all, &left) == OK && left == 0);
}

static void
a_test_writes_nothing(struct fixture *f)
{
	const struct value key = int_value(1);
	const struct test absent = { .op = TEST_ABSENT };
	const struct test two[] = {
		test_of(ITEM_SIZE, TEST_GE, int_value(5)),
		test_of(ITEM_NAME, TEST_EQ, null_value()),
	};
	struct write w = {
		.op = WRITE_TEST, .row = &key, .when = &absent, .when_count = 1
	};

	CHECK(write_one(f, w) == VERDICT_APPLIED);
	CHECK(get_item(f, 1) == NULL);
	w.when = two;
	w.when_count = 2;
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
	CHECK(put_item(f, 1, NULL, 5, NULL) == VERDICT_APPLIED);
	CHECK(write_one(f, w) == VERDICT_APPLIED);
	w.when = &absent;
	w.when_count = 1;
	CHECK(write_one(f, w) == VERDICT_CONFLICT);
}

static void
a_unique_index_refuses_a_second_row(struct fixture *f)
{
	CHECK(put_item(f, 1, "n", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, "n", 0, NULL) == VERDICT_CONFLICT);
	CHECK(get_item(f, 2) == NULL);
	CHECK(put_item(f, 2, "N", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 3, "n ", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 1, "n", 1, NULL) == VERDICT_APPLIED); /* itself */
	CHECK(put_item(f, 2, "n", 0, NULL) == VERDICT_CONFLICT);
	for (int64_t i = 10; i < 13; i++) /* NULL is exempt */
		CHECK(put_item(f, i, NULL, 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 20, "", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 21, "", 0, NULL) == VERDICT_CONFLICT);
}

static void
the_failed_write_is_named_behind_the_expectations(struct fixture *f)
{
	const struct value good[ITEM_FIELDS] = { int_value(1),
		text_value("n") };
	const struct value bad[ITEM_FIELDS] = { int_value(2), text_value("n") };
	const struct expect x[] = { expect_seq("ns", "a", 0),
		expect_seq("ns", "b", 0) };
	const struct write w[] = {
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = good,
		    .set = SET(ITEM_NAME) },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = bad,
		    .set = SET(ITEM_NAME) },
	};
	struct unit u = unit_of(1, NULL, 0);

	u.expects = x;
	u.expect_count = 2;
	u.writes = w;
	u.write_count = 2;
	CHECK(apply_one(f, 1, &u) == VERDICT_CONFLICT && u.failed == 3);
	CHECK(get_item(f, 1) == NULL);
}

static void
a_name_is_free_again_within_the_unit(struct fixture *f)
{
	const struct value a[ITEM_FIELDS] = { int_value(1), text_value("b") };
	const struct value b[ITEM_FIELDS] = { int_value(2), text_value("a") };
	const struct write w[] = {
		{ .entity = ITEMS, .op = WRITE_DELETE, .row = a },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = b,
		    .set = SET(ITEM_NAME) },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = a,
		    .set = SET(ITEM_NAME) },
	};

	CHECK(put_item(f, 1, "a", 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, "b", 0, NULL) == VERDICT_APPLIED);
	CHECK(write_rows(f, w, 3) == VERDICT_APPLIED);
	CHECK(get_item(f, 1) != NULL &&
	      str_eq(get_item(f, 1)[ITEM_NAME].as.s, STR("b")));
}

static void
bad_writes_are_refused_whole(struct fixture *f)
{
	static const char nul[] = "a\0b";
	const struct value null = null_value(), one = int_value(1);
	const struct value wrong[ITEM_FIELDS] = { int_value(1), int_value(1) };
	const struct value text[ITEM_FIELDS] = { int_value(1),
		{ VALUE_TEXT, { .s = { nul, 3 } } } };
	const struct test mixed[] = { { .op = TEST_ABSENT },
		test_of(ITEM_SIZE, TEST_EQ, int_value(1)) };
	const struct write bad[] = {
		{ .entity = 99, .op = WRITE_PUT, .row = &one },
		{ .entity = ITEMS, .op = WRITE_PUT, .row = &null },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = wrong,
		    .set = SET(ITEM_NAME) },
		{ .entity = ITEMS,
		    .op = WRITE_ADD,
		    .row = wrong,
		    .set = SET(ITEM_NAME) },
		{ .entity = ITEMS,
		    .op = WRITE_PUT,
		    .row = wrong,
		    .set = SET(40) },
		{ .entity = ITEMS, .op = WRITE_PURGE },
		{ ITEMS, WRITE_TEST, 0, &one, 0, mixed, 2 },
	};
	struct write both[] = {
		{ .entity = ITEMS, .op = WRITE_PUT, .row = &one },
		{ .entity = ITEMS, .op = WRITE_PUT }
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct unit u = { .writes = both, .write_count = 2 };

		both[1] = bad[i];
		CHECK(store_apply(in_time(f), 0, &u, 1) == ERR_BAD_REQUEST);
		CHECK(u.verdict == VERDICT_NONE && get_item(f, 1) == NULL);
	}
	CHECK(put_row(f, ITEMS, text, SET(ITEM_NAME)) == VERDICT_INVALID);
	CHECK(get_item(f, 1) == NULL);
}

static void
an_id_is_a_commits_or_claimed_never_both(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "x");
	const struct value row[] = { int_value(0), int_value(INT64_MAX - 7) };
	const struct write give_back = {
		.entity = ENTITY_COMMITS, .op = WRITE_DELETE, .row = row
	};
	struct unit u = unit_of(7, &v, 1);

	CHECK(claim_id(f, 7) == VERDICT_APPLIED);
	CHECK(claim_id(f, 7) == VERDICT_CONFLICT);
	CHECK(apply_one(f, 1, &u) == VERDICT_ALREADY);
	CHECK(u.seq == INT64_MAX - 7 && str_eq(u.first_hash, STR("hash")));
	CHECK(head_of(f, 1) == 0);
	CHECK(write_rows(f, &give_back, 1) == VERDICT_APPLIED);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 1);
	CHECK(claim_id(f, 7) == VERDICT_CONFLICT);
	CHECK(head_of(f, 1) == 1);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test write_tests[] = {
	TEST(put_sets_the_named_fields_only),
	TEST(put_asks_its_tests_of_the_stored_row),
	TEST(add_counts_on_a_row_that_is_there),
	TEST(a_sum_that_does_not_fit_is_invalid),
	TEST(delete_takes_what_is_there),
	TEST(purge_takes_what_passes_up_to_the_limit),
	TEST(a_test_writes_nothing),
	TEST(a_unique_index_refuses_a_second_row),
	TEST(the_failed_write_is_named_behind_the_expectations),
	TEST(a_name_is_free_again_within_the_unit),
	TEST(an_id_is_a_commits_or_claimed_never_both),
	TEST(bad_writes_are_refused_whole),
	{ NULL, NULL, 0 },
};
