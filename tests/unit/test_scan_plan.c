/*
 * test_scan_plan.c - plans of a table whose list and manifests are those of
 * tests/data/manifests: a, b and d are live, c was deleted.
 */
#include "catalog/plan.h"

#include <malloc.h>

#include "tests/unit/avro_fixture.h"

static struct metadata metadata;
static struct scan_request request;
static struct work_budget budget;

/* Snapshots 1 <- 7 <- 8, which an overwrite made; 9 has lost its parent. */
static const char table[] =
    "{'format-version':2,'table-uuid':'" FRESH_UUID "','location':'file:/w',"
    "'last-sequence-number':4,'last-updated-ms':1,'last-column-id':3,"
    "'current-schema-id':0,'schemas':[{'type':'struct','schema-id':0,"
    "'fields':[{'id':1,'name':'id','required':false,'type':'long'},"
    "{'id':2,'name':'kind','required':false,'type':'string'},"
    "{'id':3,'name':'at','required':false,'type':'timestamp'}]}],"
    "'default-spec-id':0,'last-partition-id':1001,'partition-specs':["
    "{'spec-id':0,'fields':[{'source-id':2,'field-id':1000,'name':'kind',"
    "'transform':'identity'},{'source-id':3,'field-id':1001,"
    "'name':'at_day','transform':'day'}]}],"
    "'default-sort-order-id':0,'sort-orders':[{'order-id':0,'fields':[]}],"
    "'current-snapshot-id':7,'snapshots':["
    "{'snapshot-id':1,'sequence-number':1,'timestamp-ms':1,"
    "'manifest-list':'file:/w/l1','summary':{'operation':'append'}},"
    "{'snapshot-id':7,'parent-snapshot-id':1,'sequence-number':3,"
    "'timestamp-ms':2,'manifest-list':'file:/w/l7','schema-id':0,"
    "'summary':{'operation':'append'}},"
    "{'snapshot-id':8,'parent-snapshot-id':7,'sequence-number':4,"
    "'timestamp-ms':3,'manifest-list':'file:/w/l8',"
    "'summary':{'operation':'overwrite'}},"
    "{'snapshot-id':9,'parent-snapshot-id':5,'sequence-number':4,"
    "'timestamp-ms':3,'manifest-list':'file:/w/l9',"
    "'summary':{'operation':'append'}}]}";

static int
open_table(void **state)
{
	(void)open_arena(state);
	if (metadata_parse(arena, quoted(table), &metadata, &error) != OK)
		fail_msg("%s", error.message);
	budget = work_until(INT64_MAX);
	request = (struct scan_request){ .snapshot_id = SNAPSHOT_NONE,
		.start_snapshot_id = SNAPSHOT_NONE,
		.end_snapshot_id = SNAPSHOT_NONE,
		.case_sensitive = true };
	return 0;
}

static struct scan_plan *
plan_of_list(void)
{
	struct scan_plan *p = NULL;

	if (scan_plan_new(&metadata, &request, &budget, &p, &error) != OK)
		fail_msg("%s", error.message);
	for (size_t i = 0; i < scan_plan_snapshots(p)->count; i++)
		if (scan_plan_add_list(p, &scan_plan_snapshots(p)->at[i],
			data_text("manifests/list-v2.avro"), &error) != OK)
			fail_msg("%s", error.message);
	return p;
}

static struct str
written(void)
{
	struct scan_plan *p = plan_of_list();
	struct scan_ranges parts = scan_plan_cut(p, 9);
	struct buf b = buf_in(arena);
	struct scan_sources all;

	if (parts.count == 0)
		return STR("");
	assert_int_equal(parts.count, 1);
	all = scan_plan_sources(p, parts.at[0]);
	for (size_t i = 0; i < all.count; i++)
		all.at[i].bytes =
		    data_text(str_eq(all.at[i].path, STR("file:/w/m0.avro"))
				  ? "manifests/data-v2.avro"
				  : "manifests/deletes-v2.avro");
	if (scan_plan_write(p, all, &b, &error) != OK)
		fail_msg("%s", error.message);
	return buf_str(&b);
}

static void
live_files_are_written_with_their_deletes(void **state)
{
	struct str text = written();

	(void)state;
	assert_contains(text,
	    "'file-path':'file:/w/a.parquet','file-format':'parquet',"
	    "'spec-id':0,'partition':['a','2024-10-04'],"
	    "'file-size-in-bytes':100,'record-count':10,"
	    "'key-metadata':'6B','split-offsets':[4,400],'sort-order-id':1}");
	assert_contains(text, "'partition':[null,'1969-12-31']");
	assert_contains(text, "'file-path':'file:/w/d.parquet'");
	assert_false(contains(text, "c.parquet"));
	/* a is as new as both: only the one by position applies */
	assert_contains(text, "'delete-file-references':[0]");
	assert_contains(text, "'file-path':'file:/w/p.parquet'");
	assert_false(contains(text, "e.parquet"));
}

static void
files_are_left_out_by_partition_and_by_metrics(void **state)
{
	(void)state;
	request.filter = json("{'type':'eq','term':'kind','value':'d'}");
	assert_contains(written(), "d.parquet");
	assert_false(contains(written(), "a.parquet"));
	assert_contains(written(), "'residual-filter':true");
	request.filter = json("{'type':'gt','term':'id','value':9}");
	assert_false(contains(written(), "a.parquet"));
	assert_contains(written(), "b.parquet");
	request.filter = json("{'type':'eq','term':'kind','value':'x'}");
	assert_str(written(), STR(""));
}

static void
rows_enough_are_enough(void **state)
{
	(void)state;
	request.min_rows = 5; /* a has deletes: its rows do not count */
	assert_contains(written(), "b.parquet");
	assert_false(contains(written(), "d.parquet"));
}

static void
an_append_scan_reads_what_its_snapshot_added(void **state)
{
	struct str text;

	(void)state;
	request.start_snapshot_id = 1;
	request.end_snapshot_id = 8;
	text = written();
	assert_contains(text, "a.parquet");
	assert_contains(text, "d.parquet");
	assert_false(contains(text, "b.parquet"));
	assert_false(contains(text, "p.parquet"));
}

static void
snapshots_are_those_that_were_asked_for(void **state)
{
	static const struct {
		int64_t at, start, end;
		const char *ids, *failure;
	} cases[] = {
#define NONE SNAPSHOT_NONE
		{ NONE, NONE, NONE, "7 ", NULL },
		{ 8, NONE, NONE, "8 ", NULL },
		{ NONE, 1, 8, "7 ", NULL },
		{ NONE, 7, 7, "", NULL },
		{ NONE, 5, 9, "9 ", NULL },
		{ 6, NONE, NONE, NULL, "/snapshot-id" },
		{ NONE, 8, 7, NULL, "/start-snapshot-id" },
		{ NONE, 4, 9, NULL, "/start-snapshot-id" },
		{ NONE, 1, 6, NULL, "/end-snapshot-id" },
		{ NONE, 1, NONE, NULL, "/end-snapshot-id" },
		{ NONE, NONE, 7, NULL, "/start-snapshot-id" },
		{ 7, 1, 7, NULL, "/snapshot-id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf ids = buf_in(arena);
		struct scan_snapshots found = { 0 };

		request.snapshot_id = cases[i].at;
		request.start_snapshot_id = cases[i].start;
		request.end_snapshot_id = cases[i].end;
		if (scan_snapshots(&metadata, &request, &found, &error) != OK) {
			assert_non_null(cases[i].failure);
			assert_memory_equal(error.message, cases[i].failure,
			    strlen(cases[i].failure));
			continue;
		}
		for (size_t n = 0; n < found.count; n++)
			buf_printf(&ids, "%d ", (int)found.at[n].id);
		assert_str(buf_str(&ids), str_from(cases[i].ids));
	}
}

static void
work_is_cut_where_it_is_large(void **state)
{
	struct scan_plan *p;
	struct scan_ranges parts;

	(void)state;
	request.snapshot_id = 7;
	p = plan_of_list();
	for (int i = 1; i < 2100; i++)
		assert_int_equal(
		    scan_plan_add_list(p, &scan_plan_snapshots(p)->at[0],
			data_text("manifests/list-v2.avro"), &error),
		    OK);
	parts = scan_plan_cut(p, 9);
	assert_int_equal(parts.count, 3);
	assert_int_equal(parts.at[0].from, 0);
	assert_int_equal(parts.at[1].from, 2 * SCAN_PART_MANIFESTS);
	/* a range has all deletes, and its own data */
	assert_int_equal(scan_plan_sources(p, parts.at[2]).count, 2100 + 100);
	assert_int_equal(scan_plan_cut(p, 1).count, 1);
}

/* ---- lists and manifests that ask for much */

#define FIELD(id, type) "{'name':'f" #id "','field-id':" #id ",'type':" type "}"
#define RECORD(id, fields)                                                     \
	"{'type':'record','name':'r" #id "','fields':[" fields "]}"

/* Rows of a manifest list with a summary of `each` fields. */
static struct str
list_of_rows(size_t rows, size_t each)
{
	struct buf b = avro_head(
	    RECORD(0, FIELD(500, "'string'") "," FIELD(501, "'long'") "," FIELD(
			  502, "'int'") "," FIELD(503, "'long'") "," FIELD(507,
			  "{'type':'array','items':" RECORD(
			      508, FIELD(509, "'boolean'")) "}")),
	    "deflate");
	struct buf row = buf_in(arena), all = buf_in(arena);

	add_text(&row, STR("file:/w/m"));
	for (int i = 0; i < 3; i++)
		add_number(&row, 0);
	add_number(&row, (int64_t)each);
	for (size_t i = 0; i < each; i++)
		buf_add_char(&row, 1);
	add_number(&row, 0);
	for (size_t i = 0; i < rows; i++)
		buf_add(&all, buf_str(&row));
	add_block(&b, (int64_t)rows, deflated(buf_str(&all)));
	return buf_str(&b);
}

static enum err
add_list(struct scan_plan **ret, struct str bytes)
{
	if (scan_plan_new(&metadata, &request, &budget, ret, &error) != OK)
		fail_msg("%s", error.message);
	return scan_plan_add_list(
	    *ret, &scan_plan_snapshots(*ret)->at[0], bytes, &error);
}

static size_t
allocated(void)
{
	struct mallinfo2 now = mallinfo2();

	return now.uordblks + now.hblkhd;
}

/* A row is decoded to megabytes, of which a path is kept. */
static void
rows_of_a_list_take_no_memory_together(void **state)
{
	struct str bytes = list_of_rows(40, 20000);
	struct scan_plan *p = NULL;
	size_t before = allocated();

	(void)state;
	if (add_list(&p, bytes) != OK)
		fail_msg("%s", error.message);
	assert_true(allocated() - before < (size_t)1 << 20);
	assert_int_equal(scan_plan_cut(p, 9).at[0].to, 40);
}

static void
a_list_is_left_when_the_time_is_over(void **state)
{
	struct scan_plan *p = NULL;

	(void)state;
	budget = work_until(0);
	assert_int_equal(add_list(&p, list_of_rows(2, 1)), ERR_UNAVAILABLE);
}

static void
lists_have_so_many_values_together(void **state)
{
	struct scan_plan *p = NULL;
	struct str bytes = list_of_rows(10, 10);

	(void)state;
	budget.values = 1000;
	assert_int_equal(add_list(&p, bytes), OK);
	assert_int_equal(add_list(&p, bytes), OK);
	for (int i = 0; i < 3 && error.code == OK; i++)
		(void)add_list(&p, bytes);
	assert_int_equal(error.code, ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "file:/w/l7"));
	assert_non_null(strstr(error.message, "of a request"));
}

static void
a_list_of_too_many_manifests_is_refused(void **state)
{
	struct scan_plan *p = NULL;

	(void)state;
	assert_int_equal(add_list(&p, list_of_rows(SCAN_MANIFESTS_MAX + 1, 1)),
	    ERR_BAD_REQUEST);
	assert_non_null(strstr(error.message, "more than 200000 manifests"));
}

/* Also what is small, or kept: the few bytes of a manifest may ask for much. */
static void
nothing_is_planned_on_the_loop(void **state)
{
	struct call call = { .arena = arena, .error = &error, .nowait = true };
	struct plan plan;

	(void)state;
	assert_int_equal(
	    plan_open(&call, NULL, STR("file:/w/m"), &request, &plan),
	    ERR_WOULD_BLOCK);
}

#define PLAN_TEST(name)                                                        \
	cmocka_unit_test_setup_teardown(name, open_table, close_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_TEST(live_files_are_written_with_their_deletes),
		PLAN_TEST(files_are_left_out_by_partition_and_by_metrics),
		PLAN_TEST(rows_enough_are_enough),
		PLAN_TEST(an_append_scan_reads_what_its_snapshot_added),
		PLAN_TEST(snapshots_are_those_that_were_asked_for),
		PLAN_TEST(work_is_cut_where_it_is_large),
		PLAN_TEST(rows_of_a_list_take_no_memory_together),
		PLAN_TEST(a_list_is_left_when_the_time_is_over),
		PLAN_TEST(lists_have_so_many_values_together),
		PLAN_TEST(a_list_of_too_many_manifests_is_refused),
		PLAN_TEST(nothing_is_planned_on_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
