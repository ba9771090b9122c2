/* test_expression.c - filters, from JSON and back. */
#include "tests/unit/expression_fixture.h"

/* The deprecated form, which most clients write. */
#define OLD(type, term, value)                                                 \
	"{'type':'" type "','term':" term ",'value':" value "}"
#define OLD_TEST(type, term) "{'type':'" type "','term':" term "}"
#define OLD_SET(type, term, values)                                            \
	"{'type':'" type "','term':" term ",'values':" values "}"
/* The other one. */
#define REF(name) "{'type':'reference','name':'" name "'}"
#define NEW(type, left, right)                                                 \
	"{'type':'" type "','left':" left ",'right':" right "}"
#define NEW_TEST(type, child) "{'type':'" type "','child':" child "}"
#define NEW_SET(type, child, values)                                           \
	"{'type':'" type "','child':" child ",'values':" values "}"
#define NOT(child) "{'type':'not','child':" child "}"
#define LITERAL(value) "{'type':'literal','value':" value "}"
#define TYPED(value, type)                                                     \
	"{'type':'literal','value':" value ",'data-type':'" type "'}"
#define APPLY(function, arguments)                                             \
	"{'type':'apply','function':" function ",'arguments':[" arguments "]}"
#define TRANSFORM(transform, term)                                             \
	"{'type':'transform','transform':'" transform "','term':" term "}"

struct filter_case {
	const char *text;
	const char *written; /* NULL: as `text` */
};

/* clang-format off */
static const struct filter_case reads_the_grammar_cases[] = {
	{ "true", NULL },
	{ "false", NULL },
	{ "{'type':'true'}", "true" },
	{ "{'type':'false'}", "false" },
	{ OLD("eq", "'l'", "5"), NULL },
	{ OLD("lt", "'l'", "5"), NULL },
	{ OLD("lt-eq", "'l'", "5"), NULL },
	{ OLD("gt", "'l'", "5"), NULL },
	{ OLD("gt-eq", "'l'", "5"), NULL },
	{ OLD("not-eq", "'l'", "5"), NULL },
	{ OLD("starts-with", "'s'", "'a'"), NULL },
	{ OLD("not-starts-with", "'s'", "'a'"), NULL },
	{ OLD_TEST("is-null", "'l'"), NULL },
	{ OLD_TEST("not-null", "'l'"), NULL },
	{ OLD_TEST("is-nan", "'x'"), NULL },
	{ OLD_TEST("not-nan", "'f'"), NULL },
	{ OLD_SET("in", "'l'", "[1,2]"), NULL },
	{ OLD_SET("not-in", "'l'", "[1,2]"), NULL },
	{ OLD_SET("in", "'l'", "[3,1,2,3,1]"),
	  OLD_SET("in", "'l'", "[1,2,3]") },
	{ OLD("eq", "{'type':'reference','term':'l'}", "5"),
	  OLD("eq", "'l'", "5") },
	{ OLD("eq", REF("l"), LITERAL("5")), OLD("eq", "'l'", "5") },
	{ OLD("eq", TRANSFORM("bucket[16]", "'l'"), "5"), NULL },
	{ OLD("eq", TRANSFORM("bucket[16]", REF("l")), "5"),
	  OLD("eq", TRANSFORM("bucket[16]", "'l'"), "5") },
	{ OLD("eq", TRANSFORM("identity", "'l'"), "5"),
	  OLD("eq", "'l'", "5") },
	{ OLD("eq", TRANSFORM("day", "'ts'"), "'2020-01-01'"), NULL },
	{ OLD("gt", TRANSFORM("hour", "'tz'"), "7"), NULL },
	{ NEW("eq", REF("l"), "5"), NULL },
	{ NEW("eq", "{'type':'reference','id':2}", "5"),
	  NEW("eq", REF("l"), "5") },
	{ NEW("lt", "5", REF("l")), NEW("gt", REF("l"), "5") },
	{ NEW("lt-eq", "5", REF("l")), NEW("gt-eq", REF("l"), "5") },
	{ NEW("gt-eq", LITERAL("5"), REF("l")), NEW("lt-eq", REF("l"), "5") },
	{ NEW("eq", "'s'", REF("s")), NEW("eq", REF("s"), "'s'") },
	{ NEW("eq", REF("l"), TYPED("5", "int")), NEW("eq", REF("l"), "5") },
	{ NEW("eq", REF("ts"), TYPED("'2020-01-01'", "date")),
	  NEW("eq", REF("ts"), "'2020-01-01T00:00:00.000000'") },
	{ NEW_TEST("is-null", REF("loc.city")), NULL },
	{ NEW_TEST("is-null", REF("loc.lat")), NULL },
	{ NEW_TEST("is-null", REF("tags")), NULL },
	{ NEW_TEST("not-null", REF("v")), NULL },
	{ NEW_TEST("is-null", REF("n")), "true" },
	{ NEW_TEST("not-null", REF("n")), "false" },
	{ NEW_TEST("is-null", REF("i")), "false" },
	{ NEW_TEST("not-null", REF("r.k")), "true" },
	{ NEW_SET("in", REF("l"), "[1,{'type':'literal','value':2}]"),
	  NEW_SET("in", REF("l"), "[1,2]") },
	{ NEW_SET("in", REF("l"),
	  "{'type':'literals','values':[2,1],'data-type':'int'}"),
	  NEW_SET("in", REF("l"), "[1,2]") },
	{ NEW("eq", APPLY("'bucket'", "16," REF("l")), "5"), NULL },
	{ NEW("eq", APPLY("['bucket']", LITERAL("16") "," REF("l")), "5"),
	  NEW("eq", APPLY("'bucket'", "16," REF("l")), "5") },
	{ NEW("eq", APPLY("{'catalog':'iceberg_functions',"
	  "'identifier':['year']}", REF("ts")), "50"),
	  NEW("eq", APPLY("'year'", REF("ts")), "50") },
	{ NEW("eq", APPLY("{'identifier':['identity']}", REF("l")), "5"),
	  NEW("eq", REF("l"), "5") },
	{ OLD("eq", "'a.b'", "5"), NULL },
	{ NEW("and", OLD("eq", "'l'", "5"), OLD("eq", "'i'", "5")), NULL },
	{ NEW("or", OLD("eq", "'l'", "5"), OLD("eq", "'i'", "5")), NULL },
	{ NEW("and", OLD("eq", "'l'", "5"), "true"), OLD("eq", "'l'", "5") },
	{ NEW("and", "false", OLD("eq", "'l'", "5")), "false" },
	{ NEW("or", OLD("eq", "'l'", "5"), "true"), "true" },
	{ NEW("or", "false", OLD("eq", "'l'", "5")), OLD("eq", "'l'", "5") },
	{ NEW("lt", REF("l"), REF("i")), NULL },
	{ NEW("eq", "1", "2"), NULL },
};

static const struct filter_case pushes_not_down_cases[] = {
	{ NOT("true"), "false" },
	{ NOT(NOT(OLD("lt", "'l'", "5"))), OLD("lt", "'l'", "5") },
	{ NOT(NOT(NEW("lt", REF("l"), "5"))), NEW("lt", REF("l"), "5") },
	{ NOT(OLD("lt", "'l'", "5")), OLD("gt-eq", "'l'", "5") },
	{ NOT(OLD("gt", "'l'", "5")), OLD("lt-eq", "'l'", "5") },
	{ NOT(OLD("eq", "'l'", "5")), OLD("not-eq", "'l'", "5") },
	{ NOT(OLD_SET("not-in", "'l'", "[1,2]")),
	  OLD_SET("in", "'l'", "[1,2]") },
	{ NOT(OLD_TEST("is-null", "'l'")), OLD_TEST("not-null", "'l'") },
	{ NOT(OLD_TEST("is-nan", "'x'")), OLD_TEST("not-nan", "'x'") },
	{ NOT(OLD("starts-with", "'s'", "'a'")),
	  OLD("not-starts-with", "'s'", "'a'") },
	{ NOT(NEW("and", OLD("eq", "'l'", "5"), OLD("eq", "'i'", "5"))),
	  NEW("or", OLD("not-eq", "'l'", "5"), OLD("not-eq", "'i'", "5")) },
	{ NOT(NEW("lt", REF("i"), "5")), NEW("gt-eq", REF("i"), "5") },
	{ NOT(NEW("lt", REF("l"), "5")), NEW("or",
	  NEW("gt-eq", REF("l"), "5"), NEW_TEST("is-null", REF("l"))) },
	{ NOT(NEW("gt", "5", REF("l"))), NEW("or",
	  NEW("gt-eq", REF("l"), "5"), NEW_TEST("is-null", REF("l"))) },
	{ NOT(NEW("lt", REF("x"), "5")), NEW("or", NEW("or",
	  NEW("gt-eq", REF("x"), "5.0"), NEW_TEST("is-null", REF("x"))),
	  NEW_TEST("is-nan", REF("x"))) },
	{ NOT(NEW("eq", REF("l"), "5")), NEW("not-eq", REF("l"), "5") },
	{ NOT(NEW("lt", REF("l"), REF("i"))),
	  NOT(NEW("lt", REF("l"), REF("i"))) },
	{ NOT(NEW("lt", REF("l"), "1e30")), NEW_TEST("is-null", REF("l")) },
};

static const struct filter_case decides_what_no_value_can_change_cases[] = {
	{ OLD("lt", "'i'", "3000000000"), "true" },
	{ OLD("lt-eq", "'l'", "1e30"), OLD_TEST("not-null", "'l'") },
	{ OLD("gt", "'l'", "1e30"), "false" },
	{ OLD("eq", "'l'", "1e30"), "false" },
	{ OLD("not-eq", "'l'", "1e30"), "true" },
	{ OLD("gt", "'l'", "-1e30"), OLD_TEST("not-null", "'l'") },
	{ OLD("lt", "'l'", "-1e30"), "false" },
	{ OLD("eq", "'l'", "-1e30"), "false" },
	{ OLD("not-eq", "'l'", "-1e30"), "true" },
	{ OLD("lt", "'l'", "5.5"), OLD("lt-eq", "'l'", "5") },
	{ OLD("lt-eq", "'l'", "5.5"), OLD("lt-eq", "'l'", "5") },
	{ OLD("gt", "'l'", "-5.5"), OLD("gt", "'l'", "-6") },
	{ OLD("gt-eq", "'l'", "5.5"), OLD("gt", "'l'", "5") },
	{ OLD("eq", "'l'", "5.5"), "false" },
	{ OLD("not-eq", "'l'", "5.5"), "true" },
	{ OLD("lt", "'dec'", "1.005"), OLD("lt-eq", "'dec'", "'1.00'") },
	{ OLD_SET("in", "'l'", "[]"), "false" },
	{ OLD_SET("not-in", "'l'", "[]"), "true" },
	{ OLD_SET("in", "'l'", "[5,5]"), OLD("eq", "'l'", "5") },
	{ OLD_SET("not-in", "'l'", "[5]"), OLD("not-eq", "'l'", "5") },
	{ OLD_SET("in", "'i'", "[5,5.5,3000000000,-1e9999]"),
	  OLD("eq", "'i'", "5") },
	{ OLD_SET("in", "'i'", "[5.5]"), "false" },
};

static const struct filter_case refuses_with_a_pointer_cases[] = {
	{ "null", ": must be a boolean or an object" },
	{ "5", ": must be a boolean or an object" },
	{ "'true'", ": must be a boolean or an object" },
	{ "[]", ": must be a boolean or an object" },
	{ "{}", ": missing field 'type'" },
	{ "{'type':5}", ": missing field 'type'" },
	{ "{'type':'like'}", ": unknown type 'like'" },
	{ "{'type':'true','x':1}", ": unknown field 'x'" },
	{ "{'type':'and','left':true}", ": missing field 'right'" },
	{ NEW("and", "true", "{'type':'not'}"),
	  "/right: missing field 'child'" },
	{ NEW("or", NOT("7"), "true"),
	  "/left/child: must be a boolean or an object" },
	{ OLD_TEST("is-null", "'q'"), "/term: no column 'q'" },
	{ OLD_TEST("is-null", "'L'"), "/term: no column 'L'" },
	{ OLD_TEST("is-null", "''"), "/term: no column ''" },
	{ OLD_TEST("is-null", "5"), "/term: is no term" },
	{ OLD_TEST("is-null", APPLY("'day'", REF("ts"))),
	  "/term: is no term" },
	{ "{'type':'is-null'}", ": missing field 'child'" },
	{ "{'type':'is-null','term':'l','child':'l'}",
	  ": unknown field 'child'" },
	{ "{'type':'is-null','term':'l','term':'l'}",
	  ": field 'term' is given twice" },
	{ "{'type':'is-null','term':'l','value':1}",
	  ": unknown field 'value'" },
	{ NEW_TEST("is-null", "'l'"), "/child: a value is no column" },
	{ NEW_TEST("is-null", "[]"), "/child: is no value expression" },
	{ NEW_TEST("is-null", "{'type':'reference'}"),
	  "/child: a reference has either a name or an id" },
	{ NEW_TEST("is-null", "{'type':'reference','name':'l','id':2}"),
	  "/child: a reference has either a name or an id" },
	{ NEW_TEST("is-null", "{'type':'reference','id':'2'}"),
	  "/child: a reference has either a name or an id" },
	{ NEW_TEST("is-null", "{'type':'reference','id':99}"),
	  "/child: no column with the id 99" },
	{ NEW_TEST("is-null", REF("tags.element")),
	  "/child: the column 'tags.element' is inside a list or map" },
	{ NEW_TEST("is-null", "{'type':'cast'}"),
	  "/child: is no value expression" },
	{ OLD_TEST("is-nan", "'l'"), ": is-nan is of float and double, and the "
	  "column 'l' is of type long" },
	{ "{'type':'eq','term':'l'}", ": missing field 'value'" },
	{ OLD("eq", "'l'", "null"),
	  "/value: the column 'l' of type long cannot be compared with null" },
	{ OLD("eq", "'l'", "'5'"),
	  "/value: the column 'l' of type long cannot be compared with \"5\"" },
	{ OLD("eq", "'d'", "'2020-02-30'"), "/value: the column 'd' of type "
	  "date cannot be compared with \"2020-02-30\"" },
	{ OLD("eq", "'x'", "'NaN'"), "/value: the column 'x' of type double "
	  "cannot be compared with \"NaN\"" },
	{ OLD("eq", "'v'", "5"),
	  "/value: the column 'v' of type variant cannot be compared" },
	{ OLD("eq", "'n'", "5"),
	  "/value: the column 'n' of type unknown cannot be compared" },
	{ OLD("eq", "'loc'", "5"),
	  "/value: the column 'loc' of type struct cannot be compared" },
	{ OLD("starts-with", "'l'", "5"), "/value: starts-with is of strings, "
	  "and the column 'l' is of type long" },
	{ OLD("eq", "'l'", "[5]"), "/value: is no value expression" },
	{ OLD("eq", "'l'", "{'type':'literal'}"),
	  "/value: missing field 'value'" },
	{ OLD("eq", "'l'", "{'type':'literal','value':[]}"),
	  "/value: the column 'l' of type long cannot be compared with []" },
	{ NEW("eq", REF("l"), TYPED("5", "list")),
	  "/right/data-type: is no primitive type" },
	{ NEW("eq", REF("l"), TYPED("'a'", "string")), "/right: the column 'l' "
	  "of type long cannot be compared with string \"a\"" },
	{ NEW("eq", REF("l"), TYPED("'a'", "int")), "/right: the column 'l' of "
	  "type long cannot be compared with int \"a\"" },
	{ NEW("starts-with", "'a'", REF("s")), "/left: a value is no column" },
	{ NEW("eq", REF("l"), REF("s")), "/right: the column 'l' of type long "
	  "cannot be compared with one of type string" },
	{ NEW("eq", REF("l"), REF("v")),
	  "/right: the column 'v' of type variant cannot be compared" },
	{ OLD("eq", TRANSFORM("day", "'l'"), "5"), "/term: the transform day "
	  "does not take the column 'l' of type long" },
	{ OLD("eq", TRANSFORM("void", "'l'"), "5"),
	  "/term: no transform 'void'" },
	{ OLD("eq", TRANSFORM("zorder", "'l'"), "5"),
	  "/term: no transform 'zorder'" },
	{ OLD("eq", TRANSFORM("bucket", "'l'"), "5"),
	  "/term: no transform 'bucket'" },
	{ OLD("eq", TRANSFORM("day", TRANSFORM("day", "'ts'")), "5"),
	  "/term/term: a transform of a transform is not supported" },
	{ OLD("eq", "{'type':'transform','term':'l'}", "5"),
	  "/term: missing field 'transform'" },
	{ OLD("eq", "{'type':'transform','transform':'day'}", "5"),
	  "/term: missing field 'term'" },
	{ NEW("eq", APPLY("'upper'", REF("s")), "'A'"),
	  "/left: no transform 'upper'" },
	{ NEW("eq", APPLY("['a','day']", REF("ts")), "5"),
	  "/left: the function is none of Iceberg's" },
	{ NEW("eq", APPLY("{'catalog':'c','identifier':['day']}", REF("ts")),
	  "5"), "/left: the function is none of Iceberg's" },
	{ NEW("eq", APPLY("'day'", ""), "5"), "/left/arguments: a transform "
	  "has one argument, or a number before it" },
	{ NEW("eq", APPLY("'day'", "5"), "5"),
	  "/left/arguments/0: is no column" },
	{ NEW("eq", APPLY("'bucket'", "-4," REF("l")), "5"),
	  "/left: no transform 'bucket[-4]'" },
	{ "{'type':'in','term':'l'}", "/values: must be an array" },
	{ OLD_SET("in", "'l'", "5"), "/values: must be an array" },
	{ OLD_SET("in", "'l'", "[1,'a']"), "/values/1: the column 'l' of type "
	  "long cannot be compared with \"a\"" },
	{ OLD_SET("in", "'l'", "[1,null]"), "/values/1: the column 'l' of type "
	  "long cannot be compared with null" },
	{ OLD_SET("in", "'l'", "[" REF("i") "]"),
	  "/values/0: a column is no value" },
	{ OLD_SET("in", "'l'", "{'type':'literals','values':5}"),
	  "/values/values: must be an array" },
	{ OLD_SET("in", "'l'",
	  "{'type':'literals','values':['a'],'data-type':'string'}"),
	  "/values/values/0: the column 'l' of type long cannot be compared "
	  "with string \"a\"" },
	{ OLD_SET("in", "'v'", "[1]"),
	  "/values/0: the column 'v' of type variant cannot be compared" },
};
/* clang-format on */

static void
check_written(const struct filter_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str want =
		    quoted(cases[i].written != NULL ? cases[i].written
						    : cases[i].text);
		struct str got = filter_text(filter(cases[i].text));
		yyjson_val *v = NULL;
		const struct expression *again = NULL;

		assert_str(got, want);
		assert_int_equal(json_parse(arena, got, &v, &error), OK);
		assert_int_equal(read_filter(v, true, &again), OK);
		assert_str(filter_text(again), want);
	}
}

static void
reads_the_grammar(void **state)
{
	(void)state;
	check_written(reads_the_grammar_cases, COUNT(reads_the_grammar_cases));
}

static void
pushes_not_down(void **state)
{
	(void)state;
	check_written(pushes_not_down_cases, COUNT(pushes_not_down_cases));
}

static void
decides_what_no_value_can_change(void **state)
{
	(void)state;
	check_written(decides_what_no_value_can_change_cases,
	    COUNT(decides_what_no_value_can_change_cases));
}

static void
refuses_with_a_pointer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refuses_with_a_pointer_cases); i++) {
		const struct filter_case *c = &refuses_with_a_pointer_cases[i];
		const struct expression *e = NULL;

		assert_int_equal(
		    read_filter(json(c->text), true, &e), ERR_BAD_REQUEST);
		assert_int_equal(error.code, ERR_BAD_REQUEST);
		assert_str(str_from(error.message),
		    arena_printf(
			arena, "Invalid filter at /filter%s", c->written));
	}
}

static void
finds_names_in_any_case_when_told(void **state)
{
	const struct expression *e = NULL;

	(void)state;
	assert_int_equal(
	    read_filter(json(OLD_TEST("is-null", "'LOC.City'")), false, &e),
	    OK);
	assert_str(filter_text(e), quoted(OLD_TEST("is-null", "'loc.city'")));
	assert_int_equal(
	    read_filter(json(OLD_TEST("is-null", "'name'")), true, &e), OK);
	assert_int_equal(e->term.field->id, 21);
	assert_int_equal(
	    read_filter(json(OLD_TEST("is-null", "'NAME'")), false, &e),
	    ERR_BAD_REQUEST);
	assert_str(str_from(error.message),
	    STR("Invalid filter at /filter/term: the name 'NAME' is both Name "
		"and name"));
}

/* 99 letters, then one of two bytes: the hundredth is not its first half. */
static void
shows_whole_characters(void **state)
{
	struct buf b = buf_in(arena);
	const struct expression *e = NULL;
	yyjson_val *v = NULL;

	(void)state;
	buf_add(&b, STR("{\"type\":\"is-null\",\"term\":\""));
	for (int i = 0; i < 99; i++)
		buf_add_char(&b, 'a');
	buf_add(&b, STR("\xc3\xa9\"}"));
	assert_int_equal(json_parse(arena, buf_str(&b), &v, &error), OK);
	assert_int_equal(read_filter(v, true, &e), ERR_BAD_REQUEST);
	assert_true(str_is_utf8(str_from(error.message)));
	assert_non_null(strstr(error.message, "aaa'"));
}

/* `depth` times not, as text cannot be written by hand. */
static struct str
nested_not(int depth)
{
	struct buf b = buf_in(arena);

	for (int i = 0; i < depth; i++)
		buf_add(&b, STR("{\"type\":\"not\",\"child\":"));
	buf_add(&b, STR("true"));
	for (int i = 0; i < depth; i++)
		buf_add_char(&b, '}');
	return buf_str(&b);
}

static void
bounds_depth_and_size(void **state)
{
	const struct expression *e = NULL;
	yyjson_val *v = NULL;
	struct buf b = buf_in(arena);

	(void)state;
	assert_int_equal(
	    json_parse(arena, nested_not(EXPRESSION_DEPTH_MAX), &v, &error),
	    OK);
	assert_int_equal(read_filter(v, true, &e), OK);
	assert_int_equal(e->kind, EXPRESSION_TRUE);
	assert_int_equal(
	    json_parse(arena, nested_not(EXPRESSION_DEPTH_MAX + 1), &v, &error),
	    OK);
	assert_int_equal(read_filter(v, true, &e), ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "nested deeper than 90 levels"));

	buf_add(&b, STR("{\"type\":\"in\",\"term\":\"l\",\"values\":[0"));
	for (int i = 0; i < EXPRESSION_VALUES_MAX; i++)
		buf_add(&b, STR(",0"));
	buf_add(&b, STR("]}"));
	assert_int_equal(json_parse(arena, buf_str(&b), &v, &error), OK);
	assert_int_equal(read_filter(v, true, &e), ERR_BAD_REQUEST);
	assert_str(str_from(error.message),
	    STR("Invalid filter at /filter/values: more than 100000 values"));
}

/* A balanced tree of 2^depth predicates. */
static void
add_tree(struct buf *b, int depth)
{
	if (depth == 0) {
		buf_add(b, STR("{\"type\":\"is-null\",\"term\":\"l\"}"));
		return;
	}
	buf_add(b, STR("{\"type\":\"and\",\"left\":"));
	add_tree(b, depth - 1);
	buf_add(b, STR(",\"right\":"));
	add_tree(b, depth - 1);
	buf_add_char(b, '}');
}

static void
bounds_the_number_of_predicates(void **state)
{
	const struct expression *e = NULL;
	yyjson_val *v = NULL;

	(void)state;
	for (int depth = 13; depth <= 14; depth++) {
		struct buf b = buf_in(arena);

		add_tree(&b, depth);
		assert_int_equal(
		    json_parse(arena, buf_str(&b), &v, &error), OK);
		assert_int_equal(read_filter(v, true, &e),
		    1 << depth > EXPRESSION_PREDICATES_MAX ? ERR_BAD_REQUEST
							   : OK);
	}
	assert_non_null(strstr(error.message, "more than 10000 predicates"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_the_grammar),
		TEST(pushes_not_down),
		TEST(decides_what_no_value_can_change),
		TEST(refuses_with_a_pointer),
		TEST(finds_names_in_any_case_when_told),
		TEST(shows_whole_characters),
		TEST(bounds_depth_and_size),
		TEST(bounds_the_number_of_predicates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
