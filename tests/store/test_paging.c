/* test_paging.c - the order of rows, pages, tokens. */
#include "suite.h"

/* Byte order; the last is a key of 1,024 bytes. */
static const char *
name_of(struct fixture *f, size_t n)
{
	static const char *const names[] = { "", " ", " a", "!", "A", "Z", "a",
		"a ", "a a", "aa", "z", "\xc3\x84", "\xc3\xa4", "\xe2\x82\xac",
		"\xef\xbf\xbd", "\xf0\x9f\x98\x80" };

	if (n < COUNT_OF(names))
		return names[n];
	if (n > COUNT_OF(names))
		return NULL;

	char *longest = arena_alloc(f->arena, 1, 1025);

	for (size_t i = 0; i < 1024; i++)
		longest[i] = "\xf0\x9f\xa6\x93"[i % 4];
	return longest;
}

#define NAMES 17

static void
text_is_in_byte_order(struct fixture *f)
{
	struct scan scan = {
		.entity = WORDS, .index = INDEX_KEY, .limit = 100
	};
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	const struct point at = { 1, 100 };
	struct rows rows;
	struct versions list;

	for (size_t i = 0; i < NAMES; i++) {
		size_t n = i * 7 % NAMES;
		const char *name = name_of(f, n);
		const struct value row[] = { text_value(name), text_value("") };

		CHECK(put_row(f, WORDS, row, 0) == VERDICT_APPLIED);
		if (n == 0) /* a name in a log is never empty */
			continue;

		struct version v = table_version("ns", name, "x");

		v.key.ns = STR(""); /* the key is at most 1,024 bytes */
		CHECK(put_version(f, 1, (uint32_t)n, v) != 0);
	}
	after.ns = STR("");
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == NAMES && rows.next.ptr == NULL);
	for (size_t i = 0; i < rows.count; i++)
		CHECK(str_eq(
		    rows.row[i][WORD_LANGUAGE].as.s, str_from(name_of(f, i))));
	scan.descending = true;
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	for (size_t i = 0; i < rows.count; i++)
		CHECK(str_eq(rows.row[i][WORD_LANGUAGE].as.s,
		    str_from(name_of(f, NAMES - 1 - i))));
	CHECK(store_list(in_time(f), (struct chain){ &at, 1 }, after, 100,
		  &list) == OK);
	CHECK(list.count == NAMES - 1);
	for (size_t i = 0; i < list.count; i++)
		CHECK(str_eq(list.at[i].key.name, str_from(name_of(f, i + 1))));
}

/* Is `b` behind `a` by (group, order, id), NULL first? */
static bool
behind(const struct value *a, const struct value *b)
{
	static const uint16_t field[] = { ITEM_TAG, ITEM_SIZE, ITEM_ID };

	for (size_t i = 0; i < COUNT_OF(field); i++) {
		const struct value *x = &a[field[i]], *y = &b[field[i]];
		int order;

		if (x->type != y->type)
			return x->type == VALUE_NULL;
		if (x->type == VALUE_NULL)
			continue;
		order = x->type == VALUE_TEXT
			    ? str_cmp(y->as.s, x->as.s)
			    : (y->as.i > x->as.i) - (y->as.i < x->as.i);
		if (order != 0)
			return order > 0;
	}
	return false;
}

static void
put_many(struct fixture *f, int64_t count)
{
	static const char *const tags[] = { NULL, "", "a", "b" };

	for (int64_t i = 0; i < count; i++) {
		struct value row[ITEM_FIELDS] = { int_value(i) };

		row[ITEM_TAG] = text_value(tags[i % 4]);
		row[ITEM_SIZE] = i % 3 == 0 ? null_value() : int_value(i % 5);
		CHECK(put_row(f, ITEMS, row, SET(ITEM_TAG) | SET(ITEM_SIZE)) ==
		      VERDICT_APPLIED);
	}
}

static size_t
walk_pages(struct fixture *f, struct scan scan)
{
	const struct value *last = NULL;
	size_t seen = 0;
	struct rows rows;

	do {
		CHECK(store_scan(in_time(f), &scan, &rows) == OK);
		CHECK(rows.count == scan.limit || rows.next.ptr == NULL);
		for (size_t i = 0; i < rows.count; i++) {
			const struct value *row = rows.row[i];

			CHECK(last == NULL ||
			      (scan.descending ? behind(row, last)
					       : behind(last, row)));
			last = row;
			seen++;
		}
		scan.after = rows.next;
	} while (rows.next.ptr != NULL && seen < 1000);
	return seen;
}

static void
pages_cover_an_index_forwards_and_backwards(struct fixture *f)
{
	const struct test tag = test_of(ITEM_TAG, TEST_EQ, text_value("a"));
	const struct test none = test_of(ITEM_TAG, TEST_EQ, null_value());
	const struct test size = test_of(ITEM_SIZE, TEST_NE, null_value());

	put_many(f, 48);
	for (uint32_t limit = 1; limit < 60; limit += limit < 8 ? 1 : 16)
		for (int down = 0; down < 2; down++) {
			struct scan scan = { .entity = ITEMS,
				.index = ITEMS_BY_TAG,
				.descending = down,
				.limit = limit };

			CHECK(walk_pages(f, scan) == 48);
			scan.where_count = 1;
			scan.where = &tag;
			CHECK(walk_pages(f, scan) == 12);
			scan.where = &none;
			CHECK(walk_pages(f, scan) == 12);
			scan.where = &size;
			CHECK(walk_pages(f, scan) == 32);
		}
}

static void
the_last_page_says_so(struct fixture *f)
{
	struct scan scan = { .entity = ITEMS, .index = INDEX_KEY, .limit = 4 };
	struct rows rows;

	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 0 && rows.next.ptr == NULL);
	put_many(f, 4);
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 4 && rows.next.ptr == NULL);
	scan.limit = 3;
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 3 && rows.next.ptr != NULL);
}

static void
skip_passes_over_rows(struct fixture *f)
{
	struct scan scan = {
		.entity = ITEMS, .index = INDEX_KEY, .limit = 3, .skip = 5
	};
	struct rows rows;

	put_many(f, 10);
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 3 && rows.row[0][ITEM_ID].as.i == 5);
	scan.skip = 100;
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.count == 0 && rows.next.ptr == NULL);
}

static void
pages_stand_while_rows_come_and_go(struct fixture *f)
{
	struct scan scan = { .entity = ITEMS, .index = INDEX_KEY, .limit = 10 };
	int64_t last = 0, seen = 0;
	struct rows rows;

	for (int64_t i = 1; i <= 100; i++)
		CHECK(put_item(f, i * 10, NULL, 0, NULL) == VERDICT_APPLIED);
	do {
		CHECK(store_scan(in_time(f), &scan, &rows) == OK);
		for (size_t i = 0; i < rows.count; i++) {
			int64_t id = rows.row[i][ITEM_ID].as.i;

			CHECK(id > last);
			seen += id % 10 == 0;
			last = id;
		}
		scan.after = rows.next;

		/* before the page, its own last row, and one further on */
		const struct value key[] = { int_value(last),
			int_value(last - 50) };
		const struct write gone[] = {
			{ .entity = ITEMS, .op = WRITE_DELETE, .row = key },
			{ .entity = ITEMS, .op = WRITE_DELETE, .row = &key[1] },
		};

		CHECK(write_rows(f, gone, 2) == VERDICT_APPLIED);
		CHECK(put_item(f, last - 5, NULL, 0, NULL) == VERDICT_APPLIED);
		CHECK(put_item(f, last + 5, NULL, 0, NULL) == VERDICT_APPLIED);
	} while (rows.next.ptr != NULL);
	CHECK(seen == 100);
}

static void
a_token_of_another_scan_is_refused(struct fixture *f)
{
	struct scan scan = {
		.entity = ITEMS, .index = ITEMS_BY_TAG, .limit = 2
	};
	struct rows rows, page;

	put_many(f, 8);
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	CHECK(rows.next.ptr != NULL);
	scan.after = rows.next;
	scan.limit = 5; /* of the same scan, this is all that may change */
	CHECK(store_scan(in_time(f), &scan, &page) == OK);
	scan.descending = true;
	CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
	scan.descending = false;
	scan.index = INDEX_KEY;
	CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
	scan.index = ITEMS_BY_NAME;
	CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
	scan.entity = WORDS;
	scan.index = INDEX_KEY;
	CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
}

static void
garbage_is_no_token(struct fixture *f)
{
	struct scan scan = {
		.entity = ITEMS, .index = ITEMS_BY_TAG, .limit = 2
	};
	static const char *const garbage[] = { "", "x", "00", "0101", "zz\xff",
		"01000000000000000000", "../../etc" };
	struct rows rows, page = { .count = 77 };

	put_many(f, 8);
	for (size_t i = 0; i < COUNT_OF(garbage); i++) {
		scan.after = str_from(garbage[i]);
		CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
	}
	scan.after = (struct str){ 0 };
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);
	for (size_t i = 0; i < rows.next.len; i++) {
		char *token = arena_alloc(f->arena, 1, rows.next.len);

		memcpy(token, rows.next.ptr, rows.next.len);
		token[i] = token[i] == '7' ? '8' : '7';
		scan.after = (struct str){ token, rows.next.len };
		CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
		scan.after.len = i;
		CHECK(store_scan(in_time(f), &scan, &page) == ERR_BAD_REQUEST);
	}
	CHECK(page.count == 77);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test paging_tests[] = {
	TEST(text_is_in_byte_order),
	TEST(pages_cover_an_index_forwards_and_backwards),
	TEST(the_last_page_says_so),
	TEST(skip_passes_over_rows),
	TEST(pages_stand_while_rows_come_and_go),
	TEST(a_token_of_another_scan_is_refused),
	TEST(garbage_is_no_token),
	{ NULL, NULL, 0 },
};
