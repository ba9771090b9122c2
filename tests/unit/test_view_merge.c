/* test_view_merge.c - two versions of a view, merged. */
#include "iceberg/table_merge.h"
#include "iceberg/view.h"
#include "tests/unit/metadata_fixture.h"

static const struct table_seed seed = { .uuid = { FRESH_UUID, 36 },
	.location = { "s3://lake/db/v", 14 },
	.now_ms = NOW_MS };

#define VERSION(id, sql, more)                                                 \
	"{'version-id':" id                                                    \
	",'timestamp-ms':1700000000001,'schema-id':0,'summary':{},"            \
	"'representations':[{'type':'sql','sql':'" sql                         \
	"','dialect':'spark'}],'default-namespace':['db']" more "}"
#define NEW                                                                    \
	"{'name':'v','schema':{'type':'struct','fields':[{'id':1,'name':'a',"  \
	"'required':false,'type':'long'}]},'view-version':" VERSION(           \
	    "1", "select 1", "") ",'properties':{'k':'v','gone':'x'}}"
#define REPLACE(sql, more)                                                     \
	"[{'action':'add-view-version','view-version':" VERSION(               \
	    "2", sql, more) "},{'action':'set-current-view-version',"          \
			    "'view-version-id':-1}]"
#define WIDEN                                                                  \
	"[{'action':'add-schema','schema':{'type':'struct','fields':[{'id':1," \
	"'name':'b','required':false,'type':'long'}]}},"                       \
	"{'action':'add-view-version','view-version':{'version-id':2,"         \
	"'timestamp-ms':1700000000001,'schema-id':-1,'summary':{},"            \
	"'representations':[{'type':'sql','sql':'select 1','dialect':"         \
	"'spark'}],'default-namespace':['db']}},"                              \
	"{'action':'set-current-view-version','view-version-id':-1}]"
#define SET(name, value)                                                       \
	"[{'action':'set-properties','updates':{'" name "':'" value "'}}]"

static struct metadata
view_after(const char *updates)
{
	struct metadata m;
	bool changed;

	if (view_create(arena, json(NEW), &seed, &m, &error) != OK)
		fail_msg("%s", error.message);
	if (view_updates_apply(&m, json(updates), NOW_MS, &changed, &error) !=
	    OK)
		fail_msg("%s in %s", error.message, updates);
	return m;
}

static struct table_merge
merge_with(const char *source, const char *target, struct merge_choice *choice)
{
	struct metadata m[] = { view_after("[]"), view_after(source),
		view_after(target) };
	struct view_merge_input in = { .base = &m[0],
		.source = &m[1],
		.target = &m[2],
		.choices = { choice, choice != NULL },
		.now_ms = NOW_MS + 1 };
	struct table_merge merge;

	if (view_merge(&in, &merge, &error) != OK)
		fail_msg("%s", error.message);
	return merge;
}

static struct str
merged(const char *source, const char *target)
{
	struct table_merge merge = merge_with(source, target, NULL);
	struct metadata again;
	struct str text;

	if (merge.conflicts.count != 0)
		fail_msg(STR_FMT, STR_ARG(merge.conflicts.at[0].message));
	assert_true(merge.changed);
	text = metadata_text(&merge.metadata);
	if (view_parse(arena, text, &again, &error) != OK)
		fail_msg("%s", error.message);
	return text;
}

static void
assert_conflict(const char *source, const char *target, const char *field)
{
	struct table_merge merge = merge_with(source, target, NULL);

	assert_int_equal(merge.conflicts.count, 1);
	assert_int_equal(merge.conflicts.at[0].kind, CONFLICT_METADATA);
	assert_str(merge.conflicts.at[0].field, str_from(field));
	assert_false(merge.changed);
}

static void
what_source_alone_changed_is_taken(void **state)
{
	struct str text = merged(REPLACE("select 2", ""), SET("k", "w"));

	(void)state;
	assert_contains(text, "'sql':'select 2'");
	assert_contains(text, "'current-version-id':2");
	assert_contains(text, "'k':'w'");
	text = merged(SET("k", "w"), REPLACE("select 2", ""));
	assert_contains(text, "'current-version-id':2");
	assert_contains(text, "'k':'w'");
	text = merged(
	    "[{'action':'remove-properties','removals':['gone']}]", "[]");
	assert_false(contains(text, "gone"));
	text = merged(WIDEN, SET("k", "w"));
	assert_contains(text, "'name':'b'");
	assert_contains(text, "'current-version-id':2");
}

static void
the_same_change_is_no_conflict(void **state)
{
	struct table_merge merge =
	    merge_with(REPLACE("select 2", ""), REPLACE("select 2", ""), NULL);

	(void)state;
	assert_int_equal(merge.conflicts.count, 0);
	assert_false(merge.changed);
	merge = merge_with(SET("k", "w"), SET("k", "w"), NULL);
	assert_int_equal(merge.conflicts.count, 0);
	assert_false(merge.changed);
}

static void
two_changes_are_a_conflict(void **state)
{
	(void)state;
	assert_conflict(
	    REPLACE("select 2", ""), REPLACE("select 3", ""), "version");
	assert_conflict(WIDEN, REPLACE("select 3", ""), "version");
	assert_conflict(SET("k", "w"), SET("k", "x"), "properties.k");
	/* what nobody here reads counts, too */
	assert_conflict(REPLACE("select 2", ",'storage-table':'a'"),
	    REPLACE("select 2", ",'storage-table':'b'"), "version");
}

static void
a_choice_settles_a_property(void **state)
{
	struct merge_choice choice = { STR("properties.k"), MERGE_VALUE,
		STR("y") };
	struct table_merge merge =
	    merge_with(SET("k", "w"), SET("k", "x"), &choice);

	(void)state;
	assert_int_equal(merge.conflicts.count, 0);
	assert_str(metadata_property(&merge.metadata, "k"), STR("y"));
	choice.value = (struct str){ 0 };
	merge = merge_with(SET("k", "w"), SET("k", "x"), &choice);
	assert_null(metadata_property(&merge.metadata, "k").ptr);
	choice.side = MERGE_SOURCE;
	merge = merge_with(SET("k", "w"), SET("k", "x"), &choice);
	assert_str(metadata_property(&merge.metadata, "k"), STR("w"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_source_alone_changed_is_taken),
		TEST(the_same_change_is_no_conflict),
		TEST(two_changes_are_a_conflict),
		TEST(a_choice_settles_a_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
