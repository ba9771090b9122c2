/* test_view.c - the metadata of views, and the updates of it. */
#include "iceberg/metadata_file.h"
#include "iceberg/view.h"
#include "tests/unit/metadata_fixture.h"

static const struct table_seed seed = { .uuid = { FRESH_UUID, 36 },
	.location = { "s3://lake/db/v", 14 },
	.now_ms = NOW_MS };

#define SCHEMA(name)                                                           \
	"'schema':{'type':'struct','fields':[{'id':1,'name':'" name            \
	"','required':false,'type':'long'}]}"
#define SQL(text, dialect)                                                     \
	"{'type':'sql','sql':'" text "','dialect':'" dialect "'}"
#define VERSION(id, schema, representations)                                   \
	"{'version-id':" id                                                    \
	",'timestamp-ms':1700000000001,'schema-id':" schema                    \
	",'summary':{'engine-name':'spark'},'representations':"                \
	"[" representations "],'default-namespace':['db']}"
#define NEW                                                                    \
	"{'name':'v'," SCHEMA("a") ",'view-version':" VERSION(                 \
	    "7", "3", SQL("select 1", "spark")) ",'properties':{'k':'v'}}"

/* Updates, as one array. */
#define ADD(id, schema, representations)                                       \
	"{'action':'add-view-version','view-version':" VERSION(                \
	    id, schema, representations) "}"
#define SET(id) "{'action':'set-current-view-version','view-version-id':" id "}"

static struct metadata
new_view(void)
{
	struct metadata m;

	if (view_create(arena, json(NEW), &seed, &m, &error) != OK)
		fail_msg("%s", error.message);
	return m;
}

static bool
apply(struct metadata *m, const char *updates)
{
	struct metadata again;
	bool changed;

	if (view_updates_apply(m, json(updates), NOW_MS, &changed, &error) !=
	    OK)
		fail_msg("%s: %s", error.message, updates);
	if (view_parse(arena, metadata_text(m), &again, &error) != OK)
		fail_msg("%s after %s", error.message, updates);
	return changed;
}

static void
refuses(const char *updates, enum err code, const char *says)
{
	struct metadata m = new_view();
	bool changed;

	assert_fails(
	    view_updates_apply(&m, json(updates), NOW_MS, &changed, &error),
	    code, says);
}

static void
gives_a_new_view_the_first_ids(void **state)
{
	struct metadata m = new_view();

	(void)state;
	assert_str(metadata_text(&m),
	    quoted(
		"{'view-uuid':'" FRESH_UUID "','format-version':1,"
		"'location':'s3://lake/db/v','properties':{'k':'v'},"
		"'schemas':[{'type':'struct','fields':[{'id':1,'name':'a',"
		"'required':false,'type':'long'}],'schema-id':0}],"
		"'versions':[" VERSION("1", "0",
		    SQL("select 1",
			"spark")) "],'version-log':[{'timestamp-ms':"
				  "1700000000001,"
				  "'version-id':1}],'current-version-id':1}"));
}

static void
refuses_a_new_view_that_is_none(void **state)
{
	static const struct {
		const char *request, *says;
		enum err code;
	} cases[] = {
		{ "{'name':'v'}", "Missing required field 'schema'",
		    ERR_BAD_REQUEST },
		{ "{" SCHEMA("a") "}", "Missing required field 'view-version'",
		    ERR_BAD_REQUEST },
		{ "{" SCHEMA("a") ",'view-version':" VERSION("1", "0", "") "}",
		    "Field 'representations' must not be empty",
		    ERR_BAD_REQUEST },
		{ "{" SCHEMA("a") ",'location':'/','view-version':" VERSION(
		      "1", "0", SQL("x", "a")) "}",
		    "Field 'location' must not be empty", ERR_BAD_REQUEST },
		{ "{" SCHEMA(
		      "a") ",'properties':{'a':1},'view-version':" VERSION("1",
		      "0", SQL("x", "a")) "}",
		    "Field 'properties.a' must be a string", ERR_BAD_REQUEST },
		{ "{" SCHEMA("a") ",'view-version':" VERSION(
		      "1", "0", SQL("x", "Trino") "," SQL("y", "trino")) "}",
		    "Invalid view version: Cannot add multiple queries for "
		    "dialect trino",
		    ERR_ILLEGAL_ARGUMENT },
	};
	struct metadata m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(view_create(arena, json(cases[i].request), &seed,
				 &m, &error),
		    cases[i].code, cases[i].says);
}

static void
replaces_a_version_and_logs_it(void **state)
{
	struct metadata m = new_view();

	(void)state;
	assert_true(
	    apply(&m, "[{'action':'add-schema'," SCHEMA("b") "}," ADD("2", "-1",
			  SQL("select 2", "spark")) "," SET("-1") "]"));
	assert_contains(metadata_text(&m), "'current-version-id':2");
	assert_contains(
	    metadata_text(&m), VERSION("2", "1", SQL("select 2", "spark")));
	assert_contains(metadata_text(&m),
	    "{'timestamp-ms':1700000000001,'version-id':2}]");
	/* back to an old version: the log has the time of now */
	assert_true(apply(&m, "[" SET("1") "]"));
	assert_contains(metadata_text(&m),
	    "{'timestamp-ms':1700000100000,'version-id':1}]");
}

static void
renumbers_the_version_of_whoever_comes_second(void **state)
{
	struct metadata m = new_view();

	(void)state;
	assert_true(apply(
	    &m, "[" ADD("2", "0", SQL("select 2", "spark")) "," SET("-1") "]"));
	assert_true(apply(
	    &m, "[" ADD("2", "0", SQL("select 3", "spark")) "," SET("-1") "]"));
	assert_contains(metadata_text(&m), "'current-version-id':3");
	assert_contains(
	    metadata_text(&m), VERSION("3", "0", SQL("select 3", "spark")));
}

static void
uses_a_version_again_that_says_the_same(void **state)
{
	struct metadata m = new_view();
	struct str before = metadata_text(&m);

	(void)state;
	assert_false(
	    apply(&m, "[{'action':'add-schema'," SCHEMA("a") "}," ADD("9", "-1",
			  SQL("select 1", "spark")) "," SET("-1") "]"));
	assert_str(metadata_text(&m), before);
}

static void
keeps_a_history_and_a_log_without_holes(void **state)
{
	struct metadata m = new_view();

	(void)state;
	(void)apply(&m, "[{'action':'set-properties','updates':{"
			"'version.history.num-entries':'2'}}]");
	(void)apply(
	    &m, "[" ADD("2", "0", SQL("select 2", "spark")) "," SET("2") "]");
	(void)apply(&m, "[" SET("1") "]");
	(void)apply(
	    &m, "[" ADD("3", "0", SQL("select 3", "spark")) "," SET("3") "]");
	assert_int_equal(yyjson_mut_arr_size(metadata_list(&m, "versions")), 2);
	assert_contains(metadata_text(&m),
	    "'version-log':[{'timestamp-ms':1700000000001,'version-id':3}]");
}

static void
never_cuts_what_one_request_brought(void **state)
{
	struct metadata m = new_view();

	(void)state;
	(void)apply(&m, "[{'action':'set-properties','updates':{"
			"'version.history.num-entries':'1'}}]");
	(void)apply(&m, "[" ADD("2", "0", SQL("2", "spark")) "," ADD(
			    "3", "0", SQL("3", "spark")) "," SET("2") "]");
	assert_int_equal(yyjson_mut_arr_size(metadata_list(&m, "versions")), 2);
	assert_contains(metadata_text(&m), "'current-version-id':2");
}

static void
loses_no_dialect_unless_allowed(void **state)
{
	struct metadata m = new_view();

	(void)state;
	refuses("[" ADD("2", "0", SQL("x", "trino")) "," SET("-1") "]",
	    ERR_VALIDATION,
	    "Cannot replace view due to loss of view dialects "
	    "(replace.drop-dialect.allowed=false): spark");
	assert_true(
	    apply(&m, "[{'action':'set-properties','updates':{"
		      "'replace.drop-dialect.allowed':'true'}}," ADD(
			  "2", "0", SQL("x", "trino")) "," SET("-1") "]"));
	assert_true(apply(&m,
	    "[" ADD("3", "0", SQL("x", "TRINO") "," SQL("x", "spark")) "," SET(
		"-1") "]"));
}

static void
changes_the_view_as_a_whole(void **state)
{
	struct metadata m = new_view();

	(void)state;
	assert_false(apply(&m, "[{'action':'assign-uuid','uuid':'" FRESH_UUID
			       "'},{'action':'upgrade-format-version',"
			       "'format-version':1}]"));
	assert_true(apply(&m, "[{'action':'set-location','location':'s3://n/'"
			      "},{'action':'remove-properties','removals':["
			      "'k']}]"));
	assert_contains(metadata_text(&m), "'location':'s3://n'");
	assert_contains(metadata_text(&m), "'properties':{}");
}

static void
refuses_updates_that_cannot_be(void **state)
{
	(void)state;
	refuses("[{'action':'add-snapshot'}]", ERR_BAD_REQUEST,
	    "/updates/0/action: Cannot parse unknown view update: "
	    "add-snapshot");
	refuses("[{'action':'assign-uuid','uuid':"
		"'11111111-2222-3333-4444-555555555555'}]",
	    ERR_VALIDATION, "Cannot reassign uuid");
	refuses("[{'action':'upgrade-format-version','format-version':2}]",
	    ERR_ILLEGAL_ARGUMENT, "Cannot upgrade view");
	refuses("[" SET("-1") "]", ERR_VALIDATION,
	    "Cannot set last version id: no version has been added");
	refuses("[" SET("5") "]", ERR_VALIDATION,
	    "Cannot set current version to unknown version: 5");
	refuses("[" ADD("2", "8", SQL("x", "spark")) "]", ERR_VALIDATION,
	    "Cannot add version with unknown schema: 8");
	refuses("[" ADD("2", "-1", SQL("x", "spark")) "]", ERR_VALIDATION,
	    "Cannot set last added schema");
	refuses("[" ADD("0", "0", SQL("x", "spark")) "]", ERR_BAD_REQUEST,
	    "/updates/0: add-view-version: Field 'version-id' is out of");
	refuses("[" ADD("2", "0", "{'type':'sql','sql':'x'}") "]",
	    ERR_BAD_REQUEST,
	    "/updates/0: add-view-version: Missing required field 'dialect'");
	refuses("[{'action':'set-properties','updates':{"
		"'version.history.num-entries':'0'}}]",
	    ERR_ILLEGAL_ARGUMENT,
	    "version.history.num-entries must be a number above 0: 0");
}

static void
keeps_what_it_does_not_know(void **state)
{
	struct metadata m;
	struct metadata known = new_view();
	struct str text = metadata_text(&known);

	(void)state;
	text = arena_printf(arena, "%.*s,\"new\":{\"x\":9223372036854775807}}",
	    (int)text.len - 1, text.ptr);
	assert_int_equal(view_parse(arena, text, &m, &error), OK);
	(void)apply(&m, "[" ADD("2", "0",
			    "{'type':'ast','tree':[]}," SQL(
				"select 2", "spark")) "," SET("-1") "]");
	assert_contains(metadata_text(&m), "'new':{'x':9223372036854775807}");
	assert_contains(metadata_text(&m), "{'type':'ast','tree':[]}");
}

static void
checks_the_one_requirement(void **state)
{
	struct metadata m = new_view();

	(void)state;
	assert_int_equal(view_requirements_check(arena, NULL, &m, &error), OK);
	assert_int_equal(view_requirements_check(arena,
			     json("[{'type':'assert-view-uuid','uuid':"
				  "'" FRESH_UUID "'}]"),
			     &m, &error),
	    OK);
	assert_fails(
	    view_requirements_check(arena,
		json("[{'type':'assert-view-uuid','uuid':'x'}]"), &m, &error),
	    ERR_COMMIT_FAILED,
	    "Requirement failed: view UUID does not match: expected " FRESH_UUID
	    " != x");
	assert_fails(view_requirements_check(
			 arena, json("[{'type':'assert-create'}]"), &m, &error),
	    ERR_BAD_REQUEST,
	    "/requirements/0/type: Cannot parse unknown view requirement");
}

static void
refuses_files_that_are_no_views(void **state)
{
	static const char *const cases[][2] = {
		{ "[]", "Invalid view metadata: it must be an object" },
		{ "{'format-version':2}",
		    "Invalid view metadata: Cannot read unsupported version" },
		{ "{'format-version':1}",
		    "Invalid view metadata: Missing required field "
		    "'view-uuid'" },
	};
	struct metadata m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(view_parse(arena, quoted(cases[i][0]), &m, &error),
		    ERR_BAD_REQUEST, cases[i][1]);
}

static void
packs_the_files_of_views_unless_told_otherwise(void **state)
{
	struct metadata m = new_view();
	struct str name;

	(void)state;
	assert_int_equal(
	    metadata_file_next(&m, (struct str){ 0 }, STR("u"), &name, &error),
	    OK);
	assert_str(name, STR("s3://lake/db/v/metadata/00000-u.gz.metadata"
			     ".json"));
	(void)apply(&m, "[{'action':'set-properties','updates':{"
			"'write.metadata.compression-codec':'none'}}]");
	assert_int_equal(
	    metadata_file_next(&m, name, STR("u"), &name, &error), OK);
	assert_str(name, STR("s3://lake/db/v/metadata/00001-u.metadata.json"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_a_new_view_the_first_ids),
		TEST(refuses_a_new_view_that_is_none),
		TEST(replaces_a_version_and_logs_it),
		TEST(renumbers_the_version_of_whoever_comes_second),
		TEST(uses_a_version_again_that_says_the_same),
		TEST(keeps_a_history_and_a_log_without_holes),
		TEST(never_cuts_what_one_request_brought),
		TEST(loses_no_dialect_unless_allowed),
		TEST(changes_the_view_as_a_whole),
		TEST(refuses_updates_that_cannot_be),
		TEST(keeps_what_it_does_not_know),
		TEST(checks_the_one_requirement),
		TEST(refuses_files_that_are_no_views),
		TEST(packs_the_files_of_views_unless_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
