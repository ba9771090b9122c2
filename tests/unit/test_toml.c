/*
 * test_toml.c - what the TOML reader says about a document, and where.
 *
 * The grammar as a whole is proven by tests/toml/; here are the places, the
 * messages, and one example of each reason to refuse.
 */
#include "config/toml.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct toml_node *
parse(struct str text)
{
	struct toml_node *root = NULL;
	struct error e = { 0 };

	if (toml_parse(arena, STR("t"), text, &root, &e) != OK)
		fail_msg("refused: %s", e.message);
	return root;
}

static struct toml_node *
value(struct toml_node *table, const char *key)
{
	struct toml_node *n = toml_find(table, str_from(key));

	if (n == NULL)
		fail_msg("no key %s", key);
	return n;
}

static void
assert_text(struct str s, const char *expected)
{
	assert_string_equal(arena_cstr(arena, s), expected);
}

static void
assert_place(struct toml_place p, uint32_t line, uint32_t column)
{
	assert_int_equal(p.line, line);
	assert_int_equal(p.column, column);
}

static void
assert_refused(struct str text, const char *message)
{
	struct toml_node *root = NULL;
	struct error e = { 0 };

	assert_int_equal(
	    toml_parse(arena, STR("t"), text, &root, &e), ERR_VALIDATION);
	assert_string_equal(e.message, message);
	assert_null(root);
}

static void
reads_every_kind_of_value(void **state)
{
	struct toml_node *t = parse(STR("s = \"a\\u00e9\\n\"\n"
					"i = -0\nh = 0xFF_ff\n"
					"min = -9223372036854775808\n"
					"f = 1_0.5e+01\nn = -inf\n"
					"b = true\na = [1, [2.0], {}]\n"
					"dt = 1979-05-27 07:32:00.5z\n"
					"ld = 2024-02-29\nlt = 23:59:60\n"));

	(void)state;
	assert_text(value(t, "s")->text, "a\xC3\xA9\n");
	assert_int_equal(value(t, "i")->integer, 0);
	assert_int_equal(value(t, "h")->integer, 0xFFFF);
	assert_true(value(t, "min")->integer == INT64_MIN);
	assert_true(value(t, "f")->number == 105.0);
	assert_true(isinf(value(t, "n")->number) && value(t, "n")->number < 0);
	assert_true(value(t, "b")->boolean);
	assert_int_equal(value(t, "a")->count, 3);
	assert_int_equal(value(t, "a")->first->next->first->kind, TOML_FLOAT);
	assert_int_equal(value(t, "dt")->kind, TOML_DATE_TIME);
	assert_text(value(t, "dt")->text, "1979-05-27T07:32:00.5Z");
	assert_int_equal(value(t, "ld")->kind, TOML_LOCAL_DATE);
	assert_int_equal(value(t, "lt")->kind, TOML_LOCAL_TIME);
}

static void
reads_strings_of_many_lines(void **state)
{
	struct toml_node *t =
	    parse(STR("a = \"\"\"\r\none\r\n  two\\  \r\n\n   three\"\"\"\"\"\n"
		      "b = '''\n''\\n''''\n"));

	(void)state;
	assert_text(value(t, "a")->text, "one\n  twothree\"\"");
	assert_text(value(t, "b")->text, "''\\n'");
}

static void
says_where_keys_and_values_are(void **state)
{
	struct toml_node *t = parse(STR("# note\n"
					"[server]\n"
					"  listen\t= \"x\"\n"
					"\"\xC3\xA9\" . b = [ 1,\r\n 2 ]\n"));
	struct toml_node *server = value(t, "server");
	struct toml_node *listen = value(server, "listen");
	struct toml_node *dotted = value(value(server, "\xC3\xA9"), "b");

	(void)state;
	assert_place(server->at, 2, 2);
	assert_place(listen->key_at, 3, 3);
	assert_place(listen->at, 3, 12);
	assert_place(dotted->key_at, 4, 7); /* characters, not bytes */
	assert_place(dotted->first->at, 4, 13);
	assert_place(dotted->first->next->at, 5, 2);
}

static void
keeps_the_order_of_the_text(void **state)
{
	struct toml_node *t = parse(STR("c = 1\na = 2\n[b]\n[[d]]\n[[d]]\n"));

	(void)state;
	assert_text(t->first->key, "c");
	assert_text(t->first->next->key, "a");
	assert_text(t->last->key, "d");
	assert_int_equal(t->last->count, 2);
	assert_int_equal(t->count, 4);
}

static void
keeps_nothing_of_the_text_it_read(void **state)
{
	char text[] = "key = 'value'\nd = 1979-05-27\n";
	struct toml_node *t = parse(str_from(text));

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_text(value(t, "key")->text, "value");
	assert_text(value(t, "d")->text, "1979-05-27");
}

/* clang-format off */
#define DOC(literal) { "" literal, sizeof(literal) - 1 }
static const struct { struct str text; const char *message; } refusals[] = {
/* characters */
{ DOC("a = 1\nb = \"\xFF\""), "t:2:6: the byte 0xFF is not UTF-8" },
{ DOC("\xEF\xBB\xBF" "a = 1"), "t:1:1: the file begins with a byte "
  "order mark; save it without" },
{ DOC("a = 1 # \x01"),
  "t:1:9: the control character U+0001 is not allowed" },
{ DOC("a = 1\rb = 2"),
  "t:1:6: the control character U+000D is not allowed" },
{ DOC("a\0 = 1"), "t:1:2: the control character U+0000 is not allowed" },
/* lines and keys */
{ DOC("a"), "t:1:2: expected '=' after the key, not the end of the file" },
{ DOC("a\n= 1"),
  "t:1:2: expected '=' after the key, not the end of the line" },
{ DOC("a =\nb = 1"), "t:1:4: expected a value, not the end of the line" },
{ DOC("= 1"), "t:1:1: expected a key, not '='" },
{ DOC("\xC3\xA9 = 1"), "t:1:1: expected a key, not '\xC3\xA9'" },
{ DOC("a..b = 1"), "t:1:3: expected a key, not '.'" },
{ DOC("a = 1 b = 2"), "t:1:7: expected the end of the line, not 'b'" },
{ DOC("\"\"\"a\"\"\" = 1"), "t:1:1: a key cannot be a multi-line string" },
{ DOC("[a"), "t:1:3: expected ']' behind the name, not the end of the file" },
{ DOC("[[a] ]"), "t:1:4: expected ']]' behind the name, not ']'" },
{ DOC("[]"), "t:1:2: expected a key, not ']'" },
/* strings */
{ DOC("a = \"b"), "t:1:5: the string is not closed" },
{ DOC("a = 'b\n'"), "t:1:5: the string is not closed on its line" },
{ DOC("\na = '''b\n''"), "t:2:5: the string is not closed" },
{ DOC("a = \"C:\\path\""), "t:1:8: a backslash must be followed by one "
  "of b t n f r \" \\ u U; write \\\\ for a backslash" },
{ DOC("a = \"\\u12g4\""), "t:1:6: \\u needs 4 hexadecimal digits" },
{ DOC("a = \"\\ud800\""), "t:1:6: U+D800 is not a Unicode scalar value" },
{ DOC("a = \"\\U00110000\""),
  "t:1:6: U+110000 is not a Unicode scalar value" },
/* numbers and words */
{ DOC("a = yes"), "t:1:5: 'yes' is not a value; a string needs quotes" },
{ DOC("a = 012"), "t:1:5: '012' has a zero in front" },
{ DOC("a = 1__2"), "t:1:5: '1__2' is not a number" },
{ DOC("a = 1."), "t:1:5: '1.' is not a number" },
{ DOC("a = 10MiB"), "t:1:5: '10MiB' is not a number" },
{ DOC("a = 0xg"), "t:1:5: '0xg' is not a number" },
{ DOC("a = 9223372036854775808"),
  "t:1:5: '9223372036854775808' does not fit 64 bits" },
{ DOC("a = 0x8000000000000000"),
  "t:1:5: '0x8000000000000000' does not fit 64 bits" },
{ DOC("a = 2023-02-29"),
  "t:1:5: '2023-02-29' is not a date, a time, or both" },
{ DOC("a = 24:00:00"), "t:1:5: '24:00:00' is not a date, a time, or both" },
/* arrays and inline tables */
{ DOC("a = [1 2]"), "t:1:8: expected ',' or ']' in the array, not '2'" },
{ DOC("a = [,]"), "t:1:6: expected a value, not ','" },
{ DOC("a = {b = 1,}"), "t:1:12: expected a key, not '}'" },
{ DOC("a = {b = 1\n}"), "t:1:11: expected ',' or '}' in the inline "
  "table, not the end of the line" },
/* redefinition */
{ DOC("a = 1\na = 2"), "t:2:1: a is already an integer, of line 1" },
{ DOC("[a]\n[b]\n[a]"), "t:3:2: a is already a table, of line 1" },
{ DOC("a = 1\n[a.b]"), "t:2:2: a is already an integer, of line 1" },
{ DOC("a.b = 1\n[a]"), "t:2:2: a is already a table, of line 1" },
{ DOC("[a.b]\n[a]\nb.c = 1"), "t:3:1: b is already a table, of line 1" },
{ DOC("a = {}\n[a.b]"), "t:2:2: a is already a table, of line 1" },
{ DOC("a = {b = {}, b.c = 1}"),
  "t:1:14: b is already a table, of line 1" },
{ DOC("a = []\n[[a]]"), "t:2:3: a is already an array, of line 1" },
{ DOC("[a]\n[[a]]"), "t:2:3: a is already a table, of line 1" },
{ DOC("[[a]]\n[a]"), "t:2:2: a is already an array, of line 1" },
};
/* clang-format on */

static void
refuses_with_place_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		assert_refused(refusals[i].text, refusals[i].message);
}

/* "a = [[[...]]]" with so many brackets. */
static struct str
nested(size_t depth)
{
	struct buf b = buf_in(arena);

	buf_add(&b, STR("a = "));
	for (size_t i = 0; i < 2 * depth; i++)
		buf_add_char(&b, i < depth ? '[' : ']');
	return buf_str(&b);
}

static void
bounds_how_deep_values_nest(void **state)
{
	(void)state;
	assert_non_null(parse(nested(TOML_DEPTH_MAX)));
	assert_refused(
	    nested(TOML_DEPTH_MAX + 1), "t:1:105: nested deeper than 100");
}

/* Keys of 60 parts inside a table of 60 parts nest 120 deep. */
static void
bounds_how_deep_keys_nest(void **state)
{
	struct buf b = buf_in(arena);

	(void)state;
	buf_add(&b, STR("[a"));
	for (int i = 1; i < 60; i++)
		buf_add(&b, STR(".a"));
	buf_add(&b, STR("]\na"));
	for (int i = 1; i < 60; i++)
		buf_add(&b, STR(".a"));
	buf_add(&b, STR(" = 1"));
	assert_refused(buf_str(&b), "t:2:81: nested deeper than 100");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    reads_every_kind_of_value, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    reads_strings_of_many_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    says_where_keys_and_values_are, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    keeps_the_order_of_the_text, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    keeps_nothing_of_the_text_it_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    refuses_with_place_and_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    bounds_how_deep_values_nest, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    bounds_how_deep_keys_nest, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
