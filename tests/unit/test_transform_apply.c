/* test_transform_apply.c - transforms of values, and back to their sources. */
#include "iceberg/transform_apply.h"
#include "tests/unit/metadata_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct type
type_named(const char *text)
{
	struct type type;

	if (!type_parse(str_from(text), &type))
		fail_msg("no type %s", text);
	return type;
}

static struct transform
transform_named(const char *text)
{
	struct transform transform;

	if (!transform_parse(str_from(text), &transform))
		fail_msg("no transform %s", text);
	return transform;
}

static struct literal
literal_of(const char *type_text, const char *text)
{
	struct type type = type_named(type_text);
	struct literal l;

	if (!literal_from_json(arena, &type, json(text), &l))
		fail_msg("%s is no %s", text, type_text);
	return l;
}

static struct str
written(const struct literal *l)
{
	struct buf b = buf_in(arena);

	literal_write(&b, l);
	return buf_str(&b);
}

/* The test values of the table spec, Appendix B. */
static void
hashes_as_the_specification_says(void **state)
{
	static const struct {
		const char *type, *value;
		int32_t hash;
	} cases[] = {
		{ "int", "34", 2017239379 },
		{ "long", "34", 2017239379 },
		{ "decimal(9,2)", "'14.20'", -500754589 },
		{ "date", "'2017-11-16'", -653330422 },
		{ "time", "'22:31:08'", -662762989 },
		{ "timestamp", "'2017-11-16T22:31:08'", -2047944441 },
		{ "timestamp", "'2017-11-16T22:31:08.000001'", -1207196810 },
		{ "timestamptz", "'2017-11-16T14:31:08-08:00'", -2047944441 },
		{ "timestamptz", "'2017-11-16T14:31:08.000001-08:00'",
		    -1207196810 },
		{ "timestamp_ns", "'2017-11-16T22:31:08'", -2047944441 },
		{ "timestamp_ns", "'2017-11-16T22:31:08.000001001'",
		    -1207196810 },
		{ "timestamptz_ns", "'2017-11-16T14:31:08.000001001-08:00'",
		    -1207196810 },
		{ "string", "'iceberg'", 1210000089 },
		{ "string", "'34'", -427558391 },
		{ "uuid", "'f79c3e09-677c-4bbd-a479-3f349cb785e7'",
		    1488055340 },
		{ "fixed[4]", "'00010203'", -188683207 },
		{ "binary", "'00010203'", -188683207 },
		/* below zero: made with another implementation */
		{ "decimal(9,2)", "'-0.01'", -43192051 },
		{ "decimal(9,2)", "'-1.29'", -435537839 },
		{ "timestamp_ns", "'1969-12-31T23:59:59.999999999'",
		    1651860712 },
	};
	struct transform all = transform_named("bucket[2147483647]");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct literal l = literal_of(cases[i].type, cases[i].value);
		struct literal bucket = transform_apply(&all, &l);

		assert_int_equal(bucket.kind, TYPE_INT);
		assert_int_equal(
		    bucket.as.i, (cases[i].hash & INT32_MAX) % INT32_MAX);
	}
}

/* Of every length beside a word: made with another implementation. */
static void
hashes_any_length(void **state)
{
	static const uint32_t hashes[] = { 0, 0x3c2569b2, 0x9bbfd75f,
		0xb3dd93fa, 0x43ed676a, 0xe89b9af6 };
	static const char text[] = "abcde";

	(void)state;
	for (size_t len = 0; len < COUNT(hashes); len++)
		assert_int_equal(
		    murmur3((struct str){ text, len }), hashes[len]);
}

struct apply_case {
	const char *transform, *type, *value, *result;
};

/* clang-format off */
static const struct apply_case applies_transforms_cases[] = {
	{ "identity", "string", "'a'", "'a'" },
	{ "truncate[10]", "int", "1", "0" },
	{ "truncate[10]", "int", "-1", "-10" },
	{ "truncate[10]", "int", "-10", "-10" },
	{ "truncate[10]", "long", "-11", "-20" },
	{ "truncate[10]", "int", "-2147483648", "-2147483648" },
	{ "truncate[10]", "long", "-9223372036854775808",
	  "-9223372036854775808" },
	{ "truncate[50]", "decimal(9,2)", "'10.65'", "'10.50'" },
	{ "truncate[10]", "decimal(9,2)", "'-0.05'", "'-0.10'" },
	{ "truncate[3]", "string", "'iceberg'", "'ice'" },
	{ "truncate[3]", "string", "'ic'", "'ic'" },
	{ "truncate[2]", "string", "'\xc3\xa9\xf0\x9f\x98\x80x'",
	  "'\xc3\xa9\xf0\x9f\x98\x80'" },
	{ "truncate[3]", "binary", "'0102030405'", "'010203'" },
	{ "year", "date", "'2017-11-16'", "47" },
	{ "year", "date", "'1969-12-31'", "-1" },
	{ "year", "date", "'1969-01-01'", "-1" },
	{ "year", "timestamp", "'1968-12-31T23:59:59.999999'", "-2" },
	{ "month", "date", "'2017-11-16'", "574" },
	{ "month", "date", "'1969-12-31'", "-1" },
	{ "month", "date", "'1969-01-01'", "-12" },
	{ "month", "timestamp_ns", "'1969-12-01T00:00:00'", "-1" },
	{ "day", "date", "'1969-12-31'", "'1969-12-31'" },
	{ "day", "timestamp", "'1969-12-31T23:59:59.999999'",
	  "'1969-12-31'" },
	{ "day", "timestamptz", "'2017-11-16T23:30:00-01:00'",
	  "'2017-11-17'" },
	{ "hour", "timestamp", "'1970-01-01T02:59:59.999999'", "2" },
	{ "hour", "timestamp", "'1969-12-31T23:59:59.999999'", "-1" },
	{ "hour", "timestamp_ns", "'1969-12-31T23:00:00'", "-1" },
	{ "bucket[16]", "int", "34", "3" },
	{ "void", "int", "34", "null" },
	{ "zorder", "int", "34", "null" },
	{ "day", "int", "34", "null" },
	{ "bucket[4]", "boolean", "true", "null" },
};
/* clang-format on */

static void
applies_transforms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(applies_transforms_cases); i++) {
		const struct apply_case *c = &applies_transforms_cases[i];
		struct transform transform = transform_named(c->transform);
		struct literal l = literal_of(c->type, c->value);
		struct literal result = transform_apply(&transform, &l);

		assert_str(written(&result), quoted(c->result));
		l.state = LITERAL_NULL;
		result = transform_apply(&transform, &l);
		assert_int_equal(result.state, LITERAL_NULL);
	}
}

static void
tells_the_type_of_results(void **state)
{
	static const char *const cases[][3] = {
		{ "identity", "decimal(9,2)", "decimal(9,2)" },
		{ "truncate[4]", "decimal(9,2)", "decimal(9,2)" },
		{ "void", "string", "string" },
		{ "bucket[4]", "string", "int" },
		{ "year", "date", "int" },
		{ "month", "timestamp", "int" },
		{ "day", "timestamptz_ns", "date" },
		{ "hour", "timestamp", "int" },
		{ "zorder", "int", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transform transform = transform_named(cases[i][0]);
		struct type source = type_named(cases[i][1]);
		struct type want = type_named(cases[i][2]);
		struct type got = transform_type(&transform, &source);

		assert_true(type_equal(&got, &want));
	}
}

struct back_case {
	const char *transform, *source, *type, *value, *lower, *upper;
	bool open;
};

/* clang-format off */
static const struct back_case goes_back_cases[] = {
	{ "identity", "int", "int", "7", "7", "7", false },
	{ "truncate[10]", "int", "int", "-10", "-10", "-1", false },
	{ "truncate[10]", "int", "int", "2147483640", "2147483640",
	  "2147483647", false },
	{ "truncate[10]", "long", "long", "9223372036854775800",
	  "9223372036854775800", "9223372036854775807", false },
	{ "truncate[50]", "decimal(9,2)", "decimal(9,2)", "'10.50'", "'10.50'",
	  "'10.99'", false },
	{ "truncate[3]", "string", "string", "'ice'", "'ice'", "'ice'", true },
	{ "truncate[3]", "string", "string", "'ic'", "'ic'", "'ic'", false },
	{ "truncate[3]", "string", "string", "''", "''", "''", false },
	{ "truncate[1]", "string", "string", "'\xc3\xa9'", "'\xc3\xa9'",
	  "'\xc3\xa9'", true },
	{ "truncate[2]", "binary", "binary", "'0102'", "'0102'", "'0102'",
	  true },
	{ "truncate[2]", "binary", "binary", "'01'", "'01'", "'01'", false },
	{ "year", "date", "int", "-1", "'1969-01-01'", "'1969-12-31'", false },
	{ "year", "date", "int", "2147483647", "'+5881580-07-11'",
	  "'+5881580-07-11'", false },
	{ "month", "timestamp", "int", "1", "'1970-02-01T00:00:00.000000'",
	  "'1970-02-28T23:59:59.999999'", false },
	{ "day", "timestamp", "date", "'1969-12-31'",
	  "'1969-12-31T00:00:00.000000'", "'1969-12-31T23:59:59.999999'",
	  false },
	{ "day", "date", "date", "'1969-12-31'", "'1969-12-31'",
	  "'1969-12-31'", false },
	{ "hour", "timestamp_ns", "int", "-1",
	  "'1969-12-31T23:00:00.000000000'", "'1969-12-31T23:59:59.999999999'",
	  false },
	{ "year", "timestamp_ns", "int", "292",
	  "'2262-01-01T00:00:00.000000000'", "'2262-04-11T23:47:16.854775807'",
	  false },
};
/* clang-format on */

static void
goes_back_to_the_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goes_back_cases); i++) {
		const struct back_case *c = &goes_back_cases[i];
		struct transform transform = transform_named(c->transform);
		struct type source = type_named(c->source);
		struct literal value = literal_of(c->type, c->value);
		struct preimage back;

		assert_true(
		    transform_preimage(&transform, &source, &value, &back));
		assert_str(written(&back.lower), quoted(c->lower));
		assert_str(written(&back.upper), quoted(c->upper));
		assert_int_equal(back.open, c->open);
	}
}

static void
does_not_go_back_without_an_order(void **state)
{
	static const char *const names[] = { "bucket[4]", "void", "zorder" };
	struct type source = type_named("int");
	struct literal value = literal_of("int", "1");
	struct preimage back;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct transform transform = transform_named(names[i]);

		assert_false(transform_keeps_order(&transform));
		assert_false(
		    transform_preimage(&transform, &source, &value, &back));
	}
	value.state = LITERAL_NULL;
	assert_false(transform_preimage(
	    &(struct transform){ 0 }, &source, &value, &back));
}

/* Java's truncate[10] of -2147483648. */
static void
does_not_go_back_from_what_overflowed(void **state)
{
	struct type source = type_named("int");
	struct literal value = literal_of("int", "2147483646");
	struct transform transform = transform_named("truncate[10]");
	struct preimage back;

	(void)state;
	assert_false(transform_preimage(&transform, &source, &value, &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hashes_as_the_specification_says),
		TEST(hashes_any_length),
		TEST(applies_transforms),
		TEST(tells_the_type_of_results),
		TEST(goes_back_to_the_source),
		TEST(does_not_go_back_without_an_order),
		TEST(does_not_go_back_from_what_overflowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
