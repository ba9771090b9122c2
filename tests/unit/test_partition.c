/* test_partition.c - partition specs and their transforms. */
#include "iceberg/partition.h"
#include "tests/unit/metadata_fixture.h"

static const char columns[] =
    "{'type':'struct','fields':[{'id':1,'name':'id','required':true,'type':"
    "'long'},{'id':2,'name':'at','required':true,'type':'timestamp'},{'id':3,"
    "'name':'tags','required':true,'type':{'type':'list','element-id':4,"
    "'element':'string','element-required':true}},{'id':5,'name':'v',"
    "'required':true,'type':'variant'}]}";

#define SPEC(fields) "{'fields':[" fields "]}"
#define PART(source, name, transform)                                          \
	"{'source-id':" source ",'name':'" name "','transform':'" transform "'}"

struct partition_case {
	const char *text;
	enum err code;
	const char *message;
};

static enum err
judge(const char *text)
{
	struct partition_spec spec;
	struct schema schema;

	assert_int_equal(
	    schema_read(arena, mut_json(columns), &schema, &error), OK);
	TRY(partition_spec_read(arena, mut_json(text), &spec, &error));
	TRY(partition_spec_check(&spec, &schema, &error));
	return partition_spec_check_names(arena, &spec, &schema, &error);
}

/* clang-format off */
static const struct partition_case judges_fields_against_the_schema_cases[] = {
	{ SPEC(""), OK, "" },
	{ SPEC(PART("1", "b", "bucket[4]") "," PART("1", "c",
	  "bucket[8]")), OK, "" },
	{ SPEC(PART("1", "id", "identity")), OK, "" },
	{ SPEC(PART("99", "gone", "void")), OK, "" },
	{ SPEC(PART("1", "z", "zorder[3]")), OK, "" },
	{ "{}", ERR_BAD_REQUEST, "Missing required field 'fields'" },
	{ SPEC("7"), ERR_BAD_REQUEST,
	  "Each entry of 'fields' in a spec must be an object" },
	{ SPEC("{'name':'a','transform':'void'}"), ERR_BAD_REQUEST,
	  "Missing required field 'source-id'" },
	{ SPEC(PART("1", "", "day")), ERR_ILLEGAL_ARGUMENT,
	  "Cannot use empty partition name for source id 1" },
	{ SPEC(PART("1", "a", "bucket")), ERR_ILLEGAL_ARGUMENT,
	  "Invalid transform of partition field a: bucket" },
	{ SPEC(PART("1", "a", "bucket[0]")), ERR_ILLEGAL_ARGUMENT,
	  "Invalid transform of partition field a: bucket[0]" },
	{ SPEC(PART("1", "a", "")), ERR_ILLEGAL_ARGUMENT,
	  "Invalid transform of partition field a: " },
	{ SPEC(PART("1", "a", "day[3]")), ERR_ILLEGAL_ARGUMENT,
	  "Invalid transform of partition field a: day[3]" },
	{ SPEC(PART("1", "a", "identity") "," PART("2", "a", "day")),
	  ERR_ILLEGAL_ARGUMENT,
	  "Cannot use partition name more than once: a" },
	{ SPEC(PART("1", "a", "bucket[4]") "," PART("1", "b",
	  "BUCKET[4]")), ERR_ILLEGAL_ARGUMENT,
	  "Cannot add redundant partition: a conflicts with b" },
	{ SPEC("{'source-id':1,'field-id':1000,'name':'a','transform'"
	  ":'identity'},{'source-id':2,'field-id':1000,'name':'b',"
	  "'transform':'day'}"), ERR_ILLEGAL_ARGUMENT,
	  "Cannot use field id more than once in a spec: 1000" },
	{ SPEC("{'source-id':1,'field-id':-7,'name':'a','transform'"
	  ":'identity'}"), ERR_ILLEGAL_ARGUMENT,
	  "Invalid field-id of partition field a: -7" },
	{ SPEC(PART("9", "a", "day")), ERR_VALIDATION,
	  "Cannot find source column for partition field: -1: a: "
	  "day(9)" },
	{ SPEC(PART("3", "a", "identity")), ERR_VALIDATION,
	  "Cannot partition by non-primitive source field: list" },
	{ SPEC(PART("5", "a", "identity")), ERR_VALIDATION,
	  "Invalid source type variant for transform: identity" },
	{ SPEC(PART("1", "a", "day")), ERR_VALIDATION,
	  "Invalid source type long for transform: day" },
	{ SPEC(PART("4", "a", "identity")), ERR_VALIDATION,
	  "Invalid partition field parent: list" },
	{ SPEC(PART("2", "id", "identity")), ERR_VALIDATION,
	  "Cannot create partition from name that exists in schema: "
	  "id" },
	{ SPEC(PART("1", "id", "bucket[3]")), ERR_VALIDATION,
	  "Cannot create partition from name that exists in schema: "
	  "id" },
};
/* clang-format on */

static void
judges_fields_against_the_schema(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < sizeof(judges_fields_against_the_schema_cases) /
		     sizeof(judges_fields_against_the_schema_cases[0]);
	     i++)
		assert_fails(
		    judge(judges_fields_against_the_schema_cases[i].text),
		    judges_fields_against_the_schema_cases[i].code,
		    judges_fields_against_the_schema_cases[i].code != OK
			? judges_fields_against_the_schema_cases[i].message
			: "");
}

static void
refuses_a_spec_of_thousands_of_fields(void **state)
{
	char text[128 * 1024] = "{'fields':[";
	size_t used = strlen(text);

	(void)state;
	for (int i = 0; i <= PARTITION_FIELDS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s{'source-id':%d,'name':'n%d','transform':'void'}",
		    i == 0 ? "" : ",", i, i);
	(void)snprintf(text + used, sizeof(text) - used, "]}");
	assert_fails(judge(text), ERR_ILLEGAL_ARGUMENT,
	    "Invalid partition spec: more than 1000 fields");
}

static void
knows_which_types_a_transform_takes(void **state)
{
	/* clang-format off */
	static const struct {
		const char *transform;
		enum type_kind type;
		bool accepted;
	} cases[] = {
		{ "identity",    TYPE_UUID,         true },
		{ "identity",    TYPE_GEOMETRY,     false },
		{ "year",        TYPE_DATE,         true },
		{ "hour",        TYPE_DATE,         false },
		{ "hour",        TYPE_TIMESTAMP_NS, true },
		{ "month",       TYPE_STRING,       false },
		{ "bucket[2]",   TYPE_FIXED,        true },
		{ "bucket[2]",   TYPE_DOUBLE,       false },
		{ "truncate[2]", TYPE_DECIMAL,      true },
		{ "truncate[2]", TYPE_UUID,         false },
		{ "void",        TYPE_STRUCT,       true },
		{ "new-one",     TYPE_DOUBLE,       true },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct transform transform;

		assert_true(
		    transform_parse(str_from(cases[i].transform), &transform));
		if (transform_accepts(&transform, cases[i].type) !=
		    cases[i].accepted)
			fail_msg("%s of %s", cases[i].transform,
			    type_name(cases[i].type));
	}
}

static void
runs_out_of_ids_in_words(void **state)
{
	yyjson_mut_doc *doc = json_new(arena);
	struct partition_spec spec;

	(void)state;
	assert_int_equal(
	    partition_spec_read(
		arena, mut_json(SPEC(PART("1", "a", "void"))), &spec, &error),
	    OK);
	assert_fails(partition_spec_number(&spec, doc, INT32_MAX, &error),
	    ERR_ILLEGAL_ARGUMENT, "No partition field ids are left after");
	assert_int_equal(
	    partition_spec_number(&spec, doc, INT32_MAX - 1, &error), OK);
	assert_int_equal(partition_spec_last_id(&spec), INT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(judges_fields_against_the_schema),
		TEST(refuses_a_spec_of_thousands_of_fields),
		TEST(knows_which_types_a_transform_takes),
		TEST(runs_out_of_ids_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
