/* test_s3_xml.c - what S3 servers answer is read, and nothing else hurts. */
#include "object/s3_xml.h"

#include "tests/unit/unit.h"

static void
finds_elements_by_their_path(void **state)
{
	struct str text =
	    STR("<?xml version=\"1.0\"?>\n<!-- > -->"
		"<List xmlns=\"http://a/>\"><Empty/><A><A>1</A></A>"
		"<Key> x </Key><Key>2</Key></List>\n");
	struct str list = xml_find(text, STR("List"));

	(void)state;
	assert_str(xml_find(list, STR("Key")), STR(" x "));
	assert_str(xml_find(list, STR("A")), STR("<A>1</A>"));
	assert_str(xml_find(list, STR("Empty")), STR(""));
	assert_null(xml_find(list, STR("Other")).ptr);
}

static void
each_element_comes_once(void **state)
{
	struct str rest = STR("<a>1</a> <b/> <c x='y'>3</c> ");
	struct xml_element e;

	(void)state;
	assert_true(xml_next(&rest, &e));
	assert_str(e.name, STR("a"));
	assert_true(xml_next(&rest, &e));
	assert_str(e.name, STR("b"));
	assert_true(xml_next(&rest, &e));
	assert_str(e.inside, STR("3"));
	assert_false(xml_next(&rest, &e));
	assert_non_null(rest.ptr);
}

static void
malformed_text_ends_the_reading(void **state)
{
	static const char *const texts[] = { "<", "<a", "<a>", "<a></b>",
		"</a>", "<a><b></a>", "<!DOCTYPE x>", "<a><![CDATA[x]]></a>",
		"<>", "</>", "<a b=\"></a>", "<?x", "<!--", "<a<b>" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str rest = str_from(texts[i]);
		struct xml_element e;

		assert_false(xml_next(&rest, &e));
		assert_null(rest.ptr);
	}
}

static void
text_is_what_was_escaped(void **state)
{
	struct arena *a = arena_new();
	struct str odd = STR("a&b<c>d\"e'f \xC3\xBC+");
	struct buf b = buf_in(a);

	(void)state;
	xml_add_text(&b, odd);
	assert_null(memchr(b.data, '<', b.len));
	assert_str(xml_text(a, buf_str(&b)), odd);
	assert_str(xml_text(a, STR("&#65;&#x42;&#xfc;&#x20AC;&#x1F600;")),
	    STR("AB\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"));
	assert_null(xml_text(a, STR("&nbsp;")).ptr);
	assert_null(xml_text(a, STR("&#0;")).ptr);
	assert_null(xml_text(a, STR("&#xD800;")).ptr);
	assert_null(xml_text(a, STR("&#99999999999999999999;")).ptr);
	assert_null(xml_text(a, STR("&#;")).ptr);
	assert_null(xml_text(a, STR("&#65")).ptr);
	assert_null(xml_text(a, STR("x<y/>")).ptr);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_elements_by_their_path),
		cmocka_unit_test(each_element_comes_once),
		cmocka_unit_test(malformed_text_ends_the_reading),
		cmocka_unit_test(text_is_what_was_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
