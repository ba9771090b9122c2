/* test_evaluate.c - filters against partitions and manifests. */
#include "tests/unit/evaluate_fixture.h"

#define PART(id, source, name, transform)                                      \
	"{'field-id':" #id ",'source-id':" #source ",'name':'" name            \
	"','transform':'" transform "'}"

static struct partition_type
partition_by(const char *fields)
{
	const char *text =
	    (const char *)arena_printf(arena, "{'fields':[%s]}", fields).ptr;
	struct partition_spec spec;

	assert_int_equal(
	    partition_spec_read(arena, mut_json(text), &spec, &error), OK);
	assert_int_equal(schema_read(arena, mut_json(expression_columns),
			     &expression_schema, &error),
	    OK);
	return partition_type_of(arena, &spec, &expression_schema, 1);
}

struct partition_case {
	const char *filter, *field, *value;
	enum match match;
};

#define BY_L(transform) PART(1000, 2, "p", transform)
#define BY_S(transform) PART(1000, 3, "p", transform)
#define BY_D(transform) PART(1000, 4, "p", transform)
#define BY_TS(transform) PART(1000, 5, "p", transform)
#define BY_X(transform) PART(1000, 7, "p", transform)
#define BY_DEC(transform) PART(1000, 9, "p", transform)

/* clang-format off */
static const struct partition_case judges_partitions_cases[] = {
	{ CMP("lt", "'l'", "5"), BY_L("identity"), "4", ALL },
	{ CMP("lt", "'l'", "5"), BY_L("identity"), "5", NONE },
	{ CMP("lt", "'l'", "5"), BY_L("identity"), "null", NONE },
	{ CMP("not-eq", "'l'", "5"), BY_L("identity"), "5", NONE },
	{ CMP("not-eq", "'l'", "5"), BY_L("identity"), "4", ALL },
	{ CMP("not-eq", "'l'", "5"), BY_L("identity"), "null", ALL },
	{ IN("in", "'l'", "5,6"), BY_L("identity"), "6", ALL },
	{ IN("in", "'l'", "5,6"), BY_L("identity"), "7", NONE },
	{ IN("not-in", "'l'", "5,6"), BY_L("identity"), "6", NONE },
	{ TEST_OF("is-null", "'l'"), BY_L("identity"), "null", ALL },
	{ TEST_OF("is-null", "'l'"), BY_L("identity"), "1", NONE },
	{ TEST_OF("is-nan", "'x'"), BY_X("identity"), "nan", ALL },
	{ TEST_OF("not-nan", "'x'"), BY_X("identity"), "nan", NONE },
	{ TEST_OF("not-nan", "'x'"), BY_X("identity"), "null", ALL },
	{ CMP("gt", "'x'", "5"), BY_X("identity"), "nan", NONE },
	{ CMP("eq", "'x'", "-0.0"), BY_X("identity"), "0.0", SOME },
	{ CMP("starts-with", "'s'", "'ab'"), BY_S("identity"), "'abc'", ALL },
	{ CMP("starts-with", "'s'", "'ab'"), BY_S("identity"), "'a'", NONE },
	{ CMP("not-starts-with", "'s'", "'ab'"), BY_S("identity"), "null",
	  ALL },
	/* 34 is in bucket 3 of 16 */
	{ CMP("eq", "'l'", "34"), BY_L("bucket[16]"), "3", SOME },
	{ CMP("eq", "'l'", "34"), BY_L("bucket[16]"), "4", NONE },
	{ CMP("eq", "'l'", "34"), BY_L("bucket[16]"), "null", NONE },
	{ CMP("not-eq", "'l'", "34"), BY_L("bucket[16]"), "4", SOME },
	{ CMP("not-eq", "'l'", "34"), BY_L("bucket[16]"), "null", ALL },
	{ CMP("lt", "'l'", "34"), BY_L("bucket[16]"), "3", SOME },
	{ CMP("lt", "'l'", "34"), BY_L("bucket[16]"), "null", NONE },
	{ IN("in", "'l'", "34,35"), BY_L("bucket[16]"), "3", SOME },
	{ TEST_OF("is-null", "'l'"), BY_L("bucket[16]"), "3", NONE },
	{ TEST_OF("not-null", "'l'"), BY_L("bucket[16]"), "3", ALL },
	{ CMP("eq", TERM("bucket[16]", "l"), "3"), BY_L("bucket[16]"), "3",
	  ALL },
	{ CMP("eq", TERM("bucket[16]", "l"), "3"), BY_L("bucket[16]"), "4",
	  NONE },
	{ CMP("eq", TERM("bucket[8]", "l"), "3"), BY_L("bucket[16]"), "4",
	  SOME },
	{ CMP("eq", TERM("bucket[16]", "l"), "3"), BY_L("identity"), "34",
	  SOME },
	/* truncated */
	{ CMP("lt", "'l'", "10"), BY_L("truncate[10]"), "10", NONE },
	{ CMP("lt", "'l'", "11"), BY_L("truncate[10]"), "10", SOME },
	{ CMP("lt", "'l'", "20"), BY_L("truncate[10]"), "10", ALL },
	{ CMP("gt", "'l'", "19"), BY_L("truncate[10]"), "10", NONE },
	{ CMP("gt", "'l'", "-11"), BY_L("truncate[10]"), "-10", ALL },
	{ CMP("eq", "'l'", "-5"), BY_L("truncate[10]"), "-10", SOME },
	{ CMP("eq", "'l'", "5"), BY_L("truncate[10]"), "-10", NONE },
	{ CMP("eq", "'l'", "5"), BY_L("truncate[1]"), "5", ALL },
	{ CMP("not-eq", "'l'", "5"), BY_L("truncate[1]"), "5", SOME },
	{ IN("in", "'l'", "5,25"), BY_L("truncate[10]"), "10", NONE },
	{ CMP("eq", "'s'", "'abcd'"), BY_S("truncate[3]"), "'abc'", SOME },
	{ CMP("eq", "'s'", "'abd'"), BY_S("truncate[3]"), "'abc'", NONE },
	{ CMP("eq", "'s'", "'abc'"), BY_S("truncate[3]"), "'ab'", NONE },
	{ CMP("eq", "'s'", "'ab'"), BY_S("truncate[3]"), "'ab'", ALL },
	{ CMP("eq", "'s'", "'abc'"), BY_S("truncate[3]"), "'abc'", SOME },
	{ CMP("lt", "'s'", "'abca'"), BY_S("truncate[3]"), "'abc'", SOME },
	{ CMP("lt", "'s'", "'abd'"), BY_S("truncate[3]"), "'abc'", ALL },
	{ CMP("gt", "'s'", "'abcz'"), BY_S("truncate[3]"), "'abc'", SOME },
	{ CMP("gt-eq", "'s'", "'abd'"), BY_S("truncate[3]"), "'abc'", NONE },
	{ CMP("gt-eq", "'s'", "'abc'"), BY_S("truncate[3]"), "'abc'", ALL },
	{ CMP("starts-with", "'s'", "'abcd'"), BY_S("truncate[3]"), "'abc'",
	  SOME },
	{ CMP("starts-with", "'s'", "'ab'"), BY_S("truncate[3]"), "'abc'",
	  ALL },
	{ CMP("starts-with", "'s'", "'abcd'"), BY_S("truncate[3]"), "'ab'",
	  NONE },
	{ CMP("not-starts-with", "'s'", "'ab'"), BY_S("truncate[3]"), "'abc'",
	  NONE },
	{ CMP("gt", "'dec'", "'10.99'"), BY_DEC("truncate[50]"), "'10.50'",
	  NONE },
	{ CMP("gt", "'dec'", "'10.98'"), BY_DEC("truncate[50]"), "'10.50'",
	  SOME },
	/* times */
	{ CMP("lt", "'d'", "'2020-01-01'"), BY_D("year"), "50", NONE },
	{ CMP("lt", "'d'", "'2020-01-02'"), BY_D("year"), "50", SOME },
	{ CMP("lt", "'d'", "'2021-01-01'"), BY_D("year"), "50", ALL },
	{ CMP("eq", "'d'", "'1969-06-01'"), BY_D("year"), "-1", SOME },
	{ CMP("eq", "'d'", "'1969-06-01'"), BY_D("month"), "-7", SOME },
	{ CMP("eq", "'d'", "'1969-06-01'"), BY_D("month"), "-6", NONE },
	{ CMP("eq", "'d'", "'2020-01-01'"), BY_D("day"), "'2020-01-01'", ALL },
	{ CMP("gt", "'ts'", "'2020-01-01T23:59:59.999999'"), BY_TS("day"),
	  "'2020-01-01'", NONE },
	{ CMP("gt", "'ts'", "'2020-01-01T23:59:59.999998'"), BY_TS("day"),
	  "'2020-01-01'", SOME },
	{ CMP("lt", "'ts'", "'1970-01-01T00:00:00'"), BY_TS("hour"), "-1",
	  ALL },
	{ CMP("gt", "'ts'", "'1970-01-01T00:00:00'"), BY_TS("hour"), "-1",
	  NONE },
	{ CMP("eq", TERM("year", "ts"), "50"), BY_TS("day"), "'2020-02-01'",
	  ALL },
	{ CMP("eq", TERM("day", "ts"), "'2020-02-01'"), BY_TS("day"),
	  "'2020-02-01'", ALL },
	{ CMP("eq", TERM("hour", "ts"), "7"), BY_TS("year"), "50", NONE },
	/* what tells nothing */
	{ CMP("eq", "'l'", "5"), BY_L("void"), "null", SOME },
	{ TEST_OF("not-null", "'l'"), BY_L("void"), "null", SOME },
	{ CMP("eq", "'l'", "5"), BY_L("zorder"), "null", SOME },
	{ CMP("eq", "'l'", "5"), BY_D("day"), "'2020-01-01'", SOME },
	{ CMP("eq", "'l'", "5"), PART(1000, 99, "p", "identity"), "null",
	  SOME },
	{ "true", BY_L("identity"), "5", ALL },
};
/* clang-format on */

static void
judges_partitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judges_partitions_cases); i++) {
		const struct partition_case *c = &judges_partitions_cases[i];
		struct partition_type type = partition_by(c->field);
		struct literal value =
		    literal_of(&type.columns->type, c->value);
		const struct expression *e = filter(c->filter);
		struct str what = arena_printf(
		    arena, "%s of %s by %s", c->filter, c->value, c->field);

		must_match(what.ptr,
		    evaluate_partition(e, &type, &value, plenty()), c->match);
	}
}

static void
joins_what_fields_of_one_column_tell(void **state)
{
	struct partition_type type = partition_by(
	    BY_L("bucket[16]") "," PART(1001, 2, "q", "truncate[10]"));
	const struct expression *e = filter(CMP("eq", "'l'", "34"));
	struct literal values[] = { literal_of(type_of("int"), "3"),
		literal_of(type_of("long"), "30") };

	(void)state;
	must_match(
	    "both", evaluate_partition(e, &type, values, plenty()), SOME);
	values[1].as.i = 40;
	must_match(
	    "truncated", evaluate_partition(e, &type, values, plenty()), NONE);
	values[1].as.i = 30;
	values[0].as.i = 5;
	must_match(
	    "bucket", evaluate_partition(e, &type, values, plenty()), NONE);
}

/* The types of columns are the first schema's that has them: one that another
 * schema gives is never compared. */
static void
ignores_fields_of_another_type(void **state)
{
	struct partition_type type = partition_by(BY_L("identity"));
	struct literal value = literal_of(type_of("string"), "'a'");
	const struct expression *e = filter(CMP("eq", "'l'", "5"));

	(void)state;
	type.columns->source = type.columns->type = *type_of("string");
	must_match(
	    "strings", evaluate_partition(e, &type, &value, plenty()), SOME);
}

struct summary_case {
	const char *filter, *field;
	bool nulls;
	int nans;
	const char *lower, *upper;
	enum match match;
};

/* clang-format off */
static const struct summary_case judges_manifests_by_summaries_cases[] = {
	{ CMP("lt", "'l'", "3"), BY_L("identity"), false, -1, "3", "7", NONE },
	{ CMP("lt", "'l'", "4"), BY_L("identity"), false, -1, "3", "7", SOME },
	{ CMP("lt", "'l'", "8"), BY_L("identity"), false, -1, "3", "7", ALL },
	{ CMP("lt", "'l'", "8"), BY_L("identity"), true, -1, "3", "7", SOME },
	{ CMP("lt", "'l'", "8"), BY_L("identity"), true, -1, NULL, NULL,
	  NONE },
	{ TEST_OF("not-null", "'l'"), BY_L("identity"), true, -1, NULL, NULL,
	  NONE },
	{ TEST_OF("is-null", "'l'"), BY_L("identity"), false, -1, "3", "7",
	  NONE },
	{ TEST_OF("is-nan", "'x'"), BY_X("identity"), false, 0, "3", "7",
	  NONE },
	{ TEST_OF("is-nan", "'x'"), BY_X("identity"), false, -1, "3", "7",
	  SOME },
	{ TEST_OF("not-nan", "'x'"), BY_X("identity"), false, 1, NULL, NULL,
	  NONE },
	{ CMP("eq", "'l'", "34"), BY_L("bucket[16]"), false, -1, "4", "9",
	  NONE },
	{ CMP("eq", "'l'", "34"), BY_L("bucket[16]"), false, -1, "2", "9",
	  SOME },
	{ CMP("gt", "'ts'", "'2020-01-03T23:59:59.999999'"), BY_TS("day"),
	  false, -1, "'2020-01-01'", "'2020-01-03'", NONE },
	{ CMP("gt", "'ts'", "'2020-01-03T23:59:59'"), BY_TS("day"), false, -1,
	  "'2020-01-01'", "'2020-01-03'", SOME },
	{ CMP("eq", "'s'", "'abcd'"), BY_S("truncate[3]"), false, -1, "'aaa'",
	  "'abc'", SOME },
	{ CMP("eq", "'s'", "'abd'"), BY_S("truncate[3]"), false, -1, "'aaa'",
	  "'abc'", NONE },
	{ CMP("eq", "'l'", "5"), BY_L("void"), true, -1, NULL, NULL, SOME },
	{ CMP("eq", "'l'", "5"), BY_L("identity"), false, -1, NULL, NULL,
	  SOME },
};
/* clang-format on */

static void
judges_manifests_by_summaries(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judges_manifests_by_summaries_cases);
	     i++) {
		const struct summary_case *c =
		    &judges_manifests_by_summaries_cases[i];
		struct partition_type type = partition_by(c->field);
		const struct expression *e = filter(c->filter);
		const struct type *of = &type.columns->type;
		struct partition_summary summary = { c->nulls, c->nans,
			bound(of, c->lower), bound(of, c->upper) };

		must_match(c->filter,
		    evaluate_manifest(e, &type, &summary, plenty()), c->match);
		must_match("no summaries",
		    evaluate_manifest(e, &type, NULL, plenty()), SOME);
	}
}

static void
leaves_what_a_partition_does_not_decide(void **state)
{
	static const char *const cases[][2] = {
		{ CMP("lt", "'ts'", "'2021-01-01T00:00:00'"), "true" },
		{ CMP("lt", "'ts'", "'2020-01-01T00:00:00'"), "false" },
		{ CMP("eq", "'l'", "5"), CMP("eq", "'l'", "5") },
		{ BOTH("and", CMP("lt", "'ts'", "'2021-01-01T00:00:00'"),
		      CMP("eq", "'l'", "5")),
		    CMP("eq", "'l'", "5") },
		{ BOTH("or", CMP("lt", "'ts'", "'2020-01-01T00:00:00'"),
		      CMP("eq", "'l'", "5")),
		    CMP("eq", "'l'", "5") },
		{ BOTH("or", CMP("lt", "'l'", "2"), CMP("eq", "'l'", "5")),
		    BOTH("or", CMP("lt", "'l'", "2"), CMP("eq", "'l'", "5")) },
		{ BOTH("and", CMP("lt", "'l'", "2"),
		      BOTH("or", CMP("lt", "'ts'", "'2020-01-01T00:00:00'"),
			  CMP("gt", "'ts'", "'2020-06-01T00:00:00.000000'"))),
		    BOTH("and", CMP("lt", "'l'", "2"),
			CMP("gt", "'ts'", "'2020-06-01T00:00:00.000000'")) },
	};
	struct partition_type type = partition_by(BY_TS("year"));
	struct literal value = literal_of(type_of("int"), "50");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct expression *e = evaluate_residual(
		    arena, filter(cases[i][0]), &type, &value, plenty());

		assert_str(filter_text(e), quoted(cases[i][1]));
	}
}

/* Within one another as deep as they may be: each predicate counts once. */
static void
a_residual_takes_no_more_steps_than_its_filter_has_parts(void **state)
{
	const char *text = CMP("eq", "'l'", "5");
	struct partition_type type = partition_by(BY_TS("year"));
	struct literal value = literal_of(type_of("int"), "50");
	const struct expression *e;

	(void)state;
	for (int i = 0; i < 80; i++)
		text = arena_printf(
		    arena, BOTH("and", "%s", CMP("gt", "'l'", "%d")), text, i)
			   .ptr;
	e = filter(text);

	struct work_budget *budget = only_steps(200);

	(void)evaluate_residual(arena, e, &type, &value, budget);
	assert_false(budget->over);
	budget = only_steps(20);
	assert_int_equal(
	    evaluate_partition(e, &type, &value, budget), MATCHES_SOME);
	assert_true(budget->over);
}

static void
reads_partitions_of_manifests(void **state)
{
	static const struct avro_type narrow = { .kind = AVRO_INT };
	static const struct avro_type text = { .kind = AVRO_STRING };
	struct partition_type type = partition_by(
	    PART(1001, 3, "q", "identity") "," PART(1000, 5, "p", "day"));
	struct avro_field fields[] = { { STR_INIT("p"), 1000, &narrow, false },
		{ STR_INIT("q"), 1001, &text, false } };
	struct avro_type record = {
		.kind = AVRO_RECORD, .fields = fields, .count = 2
	};
	struct avro_value at[] = { { &narrow, { .i = 1 } },
		{ &text, { .s = STR("x") } } };
	struct avro_value value = { &record, { .list = { at, 2 } } };
	struct literal values[2];
	struct buf b = buf_in(arena);

	(void)state;
	assert_int_equal(partition_read(&type, &value, values, &error), OK);
	literal_write(&b, &values[0]);
	literal_write(&b, &values[1]);
	assert_str(buf_str(&b), STR("\"x\"\"1970-01-02\""));
	at[0] = at[1];
	assert_int_equal(
	    partition_read(&type, &value, values, &error), ERR_BAD_REQUEST);
	assert_str(str_from(error.message),
	    STR("A manifest has a value of the partition p that is no date"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(judges_partitions),
		TEST(joins_what_fields_of_one_column_tell),
		TEST(ignores_fields_of_another_type),
		TEST(judges_manifests_by_summaries),
		TEST(leaves_what_a_partition_does_not_decide),
		TEST(a_residual_takes_no_more_steps_than_its_filter_has_parts),
		TEST(reads_partitions_of_manifests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
