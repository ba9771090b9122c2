/* test_record.c - reading rows: values, keys, tests, counts. */
#include "suite.h"

static bool
same(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_NULL:
		return true;
	case VALUE_INT:
		return a->as.i == b->as.i;
	case VALUE_TEXT:
	case VALUE_BYTES:
		return str_eq(a->as.s, b->as.s);
	case VALUE_ID:
		return id_eq(a->as.id, b->as.id);
	}
	return false;
}

static void
values_come_back_as_they_were_put(struct fixture *f)
{
	const struct value rows[][ITEM_FIELDS] = {
		{ int_value(1), text_value(""), int_value(0), text_value(" "),
		    bytes_value("", 0), id_value(0), text_value("\t\r\n") },
		{ int_value(INT64_MIN), text_value("\xf0\x9f\xa6\x93"),
		    int_value(INT64_MAX), text_value("'\";--"),
		    bytes_value("\0\xff\0", 3), id_value(UINT32_MAX),
		    text_value("%_\\?1$1") },
		{ int_value(INT64_MAX), null_value(), null_value(),
		    null_value(), null_value(), null_value(), null_value() },
		{ int_value(0), text_value("9007199254740993"),
		    int_value(9007199254740993), text_value("1e3"),
		    bytes_value(NULL, 0), id_value(3), text_value("0x10") },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct value *got;

		CHECK(put_row(f, ITEMS, rows[i], SET(ITEM_FIELDS) - 1) ==
		      VERDICT_APPLIED);
		got = get_row(f, ITEMS, rows[i]);
		CHECK(got != NULL);
		for (int n = 0; n < ITEM_FIELDS && got != NULL; n++)
			CHECK(same(&got[n], &rows[i][n]));
	}
}

static void
a_megabyte_is_a_value(struct fixture *f)
{
	size_t size = (size_t)1 << 20;
	char *big = arena_alloc(f->arena, 1, size);
	struct value row[ITEM_FIELDS] = { int_value(1) };
	struct version put = table_version("ns", "t", "x"), got;
	const struct value *back;

	for (size_t i = 0; i < size; i++)
		big[i] = (char)(i * 7 + i / 256);
	row[ITEM_DATA] = bytes_value(big, size);
	CHECK(put_row(f, ITEMS, row, SET(ITEM_DATA)) == VERDICT_APPLIED);
	back = get_item(f, 1);
	CHECK(back != NULL && same(&back[ITEM_DATA], &row[ITEM_DATA]));
	memset(big, 'm', size);
	put.body = (struct str){ big, size };
	CHECK(put_version(f, 1, 1, put) == 1);
	got = read_at(f, (struct point){ 1, 1 }, "ns", "t");
	CHECK(str_eq(got.body, put.body));
}

static void
rows_come_in_the_order_asked(struct fixture *f)
{
	const struct value key[] = { int_value(3), int_value(9), int_value(1),
		int_value(3) };
	const struct value *keys[] = { &key[0], &key[1], &key[2], &key[3] };
	struct rows rows;

	for (int64_t i = 1; i <= 3; i++)
		CHECK(put_item(f, i, NULL, i * 10, NULL) == VERDICT_APPLIED);
	CHECK(store_get(in_time(f), ITEMS, keys, 4, &rows) == OK);
	CHECK(rows.count == 4 && rows.row[1] == NULL);
	CHECK(rows.row[0] != NULL && rows.row[0][ITEM_SIZE].as.i == 30);
	CHECK(rows.row[2] != NULL && rows.row[2][ITEM_SIZE].as.i == 10);
	CHECK(rows.row[3] != NULL && rows.row[3][ITEM_SIZE].as.i == 30);
	CHECK(store_get(in_time(f), ITEMS, NULL, 0, &rows) == OK);
	CHECK(rows.count == 0);
}

/* The ids of the items that pass, as digits: "134". */
static const char *
found(struct fixture *f, const struct test *tests, size_t count)
{
	static char text[32];
	const struct scan scan = { .entity = ITEMS,
		.index = INDEX_KEY,
		.limit = 30,
		.where = tests,
		.where_count = count };
	struct rows rows = { .count = 0 };
	int64_t counted = -1;

	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(store_count(in_time(f), &scan, &counted) == OK);
	CHECK(counted == (int64_t)rows.count);
	for (size_t i = 0; i < rows.count; i++)
		text[i] = (char)('0' + rows.row[i][ITEM_ID].as.i);
	text[rows.count] = '\0';
	return text;
}

/* 1: size 10, tag "a"; 2: 20, "ab"; 3: all NULL; 4: 10, "" */
static void
put_four_items(struct fixture *f)
{
	struct value row[ITEM_FIELDS] = { int_value(3) };

	CHECK(put_item(f, 1, NULL, 10, "a") == VERDICT_APPLIED);
	CHECK(put_item(f, 2, NULL, 20, "ab") == VERDICT_APPLIED);
	CHECK(put_item(f, 4, NULL, 10, "") == VERDICT_APPLIED);
	CHECK(put_row(f, ITEMS, row, 0) == VERDICT_APPLIED);
	for (uint32_t i = 1; i <= 4; i++) {
		if (i == 3)
			continue;
		row[ITEM_ID] = int_value(i);
		row[ITEM_OWNER] = id_value(i);
		row[ITEM_DATA] = i == 1   ? bytes_value("\0", 1)
				 : i == 2 ? bytes_value("\xff", 1)
					  : bytes_value("", 0);
		CHECK(put_row(f, ITEMS, row,
			  SET(ITEM_OWNER) | SET(ITEM_DATA)) == VERDICT_APPLIED);
	}
}

static void
every_test_means_what_the_contract_says(struct fixture *f)
{
	const struct {
		uint16_t field;
		enum test_op op;
		struct value value;
		const char *found;
	} cases[] = {
		{ ITEM_SIZE, TEST_EQ, int_value(10), "14" },
		{ ITEM_SIZE, TEST_EQ, null_value(), "3" },
		{ ITEM_SIZE, TEST_NE, int_value(10), "23" },
		{ ITEM_SIZE, TEST_NE, null_value(), "124" },
		{ ITEM_SIZE, TEST_LT, int_value(20), "14" },
		{ ITEM_SIZE, TEST_LE, int_value(20), "124" },
		{ ITEM_SIZE, TEST_GT, int_value(10), "2" },
		{ ITEM_SIZE, TEST_GE, int_value(10), "124" },
		{ ITEM_SIZE, TEST_LT, null_value(), "" },
		{ ITEM_SIZE, TEST_LE, null_value(), "" },
		{ ITEM_SIZE, TEST_GT, null_value(), "" },
		{ ITEM_SIZE, TEST_GE, null_value(), "" },
		{ ITEM_TAG, TEST_EQ, text_value("a"), "1" },
		{ ITEM_TAG, TEST_EQ, text_value(""), "4" },
		{ ITEM_TAG, TEST_EQ, text_value("A"), "" },
		{ ITEM_TAG, TEST_NE, text_value("a"), "234" },
		{ ITEM_TAG, TEST_GT, text_value("a"), "2" },
		{ ITEM_TAG, TEST_LE, text_value("a"), "14" },
		{ ITEM_TAG, TEST_PREFIX, text_value("a"), "12" },
		{ ITEM_TAG, TEST_PREFIX, text_value("ab"), "2" },
		{ ITEM_TAG, TEST_PREFIX, text_value(""), "124" },
		{ ITEM_TAG, TEST_PREFIX, text_value("%"), "" },
		{ ITEM_TAG, TEST_PREFIX, null_value(), "" },
		{ ITEM_DATA, TEST_EQ, bytes_value("\0", 1), "1" },
		{ ITEM_DATA, TEST_LT, bytes_value("\0\0", 2), "14" },
		{ ITEM_DATA, TEST_EQ, null_value(), "3" },
		{ ITEM_OWNER, TEST_EQ, id_value(2), "2" },
		{ ITEM_OWNER, TEST_GE, id_value(2), "24" },
	};

	put_four_items(f);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct test test =
		    test_of(cases[i].field, cases[i].op, cases[i].value);
		const char *got = found(f, &test, 1);

		if (strcmp(got, cases[i].found) != 0)
			printf("case %zu: found %s\n", i, got);
		CHECK(strcmp(got, cases[i].found) == 0);
	}

	const struct test both[] = {
		test_of(ITEM_SIZE, TEST_EQ, int_value(10)),
		test_of(ITEM_TAG, TEST_PREFIX, text_value("a")),
	};

	CHECK(strcmp(found(f, both, 2), "1") == 0);
	CHECK(strcmp(found(f, NULL, 0), "1234") == 0);
}

static void
prefixes_are_of_characters_not_of_bytes_near_them(struct fixture *f)
{
	/* each next begins with the prefix of its neighbour, raised by one */
	static const char *const tags[] = { "\x7f", "\x7f\x7f", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"\xf4\x8f\xbf\xbfz" };

	for (size_t i = 0; i < COUNT_OF(tags); i++)
		CHECK(put_item(f, (int64_t)i, NULL, 0, tags[i]) ==
		      VERDICT_APPLIED);
	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		const struct test begins =
		    test_of(ITEM_TAG, TEST_PREFIX, text_value(tags[i]));
		const struct scan scan = { .entity = ITEMS,
			.index = ITEMS_BY_TAG,
			.limit = 30,
			.where = &begins,
			.where_count = 1 };
		int64_t expected = 0, counted = -1;

		for (size_t n = 0; n < COUNT_OF(tags); n++)
			expected += str_starts_with(
			    str_from(tags[n]), str_from(tags[i]));
		CHECK(store_count(in_time(f), &scan, &counted) == OK);
		CHECK(counted == expected);
	}
}

static void
a_key_of_two_texts_finds_its_row(struct fixture *f)
{
	/* joined without a border these would be the same */
	const struct value rows[][WORD_FIELDS] = {
		{ text_value("a"), text_value("bc"), int_value(1) },
		{ text_value("ab"), text_value("c"), int_value(2) },
		{ text_value("abc"), text_value(""), int_value(3) },
		{ text_value(""), text_value("abc"), int_value(4) },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(put_row(f, WORDS, rows[i], SET(WORD_COUNT)) ==
		      VERDICT_APPLIED);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct value *got = get_row(f, WORDS, rows[i]);

		CHECK(got != NULL &&
		      same(&got[WORD_COUNT], &rows[i][WORD_COUNT]));
	}
}

static void
bad_arguments_are_refused(struct fixture *f)
{
	const struct value number = int_value(1), text = text_value("1"),
			   null = null_value();
	const struct value *keys[] = { &text };
	const struct test absent = { .op = TEST_ABSENT };
	const struct test other = test_of(ITEM_SIZE, TEST_EQ, text);
	const struct test prefix = test_of(ITEM_SIZE, TEST_PREFIX, number);
	const struct test nowhere = test_of(99, TEST_EQ, number);
	const struct scan bad[] = {
		{ .entity = ITEMS, .index = INDEX_KEY },
		{ .entity = 99, .index = INDEX_KEY, .limit = 1 },
		{ .entity = ITEMS, .index = 99, .limit = 1 },
		{ ITEMS, INDEX_KEY, false, 1, 0, &absent, 1, { 0 } },
		{ ITEMS, INDEX_KEY, false, 1, 0, &other, 1, { 0 } },
		{ ITEMS, INDEX_KEY, false, 1, 0, &prefix, 1, { 0 } },
		{ ITEMS, INDEX_KEY, false, 1, 0, &nowhere, 1, { 0 } },
	};
	struct rows rows = { .count = 77 };
	int64_t count = 77;

	CHECK(store_get(in_time(f), 99, keys, 1, &rows) == ERR_BAD_REQUEST);
	CHECK(store_get(in_time(f), ITEMS, keys, 1, &rows) == ERR_BAD_REQUEST);
	keys[0] = &null;
	CHECK(store_get(in_time(f), ITEMS, keys, 1, &rows) == ERR_BAD_REQUEST);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		f->error.message[0] = '\0';
		CHECK(
		    store_scan(in_time(f), &bad[i], &rows) == ERR_BAD_REQUEST);
		CHECK(f->error.message[0] != '\0');
		CHECK(store_count(in_time(f), &bad[i], &count) ==
		      ERR_BAD_REQUEST);
	}
	CHECK(rows.count == 77 && count == 77);
}

static void
results_outlive_what_was_written_later(struct fixture *f)
{
	const struct value *row;
	const struct value key = int_value(1);
	const struct write gone = {
		.entity = ITEMS, .op = WRITE_DELETE, .row = &key
	};

	CHECK(put_item(f, 1, "first", 1, "tag") == VERDICT_APPLIED);
	row = get_item(f, 1);
	CHECK(put_item(f, 1, "second", 2, NULL) == VERDICT_APPLIED);
	CHECK(write_rows(f, &gone, 1) == VERDICT_APPLIED);
	CHECK(row != NULL && str_eq(row[ITEM_NAME].as.s, STR("first")));
	CHECK(row != NULL && row[ITEM_SIZE].as.i == 1);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test record_tests[] = {
	TEST(values_come_back_as_they_were_put),
	TEST(a_megabyte_is_a_value),
	TEST(rows_come_in_the_order_asked),
	TEST(every_test_means_what_the_contract_says),
	TEST(prefixes_are_of_characters_not_of_bytes_near_them),
	TEST(a_key_of_two_texts_finds_its_row),
	TEST(bad_arguments_are_refused),
	TEST(results_outlive_what_was_written_later),
	{ NULL, NULL, 0 },
};
