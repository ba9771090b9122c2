/*
 * test_avro.c - Avro files of another writer (tests/data/avro), and damage.
 *
 * Row i of each file has what the expressions of check_row() say.
 */
#include "iceberg/avro.h"

#include <zstd.h>

#include "tests/unit/avro_fixture.h"

#define ROWS 200

static const char *const files[] = { "avro/rows-null.avro",
	"avro/rows-deflate.avro", "avro/rows-snappy.avro",
	"avro/rows-zstandard.avro" };
#define FILES (sizeof(files) / sizeof(files[0]))

static int64_t
number(const struct avro_value *record, int64_t id)
{
	const struct avro_value *v = avro_field(record, id);

	assert_non_null(v);
	return v->as.i;
}

static void
check_partition(const struct avro_value *file, int64_t i)
{
	const struct avro_value *partition = avro_field(file, 102);
	const struct avro_value *day = avro_field(partition, 1000);
	const unsigned char price[] = { 0, 0, (unsigned char)(i * 1000 >> 8),
		(unsigned char)(i * 1000) };
	struct str bytes = avro_field(partition, 1001)->as.s;

	if (i % 3 == 0)
		assert_null(day);
	else
		assert_int_equal(day->as.i, -i);
	assert_int_equal(bytes.len, 4);
	assert_memory_equal(bytes.ptr + 2, price + 2, 2);
}

static void
check_lists(const struct avro_value *file, int64_t i)
{
	const struct avro_value *sizes = avro_field(file, 108);
	const struct avro_value *names = avro_field(file, 904);

	if (i % 5 == 0) {
		assert_null(sizes);
	} else {
		assert_int_equal(sizes->as.list.count, i % 4);
		for (int64_t k = 0; k < i % 4; k++)
			assert_int_equal(
			    number(&sizes->as.list.at[k], 118), k * 1000000007);
	}
	assert_int_equal(names->as.list.count, 2 * (i % 3));
	if (i % 3 == 2)
		assert_int_equal(names->as.list.at[3].as.s.len, 2);
}

static void
check_row(const struct avro_value *row, int64_t i)
{
	const struct avro_value *id = avro_field(row, 1);
	const struct avro_value *file = avro_field(row, 2);
	struct str path =
	    arena_printf(arena, "file:/w/data/%05d-ünï.parquet", (int)i);

	assert_int_equal(number(row, 0), i % 3);
	if (i % 2 != 0)
		assert_null(id);
	else
		assert_true(id->as.i == INT64_MAX - i);
	assert_str(avro_field(file, 100)->as.s, path);
	assert_true(avro_field(file, 900)->as.d == (double)i / 4);
	assert_true(avro_field(file, 901)->as.d == (double)i / 2);
	assert_int_equal(avro_field(file, 902)->as.b, i % 2);
	assert_int_equal(number(file, 903), i % 2);
	assert_null(avro_field(file, 12345));
	check_partition(file, i);
	check_lists(file, i);
}

static void
reads_what_another_writer_wrote_in_each_codec(void **state)
{
	(void)state;
	for (size_t n = 0; n < FILES; n++) {
		struct avro_file f;
		struct avro_value row;
		int64_t i = 0;

		assert_int_equal(avro_open(arena, data_text(files[n]), NULL,
				     plenty(), &f, &error),
		    OK);
		assert_str(pairs_find(f.meta, STR("format-version")), STR("2"));
		for (;; i++) {
			if (avro_next(&f, arena, &row, &error) != OK)
				fail_msg("%s: %s", files[n], error.message);
			if (row.type == NULL)
				break;
			check_row(&row, i);
		}
		assert_int_equal(i, ROWS);
	}
}

/* The file to its end: what counts is that it comes to one. */
static enum err
read_wanted(struct str bytes, const struct avro_wanted *wanted,
    struct work_budget *budget)
{
	struct avro_file f;
	struct avro_value row;

	TRY(avro_open(arena, bytes, wanted, budget, &f, &error));
	do
		TRY(avro_next(&f, arena, &row, &error));
	while (row.type != NULL);
	return OK;
}

static enum err
read_all(struct str bytes)
{
	return read_wanted(bytes, NULL, plenty());
}

static void
refuses_a_file_that_was_cut_anywhere(void **state)
{
	(void)state;
	for (size_t n = 0; n < FILES; n++) {
		struct str whole = data_text(files[n]);
		size_t step = n == 0 ? 1 : 37;

		for (size_t len = 0; len < whole.len; len += step) {
			char *cut = malloc(len + 1);
			enum err err;

			assert_non_null(cut);
			memcpy(cut, whole.ptr, len);
			err = read_all((struct str){ cut, len });
			free(cut);
			/* between two blocks a file may end */
			if (err != OK)
				assert_int_equal(err, ERR_BAD_REQUEST);
			arena_reset(arena);
			whole = data_text(files[n]);
		}
	}
}

static void
survives_any_changed_byte(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct str bytes = data_text(files[round % (int)FILES]);
		char *at = (char *)(uintptr_t)bytes.ptr;

		for (int change = 0; change < 3; change++) {
			seed = seed * 1103515245U + 12345U;
			at[(seed >> 8) % bytes.len] = (char)(seed >> 3);
		}
		(void)read_all(bytes);
		arena_reset(arena);
	}
}

static void
refuses_schemas_that_are_none(void **state)
{
	static const char *const cases[][2] = {
		{ "'strange'", "unknown Avro type: strange" },
		{ "{'type':'fixed','name':'f'}", "an Avro fixed has no size" },
		{ "{'type':'record','fields':[]}", "an Avro type has no name" },
		{ "{'type':'record','name':'r','fields':[{'name':'x','type':"
		  "'r'}]}",
		    "unknown Avro type: r" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['int']]]]]]]]]]]]]]]]]]]]"
		  "]]]]]]]]]]]]]]",
		    "its schema is nested deeper than 32 levels, at ''" },
		{ "[['int']]", "an Avro union holds a union, at ''" },
	};
	const struct avro_type *type;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(
		    avro_type_read(arena, json(cases[i][0]), &type, &error),
		    ERR_BAD_REQUEST, cases[i][1]);
}

static void
finds_a_type_by_the_name_it_had_before(void **state)
{
	const struct avro_type *type;

	(void)state;
	assert_int_equal(
	    avro_type_read(arena,
		json("{'type':'record','name':'r','fields':["
		     "{'name':'a','type':{'type':'fixed','name':'x.f4',"
		     "'size':4}},{'name':'b','type':['null','f4']}]}"),
		&type, &error),
	    OK);
	assert_ptr_equal(
	    type->fields[1].type->fields[1].type, type->fields[0].type);
}

/* Fields that are skipped read as null, and all others as before. */
static void
skips_what_nobody_wants(void **state)
{
	static const struct avro_wanted file[] = { { 100, NULL }, { 902, NULL },
		{ 108, NULL }, { AVRO_ID_NONE, NULL } };
	static const struct avro_wanted row[] = { { 0, NULL }, { 2, file },
		{ AVRO_ID_NONE, NULL } };

	(void)state;
	for (size_t n = 0; n < FILES; n++) {
		struct avro_file f;
		struct avro_value v;

		assert_int_equal(avro_open(arena, data_text(files[n]), row,
				     plenty(), &f, &error),
		    OK);
		for (int64_t i = 0; i < ROWS; i++) {
			const struct avro_value *inner;

			assert_int_equal(avro_next(&f, arena, &v, &error), OK);
			inner = avro_field(&v, 2);
			assert_int_equal(number(&v, 0), i % 3);
			assert_null(avro_field(&v, 1));
			assert_int_equal(avro_field(inner, 902)->as.b, i % 2);
			assert_int_equal(
			    avro_field(inner, 108) != NULL, i % 5 != 0);
			assert_null(avro_field(inner, 102));
			assert_null(avro_field(inner, 904));
		}
		assert_int_equal(avro_next(&f, arena, &v, &error), OK);
		assert_null(v.type);
	}
}

/* ---- files that ask for much */

#define FIELD(id, type) "{'name':'f" #id "','field-id':" #id ",'type':" type "}"
#define RECORD(name, fields)                                                   \
	"{'type':'record','name':'" name "','fields':[" fields "]}"
#define LIST(items) "{'type':'array','items':" items "}"

static const struct avro_wanted only_2[] = { { 2, NULL },
	{ AVRO_ID_NONE, NULL } };

/* Each type names the one before. */
static const char *
chain_of_types(int count)
{
	struct buf b = buf_in(arena);

	buf_add(&b, STR("{'type':'record','name':'top','fields':["));
	for (int i = 0; i < count; i++) {
		struct str inner =
		    i == 0 ? STR("int") : arena_printf(arena, "r%d", i - 1);

		buf_printf(&b,
		    "%s{'name':'f%d','type':{'type':'record','name':'r%d',"
		    "'fields':[{'name':'x','type':'" STR_FMT "'}]}}",
		    i != 0 ? "," : "", i, i, STR_ARG(inner));
	}
	buf_add(&b, STR("]}"));
	return arena_cstr(arena, buf_str(&b));
}

static void
refuses_types_that_are_deep_by_their_names(void **state)
{
	const struct avro_type *type = NULL;

	(void)state;
	assert_int_equal(
	    avro_type_read(arena, json(chain_of_types(31)), &type, &error), OK);
	assert_int_equal(type->height, AVRO_DEPTH_MAX);
	assert_fails(
	    avro_type_read(arena, json(chain_of_types(998)), &type, &error),
	    ERR_BAD_REQUEST,
	    "its schema is nested deeper than 32 levels, at 'top'");
}

static void
skips_nulls_without_counting_them(void **state)
{
	struct work_budget *budget = plenty();
	struct buf row = buf_in(arena),
		   b = avro_head(RECORD("r", FIELD(1, LIST("'null'")) "," FIELD(
						 2, "'int'")),
		       "null");

	(void)state;
	add_number(&row, INT64_MAX);
	add_number(&row, 0);
	add_number(&row, 5);
	add_block(&b, 1, buf_str(&row));
	assert_int_equal(read_wanted(buf_str(&b), only_2, budget), OK);
	assert_true(WORK_VALUES_MAX - budget->values < 10);
	assert_fails(read_all(buf_str(&b)), ERR_BAD_REQUEST,
	    "Avro file is damaged: the items of a list have no bytes, at f1 of "
	    "record 0");
}

static void
skips_parts_of_lists_by_their_size(void **state)
{
	struct work_budget *budget = plenty();
	struct buf row = buf_in(arena), items = buf_in(arena),
		   b = avro_head(
		       RECORD("r",
			   FIELD(1, LIST("'string'")) "," FIELD(2, "'int'")),
		       "null");

	(void)state;
	for (int i = 0; i < 500; i++)
		add_text(&items, STR("text"));
	add_number(&row, -500);
	add_text(&row, buf_str(&items));
	add_number(&row, 0);
	add_number(&row, 5);
	add_block(&b, 1, buf_str(&row));
	assert_int_equal(read_wanted(buf_str(&b), only_2, budget), OK);
	assert_true(WORK_VALUES_MAX - budget->values < 10);
	budget = plenty();
	assert_int_equal(read_wanted(buf_str(&b), NULL, budget), OK);
	assert_true(WORK_VALUES_MAX - budget->values > 500);
}

static void
no_list_is_longer_than_its_block(void **state)
{
	static const int64_t counts[] = { 4, 1000000, INT64_MAX, -4,
		INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct buf row = buf_in(arena),
			   b = avro_head(
			       RECORD("r", FIELD(1, LIST("'double'"))), "null");

		add_number(&row, counts[i]);
		if (counts[i] < 0)
			add_number(&row, 24);
		buf_add(&row, AVRO_SYNC);
		buf_add(&row, STR("8 bytes."));
		add_block(&b, 1, buf_str(&row));
		assert_int_equal(read_all(buf_str(&b)), ERR_BAD_REQUEST);
		assert_non_null(strstr(error.message, "f1 of record 0"));
	}
}

/* A file of so many records of one number each, packed. */
static struct str
numbers(size_t records, size_t blocks)
{
	struct buf row = buf_in(arena),
		   b = avro_head(RECORD("r", FIELD(2, "'int'")), "deflate");

	for (size_t i = 0; i < records; i++)
		add_number(&row, 5);
	for (size_t i = 0; i < blocks; i++)
		add_block(&b, (int64_t)records, deflated(buf_str(&row)));
	return buf_str(&b);
}

static void
no_more_is_read_than_the_budget_has(void **state)
{
	struct str bytes = numbers(1000, 10);
	struct work_budget *budget = plenty();

	(void)state;
	assert_int_equal(read_wanted(bytes, NULL, budget), OK);
	assert_int_equal(WORK_BYTES_MAX - budget->bytes, 10000);
	assert_int_equal(WORK_VALUES_MAX - budget->values, 20000);
	budget = plenty();
	budget->values = 19999;
	assert_fails(read_wanted(bytes, NULL, budget), ERR_BAD_REQUEST,
	    "all files together have more values than those of a request may, "
	    "at f2 of record 9999");
	budget = plenty();
	budget->bytes = 9999;
	assert_fails(read_wanted(bytes, NULL, budget), ERR_BAD_REQUEST,
	    "all files together unpack to more than those of a request may");
	budget = plenty();
	budget->deadline_us = 0;
	assert_int_equal(read_wanted(bytes, NULL, budget), ERR_UNAVAILABLE);
}

static void
no_block_has_fewer_records_than_it_says(void **state)
{
	struct buf b = avro_head(RECORD("r", FIELD(2, "'double'")), "null");
	struct buf none = avro_head(RECORD("r", FIELD(2, "'null'")), "null");

	(void)state;
	add_block(&b, INT64_MAX, AVRO_SYNC);
	assert_fails(read_all(buf_str(&b)), ERR_BAD_REQUEST,
	    "Avro file is damaged: a block has fewer records than it says");
	add_block(&none, INT64_MAX, STR(""));
	assert_fails(read_all(buf_str(&none)), ERR_BAD_REQUEST,
	    "Avro file is damaged: its records have no bytes");
}

/* A frame that says how long it is, unpacked, and is not. */
static void
a_block_that_says_too_much_is_not_unpacked(void **state)
{
	static const char frame[] = "\x28\xb5\x2f\xfd\xe0"
				    "\x00\x00\x00\x00\x01\x00\x00\x00"
				    "\x01\x00\x00";
	struct buf b = avro_head(RECORD("r", FIELD(2, "'int'")), "zstandard");
	struct str packed = { frame, sizeof(frame) - 1 };

	(void)state;
	assert_true(ZSTD_getFrameContentSize(packed.ptr, packed.len) ==
		    (unsigned long long)1 << 32);
	add_block(&b, 1, packed);
	assert_fails(read_all(buf_str(&b)), ERR_BAD_REQUEST,
	    "Avro file is damaged: a block unpacks to too much");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_another_writer_wrote_in_each_codec),
		TEST(refuses_a_file_that_was_cut_anywhere),
		TEST(survives_any_changed_byte),
		TEST(refuses_schemas_that_are_none),
		TEST(finds_a_type_by_the_name_it_had_before),
		TEST(skips_what_nobody_wants),
		TEST(refuses_types_that_are_deep_by_their_names),
		TEST(skips_nulls_without_counting_them),
		TEST(skips_parts_of_lists_by_their_size),
		TEST(no_list_is_longer_than_its_block),
		TEST(no_more_is_read_than_the_budget_has),
		TEST(no_block_has_fewer_records_than_it_says),
		TEST(a_block_that_says_too_much_is_not_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
