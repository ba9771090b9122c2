/* test_requirements.c - what a commit expects of the table. */
#include "iceberg/requirements.h"
#include "tests/unit/metadata_fixture.h"

#define UUID "5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d"
#define FAILED "Requirement failed: "
#define REF(name, id)                                                          \
	"{'type':'assert-ref-snapshot-id','ref':'" name "','snapshot-id':" id  \
	"}"

struct requirement_case {
	const char *requirements;
	enum err code;
	const char *message;
};

/* clang-format off */
static const struct requirement_case checks_each_against_the_table_cases[] = {
	{ "[]", OK, "" },
	{ "null", OK, "" },
	{ "[{'type':'assert-create'}]", ERR_COMMIT_FAILED,
	  FAILED "table already exists" },
	{ "[{'type':'Assert-Table-UUID','uuid':"
	  "'5F0C2B1E-8A34-4c1d-9b7e-3d2f1a0b9c8d'}]", OK, "" },
	{ "[{'type':'assert-table-uuid','uuid':'x'}]",
	  ERR_COMMIT_FAILED,
	  FAILED "UUID does not match: expected " UUID " != x" },
	{ "[" REF("main", "9223372036854775807") "]", OK, "" },
	{ "[" REF("main", "9223372036854775806") "]",
	  ERR_COMMIT_FAILED, FAILED "branch main has changed: expected "
	  "id 9223372036854775806 != 9223372036854775807" },
	{ "[" REF("main", "null") "]", ERR_COMMIT_FAILED,
	  FAILED "branch main was created concurrently" },
	{ "[" REF("first", "null") "]", ERR_COMMIT_FAILED,
	  FAILED "tag first was created concurrently" },
	{ "[{'type':'assert-ref-snapshot-id','ref':'main'}]",
	  ERR_COMMIT_FAILED,
	  FAILED "branch main was created concurrently" },
	{ "[" REF("dev", "null") "]", OK, "" },
	{ "[" REF("dev", "5") "]", ERR_COMMIT_FAILED,
	  FAILED "branch or tag dev is missing, expected 5" },
	{ "[{'type':'assert-last-assigned-field-id',"
	  "'last-assigned-field-id':11}]", OK, "" },
	{ "[{'type':'assert-last-assigned-field-id',"
	  "'last-assigned-field-id':10}]", ERR_COMMIT_FAILED,
	  FAILED "last assigned field id changed: expected id 10 != "
	  "11" },
	{ "[{'type':'assert-current-schema-id','current-schema-id':1}"
	  "]", OK, "" },
	{ "[{'type':'assert-current-schema-id','current-schema-id':0}"
	  "]", ERR_COMMIT_FAILED,
	  FAILED "current schema changed: expected id 0 != 1" },
	{ "[{'type':'assert-last-assigned-partition-id',"
	  "'last-assigned-partition-id':1000}]", OK, "" },
	{ "[{'type':'assert-last-assigned-partition-id',"
	  "'last-assigned-partition-id':999}]", ERR_COMMIT_FAILED,
	  FAILED "last assigned partition id changed: expected id 999 "
	  "!= 1000" },
	{ "[{'type':'assert-default-spec-id','default-spec-id':1}]",
	  OK, "" },
	{ "[{'type':'assert-default-spec-id','default-spec-id':0}]",
	  ERR_COMMIT_FAILED, FAILED "default partition spec changed: "
	  "expected id 0 != 1" },
	{ "[{'type':'assert-default-sort-order-id',"
	  "'default-sort-order-id':1}]", OK, "" },
	{ "[{'type':'assert-default-sort-order-id',"
	  "'default-sort-order-id':3}]", ERR_COMMIT_FAILED,
	  FAILED "default sort order changed: expected id 3 != 1" },
};
/* clang-format on */

static void
checks_each_against_the_table(void **state)
{
	struct metadata base = data_metadata(2);

	(void)state;
	for (size_t i = 0;
	     i < sizeof(checks_each_against_the_table_cases) /
		     sizeof(checks_each_against_the_table_cases[0]);
	     i++)
		assert_fails(requirements_check(arena,
				 json(checks_each_against_the_table_cases[i]
					  .requirements),
				 &base, &error),
		    checks_each_against_the_table_cases[i].code,
		    checks_each_against_the_table_cases[i].code != OK
			? checks_each_against_the_table_cases[i].message
			: "");
}

static void
refuses_what_is_no_requirement(void **state)
{
	/* clang-format off */
	static const struct requirement_case cases[] = {
		{ "{}", ERR_BAD_REQUEST,
		  "Field 'requirements' must be an array" },
		{ "[7]", ERR_BAD_REQUEST,
		  "/requirements/0: must be an object" },
		{ "[{'type':'assert-table-uuid','uuid':'" UUID "'},{}]",
		  ERR_BAD_REQUEST,
		  "/requirements/1/type: Missing required field 'type'" },
		{ "[{'type':'assert-luck'}]", ERR_BAD_REQUEST,
		  "/requirements/0/type: Cannot parse unknown table requirement: "
		  "assert-luck" },
		{ "[{'type':'assert-table-uuid','uuid':7}]", ERR_BAD_REQUEST,
		  "/requirements/0: Field 'uuid' must be a string" },
		{ "[{'type':'assert-ref-snapshot-id','snapshot-id':1}]",
		  ERR_BAD_REQUEST,
		  "/requirements/0: Missing required field 'ref'" },
		{ "[" REF("main", "'5'") "]", ERR_BAD_REQUEST,
		  "/requirements/0: Field 'snapshot-id' must be a 64-bit "
		  "integer" },
		{ "[" REF("main", "18446744073709551615") "]",
		  ERR_BAD_REQUEST, "/requirements/0: Field 'snapshot-id'" },
		{ "[{'type':'assert-default-spec-id'}]", ERR_BAD_REQUEST,
		  "/requirements/0: Missing required field "
		  "'default-spec-id'" },
		{ "[{'type':'assert-create','type':'assert-table-uuid'}]",
		  ERR_BAD_REQUEST, "Field 'type' appears twice" },
	};
	/* clang-format on */
	struct metadata base = data_metadata(2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(requirements_check(arena,
				 json(cases[i].requirements), &base, &error),
		    cases[i].code, cases[i].message);
}

static void
knows_a_create_by_its_only_requirement(void **state)
{
	bool create = false;

	(void)state;
	assert_int_equal(
	    requirements_has_create(
		json("[{'type':'ASSERT-create'}]"), &create, &error),
	    OK);
	assert_true(create);
	assert_int_equal(requirements_check(arena,
			     json("[{'type':'assert-create'}]"), NULL, &error),
	    OK);
	assert_int_equal(
	    requirements_has_create(
		json("[7,{'type':7},{'type':'a'}]"), &create, &error),
	    OK);
	assert_false(create);
	create = true;
	assert_int_equal(requirements_has_create(NULL, &create, &error), OK);
	assert_false(create);
	assert_fails(
	    requirements_has_create(json("[{'type':'assert-create'},"
					 "{'type':'assert-table-uuid'}]"),
		&create, &error),
	    ERR_BAD_REQUEST, "Invalid create requirements: ");
	assert_fails(requirements_has_create(json("7"), &create, &error),
	    ERR_BAD_REQUEST, "Field 'requirements' must be an array");
	assert_fails(
	    requirements_check(arena,
		json("[{'type':'assert-table-uuid','uuid':'" UUID "'}]"), NULL,
		&error),
	    ERR_COMMIT_FAILED, FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(checks_each_against_the_table),
		TEST(refuses_what_is_no_requirement),
		TEST(knows_a_create_by_its_only_requirement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
