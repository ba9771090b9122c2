/* test_schema.c - reading, comparing and numbering schemas. */
#include "iceberg/member.h"
#include "iceberg/schema.h"
#include "tests/unit/metadata_fixture.h"

static enum err
read(const char *text, struct schema *ret)
{
	return schema_read(arena, mut_json(text), ret, &error);
}

static struct schema
must_read(const char *text)
{
	struct schema schema = { 0 };

	if (read(text, &schema) != OK)
		fail_msg("%s in %s", error.message, text);
	return schema;
}

#define STRUCT(fields) "{'type':'struct','fields':[" fields "]}"
#define FIELD(id, name, type, more)                                            \
	"{'id':" id ",'name':'" name "','required':true,'type':" type more "}"
#define LIST(id, type)                                                         \
	"{'type':'list','element-id':" id ",'element':" type                   \
	",'element-required':true}"
#define MAP(key_id, key, value_id, value)                                      \
	"{'type':'map','key-id':" key_id ",'key':" key ",'value-id':" value_id \
	",'value':" value ",'value-required':true}"

#define NESTED                                                                 \
	STRUCT(FIELD("1", "a", STRUCT(FIELD("4", "x", "'int'", "")),           \
	    "") "," FIELD("2", "b", LIST("5", "'long'"), "") "," FIELD("3",    \
	    "c",                                                               \
	    MAP("6", "'string'", "7", STRUCT(FIELD("8", "y", "'date'", ""))),  \
	    ""))

static void
lists_fields_in_the_order_of_the_reference(void **state)
{
	static const char *const paths[] = { "a", "b", "c", "a.x", "b.element",
		"c.key", "c.value", "c.value.y" };
	struct schema schema = must_read(NESTED);

	(void)state;
	assert_int_equal(schema.count, 8);
	for (size_t i = 0; i < schema.count; i++) {
		assert_str(schema.fields[i].path, str_from(paths[i]));
		assert_int_equal(schema.fields[i].id, i + 1);
	}
	assert_int_equal(schema_highest_id(&schema), 8);
	assert_ptr_equal(schema_field_of(&schema, 8), &schema.fields[7]);
	assert_null(schema_field_of(&schema, 9));
	assert_null(schema_repeated_parent(&schema, &schema.fields[3]));
	assert_ptr_equal(schema_repeated_parent(&schema, &schema.fields[7]),
	    &schema.fields[2]);
}

static void
knows_every_primitive_type(void **state)
{
	static const char *const good[] = { "boolean", "int", "long", "float",
		"double", "date", "time", "timestamp", "timestamptz",
		"timestamp_ns", "timestamptz_ns", "string", "uuid", "binary",
		"unknown", "variant", "fixed[16]", "decimal(9,2)",
		"decimal(38, 38)", "geometry", "geometry(srid:4326)",
		"geography(OGC:CRS84, spherical)", "LONG" };
	static const char *const bad[] = { "", "struct", "list", "integer",
		"fixed", "fixed[", "fixed[x]", "fixed[-1]", "fixed(3)",
		"fixed[99999999999]", "decimal", "decimal(39,2)",
		"decimal(9,10)", "decimal(0,0)", "decimal(9)", "decimal(9,2",
		"decimal[9,2]", "int(3)", "geometry()", "geometry[x]" };
	struct type type;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!type_parse(str_from(good[i]), &type))
			fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (type_parse(str_from(bad[i]), &type))
			fail_msg("accepted %s", bad[i]);
}

static void
refuses_malformed_schemas(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		enum err code;
		const char *message;
	} cases[] = {
		{ "7", ERR_BAD_REQUEST, "Field 'schema' must be an object" },
		{ "{}", ERR_BAD_REQUEST, "Missing required field 'type'" },
		{ "{'type':'list'}", ERR_ILLEGAL_ARGUMENT,
		  "Cannot create schema, not a struct type: list" },
		{ "{'type':'struct'}", ERR_BAD_REQUEST,
		  "Missing required field 'fields'" },
		{ STRUCT("7"), ERR_BAD_REQUEST,
		  "Each entry of 'fields' in a schema must be an object" },
		{ STRUCT("{'id':1}"), ERR_BAD_REQUEST,
		  "Missing required field 'name'" },
		{ STRUCT("{'id':1,'name':'a','type':'int'}"), ERR_BAD_REQUEST,
		  "Missing required field 'required'" },
		{ STRUCT(FIELD("1", "", "'int'", "")), ERR_ILLEGAL_ARGUMENT,
		  "Invalid schema: field 1 has an empty name" },
		{ STRUCT(FIELD("1", "a", "'integer'", "")),
		  ERR_ILLEGAL_ARGUMENT,
		  "Cannot parse type of field a: integer" },
		{ STRUCT(FIELD("1", "a", "7", "")), ERR_BAD_REQUEST,
		  "Field 'type' of a must be a string or an object" },
		{ STRUCT(FIELD("1", "a", "{}", "")), ERR_BAD_REQUEST,
		  "Field 'type' of a must be a string or an object" },
		{ STRUCT(FIELD("1", "a", "{'type':'tuple'}", "")),
		  ERR_ILLEGAL_ARGUMENT, "Cannot parse type of field a: tuple" },
		{ STRUCT(FIELD("1", "a", "{'type':'list'}", "")),
		  ERR_BAD_REQUEST, "Missing required field 'element-id'" },
		{ STRUCT(FIELD("1", "a", "'int'", "") ","
		  FIELD("1", "b", "'int'", "")), ERR_ILLEGAL_ARGUMENT,
		  "Invalid schema: multiple fields with id 1" },
		{ STRUCT(FIELD("1", "a", "'int'", "") ","
		  FIELD("2", "a", "'int'", "")), ERR_ILLEGAL_ARGUMENT,
		  "Invalid schema: multiple fields for name a" },
		{ STRUCT(FIELD("1", "a.b", "'int'", "") "," FIELD("2", "a",
		  STRUCT(FIELD("3", "b", "'int'", "")), "")),
		  ERR_ILLEGAL_ARGUMENT,
		  "Invalid schema: multiple fields for name a.b" },
		{ STRUCT(FIELD("1", "a", "'int'", ",'doc':7")),
		  ERR_BAD_REQUEST, "Field 'doc' must be a string" },
		{ STRUCT(FIELD("1", "a", "'int'", ",'write-default':'7'")),
		  ERR_BAD_REQUEST,
		  "Field 'write-default' of a does not fit the type int" },
		{ STRUCT(FIELD("1", "a", "'date'", ",'initial-default':7")),
		  ERR_BAD_REQUEST,
		  "Field 'initial-default' of a does not fit the type date" },
	};
	/* clang-format on */
	struct schema schema;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(read(cases[i].text, &schema), cases[i].code,
		    cases[i].message);
}

#define WITH_IDENTIFIER(ids, field)                                            \
	"{'type':'struct','identifier-field-ids':" ids ",'fields':[" field "]" \
	"}"

static void
judges_identifier_fields(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ WITH_IDENTIFIER("[9]", FIELD("1", "a", "'int'", "")),
		  "Cannot add fieldId 9 as an identifier field: field does "
		  "not exist" },
		{ WITH_IDENTIFIER("[1]", FIELD("1", "a", LIST("2", "'int'"),
		  "")), "Cannot add field a as an identifier field: not a "
		  "primitive type field" },
		{ WITH_IDENTIFIER("[1]", "{'id':1,'name':'a','required':false,"
		  "'type':'int'}"), "Cannot add field a as an identifier "
		  "field: not a required field" },
		{ WITH_IDENTIFIER("[1]", FIELD("1", "a", "'float'", "")),
		  "Cannot add field a as an identifier field: must not be "
		  "float or double field" },
		{ WITH_IDENTIFIER("[2]", FIELD("1", "a", LIST("2", "'int'"),
		  "")), "Cannot add field a.element as an identifier field: "
		  "must not be nested in a list or map" },
		{ WITH_IDENTIFIER("[2]", "{'id':1,'name':'a','required':false,"
		  "'type':" STRUCT(FIELD("2", "b", "'int'", "")) "}"),
		  "Cannot add field a.b as an identifier field: must not be "
		  "nested in an optional field" },
	};
	/* clang-format on */
	struct schema schema;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(read(cases[i].text, &schema), ERR_ILLEGAL_ARGUMENT,
		    cases[i].message);
	assert_fails(
	    read(WITH_IDENTIFIER("['1']", FIELD("1", "a", "'int'", "")),
		&schema),
	    ERR_BAD_REQUEST,
	    "Field 'identifier-field-ids' must hold 32-bit integers");
	must_read(WITH_IDENTIFIER(
	    "[2]", FIELD("1", "a", STRUCT(FIELD("2", "b", "'int'", "")), "")));
}

static void
compares_content_and_not_the_schema_id(void **state)
{
	/* clang-format off */
	static const char *const others[] = {
		STRUCT(FIELD("2", "a", "'decimal(9, 2)'", "")),
		STRUCT(FIELD("1", "b", "'decimal(9, 2)'", "")),
		STRUCT(FIELD("1", "a", "'decimal(9, 3)'", "")),
		STRUCT(FIELD("1", "a", "'decimal(9, 2)'", ",'doc':'d'")),
		STRUCT(FIELD("1", "a", "'decimal(9, 2)'",
		    ",'write-default':'1'")),
		STRUCT(FIELD("1", "a", "'decimal(9, 2)'", "") ","
		    FIELD("2", "b", "'int'", "")),
		WITH_IDENTIFIER("[1]",
		    FIELD("1", "a", "'decimal(9, 2)'", "")),
	};
	/* clang-format on */
	struct schema schema =
	    must_read(STRUCT(FIELD("1", "a", "'decimal(9, 2)'", "")));
	struct schema same =
	    must_read("{'schema-id':7,'fields':[{'type':'decimal(9,2)','id':1,"
		      "'required':true,'name':'a','doc':null}],'type':"
		      "'struct','identifier-field-ids':[]}");

	(void)state;
	assert_true(schema_equal(&schema, &same));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct schema other = must_read(others[i]);

		if (schema_equal(&schema, &other))
			fail_msg("equal to %s", others[i]);
	}
}

static void
gates_types_and_defaults_by_version(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ STRUCT(FIELD("1", "t", "'timestamp_ns'", "")),
		  "Invalid schema for v2:\n- Invalid type for t: timestamp_ns "
		  "is not supported until v3" },
		{ STRUCT(FIELD("1", "a", STRUCT(FIELD("2", "g", "'geometry'",
		  "")), "")), "Invalid schema for v2:\n- Invalid type for a.g: "
		  "geometry is not supported until v3" },
		{ STRUCT(FIELD("1", "n", "'int'", ",'initial-default':3")),
		  "Invalid schema for v2:\n- Invalid initial default for n: "
		  "non-null default is not supported until v3" },
		{ STRUCT(FIELD("1", "u", "'unknown'", "") "," FIELD("2", "v",
		  "'variant'", "")), "Invalid schema for v2:\n- Invalid type "
		  "for u: unknown is not supported until v3\n- Invalid type "
		  "for v: variant is not supported until v3" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schema schema = must_read(cases[i].text);

		assert_fails(schema_check_version(&schema, 2, &error),
		    ERR_ILLEGAL_ARGUMENT, cases[i].message);
		assert_int_equal(schema_check_version(&schema, 3, &error), OK);
	}
}

static void
says_as_much_about_a_wide_schema_as_fits(void **state)
{
	char text[16 * 1024];
	size_t used =
	    (size_t)snprintf(text, sizeof(text), "{'type':'struct','fields':[");

	(void)state;
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s{'id':%d,'name':'column_%d','required':true,"
		    "'type':'variant'}",
		    i == 0 ? "" : ",", i, i);
	(void)snprintf(text + used, sizeof(text) - used, "]}");

	struct schema schema = must_read(text);

	assert_fails(schema_check_version(&schema, 1, &error),
	    ERR_ILLEGAL_ARGUMENT, "Invalid schema for v1:\n- Invalid type");
}

static void
reads_a_schema_as_deep_as_json_may_be(void **state)
{
	struct schema schema;
	struct str type = STR("'int'");

	(void)state;
	for (int i = 0; i < 90; i++)
		type = arena_printf(arena,
		    "{'type':'list','element-id':%d,'element-required':true,"
		    "'element':" STR_FMT "}",
		    i + 2, STR_ARG(type));
	type = arena_printf(arena,
	    "{'type':'struct','fields':[{'id':1,'name':'a','required':true,"
	    "'type':" STR_FMT "}]}",
	    STR_ARG(type));
	assert_int_equal(read(type.ptr, &schema), OK);
	assert_int_equal(schema.count, 91);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_fields_in_the_order_of_the_reference),
		TEST(knows_every_primitive_type),
		TEST(refuses_malformed_schemas),
		TEST(judges_identifier_fields),
		TEST(compares_content_and_not_the_schema_id),
		TEST(gates_types_and_defaults_by_version),
		TEST(says_as_much_about_a_wide_schema_as_fits),
		TEST(reads_a_schema_as_deep_as_json_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
