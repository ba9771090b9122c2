/* test_evaluate_file.c - filters against the metrics of files. */
#include "tests/unit/evaluate_fixture.h"

struct file_case {
	const char *filter;
	int64_t values, nulls, nans;
	const char *type, *lower, *upper; /* of the column that is filtered */
	enum match match;
};

/* clang-format off */
static const struct file_case judges_files_by_metrics_cases[] = {
	/* the order of an int between 3 and 7 */
	{ CMP("lt", "'l'", "3"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("lt", "'l'", "4"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("lt", "'l'", "8"), 9, 0, -1, "long", "3", "7", ALL },
	{ CMP("lt", "'l'", "8"), 9, 1, -1, "long", "3", "7", SOME },
	{ CMP("lt", "'l'", "8"), 9, -1, -1, "long", "3", "7", SOME },
	{ CMP("lt", "'l'", "8"), -1, 0, -1, "long", "3", "7", ALL },
	{ CMP("lt-eq", "'l'", "2"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("lt-eq", "'l'", "3"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("lt-eq", "'l'", "7"), 9, 0, -1, "long", "3", "7", ALL },
	{ CMP("gt", "'l'", "7"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("gt", "'l'", "6"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("gt", "'l'", "2"), 9, 0, -1, "long", "3", "7", ALL },
	{ CMP("gt-eq", "'l'", "8"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("gt-eq", "'l'", "7"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("gt-eq", "'l'", "3"), 9, 0, -1, "long", "3", "7", ALL },
	{ CMP("eq", "'l'", "2"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("eq", "'l'", "3"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("eq", "'l'", "8"), 9, 0, -1, "long", "3", "7", NONE },
	{ CMP("eq", "'l'", "3"), 9, 0, -1, "long", "3", "3", ALL },
	{ CMP("not-eq", "'l'", "8"), 9, 0, -1, "long", "3", "7", SOME },
	{ CMP("not-eq", "'l'", "3"), 9, 0, -1, "long", "3", "3", SOME },
	{ IN("in", "'l'", "1,2,8,9"), 9, 0, -1, "long", "3", "7", NONE },
	{ IN("in", "'l'", "1,2,7,9"), 9, 0, -1, "long", "3", "7", SOME },
	{ IN("in", "'l'", "8,9"), 9, 0, -1, "long", "3", "7", NONE },
	{ IN("in", "'l'", "1,3"), 9, 0, -1, "long", "3", "3", ALL },
	{ IN("in", "'l'", "1,4"), 9, 0, -1, "long", NULL, "3", SOME },
	{ IN("in", "'l'", "4,5"), 9, 0, -1, "long", NULL, "3", NONE },
	{ IN("not-in", "'l'", "1,3"), 9, 0, -1, "long", "3", "3", SOME },
	/* one bound, or none */
	{ CMP("lt", "'l'", "3"), 9, 0, -1, "long", "3", NULL, NONE },
	{ CMP("gt", "'l'", "3"), 9, 0, -1, "long", "3", NULL, SOME },
	{ CMP("lt", "'l'", "3"), 9, 0, -1, "long", NULL, "7", SOME },
	{ CMP("eq", "'l'", "3"), -1, -1, -1, "long", NULL, NULL, SOME },
	/* nulls */
	{ TEST_OF("is-null", "'l'"), 9, 0, -1, "long", "3", "7", NONE },
	{ TEST_OF("is-null", "'l'"), 9, 1, -1, "long", "3", "7", SOME },
	{ TEST_OF("is-null", "'l'"), 9, 9, -1, "long", NULL, NULL, ALL },
	{ TEST_OF("is-null", "'l'"), -1, -1, -1, "long", NULL, NULL, SOME },
	{ TEST_OF("not-null", "'l'"), 9, 0, -1, "long", "3", "7", ALL },
	{ TEST_OF("not-null", "'l'"), 9, 9, -1, "long", NULL, NULL, NONE },
	{ TEST_OF("not-null", "'l'"), 9, 1, -1, "long", "3", "7", SOME },
	{ CMP("lt", "'l'", "3"), 9, 9, -1, "long", NULL, NULL, NONE },
	{ CMP("eq", "'l'", "3"), 9, 9, -1, "long", NULL, NULL, NONE },
	{ CMP("not-eq", "'l'", "3"), 9, 9, -1, "long", NULL, NULL, ALL },
	{ IN("not-in", "'l'", "3,4"), 9, 9, -1, "long", NULL, NULL, ALL },
	{ CMP("lt", "'i'", "8"), 9, -1, -1, "int", "3", "7", ALL },
	/* NaN */
	{ TEST_OF("is-nan", "'x'"), 9, 0, 0, "double", "3", "7", NONE },
	{ TEST_OF("is-nan", "'x'"), 9, 0, 1, "double", "3", "7", SOME },
	{ TEST_OF("is-nan", "'x'"), 9, 0, 9, "double", NULL, NULL, ALL },
	{ TEST_OF("is-nan", "'x'"), 9, 9, -1, "double", NULL, NULL, NONE },
	{ TEST_OF("not-nan", "'x'"), 9, -1, 9, "double", NULL, NULL, NONE },
	{ TEST_OF("not-nan", "'x'"), 9, 9, 0, "double", NULL, NULL, ALL },
	{ CMP("gt", "'x'", "7"), 9, 0, 1, "double", "3", "7", NONE },
	{ CMP("gt", "'x'", "2"), 9, 0, 1, "double", "3", "7", SOME },
	{ CMP("gt", "'x'", "2"), 9, 0, 9, "double", NULL, NULL, NONE },
	{ CMP("lt", "'x'", "2"), 9, 0, 0, "double", "nan", "nan", SOME },
	{ CMP("gt", "'x'", "9"), 9, 0, 0, "double", "3", "nan", SOME },
	{ CMP("not-eq", "'x'", "2"), 9, 0, 9, "double", NULL, NULL, ALL },
	/* zeros: writers differ on their order */
	{ CMP("eq", "'x'", "-0.0"), 9, 0, 0, "double", "0.0", "7", SOME },
	{ CMP("lt-eq", "'x'", "-0.0"), 9, 0, 0, "double", "0.0", "7", SOME },
	{ CMP("lt", "'x'", "0.0"), 9, 0, 0, "double", "0.0", "7", NONE },
	{ CMP("lt", "'x'", "0.0"), 9, 0, 0, "double", "-0.0", "7", SOME },
	{ CMP("gt", "'x'", "0.0"), 9, 0, 0, "double", "-7", "-0.0", NONE },
	{ CMP("gt-eq", "'x'", "0.0"), 9, 0, 0, "double", "-7", "-0.0", SOME },
	/* text: the upper bound is a prefix that was counted up */
	{ CMP("starts-with", "'s'", "'abc'"), 9, 0, -1, "string", "'abd'",
	  "'b'", NONE },
	{ CMP("starts-with", "'s'", "'abc'"), 9, 0, -1, "string", "'ab'",
	  "'b'", SOME },
	{ CMP("starts-with", "'s'", "'b'"), 9, 0, -1, "string", "'ab'", "'az'",
	  NONE },
	{ CMP("starts-with", "'s'", "'bb'"), 9, 0, -1, "string", "'ab'",
	  "'b'", NONE },
	{ CMP("starts-with", "'s'", "'ab'"), 9, 0, -1, "string", "'aba'",
	  "'abz'", ALL },
	{ CMP("starts-with", "'s'", "'ab'"), 9, 1, -1, "string", "'aba'",
	  "'abz'", SOME },
	{ CMP("not-starts-with", "'s'", "'ab'"), 9, 0, -1, "string", "'aba'",
	  "'abz'", NONE },
	{ CMP("not-starts-with", "'s'", "'ab'"), 9, 1, -1, "string", "'aba'",
	  "'abz'", SOME },
	{ CMP("not-starts-with", "'s'", "'ab'"), 9, 0, -1, "string", "'a'",
	  "'abz'", SOME },
	{ CMP("not-starts-with", "'s'", "'b'"), 9, 0, -1, "string", "'aba'",
	  "'abz'", ALL },
	{ CMP("not-starts-with", "'s'", "'ab'"), 9, 9, -1, "string", NULL,
	  NULL, ALL },
	/* terms that are transformed */
	{ CMP("lt", TERM("day", "ts"), "'2020-01-02'"), 9, 0, -1, "timestamp",
	  "'2020-01-02T07:00:00'", "'2020-01-04T07:00:00'", NONE },
	{ CMP("eq", TERM("day", "ts"), "'2020-01-03'"), 9, 0, -1, "timestamp",
	  "'2020-01-02T07:00:00'", "'2020-01-04T07:00:00'", SOME },
	{ CMP("eq", TERM("year", "ts"), "50"), 9, 0, -1, "timestamp",
	  "'2020-01-02T07:00:00'", "'2020-01-04T07:00:00'", ALL },
	{ CMP("eq", TERM("bucket[4]", "l"), "1"), 9, 0, -1, "long", "3", "3",
	  SOME },
	{ CMP("eq", TERM("bucket[4]", "l"), "1"), 9, 9, -1, "long", NULL,
	  NULL, NONE },
	{ TEST_OF("is-null", TERM("bucket[4]", "l")), 9, 0, -1, "long", "3",
	  "3", NONE },
	/* other types */
	{ CMP("lt", "'dec'", "'-1.00'"), 9, 0, -1, "decimal(9,2)", "'-1.00'",
	  "5", NONE },
	{ CMP("lt", "'dec'", "'-0.99'"), 9, 0, -1, "decimal(9,2)", "'-1.00'",
	  "5", SOME },
	{ CMP("gt", "'d'", "'1969-12-31'"), 9, 0, -1, "date", "'1960-01-01'",
	  "'1969-12-31'", NONE },
	{ CMP("eq", "'bin'", "'ff'"), 9, 0, -1, "binary", "'00'", "'7f'",
	  NONE },
	{ CMP("lt", "'f'", "1.5"), 9, 0, 0, "float", "1.5", "2", NONE },
	/* what is not about one column */
	{ BOTH("lt", "{'type':'reference','name':'l'}",
	  "{'type':'reference','name':'i'}"), 9, 9, -1, "long", "3", "7",
	  SOME },
	{ "true", 9, 9, -1, "long", "3", "7", ALL },
	{ "false", 9, 9, -1, "long", "3", "7", NONE },
	{ BOTH("and", CMP("lt", "'l'", "8"), CMP("gt", "'l'", "5")), 9, 0, -1,
	  "long", "3", "7", SOME },
	{ BOTH("and", CMP("lt", "'l'", "8"), CMP("gt", "'l'", "7")), 9, 0, -1,
	  "long", "3", "7", NONE },
	{ BOTH("or", CMP("lt", "'l'", "3"), CMP("gt", "'l'", "7")), 9, 0, -1,
	  "long", "3", "7", NONE },
	{ BOTH("or", CMP("lt", "'l'", "3"), CMP("gt", "'l'", "6")), 9, 0, -1,
	  "long", "3", "7", SOME },
	{ BOTH("or", CMP("lt", "'l'", "3"), CMP("gt", "'l'", "2")), 9, 0, -1,
	  "long", "3", "7", ALL },
};
/* clang-format on */

static int32_t
filtered_id(const struct expression *e)
{
	while (e->left != NULL)
		e = e->left;
	return e->term.field != NULL ? e->term.field->id : 0;
}

static void
judges_files_by_metrics(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judges_files_by_metrics_cases); i++) {
		const struct file_case *c = &judges_files_by_metrics_cases[i];
		const struct expression *e = filter(c->filter);
		const struct type *type = type_of(c->type);
		struct column_metrics columns[] = { { .id = 0 },
			{ filtered_id(e), c->values, c->nulls, c->nans,
			    bound(type, c->lower), bound(type, c->upper) },
			{ .id = 100 } };
		struct file_metrics file = { 9, columns, COUNT(columns) };

		must_match(
		    c->filter, evaluate_file(e, &file, plenty()), c->match);
		file.records = 0;
		must_match("no rows", evaluate_file(e, &file, plenty()), NONE);
		file = (struct file_metrics){ -1, NULL, 0 };
		if (e->term.field != NULL && e->term.optional)
			must_match("no metrics",
			    evaluate_file(e, &file, plenty()), SOME);
	}
}

static void
takes_damaged_bounds_for_none(void **state)
{
	const struct expression *e = filter(CMP("lt", "'l'", "3"));
	struct column_metrics column = { 2, 9, 0, -1, STR("abc"), STR("") };
	struct file_metrics file = { 9, &column, 1 };

	(void)state;
	must_match("damaged", evaluate_file(e, &file, plenty()), SOME);
	column.id = 3;
	column.lower = STR("\xff");
	column.upper = (struct str){ 0 };
	e = filter(CMP("lt", "'s'", "'a'"));
	must_match("no text", evaluate_file(e, &file, plenty()), SOME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(judges_files_by_metrics),
		TEST(takes_damaged_bounds_for_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
