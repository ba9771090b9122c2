/* test_literal.c - values from JSON, manifests and Avro, and back. */
#include <math.h>

#include "iceberg/literal.h"
#include "tests/unit/metadata_fixture.h"

static struct type
type_named(const char *text)
{
	struct type type;

	if (!type_parse(str_from(text), &type))
		fail_msg("no type %s", text);
	return type;
}

static struct str
written(const struct literal *l)
{
	struct buf b = buf_in(arena);

	literal_write(&b, l);
	return buf_str(&b);
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

#define VALUE LITERAL_VALUE
#define BELOW LITERAL_BELOW
#define ABOVE LITERAL_ABOVE
#define BETWEEN LITERAL_BETWEEN

struct json_case {
	const char *type, *text;
	enum literal_state state;
	const char *written; /* NULL: as `text` */
};

/* clang-format off */
static const struct json_case reads_what_clients_compare_with_cases[] = {
	{ "boolean", "true", VALUE, NULL },
	{ "boolean", "false", VALUE, NULL },
	{ "int", "-2147483648", VALUE, NULL },
	{ "int", "2147483647", VALUE, NULL },
	{ "int", "2147483648", ABOVE, NULL },
	{ "int", "-2147483649", BELOW, NULL },
	{ "int", "5.0", VALUE, "5" },
	{ "int", "5.5", BETWEEN, "5" },
	{ "int", "-5.5", BETWEEN, "-6" },
	{ "int", "1e3", VALUE, "1000" },
	{ "int", "1e300", ABOVE, NULL },
	{ "int", "-1e300", BELOW, NULL },
	{ "int", "2147483647.5", BETWEEN, "2147483647" },
	{ "int", "-2147483648.5", BELOW, NULL },
	{ "long", "9223372036854775807", VALUE, NULL },
	{ "long", "9223372036854775808", ABOVE, NULL },
	{ "long", "-9223372036854775808", VALUE, NULL },
	{ "long", "-9223372036854775809", BELOW, NULL },
	{ "long", "123456789012345678901234567890123456789012345", ABOVE,
	  NULL },
	{ "float", "1.5", VALUE, NULL },
	{ "float", "0.1", VALUE, NULL },
	{ "float", "16777217", VALUE, "16777216.0" },
	{ "float", "3.5e38", BETWEEN, "3.4028235e+38" },
	{ "float", "-3.5e38", BETWEEN, "'-Infinity'" },
	{ "double", "0.1", VALUE, NULL },
	{ "double", "-0.0", VALUE, NULL },
	{ "double", "7", VALUE, "7.0" },
	{ "double", "1e999", BETWEEN, "1.7976931348623157e+308" },
	{ "double", "-1e999", BETWEEN, "'-Infinity'" },
	{ "double", "'Infinity'", VALUE, NULL },
	{ "double", "'-Infinity'", VALUE, NULL },
	{ "decimal(9,2)", "'14.20'", VALUE, NULL },
	{ "decimal(9,2)", "'14.2'", VALUE, "'14.20'" },
	{ "decimal(9,2)", "14.2", VALUE, "'14.20'" },
	{ "decimal(9,2)", "14", VALUE, "'14.00'" },
	{ "decimal(9,2)", "'-0.05'", VALUE, NULL },
	{ "decimal(9,2)", "'1.005'", BETWEEN, "'1.00'" },
	{ "decimal(9,2)", "'-1.005'", BETWEEN, "'-1.01'" },
	{ "decimal(9,2)", "'9999999.99'", VALUE, NULL },
	{ "decimal(9,2)", "'10000000'", ABOVE, NULL },
	{ "decimal(9,2)", "'-1e7'", BELOW, NULL },
	{ "decimal(9,0)", "'2E+5'", VALUE, "'200000'" },
	{ "decimal(9,2)", "'1e-400'", BETWEEN, "'0.00'" },
	{ "decimal(38,38)", "'0.12345678901234567890123456789012345678'",
	  VALUE, NULL },
	{ "decimal(38,0)", "'-99999999999999999999999999999999999999'",
	  VALUE, NULL },
	{ "decimal(38,0)", "'100000000000000000000000000000000000000'",
	  ABOVE, NULL },
	{ "decimal(38,0)", "'-100000000000000000000000000000000000000'",
	  BELOW, NULL },
	{ "decimal(5,2)", "'00000000000000000000000000000000000000000001.5'",
	  VALUE, "'1.50'" },
	{ "date", "'2017-11-16'", VALUE, NULL },
	{ "date", "17486", VALUE, "'2017-11-16'" },
	{ "date", "'1969-12-31'", VALUE, NULL },
	{ "date", "'-0001-03-01'", VALUE, NULL },
	{ "date", "'+12345-01-01'", VALUE, NULL },
	{ "date", "'+6000000-01-01'", ABOVE, NULL },
	{ "date", "'-6000000-01-01'", BELOW, NULL },
	{ "date", "99999999999", ABOVE, NULL },
	{ "time", "'22:31:08.123456'", VALUE, NULL },
	{ "time", "'22:31'", VALUE, "'22:31:00.000000'" },
	{ "time", "3723000000", VALUE, "'01:02:03.000000'" },
	{ "time", "-1", BELOW, NULL },
	{ "time", "86400000000", ABOVE, NULL },
	{ "timestamp", "'2017-11-16T22:31:08.123456'", VALUE, NULL },
	{ "timestamp", "'2017-11-16T22:31:08'", VALUE,
	  "'2017-11-16T22:31:08.000000'" },
	{ "timestamp", "'1969-12-31T23:59:59.999999'", VALUE, NULL },
	{ "timestamp", "'2017-11-16'", VALUE, "'2017-11-16T00:00:00.000000'" },
	{ "timestamp", "'2017-11-16T22:31:08.1234567'", BETWEEN,
	  "'2017-11-16T22:31:08.123456'" },
	{ "timestamp", "1510871468000001", VALUE,
	  "'2017-11-16T22:31:08.000001'" },
	{ "timestamp", "'+300000-01-01T00:00'", ABOVE, NULL },
	{ "timestamp", "-9223372036854775808", VALUE,
	  "'-290308-12-21T19:59:05.224192'" },
	{ "timestamptz", "'2017-11-16T14:31:08-08:00'", VALUE,
	  "'2017-11-16T22:31:08.000000+00:00'" },
	{ "timestamptz", "'2017-11-16T22:31:08Z'", VALUE,
	  "'2017-11-16T22:31:08.000000+00:00'" },
	{ "timestamptz", "'2017-11-16T22:31:08'", VALUE,
	  "'2017-11-16T22:31:08.000000+00:00'" },
	{ "timestamp_ns", "'2017-11-16T22:31:08.123456789'", VALUE, NULL },
	{ "timestamp_ns", "1510871468000001", VALUE,
	  "'2017-11-16T22:31:08.000001000'" },
	{ "timestamp_ns", "'3000-01-01T00:00:00'", ABOVE, NULL },
	{ "timestamp_ns", "'1000-01-01T00:00:00'", BELOW, NULL },
	{ "timestamp_ns", "9223372036854775807", ABOVE, NULL },
	{ "timestamptz_ns", "'2017-11-16T22:31:08.000000001+00:00'", VALUE,
	  NULL },
	{ "string", "''", VALUE, NULL },
	{ "string", "'i\xc3\xa9'", VALUE, NULL },
	{ "uuid", "'f79c3e09-677c-4bbd-a479-3f349cb785e7'", VALUE, NULL },
	{ "uuid", "'F79C3E09-677C-4BBD-A479-3F349CB785E7'", VALUE,
	  "'f79c3e09-677c-4bbd-a479-3f349cb785e7'" },
	{ "fixed[3]", "'0001ff'", VALUE, "'0001FF'" },
	{ "binary", "''", VALUE, NULL },
	{ "binary", "'00FF'", VALUE, NULL },
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
reads_what_clients_compare_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reads_what_clients_compare_with_cases);
	     i++) {
		const struct json_case *c =
		    &reads_what_clients_compare_with_cases[i];
		struct literal l = literal_of(c->type, c->text);

		if (l.state != c->state)
			fail_msg("%s %s: state %d", c->type, c->text, l.state);
		if (c->state == VALUE || c->state == BETWEEN)
			assert_str(written(&l),
			    quoted(c->written != NULL ? c->written : c->text));
	}
}

static void
refuses_what_is_not_of_the_type(void **state)
{
	static const char *const cases[][2] = {
		{ "boolean", "1" },
		{ "boolean", "'true'" },
		{ "int", "'5'" },
		{ "int", "true" },
		{ "long", "null" },
		{ "double", "'1.5'" },
		{ "double", "'NaN'" },
		{ "decimal(9,2)", "'abc'" },
		{ "decimal(9,2)", "''" },
		{ "decimal(9,2)", "'.'" },
		{ "decimal(9,2)", "'1e'" },
		{ "decimal(9,2)", "'1e+-2'" },
		{ "decimal(9,2)", "'1.0.0'" },
		{ "decimal(9,2)", "true" },
		{ "date", "'2017-11-31'" },
		{ "date", "'2017-11-16T00:00:00'" },
		{ "date", "'12345-01-01'" },
		{ "date", "'17-11-16'" },
		{ "date", "1.5" },
		{ "time", "'24:00:00'" },
		{ "time", "'1:00'" },
		{ "time", "'01:00:00.'" },
		{ "timestamp", "'2017-11-16T22:31:08Z'" },
		{ "timestamp", "'2017-11-16T22:31:08+00:00'" },
		{ "timestamp", "'2017-11-16 22:31:08'" },
		{ "timestamptz", "'2017-11-16'" },
		{ "timestamptz", "'2017-11-16T22:31:08+0100'" },
		{ "string", "5" },
		{ "uuid", "'f79c3e09'" },
		{ "fixed[3]", "'0001'" },
		{ "binary", "'0'" },
		{ "binary", "'0g'" },
		{ "unknown", "5" },
		{ "variant", "5" },
		{ "geometry", "'POINT (30 10)'" },
		{ "string", "[]" },
		{ "int", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct type type = type_named(cases[i][0]);
		struct literal l;

		if (literal_from_json(arena, &type, json(cases[i][1]), &l))
			fail_msg("%s as %s", cases[i][1], cases[i][0]);
	}
}

static struct str
unhex(const char *hex)
{
	struct type binary = { .kind = TYPE_BINARY };
	struct literal l;

	if (!literal_from_json(arena, &binary,
		json((const char *)arena_printf(arena, "'%s'", hex).ptr), &l))
		fail_msg("no hex: %s", hex);
	return l.as.s;
}

static void
reads_bounds_of_manifests(void **state)
{
	static const char *const cases[][3] = {
		{ "boolean", "00", "false" },
		{ "boolean", "02", "true" },
		{ "int", "feffffff", "-2" },
		{ "long", "feffffffffffffff", "-2" },
		{ "long", "feffffff", "-2" }, /* was an int */
		{ "float", "0000c03f", "1.5" },
		{ "double", "000000000000f83f", "1.5" },
		{ "double", "0000c03f", "1.5" }, /* was a float */
		{ "date", "ffffffff", "'1969-12-31'" },
		{ "time", "0000000000000000", "'00:00:00.000000'" },
		{ "timestamp", "ffffffffffffffff",
		    "'1969-12-31T23:59:59.999999'" },
		{ "timestamp", "ffffffff", "'1969-12-31T00:00:00.000000'" },
		{ "timestamp_ns", "01000000",
		    "'1970-01-02T00:00:00.000000000'" },
		{ "timestamptz", "0000000000000000",
		    "'1970-01-01T00:00:00.000000+00:00'" },
		{ "string", "", "''" },
		{ "string", "69c3a9", "'i\xc3\xa9'" },
		{ "uuid", "f79c3e09677c4bbda4793f349cb785e7",
		    "'f79c3e09-677c-4bbd-a479-3f349cb785e7'" },
		{ "fixed[2]", "01ff", "'01FF'" },
		{ "binary", "01ff", "'01FF'" },
		{ "decimal(9,2)", "058c", "'14.20'" },
		{ "decimal(9,2)", "ff", "'-0.01'" },
		{ "decimal(9,2)", "ffffffffffffffffffffffffffffffffffff80",
		    "'-1.28'" },
		{ "decimal(38,0)", "4b3b4ca85a86c47a098a223fffffffff",
		    "'99999999999999999999999999999999999999'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct type type = type_named(cases[i][0]);
		struct literal l;

		if (!literal_from_bytes(&type, unhex(cases[i][1]), &l))
			fail_msg("%s is no %s", cases[i][1], cases[i][0]);
		assert_str(written(&l), quoted(cases[i][2]));
	}
}

static void
refuses_bounds_of_another_type(void **state)
{
	static const char *const cases[][2] = {
		{ "boolean", "" },
		{ "boolean", "0000" },
		{ "int", "" },
		{ "int", "ffffffffffffffff" },
		{ "long", "ffffff" },
		{ "float", "000000000000f83f" },
		{ "double", "00" },
		{ "date", "ffffffffffffffff" },
		{ "time", "ffffffffffffffff" },
		{ "time", "00000000" },
		{ "timestamp_ns", "ffffff7f" },
		{ "timestamptz", "00000000" },
		{ "string", "ff" },
		{ "uuid", "f79c3e09" },
		{ "decimal(9,2)", "" },
		{ "decimal(38,0)", "4b3b4ca85a86c47a098a224000000000" },
		{ "decimal(38,0)", "0100000000000000000000000000000000" },
		{ "decimal(38,0)", "00ffffffffffffffffffffffffffffffff" },
		{ "unknown", "00" },
		{ "variant", "00" },
		{ "geometry", "00000000000000000000000000000000" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct type type = type_named(cases[i][0]);
		struct literal l;

		if (literal_from_bytes(&type, unhex(cases[i][1]), &l))
			fail_msg("%s as %s", cases[i][1], cases[i][0]);
	}
}

static bool
read_avro(const char *type_text, struct avro_value value, struct literal *ret)
{
	struct type type = type_named(type_text);

	return literal_from_avro(&type, &value, ret);
}

static void
reads_partition_values(void **state)
{
	static const struct avro_type null = { .kind = AVRO_NULL },
				      yes = { .kind = AVRO_BOOLEAN },
				      narrow = { .kind = AVRO_INT },
				      wide = { .kind = AVRO_LONG },
				      floating = { .kind = AVRO_DOUBLE },
				      text = { .kind = AVRO_STRING },
				      fixed = { .kind = AVRO_FIXED },
				      array = { .kind = AVRO_ARRAY };
	struct type type = type_named("int");
	struct literal l;

	(void)state;
	assert_true(literal_from_avro(&type, NULL, &l));
	assert_str(written(&l), STR("null"));
	assert_true(read_avro("int", (struct avro_value){ &null, { 0 } }, &l));
	assert_int_equal(l.state, LITERAL_NULL);
	assert_true(read_avro(
	    "boolean", (struct avro_value){ &yes, { .b = true } }, &l));
	assert_str(written(&l), STR("true"));
	assert_true(
	    read_avro("date", (struct avro_value){ &narrow, { .i = 1 } }, &l));
	assert_str(written(&l), STR("\"1970-01-02\""));
	assert_true(
	    read_avro("long", (struct avro_value){ &narrow, { .i = 1 } }, &l));
	assert_str(written(&l), STR("1"));
	assert_true(read_avro(
	    "timestamp", (struct avro_value){ &wide, { .i = 1 } }, &l));
	assert_str(written(&l), STR("\"1970-01-01T00:00:00.000001\""));
	assert_true(read_avro(
	    "timestamp", (struct avro_value){ &narrow, { .i = 1 } }, &l));
	assert_str(written(&l), STR("\"1970-01-02T00:00:00.000000\""));
	assert_true(read_avro(
	    "double", (struct avro_value){ &floating, { .d = NAN } }, &l));
	assert_true(literal_is_nan(&l));
	assert_str(written(&l), STR("\"NaN\""));
	assert_true(read_avro(
	    "string", (struct avro_value){ &text, { .s = STR("a") } }, &l));
	assert_str(written(&l), STR("\"a\""));
	assert_true(read_avro("decimal(9,2)",
	    (struct avro_value){ &fixed, { .s = unhex("0000058c") } }, &l));
	assert_str(written(&l), STR("\"14.20\""));

	assert_false(read_avro(
	    "int", (struct avro_value){ &wide, { .i = INT64_MAX } }, &l));
	assert_false(
	    read_avro("string", (struct avro_value){ &wide, { .i = 1 } }, &l));
	assert_false(read_avro(
	    "int", (struct avro_value){ &text, { .s = STR("a") } }, &l));
	assert_false(
	    read_avro("int", (struct avro_value){ &floating, { .d = 1 } }, &l));
	assert_false(
	    read_avro("int", (struct avro_value){ &yes, { .b = true } }, &l));
	assert_false(
	    read_avro("int", (struct avro_value){ &array, { 0 } }, &l));
}

static void
orders_values(void **state)
{
	/* each list in its order */
	static const char *const cases[][6] = {
		{ "boolean", "false", "true" },
		{ "int", "-7", "0", "3" },
		{ "long", "-9223372036854775808", "-1", "9223372036854775807" },
		{ "double", "'-Infinity'", "-1.5", "-0.0", "0.0",
		    "'Infinity'" },
		{ "decimal(38,2)", "'-100000000000000000000.00'", "'-1'", "0",
		    "'99999999999999999999999'" },
		{ "date", "'-0001-01-01'", "'1969-12-31'", "'2020-01-01'" },
		{ "timestamptz", "'2020-01-01T00:00:00+01:00'",
		    "'2020-01-01T00:00:00+00:00'" },
		{ "string", "''", "'a'", "'ab'", "'\xef\xbf\xbd'",
		    "'\xf0\x9f\x98\x80'" },
		{ "binary", "'00'", "'7f'", "'80'", "'ff'" },
		{ "uuid", "'00000000-0000-0000-0000-000000000001'",
		    "'7fffffff-ffff-ffff-ffff-ffffffffffff'",
		    "'80000000-0000-0000-0000-000000000000'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t j = 1; j < 6 && cases[i][j] != NULL; j++)
			for (size_t k = 1; k < 6 && cases[i][k] != NULL; k++) {
				struct literal a =
				    literal_of(cases[i][0], cases[i][j]);
				struct literal b =
				    literal_of(cases[i][0], cases[i][k]);
				int order = literal_compare(&a, &b);

				assert_int_equal((order > 0) - (order < 0),
				    (j > k) - (j < k));
			}
}

static void
puts_nan_above_all(void **state)
{
	struct literal nan = { .state = LITERAL_VALUE, .kind = TYPE_DOUBLE };
	struct literal infinity = literal_of("double", "'Infinity'");

	(void)state;
	nan.as.d = NAN;
	assert_true(literal_compare(&nan, &infinity) > 0);
	assert_true(literal_compare(&infinity, &nan) < 0);
	assert_int_equal(literal_compare(&nan, &nan), 0);
	assert_false(literal_is_nan(&infinity));
}

/* What is written reads as the same value, for floats of every size. */
static void
writes_floats_that_read_back(void **state)
{
	struct type types[] = { { .kind = TYPE_FLOAT },
		{ .kind = TYPE_DOUBLE } };
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct type *type = &types[i % 2];
		char bytes[8];
		struct literal l, again;
		yyjson_val *v = NULL;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		memcpy(bytes, &seed, sizeof(bytes));
		assert_true(literal_from_bytes(
		    type, (struct str){ bytes, i % 2 != 0 ? 8 : 4 }, &l));
		if (isnan(l.as.d))
			continue;
		assert_int_equal(
		    json_parse(arena, written(&l), &v, &error), OK);
		assert_true(literal_from_json(arena, type, v, &again));
		assert_int_equal(again.state, LITERAL_VALUE);
		assert_memory_equal(&again.as.d, &l.as.d, sizeof(double));
		arena_reset(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_clients_compare_with),
		TEST(refuses_what_is_not_of_the_type),
		TEST(reads_bounds_of_manifests),
		TEST(refuses_bounds_of_another_type),
		TEST(reads_partition_values),
		TEST(orders_values),
		TEST(puts_nan_above_all),
		TEST(writes_floats_that_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
