/* test_snapshots.c - snapshots, branches and tags, statistics, the log. */
#include "iceberg/member.h"
#include "tests/unit/updates_fixture.h"

#define ADD(id, more)                                                          \
	"{'action':'add-snapshot','snapshot':{'snapshot-id':" id               \
	",'timestamp-ms':1700000004000," SUMMARY more "}}"
#define REF(name, id, more)                                                    \
	"{'action':'set-snapshot-ref','ref-name':'" name                       \
	"','type':'branch','snapshot-id':" id more "}"
#define CHILD ",'parent-snapshot-id':" SNAP_C ",'sequence-number':"
#define RETRY "Validation failed, please retry: Cannot add "

static void
adds_snapshots_without_moving_a_branch(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[" ADD("5", CHILD "4") "]", OK,
		  "'last-sequence-number':4", "'current-snapshot-id':" SNAP_C,
		  NULL },
		/* without a parent any number goes, even a lower one */
		{ 2, "[" ADD("5", ",'sequence-number':1") "]",
		  ERR_VALIDATION, "Invalid snapshot with sequence number 2 "
		  "greater than last sequence number 1", NULL, NULL },
		{ 2, "[" ADD("5", ",'sequence-number':3,'parent-snapshot-id':"
		     "null") "]", OK, "'last-sequence-number':3", NULL,
		  "'parent-snapshot-id':null" },
		{ 2, "[" ADD("5", ",'sequence-number':3,'parent-snapshot-id':"
		     "-1") "]", OK, "'last-sequence-number':3", NULL,
		  "'parent-snapshot-id':-1" },
		{ 2, "[" ADD("5", CHILD "3") "]", ERR_COMMIT_FAILED,
		  RETRY "snapshot with sequence number 3 older than last "
		  "sequence number 3", NULL, NULL },
		{ 2, "[" ADD("5", CHILD "-4") "]", ERR_BAD_REQUEST,
		  "/updates/0: add-snapshot: Field 'sequence-number' must not "
		  "be negative", NULL, NULL },
		{ 2, "[" ADD(SNAP_A, CHILD "4") "]", ERR_VALIDATION,
		  "Snapshot already exists for id: " SNAP_A, NULL, NULL },
		{ 2, "[" ADD("5", CHILD "4") "," ADD("5", CHILD "5") "]",
		  ERR_VALIDATION, "Snapshot already exists for id: 5", NULL,
		  NULL },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[" SNAP_A
		     "]}," ADD(SNAP_A, CHILD "4") "]", ERR_VALIDATION,
		  "Snapshot already exists for id: " SNAP_A, NULL, NULL },
		{ 2, "[" ADD("5", ",'parent-snapshot-id':'x'") "]",
		  ERR_BAD_REQUEST, "/updates/0: add-snapshot: Field "
		  "'parent-snapshot-id' must be a 64-bit integer", NULL,
		  NULL },
		{ 2, "[" ADD("-1", CHILD "4") "]", ERR_VALIDATION,
		  "Invalid snapshot id: -1", NULL, NULL },
		{ 2, "[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		     "'timestamp-ms':-1}}]", ERR_BAD_REQUEST,
		  "/updates/0: add-snapshot: Field 'timestamp-ms' must not be "
		  "negative", NULL, NULL },
		{ 2, "[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		     "'timestamp-ms':1,'manifest-list':'l'}}]",
		  ERR_BAD_REQUEST, "/updates/0: add-snapshot: Missing "
		  "required field 'summary'", NULL, NULL },
		{ 2, "[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		     "'timestamp-ms':1,'manifests':[],'summary':{'operation':"
		     "'append'}}}]", ERR_BAD_REQUEST, "/updates/0: "
		  "add-snapshot: Missing required field 'manifest-list'",
		  NULL, NULL },
		{ 2, "[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		     "'timestamp-ms':1,'manifest-list':'l','summary':{"
		     "'operation':'append','n':1}}}]", ERR_BAD_REQUEST,
		  "/updates/0: add-snapshot: Field 'summary.n' must be a "
		  "string", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
knows_what_each_version_asks_of_a_snapshot(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 1, "[" ADD("8", ",'parent-snapshot-id':7") "]", OK,
		  "{'snapshot-id':8,'timestamp-ms'", NULL,
		  "'last-sequence-number'" },
		{ 1, "[" ADD("8", ",'sequence-number':1") "]", ERR_VALIDATION,
		  "Sequence number must be 0 in v1: 1", NULL, NULL },
		{ 1, "[{'action':'add-snapshot','snapshot':{'snapshot-id':8,"
		     "'timestamp-ms':1700000004000,'manifests':['m'],'summary'"
		     ":{'operation':'append'}}}]", OK, "'manifests':['m']",
		  NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':30,'added-rows':12")
		     "]", OK, "'next-row-id':42", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':30,'added-rows':0")
		     "]", OK, "'next-row-id':30", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4") "]", ERR_VALIDATION,
		  "Cannot add a snapshot: first-row-id is null", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':30") "]",
		  ERR_VALIDATION,
		  "Cannot add a snapshot: added-rows is null", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':29,'added-rows':1")
		     "]", ERR_COMMIT_FAILED, RETRY "a snapshot, first-row-id "
		  "is behind table next-row-id: 29 < 30", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':30,'added-rows':"
		     "9223372036854775807") "]", ERR_VALIDATION,
		  "Invalid added-rows: 9223372036854775807", NULL, NULL },
		{ 3, "[" ADD("5", CHILD "4,'first-row-id':30,'added-rows':-1")
		     "]", ERR_VALIDATION, "Invalid added-rows: -1", NULL,
		  NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
needs_a_layout_before_a_snapshot(void **state)
{
	static const char *const lists[][2] = { { "sort-orders",
						    "a sort order" },
		{ "partition-specs", "a partition spec" },
		{ "schemas", "a schema" } };
	struct metadata m = data_metadata(2);
	struct update_result result;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char message[80];

		yyjson_mut_arr_clear(metadata_list(&m, lists[i][0]));
		(void)snprintf(message, sizeof(message),
		    "Attempting to add a snapshot before %s is added",
		    lists[i][1]);
		assert_fails(apply(&m, "[" ADD("5", CHILD "4") "]", &result),
		    ERR_VALIDATION, message);
	}
}

/* clang-format off */
static const struct commit_case ref_cases[] = {
	{ 2, "[" REF("dev", SNAP_A, "") "]", OK,
	  "'dev':{'snapshot-id':" SNAP_A ",'type':'branch'}",
	  "'current-snapshot-id':" SNAP_C, NULL },
	{ 2, "[" REF("main", SNAP_B, "") "]", OK,
	  "'current-snapshot-id':" SNAP_B,
	  "{'timestamp-ms':1700000100000,'snapshot-id':" SNAP_B "}]",
	  NULL },
	{ 2, "[" ADD("5", CHILD "4") "," REF("main", "5", "") "]", OK,
	  "'current-snapshot-id':5",
	  "{'timestamp-ms':1700000004000,'snapshot-id':5}]", NULL },
	{ 2, "[" REF("main", SNAP_C, "") "]", OK, NULL, NULL, NULL },
	/* retention alone is no new current snapshot */
	{ 2, "[" REF("main", SNAP_C, ",'min-snapshots-to-keep':3")
	     "]", OK, "'min-snapshots-to-keep':3", NULL,
	  "{'timestamp-ms':1700000100000" },
	{ 2, "[{'action':'set-snapshot-ref','ref-name':'first','type'"
	     ":'TAG','snapshot-id':" SNAP_A ",'max-ref-age-ms':"
	     "86400000}]", OK, NULL, NULL, NULL },
	{ 2, "[" REF("first", SNAP_A, ",'max-ref-age-ms':86400000")
	     "]", OK, "'first':{'snapshot-id':" SNAP_A
	  ",'type':'branch','max-ref-age-ms':86400000}", NULL, NULL },
	{ 2, "[" REF("dev", "5", "") "]", ERR_VALIDATION,
	  "Cannot set dev to unknown snapshot: 5", NULL, NULL },
	{ 2, "[" REF("", SNAP_A, "") "]", ERR_BAD_REQUEST,
	  "/updates/0: set-snapshot-ref: Field 'ref-name' must not be "
	  "empty", NULL, NULL },
	{ 2, "[{'action':'set-snapshot-ref','ref-name':'main','type':"
	     "'tag','snapshot-id':" SNAP_A "}]", ERR_VALIDATION,
	  "Cannot set main to a tag, it must be a branch", NULL,
	  NULL },
	{ 2, "[{'action':'set-snapshot-ref','ref-name':'t','type':"
	     "'tug','snapshot-id':" SNAP_A "}]", ERR_ILLEGAL_ARGUMENT,
	  "Invalid snapshot ref type: tug", NULL, NULL },
	{ 2, "[{'action':'set-snapshot-ref','ref-name':'t','type':"
	     "'tag','min-snapshots-to-keep':1,'snapshot-id':" SNAP_A
	     "}]", ERR_ILLEGAL_ARGUMENT,
	  "Tags do not support setting minSnapshotsToKeep", NULL,
	  NULL },
	{ 2, "[" REF("dev", SNAP_A, ",'max-ref-age-ms':0") "]",
	  ERR_ILLEGAL_ARGUMENT,
	  "Max reference age must be greater than 0", NULL, NULL },
	{ 2, "[" REF("dev", SNAP_A, ",'max-snapshot-age-ms':-1") "]",
	  ERR_ILLEGAL_ARGUMENT,
	  "Max snapshot age must be greater than 0 ms", NULL, NULL },
	{ 2, "[{'action':'remove-snapshot-ref','ref-name':'main'}]",
	  OK, "'current-snapshot-id':-1",
	  "{'timestamp-ms':1700000003000,'snapshot-id':" SNAP_C "}]",
	  "'main'" },
	{ 3, "[{'action':'remove-snapshot-ref','ref-name':'main'}]",
	  OK, "'current-snapshot-id':null", NULL, NULL },
	{ 2, "[{'action':'remove-snapshot-ref','ref-name':'x'}]", OK,
	  NULL, NULL, NULL },
};
/* clang-format on */

static void
moves_branches_and_tags(void **state)
{
	(void)state;
	CHECK_COMMITS(ref_cases);
}

static void
leaves_snapshots_of_one_request_out_of_the_log(void **state)
{
	static const struct commit_case cases[] = {
		{ 2,
		    "[" ADD("5", CHILD "4") "," REF("main", "5", "") "," ADD(
			"6", CHILD "5") "," REF("main", "6", "") "]",
		    OK, "{'timestamp-ms':1700000004000,'snapshot-id':6}]",
		    "{'snapshot-id':5,",
		    "'timestamp-ms':1700000004000,"
		    "'snapshot-id':5}" },
	};

	(void)state;
	CHECK_COMMITS(cases);
}

static void
forgets_a_main_branch_made_and_removed_in_one_request(void **state)
{
	static const struct commit_case c = { 2,
		"[" ADD("5", CHILD "4") "," REF("main", "5",
		    "") ",{'action':"
			"'remove-snapshot-ref','ref-name':'main'}]",
		OK, "'current-snapshot-id':-1",
		"{'timestamp-ms':1700000003000,'snapshot-id':" SNAP_C "}]",
		"'timestamp-ms':1700000004000,'snapshot-id':5" };

	(void)state;
	check_commit(&c);
}

static void
removes_snapshots_and_what_hangs_on_them(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[" SNAP_A
		     ",77]}]", OK, "'refs':{'main':{'snapshot-id':" SNAP_C
		  ",'type':'branch'}}", "'snapshot-log':[{'timestamp-ms':"
		  "1700000002000", "'snapshots':[{'snapshot-id':" SNAP_A },
		/* a gap in the history takes what is before it along */
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[" SNAP_B
		     "]}]", OK, "'snapshot-log':[{'timestamp-ms':"
		  "1700000003000,'snapshot-id':" SNAP_C "}]",
		  "'statistics':[],'partition-statistics':[]",
		  "'snapshot-id':" SNAP_B },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[" SNAP_C
		     "]}]", OK, "'current-snapshot-id':-1",
		  "'snapshot-log':[]", "'main'" },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[" SNAP_A
		     "]},{'action':'remove-snapshots','snapshot-ids':[" SNAP_B
		     "]}]", OK, "'snapshots':[{'snapshot-id':" SNAP_C, NULL,
		  NULL },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[]}]", OK,
		  NULL, NULL, NULL },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':[5]}]", OK,
		  NULL, NULL, NULL },
		{ 2, "[{'action':'remove-snapshots','snapshot-ids':['5']}]",
		  ERR_BAD_REQUEST, "/updates/0: remove-snapshots: Field "
		  "'snapshot-ids' must hold 64-bit integers", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
refuses_a_log_that_does_not_end_at_the_current_snapshot(void **state)
{
	struct metadata m = data_metadata(2);
	struct update_result result;

	(void)state;
	yyjson_mut_arr_remove_last(metadata_list(&m, "snapshot-log"));
	assert_fails(
	    apply(&m,
		"[{'action':'remove-snapshots','snapshot-ids':[" SNAP_A "]}]",
		&result),
	    ERR_VALIDATION, "Cannot set invalid snapshot log");
}

static void
expires_from_a_table_that_never_kept_a_log(void **state)
{
	struct metadata m = data_metadata(2);
	struct update_result result;

	(void)state;
	yyjson_mut_arr_clear(metadata_list(&m, "snapshot-log"));
	assert_int_equal(
	    apply(&m,
		"[{'action':'remove-snapshots','snapshot-ids':[" SNAP_A "]}]",
		&result),
	    OK);
}

static void
follows_a_writer_whose_clock_is_ahead(void **state)
{
	struct metadata m = data_metadata(2);
	struct update_result result;

	(void)state;
	assert_int_equal(
	    apply(&m,
		"[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		"'timestamp-ms':1700000900000," SUMMARY CHILD
		"4}}," REF("main", "5", "") "]",
		&result),
	    OK);
	assert_true(metadata_last_updated_ms(&m) == 1700000900000);
}

static void
refuses_a_current_snapshot_from_the_past(void **state)
{
	static const struct commit_case c = { 2,
		"[{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
		"'timestamp-ms':1600000000000," SUMMARY CHILD
		"4}}," REF("main", "5", "") "]",
		ERR_VALIDATION, "Expected sorted entries in snapshot-log", NULL,
		NULL };

	(void)state;
	check_commit(&c);
}

#define STATISTICS                                                             \
	"'statistics-path':'p','file-size-in-bytes':1,"                        \
	"'file-footer-size-in-bytes':1,'blob-metadata':[]"

static void
keeps_one_statistics_file_per_snapshot(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[{'action':'set-statistics','statistics':{'snapshot-id'"
		     ":" SNAP_B "," STATISTICS "}}]", OK,
		  "'statistics':[{'snapshot-id':" SNAP_B
		  ",'statistics-path':'p'", NULL, "b.stats" },
		{ 2, "[{'action':'set-statistics','statistics':{'snapshot-id'"
		     ":1," STATISTICS "}}]", OK, "b.stats",
		  "'statistics-path':'p'", NULL },
		{ 2, "[{'action':'remove-statistics','snapshot-id':" SNAP_B
		     "}]", OK, "'statistics':[],", NULL, NULL },
		{ 2, "[{'action':'remove-statistics','snapshot-id':1}]", OK,
		  NULL, NULL, NULL },
		{ 2, "[{'action':'remove-statistics'}]", ERR_BAD_REQUEST,
		  "/updates/0: remove-statistics: Missing required field "
		  "'snapshot-id'", NULL, NULL },
		{ 2, "[{'action':'set-statistics','statistics':{'snapshot-id'"
		     ":1,'statistics-path':'p','file-size-in-bytes':1}}]",
		  ERR_BAD_REQUEST, "/updates/0: set-statistics: Missing "
		  "required field 'file-footer-size-in-bytes'", NULL, NULL },
		{ 2, "[{'action':'set-statistics','statistics':{'snapshot-id'"
		     ":1,'statistics-path':'p','file-size-in-bytes':1,"
		     "'file-footer-size-in-bytes':1,'blob-metadata':[{'type':"
		     "7}]}}]", ERR_BAD_REQUEST, "/updates/0: set-statistics: "
		  "Field 'type' must be a string", NULL, NULL },
		{ 2, "[{'action':'set-partition-statistics',"
		     "'partition-statistics':{'snapshot-id':" SNAP_B ","
		     "'statistics-path':'q','file-size-in-bytes':1}}]", OK,
		  "'partition-statistics':[{'snapshot-id':" SNAP_B
		  ",'statistics-path':'q'", NULL, "b.parquet" },
		{ 2, "[{'action':'set-partition-statistics',"
		     "'partition-statistics':{'snapshot-id':" SNAP_B ","
		     "'statistics-path':'s3://lake/sales/orders/metadata/"
		     "b.parquet','file-size-in-bytes':43}}]", OK, NULL, NULL,
		  NULL },
		{ 2, "[{'action':'remove-partition-statistics','snapshot-id':"
		     SNAP_B "}]", OK, "'partition-statistics':[]", NULL,
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
		TEST(adds_snapshots_without_moving_a_branch),
		TEST(knows_what_each_version_asks_of_a_snapshot),
		TEST(needs_a_layout_before_a_snapshot),
		TEST(moves_branches_and_tags),
		TEST(leaves_snapshots_of_one_request_out_of_the_log),
		TEST(forgets_a_main_branch_made_and_removed_in_one_request),
		TEST(removes_snapshots_and_what_hangs_on_them),
		TEST(refuses_a_log_that_does_not_end_at_the_current_snapshot),
		TEST(expires_from_a_table_that_never_kept_a_log),
		TEST(follows_a_writer_whose_clock_is_ahead),
		TEST(refuses_a_current_snapshot_from_the_past),
		TEST(keeps_one_statistics_file_per_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
