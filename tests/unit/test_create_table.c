/* test_create_table.c - the first metadata of a table, in three ways. */
#include "iceberg/create_table.h"
#include "iceberg/member.h"
#include "iceberg/metadata_check.h"
#include "iceberg/requirements.h"
#include "iceberg/updates.h"
#include "tests/unit/metadata_fixture.h"

static const struct table_seed seed = { .uuid = { FRESH_UUID, 36 },
	.location = { "s3://lake/db/t", 14 },
	.now_ms = NOW_MS };

static enum err
create(const char *request, bool staged, struct metadata *ret)
{
	return create_table(arena, json(request), &seed, staged, ret, &error);
}

static struct str
created(const char *request)
{
	struct metadata m, again;

	if (create(request, false, &m) != OK)
		fail_msg("%s in %s", error.message, request);
	if (metadata_parse(arena, metadata_text(&m), &again, &error) != OK ||
	    metadata_check_all(&again, &error) != OK)
		fail_msg("%s after %s", error.message, request);
	return metadata_text(&m);
}

#define FIELD(id, name, type)                                                  \
	"{'id':" id ",'name':'" name "','required':true,'type':" type "}"
#define SCHEMA(fields) "'schema':{'type':'struct','fields':[" fields "]}"
#define ONE "{'name':'t'," SCHEMA(FIELD("0", "a", "'long'"))

static void
fills_in_what_a_request_leaves_out(void **state)
{
	struct str text = created(ONE "}");

	(void)state;
	assert_contains(text,
	    "{'format-version':2,'table-uuid':'" FRESH_UUID
	    "','location':'s3://lake/db/t','last-updated-ms':1700000100000,"
	    "'last-column-id':1,'last-partition-id':999,'properties':{"
	    "'write.parquet.compression-codec':'zstd'},"
	    "'current-snapshot-id':-1,'refs':{},'schemas':[{'type':'struct',"
	    "'fields':[{'id':1,'name':'a','required':true,'type':'long'}],"
	    "'schema-id':0}],'partition-specs':[{'fields':[],'spec-id':0}],"
	    "'sort-orders':[{'fields':[],'order-id':0}],'snapshots':[],");
	assert_contains(text, "'metadata-log':[]");
	assert_contains(text, "'last-sequence-number':0");
	assert_contains(text, "'default-sort-order-id':0");
}

static void
accepts_nulls_as_pyiceberg_sends_them(void **state)
{
	struct str text = created(ONE ",'location':null,'partition-spec':null,"
				      "'write-order':null,'stage-create':false,"
				      "'properties':null}");

	(void)state;
	assert_contains(text, "'location':'s3://lake/db/t'");
}

static void
numbers_columns_level_by_level(void **state)
{
	struct str text = created("{'name':'t'," SCHEMA(FIELD("0", "a",
	    "{'type':'struct','fields':[" FIELD(
		"5", "x", "'int'") "]}") "," FIELD("1", "b",
	    "{'type':'list','element-id':2,'element':'int',"
	    "'element-required':true}") "," FIELD("3", "c",
	    "{'type':'map','key-id':8,"
	    "'key':'string','value-id'"
	    ":9,'value':'int',"
	    "'value-required':true}")) "}");

	(void)state;
	assert_contains(text, "{'id':1,'name':'a'");
	assert_contains(text, "{'id':2,'name':'b'");
	assert_contains(text, "{'id':3,'name':'c'");
	assert_contains(text, "{'id':4,'name':'x'");
	assert_contains(text, "'element-id':5");
	assert_contains(text, "'key-id':6");
	assert_contains(text, "'value-id':7");
	assert_contains(text, "'last-column-id':7");
}

static void
follows_ids_into_spec_order_and_identifiers(void **state)
{
	struct str text = created(
	    "{'name':'t','schema':{'type':'struct','identifier-field-ids':"
	    "[30],'fields':[" FIELD("10", "a", "'date'") "," FIELD("30", "b",
		"'long'") "]},'partition-spec':{'spec-id':4,'fields':[{"
			  "'source-id':10,'field-id':5000,'name':'a_day',"
			  "'transform':'day'},{'source-id':30,'name':'bb',"
			  "'transform':'bucket[4]'}]},'write-order':{"
			  "'order-id':8,'fields':[{'source-id':30,"
			  "'transform':'identity','direction':'asc',"
			  "'null-order':'nulls-first'}]}}");

	(void)state;
	assert_contains(text, "'identifier-field-ids':[2]");
	assert_contains(text,
	    "'partition-specs':[{'spec-id':0,'fields':[{'source-id':1,"
	    "'field-id':1000,");
	assert_contains(text, "{'source-id':2,'name':'bb'");
	assert_contains(text, "'last-partition-id':1001");
	assert_contains(
	    text, "'sort-orders':[{'order-id':1,'fields':[{'source-id':2");
	assert_contains(text, "'default-sort-order-id':1");
}

static void
takes_version_and_location_from_the_request(void **state)
{
	struct str text =
	    created(ONE ",'location':'file:/tmp/x//','properties':{"
			"'format-version':'1','uuid':'no','a':'b'}}");

	(void)state;
	assert_contains(text, "{'format-version':1,");
	assert_contains(text, "'location':'file:/tmp/x'");
	assert_contains(text, "'properties':{'write.parquet.compression-codec'"
			      ":'zstd','a':'b'}");
	assert_contains(text, "'schema':{'type':'struct'");
	assert_contains(text, "'partition-spec':[]");
	text = created(ONE ",'properties':{'format-version':'3'}}");
	assert_contains(text, "'next-row-id':0");
	assert_contains(text, "'current-snapshot-id':null");
}

static void
says_when_a_staged_table_was_made(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(create(ONE "}", true, &m), OK);
	assert_str(metadata_property(&m, "created-at"),
	    STR("2023-11-14T22:15:00.000000Z"));
	assert_int_equal(
	    create(ONE ",'properties':{'created-at':'now'}}", true, &m), OK);
	assert_str(metadata_property(&m, "created-at"), STR("now"));
	assert_int_equal(create(ONE "}", false, &m), OK);
	assert_null(metadata_property(&m, "created-at").ptr);
}

static void
refuses_what_cannot_be_a_table(void **state)
{
	/* clang-format off */
	static const struct {
		const char *request;
		enum err code;
		const char *message;
	} cases[] = {
		{ "[]", ERR_BAD_REQUEST, "The request must be an object" },
		{ "{'name':'t'}", ERR_BAD_REQUEST,
		  "Missing required field 'schema'" },
		{ "{'schema':7}", ERR_BAD_REQUEST,
		  "Field 'schema' must be an object" },
		{ ONE ",'location':7}", ERR_BAD_REQUEST,
		  "Field 'location' must be a string" },
		{ ONE ",'location':'/'}", ERR_BAD_REQUEST,
		  "Field 'location' must not be empty" },
		{ ONE ",'properties':{'a':1}}", ERR_BAD_REQUEST,
		  "Field 'properties.a' must be a string" },
		{ ONE ",'properties':{'format-version':'4'}}",
		  ERR_ILLEGAL_ARGUMENT, "Unsupported format version: 4" },
		{ ONE ",'properties':{'format-version':'two'}}",
		  ERR_ILLEGAL_ARGUMENT, "Unsupported format version: two" },
		{ ONE ",'properties':{'commit.retry.num-retries':'x'}}",
		  ERR_ILLEGAL_ARGUMENT, "Table property commit.retry.num-"
		  "retries must have non negative integer value: x" },
		{ ONE ",'partition-spec':{'fields':[{'source-id':9,'name':"
		  "'p','transform':'identity'}]}}", ERR_VALIDATION,
		  "Cannot find source column for partition field: -1: p: "
		  "identity(9)" },
		{ ONE ",'partition-spec':{}}", ERR_BAD_REQUEST,
		  "partition-spec: Missing required field 'fields'" },
		{ ONE ",'write-order':{'fields':[7]}}", ERR_BAD_REQUEST,
		  "write-order: Each entry of 'fields' in a sort order must be an object" },
		{ "{" SCHEMA(FIELD("1", "a", "'variant'")) "}",
		  ERR_ILLEGAL_ARGUMENT, "Invalid schema for v2:\n- Invalid "
		  "type for a: variant is not supported until v3" },
		{ ONE ",'name':'u'}", ERR_BAD_REQUEST,
		  "Field 'name' appears twice" },
	};
	/* clang-format on */
	struct metadata m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(create(cases[i].request, false, &m), cases[i].code,
		    cases[i].message);
}

/* What a Java client sends to commit what it staged. */
static const char staged_commit[] =
    "[{'action':'assign-uuid','uuid':'1b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d'},"
    "{'action':'upgrade-format-version','format-version':3},"
    "{'action':'add-schema','schema':{'type':'struct','schema-id':0,"
    "'fields':[" FIELD("1", "a",
	"'long'") "]},'last-column-id':1},{'action':'set-current-schema','"
		  "schema-id':-1},"
		  "{'action':'add-spec','spec':{'spec-id':0,'fields':[]}},"
		  "{'action':'set-default-spec','spec-id':-1},"
		  "{'action':'add-sort-order','sort-order':{'order-id':0,'"
		  "fields':[]}},"
		  "{'action':'set-default-sort-order','sort-order-id':-1},"
		  "{'action':'set-location','location':'s3://lake/staged'},"
		  "{'action':'set-properties','updates':{'a':'b'}},"
		  "{'action':'add-snapshot','snapshot':{'snapshot-id':5,'"
		  "sequence-number':"
		  "1,'timestamp-ms':1700000090000,'manifest-list':'l','summary'"
		  ":{"
		  "'operation':'append'},'schema-id':0,'first-row-id':0,'added-"
		  "rows':3}},"
		  "{'action':'set-snapshot-ref','ref-name':'main','type':'"
		  "branch',"
		  "'snapshot-id':5}]";

static void
makes_a_table_of_the_updates_of_a_staged_one(void **state)
{
	struct metadata m, again;

	(void)state;
	if (create_from_updates(
		arena, json(staged_commit), &seed, &m, &error) != OK)
		fail_msg("%s", error.message);

	struct str text = metadata_text(&m);

	assert_contains(text,
	    "{'format-version':3,'table-uuid':'1b1c2d3e-4f50-4a6b-8c7d-"
	    "9e0f1a2b3c4d','location':'s3://lake/staged',"
	    "'last-updated-ms':1700000100000,'last-column-id':1,");
	assert_contains(text, "'properties':{'a':'b'}");
	assert_contains(text, "'current-snapshot-id':5");
	assert_contains(text, "'next-row-id':3");
	assert_contains(text, "'last-partition-id':999");
	assert_contains(text, "'metadata-log':[]");
	assert_int_equal(metadata_parse(arena, text, &again, &error), OK);
	assert_int_equal(metadata_check_all(&again, &error), OK);
}

static void
completes_a_create_with_defaults(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(
	    create_from_updates(arena,
		json("[{'action':'add-schema'," SCHEMA(FIELD(
		    "1", "a", "'long'")) "},{'action':'set-current-schema',"
					 "'schema-id':0}]"),
		&seed, &m, &error),
	    OK);
	assert_int_equal(metadata_format_version(&m), 2);
	assert_str(metadata_uuid(&m), STR(FRESH_UUID));
	assert_str(metadata_location(&m), STR("s3://lake/db/t"));
	assert_contains(
	    metadata_text(&m), "'partition-specs':[{'spec-id':0,'fields':[]}]");
}

static void
needs_a_schema_to_create(void **state)
{
	struct metadata m;

	(void)state;
	assert_fails(create_from_updates(arena, json("[]"), &seed, &m, &error),
	    ERR_VALIDATION,
	    "Field 'current-schema-id' is -1, which is not in 'schemas'");
	assert_fails(create_from_updates(arena,
			 json("[{'action':'add-spec','spec':{'fields':[]}}]"),
			 &seed, &m, &error),
	    ERR_VALIDATION, "The table has no current schema");
	assert_fails(create_from_updates(arena,
			 json("[{'action':'upgrade-format-version',"
			      "'format-version':4}]"),
			 &seed, &m, &error),
	    ERR_ILLEGAL_ARGUMENT, "Cannot upgrade table to unsupported");
}

/* The order in which DuckDB sends them. */
static void
binds_to_the_last_schema_until_one_is_current(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(
	    create_from_updates(arena,
		json("[{'action':'add-schema','schema':{'type':'struct',"
		     "'fields':[{'id':1,'name':'day','required':false,"
		     "'type':'date'}]}},"
		     "{'action':'add-spec','spec':{'fields':[{'name':'day_y',"
		     "'source-id':1,'transform':'year'}]}},"
		     "{'action':'add-sort-order','sort-order':{'order-id':1,"
		     "'fields':[{'source-id':1,'transform':'identity',"
		     "'direction':'asc','null-order':'nulls-first'}]}},"
		     "{'action':'set-default-spec','spec-id':-1},"
		     "{'action':'set-default-sort-order','sort-order-id':-1}]"),
		&seed, &m, &error),
	    OK);
	assert_contains(metadata_text(&m), "'current-schema-id':0");
}

static void
stages_and_commits_to_the_same_table(void **state)
{
	struct metadata staged, m;
	bool is_create = false;

	(void)state;
	assert_int_equal(create(ONE "}", true, &staged), OK);
	assert_int_equal(
	    requirements_has_create(
		json("[{'type':'assert-create'}]"), &is_create, &error),
	    OK);
	assert_true(is_create);

	yyjson_mut_val *schema =
	    yyjson_mut_arr_get_first(metadata_list(&staged, "schemas"));
	struct str updates = arena_printf(arena,
	    "[{\"action\":\"assign-uuid\",\"uuid\":\"" STR_FMT
	    "\"},{\"action\":\"add-schema\",\"schema\":" STR_FMT
	    "},{\"action\":\"set-current-schema\",\"schema-id\":-1}]",
	    STR_ARG(metadata_uuid(&staged)),
	    STR_ARG(json_mut_text(arena, schema)));

	assert_int_equal(
	    create_from_updates(arena, json(updates.ptr), &seed, &m, &error),
	    OK);
	assert_str(metadata_uuid(&m), metadata_uuid(&staged));
	assert_true(yyjson_mut_equals(
	    metadata_list(&m, "schemas"), metadata_list(&staged, "schemas")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fills_in_what_a_request_leaves_out),
		TEST(accepts_nulls_as_pyiceberg_sends_them),
		TEST(numbers_columns_level_by_level),
		TEST(follows_ids_into_spec_order_and_identifiers),
		TEST(takes_version_and_location_from_the_request),
		TEST(says_when_a_staged_table_was_made),
		TEST(refuses_what_cannot_be_a_table),
		TEST(makes_a_table_of_the_updates_of_a_staged_one),
		TEST(completes_a_create_with_defaults),
		TEST(needs_a_schema_to_create),
		TEST(binds_to_the_last_schema_until_one_is_current),
		TEST(stages_and_commits_to_the_same_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
