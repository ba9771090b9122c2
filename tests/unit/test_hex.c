/* test_hex.c - bytes become digits, and only digits become bytes. */
#include "base/hex.h"

#include "base/hash.h"
#include "tests/unit/unit.h"

static void
writes_what_it_reads(void **state)
{
	struct arena *a = arena_new();
	char bytes[256], text[512];
	struct str back;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	hex_write(text, (struct str){ bytes, 256 });
	assert_memory_equal(text + 506, "fdfeff", 6);
	assert_true(hex_read(a, (struct str){ text, 512 }, &back));
	assert_int_equal(back.len, 256);
	assert_memory_equal(back.ptr, bytes, 256);
	assert_true(hex_read(a, STR("AbcD"), &back));
	assert_memory_equal(back.ptr, "\xAB\xCD", 2);
	arena_free(a);
}

static void
reads_nothing_else(void **state)
{
	struct arena *a = arena_new();
	struct str back;

	(void)state;
	assert_false(hex_read(a, STR("abc"), &back));
	assert_false(hex_read(a, STR("0g"), &back));
	assert_false(hex_read(a, STR("g0"), &back));
	assert_true(hex_read(a, STR(""), &back));
	assert_int_equal(back.len, 0);
	arena_free(a);
}

/* Numbers of control logs are made with it, and are stored. */
static void
hashes_as_fnv_1a_does(void **state)
{
	(void)state;
	assert_true(hash_add(HASH_START, "", 0) == 0xcbf29ce484222325U);
	assert_true(hash_add(HASH_START, "a", 1) == 0xaf63dc4c8601ec8cU);
	assert_true(hash_add(HASH_START, "foobar", 6) == 0x85944171f73967e8U);
	assert_true(hash_words("/a/b", 4) == hash_add(HASH_START, "/a/b", 4));
	assert_true(
	    hash_words("/a/b/c/d/e", 10) != hash_words("/a/b/c/d/f", 10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(reads_nothing_else),
		cmocka_unit_test(hashes_as_fnv_1a_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
