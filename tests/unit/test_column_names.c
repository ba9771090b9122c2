/* test_column_names.c - columns by name, in either case of letters. */
#include "iceberg/column_names.h"
#include "tests/unit/metadata_fixture.h"

static const char columns[] =
    "{'type':'struct','fields':["
    "{'id':1,'name':'b','required':false,'type':'int'},"
    "{'id':2,'name':'Name','required':false,'type':'int'},"
    "{'id':3,'name':'a','required':false,'type':{'type':'struct','fields':["
    "{'id':4,'name':'X','required':false,'type':'int'}]}},"
    "{'id':5,'name':'name','required':false,'type':'int'},"
    "{'id':6,'name':'NAME','required':false,'type':'int'}]}";

static void
finds_columns_by_name(void **state)
{
	static const struct {
		const char *name;
		bool case_sensitive;
		int first, second; /* ids; 0: none */
	} cases[] = { { "b", true, 1, 0 }, { "B", true, 0, 0 },
		{ "B", false, 1, 0 }, { "a.X", true, 4, 0 },
		{ "A.x", false, 4, 0 }, { "name", true, 5, 0 },
		{ "name", false, 2, 5 }, { "nam", false, 0, 0 },
		{ "zz", false, 0, 0 }, { "", true, 0, 0 } };
	struct schema schema;

	(void)state;
	assert_int_equal(
	    schema_read(arena, mut_json(columns), &schema, &error), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct column_names names = { .schema = &schema,
			.case_sensitive = cases[i].case_sensitive };
		struct column_name found =
		    column_names_find(&names, arena, str_from(cases[i].name));

		assert_int_equal(
		    found.first != NULL ? found.first->id : 0, cases[i].first);
		assert_int_equal(found.second != NULL ? found.second->id : 0,
		    cases[i].second);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(finds_columns_by_name) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
