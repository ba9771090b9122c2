/*
 * test_worst_shapes.c - lists of a client against lists of a client: sizes at
 * which a product of the two would take minutes.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "catalog/location_claims.h"
#include "catalog/namespaces.h"
#include "iceberg/requirements.h"
#include "iceberg/updates.h"
#include "iceberg/view.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

#define MANY 100000
#define NOW_MS 1700000100000

static const struct point head = { BRANCH, SEQ_HEAD };
static struct branch b;

static int
begin(void **state)
{
	(void)open_store(state);
	make_branch(&call, BRANCH, "main");
	b = (struct branch){ .id = BRANCH, .chain = { &head, 1 } };
	return 0;
}

/* `one` for each number below `count`, with commas between them. */
static void
add_many(struct buf *text, int count, const char *one)
{
	for (int i = 0; i < count; i++) {
		if (i != 0)
			buf_add_char(text, ',');
		for (const char *c = one; *c != '\0'; c++) {
			if (*c == '#')
				buf_add_int(text, i);
			else
				buf_add_char(text, *c == '\'' ? '"' : *c);
		}
	}
}

static struct str
many(const char *before, int count, const char *one, const char *behind)
{
	struct buf text = buf_in(call.arena);

	add_many(&text, 1, before);
	add_many(&text, count, one);
	add_many(&text, 1, behind);
	return buf_str(&text);
}

static yyjson_val *
parsed(struct str text)
{
	yyjson_val *v = NULL;

	assert_ok(json_parse(call.arena, text, &v, &error));
	return v;
}

/* ---- namespaces */
/* One of a release that had no limit. */
static void
put_namespace(struct str properties)
{
	const struct version put = { .key = path_key(STR("ns")),
		.kind = KIND_NAMESPACE,
		.object = id_v4(),
		.body = properties };
	struct unit unit = {
		.message = STR("old"), .puts = &put, .put_count = 1
	};
	enum verdict verdict;

	assert_ok(branch_apply(&call, &b, &unit, &verdict));
}

static void
removes_properties_of_a_namespace(void **state)
{
	struct str *removals = ARENA_NEW(call.arena, struct str, 2 * MANY);
	struct property_changes changes = { .removals = removals,
		.removal_count = 2 * MANY };
	struct namespace left;

	(void)state;
	put_namespace(many("{", MANY, "'name#':'v'", "}"));
	for (int i = 0; i < 2 * MANY; i++)
		removals[i] = arena_printf(call.arena, "name%d", 500 + i);
	assert_ok(namespaces_update(&call, &b, STR("ns"), &changes));
	assert_int_equal(changes.removed_count, MANY - 500);
	assert_int_equal(changes.missing_count, MANY + 500);
	assert_ok(namespaces_get(&call, &b, STR("ns"), &left));
	assert_int_equal(left.properties.count, 500);
	assert_str(left.properties.at[1].name, STR("name1"));
}

/* ---- tables */
#define TABLE                                                                  \
	"{'format-version':2,'table-uuid':"                                    \
	"'5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d','location':'s3://a/b',"        \
	"'last-sequence-number':1,'last-updated-ms':1700000000000,"            \
	"'last-column-id':0,'current-schema-id':0,'schemas':[{'type':"         \
	"'struct','schema-id':0,'fields':[]}],'default-spec-id':0,"            \
	"'partition-specs':[{'spec-id':0,'fields':[]}],"                       \
	"'last-partition-id':999,'default-sort-order-id':0,'sort-orders':"     \
	"[{'order-id':0,'fields':[]}],'current-snapshot-id':7,'snapshots':"    \
	"[{'snapshot-id':7,'timestamp-ms':1700000000000,'manifest-list':'l',"  \
	"'sequence-number':1,'summary':{'operation':'append'}}],"
#define MAIN_REF "'main':{'snapshot-id':7,'type':'branch'}"
#define REFS(more) TABLE "'refs':{" MAIN_REF more

static struct metadata
table_of(struct str text)
{
	struct metadata m;

	assert_ok(metadata_parse(call.arena, text, &m, &error));
	return m;
}

static struct metadata
table_of_many_refs(void)
{
	return table_of(many(
	    REFS(","), MANY, "'ref#':{'snapshot-id':7,'type':'tag'}", "}}"));
}

static enum err
update(struct metadata *m, struct str updates)
{
	const struct update_context context = { .now_ms = NOW_MS,
		.base_file = STR("s3://a/b/metadata/00001-x.metadata.json"),
		.uuid = STR("5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d") };
	struct update_result result;

	return updates_apply(m, parsed(updates), &context, &result, &error);
}

static void
requires_as_many_refs_as_there_are(void **state)
{
	struct metadata m = table_of_many_refs();

	(void)state;
	assert_ok(requirements_check(call.arena,
	    parsed(many("[", MANY,
		"{'type':'assert-ref-snapshot-id','ref':'ref#',"
		"'snapshot-id':7}",
		"]")),
	    &m, &error));
}

static void
changes_many_refs_of_more(void **state)
{
	struct metadata m = table_of_many_refs();
	int64_t id;
	bool branch;

	(void)state;
	assert_ok(update(
	    &m, many("[", 10000,
		    "{'action':'remove-snapshot-ref','ref-name':'ref#'},"
		    "{'action':'set-snapshot-ref','ref-name':'ref1#','type':"
		    "'branch','snapshot-id':7}",
		    "]")));
	assert_int_equal(
	    yyjson_mut_obj_size(metadata_list(&m, "refs")), MANY + 1 - 10000);
	assert_false(metadata_ref(&m, STR("ref0"), &id, &branch));
	assert_true(metadata_ref(&m, STR("ref19999"), &id, &branch));
	assert_true(branch);
	assert_true(metadata_ref(&m, STR("ref99999"), &id, &branch));
	assert_false(branch);
}

#define STATISTICS(properties)                                                 \
	"{'snapshot-id':7,'statistics-path':'p','file-size-in-bytes':1,"       \
	"'file-footer-size-in-bytes':1,'blob-metadata':[{'type':'t',"          \
	"'snapshot-id':7,'sequence-number':1,'fields':[],'properties':"        \
	"{" properties

/* The members come in the opposite order. */
static void
compares_objects_in_any_order(void **state)
{
	struct metadata m = table_of(
	    many(TABLE "'refs':{" MAIN_REF "},'statistics':[" STATISTICS(""),
		MANY, "'a#':'v'", "}}]}]}"));
	struct buf updates = buf_in(call.arena);
	const struct update_context context = { .now_ms = NOW_MS };
	struct update_result result;

	(void)state;
	add_many(&updates, 1,
	    "[{'action':'set-statistics','statistics':" STATISTICS(""));
	for (int i = MANY; i-- > 0;)
		buf_printf(&updates, "\"a%d\":\"v\"%s", i, i != 0 ? "," : "");
	add_many(&updates, 1, "}}]}}]");
	assert_ok(updates_apply(
	    &m, parsed(buf_str(&updates)), &context, &result, &error));
	assert_false(result.changed);
}

static void
stops_at_the_deadline(void **state)
{
	struct metadata m = table_of(many(REFS(""), 0, "", "}}"));

	(void)state;
	m.deadline_us = clock_mono_us();
	assert_fails(
	    update(&m,
		many("[", 1, "{'action':'set-location','location':'s3://a/c'}",
		    "]")),
	    ERR_SLOW_DOWN, "The changes could not be worked through in time");
	assert_int_equal(
	    requirements_check(call.arena,
		parsed(many(
		    "[", 1, "{'type':'assert-table-uuid','uuid':'x'}", "]")),
		&m, &error),
	    ERR_SLOW_DOWN);
}

static void
reads_no_root_of_more_members_than_it_searches(void **state)
{
	struct metadata m;

	(void)state;
	assert_int_equal(
	    metadata_parse(call.arena,
		many(REFS("},"), METADATA_MEMBERS_MAX, "'x#':1", "}"), &m,
		&error),
	    ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "more than 1000 members"));
}

/* ---- views */
#define SQL(dialect) "{'type':'sql','sql':'s','dialect':'" dialect "'}"
#define VERSION(id)                                                            \
	"{'version-id':" id ",'timestamp-ms':1,'schema-id':0,'summary':{},"    \
	"'default-namespace':[],'representations':["
#define VIEW                                                                   \
	"{'view-uuid':'5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d',"                 \
	"'format-version':1,'location':'s3://a/v','current-version-id':0,"     \
	"'schemas':[{'type':'struct','schema-id':0,'fields':[]}],"             \
	"'version-log':["

static struct metadata
view_of(struct str text)
{
	struct metadata m;

	assert_ok(view_parse(call.arena, text, &m, &error));
	return m;
}

static void
change_view(struct metadata *m, struct str updates)
{
	bool changed;

	assert_ok(
	    view_updates_apply(m, parsed(updates), NOW_MS, &changed, &error));
	assert_true(changed);
}

static void
forgets_many_versions_of_a_view(void **state)
{
	struct buf text = buf_in(call.arena);
	struct metadata m;

	(void)state;
	add_many(&text, 1, VIEW);
	add_many(&text, MANY, "{'timestamp-ms':1,'version-id':#}");
	add_many(&text, 1, "],'versions':[");
	add_many(&text, MANY, VERSION("#") SQL("spark") "]}");
	add_many(&text, 1, "]}");
	m = view_of(buf_str(&text));
	change_view(
	    &m, many("[", 1, "{'action':'set-properties','updates':{'a':'b'}}",
		    "]"));
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "versions")), 10);
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "version-log")), 9);
	assert_non_null(metadata_entry(&m, "versions", "version-id", 0));
	assert_non_null(metadata_entry(&m, "versions", "version-id", MANY - 9));
	assert_null(metadata_entry(&m, "versions", "version-id", MANY - 10));
}

static void
compares_many_dialects(void **state)
{
	struct buf text = buf_in(call.arena);
	struct metadata m;

	(void)state;
	add_many(&text, 1, VIEW "],'versions':[" VERSION("0"));
	add_many(&text, MANY, SQL("d#"));
	add_many(&text, 1, "]}]}");
	m = view_of(buf_str(&text));
	text = buf_in(call.arena);
	add_many(&text, 1,
	    "[{'action':'add-view-version','view-version':" VERSION("1"));
	for (int i = MANY; i-- > 0;)
		buf_printf(&text,
		    "{\"type\":\"sql\",\"sql\":\"t\",\"dialect\":\"D%d\"}%s", i,
		    i != 0 ? "," : "");
	add_many(&text, 1,
	    "]}},{'action':'set-current-view-version','view-version-id':-1}]");
	change_view(&m, buf_str(&text));
}

/* ---- location claims */
/* Of a transaction that makes that many tables. */
static void
claims_many_grounds_in_one_unit(void **state)
{
	enum { CLAIMS = 10000 };
	struct draft d = draft_in(call.arena);
	struct location_move move = { .taken = ERR_ALREADY_EXISTS };
	struct str own;

	(void)state;
	for (int i = 0; i < CLAIMS; i++) {
		move.location = arena_printf(call.arena, "file:///w/a%d/b", i);
		assert_ok(location_claims_move(&call, &b, &d, &move, &own));
	}
	assert_int_equal(d.put_count, 2 * CLAIMS + 1);
	move.location = STR("file:///w/a77/b/c");
	assert_int_equal(location_claims_move(&call, &b, &d, &move, &own),
	    ERR_ALREADY_EXISTS);
	move.location = STR("file:///w/a77");
	assert_int_equal(location_claims_move(&call, &b, &d, &move, &own),
	    ERR_ALREADY_EXISTS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(removes_properties_of_a_namespace),
		TEST(requires_as_many_refs_as_there_are),
		TEST(changes_many_refs_of_more),
		TEST(compares_objects_in_any_order),
		TEST(stops_at_the_deadline),
		TEST(reads_no_root_of_more_members_than_it_searches),
		TEST(forgets_many_versions_of_a_view),
		TEST(compares_many_dialects),
		TEST(claims_many_grounds_in_one_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
