/*
 * test_avro_write.c - Avro files that were written, read again.
 */
#include "iceberg/avro_write.h"

#include "tests/unit/avro_fixture.h"

static const struct id sync_id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    14, 15, 16 } };

static struct avro_file
opened(struct str bytes)
{
	struct avro_file file = { 0 };

	if (avro_open(arena, bytes, NULL, plenty(), &file, &error) != OK)
		fail_msg("%s", error.message);
	return file;
}

static struct avro_value
next(struct avro_file *file)
{
	struct avro_value record = { 0 };

	if (avro_next(file, arena, &record, &error) != OK)
		fail_msg("%s", error.message);
	return record;
}

/* All records of a file, so many times. */
static struct str
written_again(struct str bytes, enum avro_packing packing, int times)
{
	struct avro_file file = opened(bytes);
	struct pair meta = { STR("who"), STR("wrote it") };
	struct avro_writer w = avro_writer_new(arena, packing,
	    pairs_find(file.meta, STR("avro.schema")),
	    (struct pairs){ &meta, 1 }, sync_id);
	struct avro_value record;
	struct str text = { 0 };

	for (int i = 0; i < times; i++)
		for (file = opened(bytes); (record = next(&file)).type != NULL;
		     avro_writer_end_record(&w))
			avro_put_value(&w.block, file.type, &record);
	if (avro_writer_finish(&w, &text, &error) != OK)
		fail_msg("%s", error.message);
	return text;
}

/* Records as their bytes. */
static struct str
flat(struct str bytes)
{
	struct avro_file file = opened(bytes);
	struct avro_value record;
	struct buf b = buf_in(arena);

	while ((record = next(&file)).type != NULL)
		avro_put_value(&b, file.type, &record);
	return buf_str(&b);
}

static void
records_of_another_writer_survive_writing(void **state)
{
	struct str theirs = data_text("avro/rows-null.avro"), copy;

	(void)state;
	for (int packing = AVRO_PLAIN; packing <= AVRO_DEFLATED; packing++) {
		copy = written_again(theirs, (enum avro_packing)packing, 1);
		assert_str(flat(copy), flat(theirs));
		assert_int_equal(
		    pairs_find(opened(copy).meta, STR("who")).len, 8);
	}
	/* ours are the bytes that they wrote */
	copy = written_again(theirs, AVRO_PLAIN, 1);
	assert_non_null(memmem(theirs.ptr, theirs.len, flat(copy).ptr, 64));
}

static void
long_files_have_blocks(void **state)
{
	struct str theirs = data_text("avro/rows-null.avro");
	struct str once = flat(theirs);
	struct str many = written_again(theirs, AVRO_DEFLATED, 50);
	struct str all = flat(many);

	(void)state;
	assert_int_equal(all.len, 50 * once.len);
	assert_true(many.len < all.len);
	for (size_t i = 0; i < 50; i++)
		assert_memory_equal(all.ptr + i * once.len, once.ptr, once.len);
}

static void
numbers_of_any_size_are_written(void **state)
{
	static const int64_t numbers[] = { 0, -1, 63, 64, -65, INT32_MAX,
		INT64_MAX, INT64_MIN };
	struct avro_writer w = avro_writer_new(arena, AVRO_PLAIN,
	    quoted("{'type':'record','name':'r','fields':[{'name':'n',"
		   "'type':'long','field-id':1}]}"),
	    (struct pairs){ 0 }, sync_id);
	struct avro_file file;
	struct str bytes;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		avro_put_long(&w.block, numbers[i]);
		avro_writer_end_record(&w);
	}
	assert_true(avro_writer_size(&w) > 100);
	assert_int_equal(avro_writer_finish(&w, &bytes, &error), OK);
	file = opened(bytes);
	for (size_t i = 0; i < 8; i++) {
		struct avro_value record = next(&file);

		assert_int_equal(avro_field(&record, 1)->as.i, numbers[i]);
	}
	assert_null(next(&file).type);
}

static void
a_file_without_records_is_one(void **state)
{
	struct avro_writer w = avro_writer_new(arena, AVRO_DEFLATED,
	    quoted("{'type':'record','name':'r','fields':[{'name':'n',"
		   "'type':'long','field-id':1}]}"),
	    (struct pairs){ 0 }, sync_id);
	struct avro_file file;
	struct str bytes;

	(void)state;
	assert_int_equal(avro_writer_finish(&w, &bytes, &error), OK);
	file = opened(bytes);
	assert_null(next(&file).type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_of_another_writer_survive_writing),
		TEST(long_files_have_blocks),
		TEST(numbers_of_any_size_are_written),
		TEST(a_file_without_records_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
