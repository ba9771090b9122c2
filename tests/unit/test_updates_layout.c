/* test_updates_layout.c - updates of schemas, partition specs, sort orders. */
#include "tests/unit/updates_fixture.h"

#define SCHEMA(fields)                                                         \
	"{'action':'add-schema','schema':{'type':'struct','schema-id':77,"     \
	"'fields':[" fields "]}}"
#define COLUMN(id, name, type)                                                 \
	"{'id':" id ",'name':'" name "','required':false,'type':'" type "'}"
#define ID "{'id':1,'name':'id','required':true,'type':'long'}"
#define NAME COLUMN("2", "name", "string")
#define AT COLUMN("3", "at", "timestamptz")
#define CURRENT(id) "{'action':'set-current-schema','schema-id':" id "}"

static void
adds_schemas_and_makes_them_current(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[" SCHEMA(ID "," AT "," COLUMN("12", "x", "date")) ","
		     CURRENT("-1") "]", OK, "'current-schema-id':2",
		  "'last-column-id':12", "'schema-id':77" },
		{ 2, "[" SCHEMA(ID) "]", OK, "'schema-id':2", NULL, NULL },
		{ 1, "[" SCHEMA(ID "," NAME "," AT) "," CURRENT("1") "]", OK,
		  "'schema':{'type':'struct','schema-id':1,", NULL, NULL },
		/* equal to schema 0: used again, and not "the last added" */
		{ 2, "[" SCHEMA(ID "," NAME) "]", OK, NULL, NULL, NULL },
		{ 1, "[" SCHEMA(ID "," NAME) "]", OK, NULL, NULL, NULL },
		{ 2, "[" SCHEMA(ID "," NAME) "," CURRENT("-1") "]",
		  ERR_VALIDATION, "Cannot set last added schema: no schema has "
		  "been added", NULL, NULL },
		{ 2, "[" SCHEMA(ID "," AT) "," SCHEMA(ID "," AT) ","
		     CURRENT("-1") "]", OK, "'current-schema-id':2", NULL,
		  "'schema-id':3" },
		{ 2, "[" CURRENT("1") "]", OK, NULL, NULL, NULL },
		{ 2, "[" CURRENT("7") "]", ERR_VALIDATION,
		  "Cannot set current schema to unknown schema: 7", NULL,
		  NULL },
		{ 2, "[" CURRENT("-1") "]", ERR_VALIDATION,
		  "Cannot set last added schema: no schema has been added",
		  NULL, NULL },
		{ 2, "[" SCHEMA(ID "," COLUMN("12", "v", "variant")) "]",
		  ERR_ILLEGAL_ARGUMENT, "Invalid schema for v2:\n- Invalid "
		  "type for v: variant is not supported until v3", NULL,
		  NULL },
		{ 3, "[" SCHEMA(ID "," COLUMN("12", "v", "variant")) "]", OK,
		  "'type':'variant'", NULL, NULL },
		/* the default spec partitions by column 3 */
		{ 2, "[" SCHEMA(ID "," COLUMN("12", "x", "date")) ","
		     CURRENT("-1") "]", ERR_VALIDATION, "Cannot find source "
		  "column for partition field: 1000: at_day: day(3)", NULL,
		  NULL },
		{ 2, "[" SCHEMA(AT) "," CURRENT("-1") "]", ERR_VALIDATION,
		  "Cannot find source column for sort field: identity(1)",
		  NULL, NULL },
		{ 2, "[{'action':'remove-schemas','schema-ids':[0,9]}]", OK,
		  "'schemas':[{'type':'struct','schema-id':1", NULL,
		  "'schema-id':0" },
		{ 2, "[{'action':'remove-schemas','schema-ids':[1]}]",
		  ERR_VALIDATION, "Cannot remove the current schema", NULL,
		  NULL },
		{ 2, "[{'action':'remove-schemas','schema-ids':[9]}]", OK,
		  NULL, NULL, NULL },
		{ 2, "[{'action':'remove-schemas','schema-ids':[0]},"
		     CURRENT("0") "]", ERR_VALIDATION,
		  "Cannot set current schema to unknown schema: 0", NULL,
		  NULL },
		{ 2, "[{'action':'remove-schemas','schema-ids':['0']}]",
		  ERR_BAD_REQUEST, "/updates/0: remove-schemas: Field "
		  "'schema-ids' must hold 32-bit integers", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

#define SPEC(fields) "{'action':'add-spec','spec':{'fields':[" fields "]}}"
#define PART(source, id, name, transform)                                      \
	"{'source-id':" source id ",'name':'" name "','transform':'" transform \
	"'}"
#define DEFAULT_SPEC(id) "{'action':'set-default-spec','spec-id':" id "}"

static void
adds_specs_and_makes_them_default(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[" SPEC(PART("1", ",'field-id':1001", "b",
		     "bucket[4]")) "," DEFAULT_SPEC("-1") "]", OK,
		  "'default-spec-id':2", "'last-partition-id':1001", NULL },
		{ 2, "[" SPEC(PART("1", "", "b", "bucket[4]") ","
		     PART("2", "", "t", "truncate[3]")) "]", OK,
		  "'field-id':1001},", "'last-partition-id':1002", NULL },
		/* as spec 1, whatever its field ids */
		{ 2, "[" SPEC(PART("3", ",'field-id':1009", "at_day", "day"))
		     "]", OK, NULL, NULL, NULL },
		{ 2, "[" SPEC("") "," DEFAULT_SPEC("-1") "]", ERR_VALIDATION,
		  "Cannot set last added spec: no spec has been added", NULL,
		  NULL },
		{ 2, "[" DEFAULT_SPEC("0") "]", OK, "'default-spec-id':0",
		  NULL, NULL },
		{ 2, "[" DEFAULT_SPEC("1") "]", OK, NULL, NULL, NULL },
		{ 2, "[" DEFAULT_SPEC("5") "]", ERR_VALIDATION, "Cannot set "
		  "default partition spec to unknown spec: 5", NULL, NULL },
		{ 1, "[" SPEC(PART("2", ",'field-id':1005", "t",
		     "truncate[3]")) "]", ERR_VALIDATION, "Spec does not use "
		  "sequential IDs that are required in v1: {", NULL,
		  NULL },
		{ 1, "[" SPEC(PART("2", ",'field-id':1000", "t",
		     "truncate[3]")) "," DEFAULT_SPEC("-1") "]", OK,
		  "'partition-spec':[{'source-id':2,'field-id':1000,'name':"
		  "'t'", NULL, NULL },
		{ 2, "[" SPEC(PART("1", ",'field-id':1001", "b", "identity")
		     "," PART("2", "", "c", "identity")) "]",
		  ERR_ILLEGAL_ARGUMENT, "Cannot parse spec with missing field "
		  "IDs: 1 missing of 2 fields", NULL, NULL },
		{ 2, "[" SPEC(PART("99", "", "b", "identity")) "]",
		  ERR_VALIDATION, "Cannot find source column for partition "
		  "field: -1: b: identity(99)", NULL, NULL },
		{ 2, "[" SPEC(PART("1", "", "name", "bucket[2]")) "]",
		  ERR_VALIDATION, "Cannot create partition from name that "
		  "exists in schema: name", NULL, NULL },
		{ 2, "[{'action':'remove-partition-specs','spec-ids':[0]}]",
		  OK, "'partition-specs':[{'spec-id':1,", NULL, NULL },
		{ 2, "[{'action':'remove-partition-specs','spec-ids':[0,1]}]",
		  ERR_VALIDATION, "Cannot remove the default partition spec",
		  NULL, NULL },
		{ 2, "[{'action':'add-spec'}]", ERR_BAD_REQUEST,
		  "/updates/0: add-spec: Missing required field 'spec'", NULL,
		  NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

#define ORDER(fields)                                                          \
	"{'action':'add-sort-order','sort-order':{'order-id':9,'fields':"      \
	"[" fields "]}}"
#define BY(source, transform)                                                  \
	"{'source-id':" source ",'transform':'" transform                      \
	"','direction':'desc','null-order':'nulls-last'}"
#define DEFAULT_ORDER(id)                                                      \
	"{'action':'set-default-sort-order','sort-order-id':" id "}"

static void
adds_sort_orders_and_makes_them_default(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[" ORDER(BY("2", "truncate[2]") "," BY("1",
		     "bucket[3]")) "," DEFAULT_ORDER("-1") "]", OK,
		  "'default-sort-order-id':2", "'order-id':2",
		  "'order-id':9" },
		{ 2, "[" ORDER("") "]", OK, NULL, NULL, NULL },
		{ 2, "[" DEFAULT_ORDER("0") "]", OK,
		  "'default-sort-order-id':0", NULL, NULL },
		{ 2, "[" ORDER("") "," DEFAULT_ORDER("-1") "]",
		  ERR_VALIDATION, "Cannot set last added sort order: no sort "
		  "order has been added", NULL, NULL },
		{ 2, "[" DEFAULT_ORDER("4") "]", ERR_VALIDATION, "Cannot set "
		  "default sort order to unknown sort order: 4", NULL, NULL },
		{ 2, "[" ORDER(BY("99", "identity")) "]", ERR_VALIDATION,
		  "Cannot find source column for sort field: identity(99)",
		  NULL, NULL },
		{ 2, "[" ORDER(BY("6", "identity")) "]", ERR_VALIDATION,
		  "Cannot sort by non-primitive source field: struct", NULL,
		  NULL },
		{ 2, "[" ORDER(BY("2", "day")) "]", ERR_VALIDATION,
		  "Invalid source type string for transform: day", NULL,
		  NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_schemas_and_makes_them_current),
		TEST(adds_specs_and_makes_them_default),
		TEST(adds_sort_orders_and_makes_them_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
