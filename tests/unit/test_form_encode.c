/* test_form_encode.c - structs into bodies. */
#include "api/form.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

struct part {
	struct str name;
	int64_t size;
};

struct whole {
	struct str text, omitted;
	int64_t number, time;
	enum form_bool yes;
	struct id id;
	int choice;
	struct form_texts texts, needed_texts;
	struct form_paths paths;
	struct pairs pairs, needed_pairs;
	const yyjson_val *any;
	struct part part;
	struct form_list parts;
	struct str raw;
};

static const char *const colours[] = { "red", "green", NULL };

/* clang-format off */
static const struct form_field part_fields[] = {
	{ "name", NULL, FORM_TEXT, FORM_OMITTED, offsetof(struct part, name), NULL, NULL, "" },
	{ "size", NULL, FORM_INT, FORM_OMITTED, offsetof(struct part, size), NULL, NULL, "" },
	{ .name = NULL },
};
static const struct form part_form = { "Part", sizeof(struct part), true, part_fields };

#define WHOLE(name, type, flags) #name, NULL, type, flags, offsetof(struct whole, name)
static const struct form_field whole_fields[] = {
	{ WHOLE(text, FORM_TEXT, 0), NULL, NULL, "" },
	{ WHOLE(omitted, FORM_TEXT, FORM_OMITTED), NULL, NULL, "" },
	{ WHOLE(number, FORM_INT, 0), NULL, NULL, "" },
	{ WHOLE(time, FORM_TIME, 0), NULL, NULL, "" },
	{ WHOLE(yes, FORM_BOOL, 0), NULL, NULL, "" },
	{ WHOLE(id, FORM_ID, 0), NULL, NULL, "" },
	{ WHOLE(choice, FORM_CHOICE, 0), NULL, colours, "" },
	{ WHOLE(texts, FORM_TEXTS, 0), NULL, NULL, "" },
	{ WHOLE(needed_texts, FORM_TEXTS, FORM_REQUIRED), NULL, NULL, "" },
	{ WHOLE(paths, FORM_PATHS, 0), NULL, NULL, "" },
	{ WHOLE(pairs, FORM_PAIRS, 0), NULL, NULL, "" },
	{ WHOLE(needed_pairs, FORM_PAIRS, FORM_REQUIRED), NULL, NULL, "" },
	{ WHOLE(any, FORM_JSON, 0), NULL, NULL, "" },
	{ WHOLE(part, FORM_OBJECT, 0), &part_form, NULL, "" },
	{ WHOLE(parts, FORM_LIST, 0), &part_form, NULL, "" },
	{ WHOLE(raw, FORM_RAW, 0), NULL, NULL, "" },
	{ .name = NULL },
};
static const struct form whole_form = { "Whole", sizeof(struct whole), true, whole_fields };
/* clang-format on */

static int
set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static struct str
encoded(struct arena *a, const struct form *form, const void *from)
{
	struct buf b = buf_in(a);

	form_encode(form, from, &b);
	return buf_str(&b);
}

static void
absent_is_null_or_omitted_or_empty(void **state)
{
	struct whole w = { .number = FORM_NO_INT,
		.time = FORM_NO_INT,
		.yes = FORM_UNSET,
		.choice = -1,
		.part.size = FORM_NO_INT };

	assert_str(encoded(*state, &whole_form, &w),
	    STR("{\"text\":null,\"number\":null,\"time\":null,\"yes\":null,"
		"\"id\":null,\"choice\":null,\"texts\":null,\"needed_texts\":[]"
		","
		"\"paths\":null,\"pairs\":null,\"needed_pairs\":{},\"any\":"
		"null,"
		"\"part\":null,\"parts\":null,\"raw\":null}"));
}

static void
writes_every_type(void **state)
{
	struct str texts[] = { STR("a"), STR("\"") };
	struct form_texts paths[] = { { texts, 2 }, { texts, 0 } };
	struct pair pairs[] = { { STR("k"), STR("v") } };
	struct part parts[] = { { STR("p"), 1 }, { { 0 }, FORM_NO_INT } };
	yyjson_val *any = NULL;
	struct error e;
	struct whole w = { .text = STR("\x01\xC3\xA9"),
		.omitted = STR(""),
		.number = INT64_MAX,
		.time = 1500000,
		.yes = FORM_FALSE,
		.id = { { 0x5B, [15] = 1 } },
		.choice = 1,
		.texts = { texts, 2 },
		.needed_texts = { texts, 0 },
		.paths = { paths, 2 },
		.pairs = { pairs, 1 },
		.needed_pairs = { pairs, 0 },
		.part = { .size = 2 },
		.parts = { parts, 2 },
		.raw = STR("[1]") };

	assert_int_equal(
	    json_parse(*state, STR("{ \"x\": 1.50 }"), &any, &e), OK);
	w.any = any;
	assert_str(encoded(*state, &whole_form, &w),
	    STR("{\"text\":\"\\u0001\xC3\xA9\",\"omitted\":\"\","
		"\"number\":9223372036854775807,"
		"\"time\":\"1970-01-01T00:00:01.500000Z\",\"yes\":false,"
		"\"id\":\"5b000000-0000-0000-0000-000000000001\","
		"\"choice\":\"green\",\"texts\":[\"a\",\"\\\"\"],"
		"\"needed_texts\":[],\"paths\":[[\"a\",\"\\\"\"],[]],"
		"\"pairs\":{\"k\":\"v\"},\"needed_pairs\":{},\"any\":{\"x\":1."
		"5},"
		"\"part\":{\"size\":2},\"parts\":[{\"name\":\"p\",\"size\":1},{"
		"}],"
		"\"raw\":[1]}"));
}

static void
what_is_written_is_read_back(void **state)
{
	struct part before = { STR("p"), -1 }, after;
	struct error e;

	assert_int_equal(form_decode(&part_form, *state,
			     encoded(*state, &part_form, &before), &after, &e),
	    OK);
	assert_true(str_eq(after.name, before.name));
	assert_true(after.size == before.size);
}

static void
lists_are_arrays(void **state)
{
	struct part parts[] = { { STR("a"), FORM_NO_INT },
		{ STR("b"), FORM_NO_INT } };
	struct buf b = buf_in(*state);

	form_encode_list(&part_form, parts, 2, &b);
	form_encode_list(&part_form, NULL, 0, &b);
	assert_str(buf_str(&b), STR("[{\"name\":\"a\"},{\"name\":\"b\"}][]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_is_null_or_omitted_or_empty),
		cmocka_unit_test(writes_every_type),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(lists_are_arrays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
