/*
 * test_avro.c - Avro files of another writer (tests/data/avro), and damage.
 *
 * Row i of each file has what the expressions of check_row() say.
 */
#include "iceberg/avro.h"
#include "tests/unit/metadata_fixture.h"

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

		assert_int_equal(
		    avro_open(arena, data_text(files[n]), &f, &error), OK);
		assert_str(pairs_get(f.meta, STR("format-version")), STR("2"));
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
read_all(struct str bytes)
{
	struct avro_file f;
	struct avro_value row;

	TRY(avro_open(arena, bytes, &f, &error));
	do
		TRY(avro_next(&f, arena, &row, &error));
	while (row.type != NULL);
	return OK;
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
		    "its schema is nested too deeply" },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_another_writer_wrote_in_each_codec),
		TEST(refuses_a_file_that_was_cut_anywhere),
		TEST(survives_any_changed_byte),
		TEST(refuses_schemas_that_are_none),
		TEST(finds_a_type_by_the_name_it_had_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
