/* test_buf.c - numbers, formats and JSON text, against what stdio makes. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
writes_numbers_of_64_bits(void **state)
{
	static const int64_t numbers[] = { 0, 1, -1, 9, 10, -10, 1234567890123,
		INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct buf b = buf_in(arena);
		char want[32];

		(void)snprintf(want, sizeof(want), "%" PRId64, numbers[i]);
		buf_add_int(&b, numbers[i]);
		assert_str(buf_str(&b), str_from(want));
	}
}

/* Around the sizes at which there is no room in the first try. */
static void
prints_texts_of_any_length(void **state)
{
	static char text[40000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (int n = 0; n < (int)sizeof(text); n += n < 300 ? 1 : 997) {
		struct buf b = buf_in(arena);
		struct str want = { text, (size_t)n };

		buf_add_char(&b, '<');
		buf_printf(&b, "%.*s", n, text);
		assert_str(str_skip(buf_str(&b), 1), want);

		struct str printed = arena_printf(arena, "%.*s", n, text);
		char *next = arena_alloc(arena, 1, 1);

		*next = 'y';
		assert_str(printed, want);
		assert_int_equal(printed.ptr[n], '\0');
	}
}

static void
escapes_each_byte_wherever_it_stands(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool plain = c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;

		for (size_t at = 0; at < 20; at++) {
			char text[20];
			struct buf b = buf_in(arena);

			memset(text, 'a', sizeof(text));
			text[at] = (char)c;
			buf_add_json(&b, (struct str){ text, sizeof(text) });

			struct str got = buf_str(&b);

			assert_int_equal(got.len == 22, plain);
			assert_int_equal(
			    got.ptr[at + 1], plain ? (char)c : '\\');
			assert_int_equal(got.ptr[got.len - 1], '"');
		}
	}
}

static void
writes_bytes_as_hex(void **state)
{
	struct buf b = buf_in(arena);

	(void)state;
	buf_add_hex(&b, (struct str){ "\0\x9f\xab\xff", 4 });
	buf_add_hex(&b, (struct str){ 0 });
	assert_str(buf_str(&b), STR("009FABFF"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_numbers_of_64_bits),
		cmocka_unit_test(prints_texts_of_any_length),
		cmocka_unit_test(writes_bytes_as_hex),
		cmocka_unit_test(escapes_each_byte_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
