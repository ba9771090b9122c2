/* test_form_decode.c - bodies into structs, and what is wrong with them. */
#include "api/form.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

struct part {
	struct str name;
	int64_t size;
	struct form_texts tags;
};

struct whole {
	struct str text, secret;
	int64_t number, time;
	enum form_bool yes;
	struct id id;
	int choice;
	struct form_texts texts;
	struct form_paths paths;
	struct pairs pairs;
	const yyjson_val *any;
	struct part part;
	struct form_list parts;
	struct str raw;
};

static const char *const colours[] = { "red", "green", NULL };

/* clang-format off */
static const struct form_field part_fields[] = {
	{ "name", NULL, FORM_TEXT, FORM_REQUIRED, offsetof(struct part, name), NULL, NULL, "" },
	{ "size", NULL, FORM_INT, 0, offsetof(struct part, size), NULL, NULL, "" },
	{ "tags", NULL, FORM_TEXTS, 0, offsetof(struct part, tags), NULL, NULL, "" },
	{ .name = NULL },
};
static const struct form part_form = { "Part", sizeof(struct part), true, part_fields };

#define WHOLE(name, type) #name, NULL, type, 0, offsetof(struct whole, name)
static const struct form_field whole_fields[] = {
	{ "text", "old-text", FORM_TEXT, 0, offsetof(struct whole, text), NULL, NULL, "" },
	{ WHOLE(secret, FORM_SECRET), NULL, NULL, "" },
	{ WHOLE(number, FORM_INT), NULL, NULL, "" },
	{ WHOLE(time, FORM_TIME), NULL, NULL, "" },
	{ WHOLE(yes, FORM_BOOL), NULL, NULL, "" },
	{ WHOLE(id, FORM_ID), NULL, NULL, "" },
	{ WHOLE(choice, FORM_CHOICE), NULL, colours, "" },
	{ WHOLE(texts, FORM_TEXTS), NULL, NULL, "" },
	{ WHOLE(paths, FORM_PATHS), NULL, NULL, "" },
	{ WHOLE(pairs, FORM_PAIRS), NULL, NULL, "" },
	{ WHOLE(any, FORM_JSON), NULL, NULL, "" },
	{ WHOLE(part, FORM_OBJECT), &part_form, NULL, "" },
	{ WHOLE(parts, FORM_LIST), &part_form, NULL, "" },
	{ WHOLE(raw, FORM_RAW), NULL, NULL, "" },
	{ .name = NULL },
};
static const struct form strict = { "Whole", sizeof(struct whole), true, whole_fields };
static const struct form lax = { "Whole", sizeof(struct whole), false, whole_fields };

static const struct form_field needed_fields[] = {
	{ "text", NULL, FORM_TEXT, FORM_REQUIRED | FORM_NOT_EMPTY, offsetof(struct whole, text), NULL, NULL, "" },
	{ "id", NULL, FORM_ID, FORM_REQUIRED, offsetof(struct whole, id), NULL, NULL, "" },
	{ "texts", NULL, FORM_TEXTS, FORM_NOT_EMPTY, offsetof(struct whole, texts), NULL, NULL, "" },
	{ .name = NULL },
};
static const struct form needed = { "Needed", sizeof(struct whole), true, needed_fields };
/* clang-format on */

struct fixture {
	struct arena *arena;
	struct error error;
	struct whole whole;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = arena_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	free(f);
	return 0;
}

static void
decode(struct fixture *f, const struct form *form, const char *body)
{
	memset(&f->whole, 0xAA, sizeof(f->whole));
	f->error = (struct error){ 0 };
	assert_int_equal(
	    form_decode(form, f->arena, str_from(body), &f->whole, &f->error),
	    OK);
}

static void
refused(struct fixture *f, const struct form *form, const char *body,
    enum err code, const char *message)
{
	assert_int_equal(
	    form_decode(form, f->arena, str_from(body), &f->whole, &f->error),
	    code);
	assert_string_equal(f->error.message, message);
	assert_int_equal(f->error.code, code);
}

static void
everything_absent_has_its_absent_value(void **state)
{
	static const char *const bodies[] = { "{}",
		"{\"text\":null,\"secret\":null,\"number\":null,\"time\":null,"
		"\"yes\":null,\"id\":null,\"choice\":null,\"texts\":null,"
		"\"paths\":null,\"pairs\":null,\"any\":null,\"part\":null,"
		"\"parts\":null}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		decode(f, &strict, bodies[i]);
		assert_null(f->whole.text.ptr);
		assert_null(f->whole.secret.ptr);
		assert_true(f->whole.number == FORM_NO_INT);
		assert_true(f->whole.time == FORM_NO_INT);
		assert_int_equal(f->whole.yes, FORM_UNSET);
		assert_true(id_is_nil(f->whole.id));
		assert_int_equal(f->whole.choice, -1);
		assert_null(f->whole.texts.at);
		assert_null(f->whole.paths.at);
		assert_null(f->whole.pairs.at);
		assert_null(f->whole.any);
		assert_null(f->whole.part.name.ptr);
		assert_true(f->whole.part.size == FORM_NO_INT);
		assert_null(f->whole.parts.at);
	}
}

static void
reads_simple_values(void **state)
{
	struct fixture *f = *state;

	decode(f, &strict,
	    "{\"text\":\"a\\u00e9\",\"secret\":\"\",\"yes\":false,"
	    "\"number\":9223372036854775807,\"choice\":\"green\","
	    "\"time\":\"1970-01-01T00:00:01.5Z\","
	    "\"id\":\"5B0C0000-0000-0000-0000-000000000001\"}");
	assert_str(f->whole.text, STR("a\xC3\xA9"));
	assert_non_null(f->whole.secret.ptr);
	assert_int_equal(f->whole.secret.len, 0);
	assert_int_equal(f->whole.yes, FORM_FALSE);
	assert_true(f->whole.number == INT64_MAX);
	assert_true(f->whole.time == 1500000);
	assert_int_equal(f->whole.choice, 1);
	assert_int_equal(f->whole.id.b[0], 0x5B);
	assert_int_equal(f->whole.id.b[15], 1);
}

static void
reads_lists_and_maps(void **state)
{
	struct fixture *f = *state;

	decode(f, &strict,
	    "{\"texts\":[\"a\",\"\"],\"paths\":[[\"a\",\"b\"],[]],"
	    "\"pairs\":{\"k\":\"v\",\"\":\"\"},\"any\":{\"x\":[1]},"
	    "\"part\":{\"name\":\"p\",\"size\":-3}}");
	assert_int_equal(f->whole.texts.count, 2);
	assert_str(f->whole.texts.at[0], STR("a"));
	assert_int_equal(f->whole.paths.count, 2);
	assert_str(f->whole.paths.at[0].at[1], STR("b"));
	assert_int_equal(f->whole.paths.at[1].count, 0);
	assert_int_equal(f->whole.pairs.count, 2);
	assert_str(pairs_find(f->whole.pairs, STR("k")), STR("v"));
	assert_str(json_text(f->arena, f->whole.any), STR("{\"x\":[1]}"));
	assert_str(f->whole.part.name, STR("p"));
	assert_true(f->whole.part.size == -3);
}

static void
empty_is_not_absent(void **state)
{
	struct fixture *f = *state;

	decode(f, &strict,
	    "{\"text\":\"\",\"texts\":[],\"paths\":[],\"pairs\":{},"
	    "\"parts\":[]}");
	assert_non_null(f->whole.text.ptr);
	assert_non_null(f->whole.texts.at);
	assert_non_null(f->whole.paths.at);
	assert_non_null(f->whole.pairs.at);
	assert_non_null(f->whole.parts.at);
	assert_int_equal(f->whole.parts.count, 0);
}

static void
a_long_list_keeps_what_it_had(void **state)
{
	struct fixture *f = *state;
	struct buf b = buf_in(f->arena);

	for (int i = 0; i < 100; i++)
		buf_printf(&b,
		    "%s{\"name\":\"n%d\",\"tags\":[\"t\"],\"size\":%d}",
		    i == 0 ? "{\"parts\":[" : ",", i, i);
	buf_add(&b, STR("]}"));
	buf_add_char(&b, '\0');
	decode(f, &strict, b.data);
	assert_int_equal(f->whole.parts.count, 100);

	const struct part *part = f->whole.parts.at;

	for (int i = 0; i < 100; i++) {
		assert_true(part[i].size == i);
		assert_str(part[i].name, arena_printf(f->arena, "n%d", i));
		assert_str(part[i].tags.at[0], STR("t"));
	}
}

/* One JSON value of each kind, and which types take it. */
static const struct {
	const char *json;
	const char *takers;
} kinds[] = {
	{ "true", "yes any" },
	{ "\"x\"", "text secret any" },
	{ "7", "number any" },
	{ "-7", "number any" },
	{ "1.0", "any" },
	{ "1e3", "any" },
	{ "9223372036854775808", "any" },
	{ "10000000000000000000", "any" },
	{ "123456789012345678901234567890", "any" },
	{ "-9223372036854775808", "any" },
	{ "[]", "texts paths any parts" },
	{ "[\"x\"]", "texts any" },
	{ "[[\"x\"]]", "paths any" },
	{ "[{\"name\":\"x\"}]", "any parts" },
	{ "[null]", "any" },
	{ "{}", "pairs any" },
	{ "{\"name\":\"x\"}", "pairs any part" },
	{ "{\"name\":null}", "any" },
	{ "{\"name\":1}", "any" },
	{ "\"5b0c0000-0000-0000-0000-000000000001\"", "text secret id any" },
	{ "\"2026-11-01T10:00:00Z\"", "text secret time any" },
	{ "\"red\"", "text secret choice any" },
};

static bool
takes(const char *takers, const char *name)
{
	struct str rest = str_from(takers);

	while (rest.len != 0)
		if (str_eq(str_cut(&rest, ' '), str_from(name)))
			return true;
	return false;
}

static void
each_type_takes_its_kinds_of_value_only(void **state)
{
	struct fixture *f = *state;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (const struct form_field *field = whole_fields;
		     field->type != FORM_RAW; field++) {
			struct str body = arena_printf(f->arena, "{\"%s\":%s}",
			    field->name, kinds[k].json);
			bool taken = takes(kinds[k].takers, field->name);
			enum err strictly = form_decode(
			    &strict, f->arena, body, &f->whole, &f->error);
			enum err laxly = form_decode(
			    &lax, f->arena, body, &f->whole, &f->error);

			assert_int_equal(
			    strictly, taken ? OK : ERR_UNPROCESSABLE);
			assert_int_equal(laxly, taken ? OK : ERR_BAD_REQUEST);
			assert_true(
			    taken || f->error.message[1] == field->name[0]);
		}
}

static const struct {
	const char *body, *message;
} misfits[] = {
	{ "[]", "Body: expected an object" },
	{ "{\"text\":1}", "/text: expected a string" },
	{ "{\"number\":1.5}", "/number: expected an integer of 64 bits" },
	{ "{\"number\":18446744073709551615}", "/number: out of range" },
	{ "{\"yes\":\"true\"}", "/yes: expected true or false" },
	{ "{\"id\":\"5b0c\"}", "/id: expected a UUID" },
	{ "{\"time\":\"2026-02-29T00:00:00Z\"}",
	    "/time: expected a time as in \"2026-11-01T10:00:00Z\"" },
	{ "{\"choice\":\"blue\"}",
	    "/choice: expected one of \"red\", \"green\"" },
	{ "{\"texts\":{}}", "/texts: expected an array of strings" },
	{ "{\"texts\":[\"a\",1]}", "/texts/1: expected a string" },
	{ "{\"paths\":[[\"a\"],[\"b\",1]]}", "/paths/1/1: expected a string" },
	{ "{\"paths\":\"a\"}", "/paths: expected an array of arrays" },
	{ "{\"pairs\":[]}", "/pairs: expected an object of strings" },
	{ "{\"pairs\":{\"s3.bucket\":1}}",
	    "/pairs/s3.bucket: expected a string" },
	{ "{\"pairs\":{\"a/b~c\":null}}", "/pairs/a~1b~0c: expected a string" },
	{ "{\"part\":[]}", "/part: expected an object" },
	{ "{\"part\":{}}", "/part/name: missing" },
	{ "{\"part\":{\"name\":null}}", "/part/name: missing" },
	{ "{\"parts\":{}}", "/parts: expected an array of objects" },
	{ "{\"parts\":[{\"name\":\"a\"},{\"name\":\"b\",\"size\":\"\"}]}",
	    "/parts/1/size: expected an integer of 64 bits" },
	{ "{\"textss\":[]}",
	    "/textss: unknown member, did you mean \"texts\"?" },
	{ "{\"part\":{\"nam\":1}}",
	    "/part/nam: unknown member, did you mean \"name\"?" },
	{ "{\"bolognese\":1}", "/bolognese: unknown member" },
	{ "{\"raw\":1}", "/raw: unknown member" },
	{ "{\"text\":\"a\",\"text\":\"b\"}", "/text: given twice" },
	{ "{\"text\":null,\"text\":\"b\"}", "/text: given twice" },
	{ "{\"text\":\"a\",\"old-text\":\"b\"}", "/old-text: given twice" },
	{ "{\"pairs\":{\"b\":\"\",\"a\":\"\",\"b\":\"\"}}",
	    "/pairs/b: given twice" },
	{ "{\"text\":\"\\u0000\"}", "/text: U+0000 in a string" },
	{ "{\"any\":{\"x\":[0,\"a\\u0000\"]}}",
	    "/any/x/1: U+0000 in a string" },
	{ "{\"pairs\":{\"\\u0000\":\"\"}}", "/pairs: U+0000 in a name" },
};

static void
names_the_member_that_is_wrong(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(misfits) / sizeof(misfits[0]); i++)
		refused(f, &strict, misfits[i].body, ERR_UNPROCESSABLE,
		    misfits[i].message);
}

static void
malformed_json_is_a_bad_request(void **state)
{
	static const char *const bodies[] = { "", "{", "{}x", "{\"text\":}",
		"\xFF", "{\"text\":\"\xC0\x80\"}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(form_decode(&strict, f->arena,
				     str_from(bodies[i]), &f->whole, &f->error),
		    ERR_BAD_REQUEST);
		assert_memory_equal(f->error.message, "Malformed JSON", 14);
	}
}

static void
a_lax_form_ignores_unknown_members(void **state)
{
	struct fixture *f = *state;

	decode(f, &lax, "{\"new\":1,\"text\":\"a\",\"new\":2,\"raw\":\"no\"}");
	assert_str(f->whole.text, STR("a"));
	assert_null(f->whole.raw.ptr);
}

static void
an_alias_is_read(void **state)
{
	struct fixture *f = *state;

	decode(f, &strict, "{\"old-text\":\"a\"}");
	assert_str(f->whole.text, STR("a"));
}

static void
an_escaped_backslash_is_not_nul(void **state)
{
	struct fixture *f = *state;

	decode(f, &strict, "{\"text\":\"\\\\u0000\"}");
	assert_str(f->whole.text, STR("\\u0000"));
}

static void
required_members_must_be_there_and_hold_something(void **state)
{
#define SOME_ID "\"5b0c0000-0000-0000-0000-000000000001\""
	static const struct {
		const char *body, *message;
	} cases[] = {
		{ "{\"id\":" SOME_ID "}", "/text: missing" },
		{ "{\"text\":null,\"id\":" SOME_ID "}", "/text: missing" },
		{ "{\"text\":\"a\"}", "/id: missing" },
		{ "{\"text\":\"\",\"id\":" SOME_ID "}",
		    "/text: must not be empty" },
		{ "{\"texts\":[]}", "/texts: must not be empty" },
		{ "{\"id\":\"00000000-0000-0000-0000-000000000000\"}",
		    "/id: must not be the nil UUID" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(f, &needed, cases[i].body, ERR_UNPROCESSABLE,
		    cases[i].message);
	decode(f, &needed, "{\"text\":\"a\",\"id\":" SOME_ID "}");
}

/* ---- url-encoded */
static enum err
decode_pairs(struct fixture *f, const struct form *form, const char *body)
{
	return form_decode_pairs(
	    form, f->arena, str_from(body), &f->whole, &f->error);
}

static void
reads_url_encoded_pairs(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    decode_pairs(f, &lax, "&text=a+b%26c&&%73ecret=%C3%A9=&new=1&"),
	    OK);
	assert_str(f->whole.text, STR("a b&c"));
	assert_str(f->whole.secret, STR("\xC3\xA9="));
	assert_true(f->whole.number == FORM_NO_INT);
}

static void
a_pair_without_a_value_is_absent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(decode_pairs(f, &lax, "text=&secret"), OK);
	assert_null(f->whole.text.ptr);
	assert_null(f->whole.secret.ptr);
	assert_int_equal(decode_pairs(f, &lax, ""), OK);
	assert_null(f->whole.text.ptr);
}

static void
refuses_bad_pairs(void **state)
{
	static const char *const bodies[] = { "text=%", "text=%zz", "text=%00",
		"text=%FF", "%00=a", "text=a&text=b", "text=&old-text=b" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(
		    decode_pairs(f, &lax, bodies[i]), ERR_BAD_REQUEST);
	assert_string_equal(f->error.message, "/old-text: given twice");
	assert_int_equal(form_decode_pairs(&lax, f->arena, STR("text=a\0b"),
			     &f->whole, &f->error),
	    ERR_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_absent_has_its_absent_value),
		cmocka_unit_test(reads_simple_values),
		cmocka_unit_test(reads_lists_and_maps),
		cmocka_unit_test(empty_is_not_absent),
		cmocka_unit_test(a_long_list_keeps_what_it_had),
		cmocka_unit_test(each_type_takes_its_kinds_of_value_only),
		cmocka_unit_test(names_the_member_that_is_wrong),
		cmocka_unit_test(malformed_json_is_a_bad_request),
		cmocka_unit_test(a_lax_form_ignores_unknown_members),
		cmocka_unit_test(an_alias_is_read),
		cmocka_unit_test(an_escaped_backslash_is_not_nul),
		cmocka_unit_test(
		    required_members_must_be_there_and_hold_something),
		cmocka_unit_test(reads_url_encoded_pairs),
		cmocka_unit_test(a_pair_without_a_value_is_absent),
		cmocka_unit_test(refuses_bad_pairs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
