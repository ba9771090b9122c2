#include "api/forms_scan.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field plan_table_scan_request[] = {
	FIELD(plan_table_scan_request, snapshot_id, "snapshot-id", INT, 0,
	    "What to scan; absent: the current snapshot."),
	FIELD(plan_table_scan_request, select, "select", TEXTS, 0,
	    "Full names of the columns that are wanted: no file is left out for "
	    "it, and no name is refused."),
	FIELD(plan_table_scan_request, filter, "filter", JSON, 0,
	    "A predicate of the rows that are wanted; absent: all."),
	FIELD(plan_table_scan_request, min_rows_requested,
	    "min-rows-requested", INT, 0,
	    "Files with so many rows will do; absent: all files."),
	FIELD(plan_table_scan_request, case_sensitive, "case-sensitive",
	    BOOL, 0, "Whether names of columns are; absent: true."),
	FIELD(plan_table_scan_request, use_snapshot_schema,
	    "use-snapshot-schema", BOOL, 0,
	    "True: names are those of the snapshot's schema."),
	FIELD(plan_table_scan_request, start_snapshot_id,
	    "start-snapshot-id", INT, 0,
	    "Only what was appended after this snapshot."),
	FIELD(plan_table_scan_request, end_snapshot_id, "end-snapshot-id",
	    INT, 0, "And up to this one; required with start-snapshot-id."),
	FIELD(plan_table_scan_request, stats_fields, "stats-fields", TEXTS,
	    0, "Columns of which the statistics of files are wanted."),
	FIELDS_END
};
const struct form form_plan_table_scan_request =
	FORM("PlanTableScanRequest", plan_table_scan_request, false,
	    plan_table_scan_request);

static const struct form_field fetch_scan_tasks_request[] = {
	FIELD(fetch_scan_tasks_request, plan_task, "plan-task", TEXT,
	    FORM_REQUIRED, "One of the plan's `plan-tasks`."),
	FIELDS_END
};
const struct form form_fetch_scan_tasks_request =
	FORM("FetchScanTasksRequest", fetch_scan_tasks_request, false,
	    fetch_scan_tasks_request);

#define SCAN_TASKS                                                             \
	FIELD(scan_answer, plan_tasks, "plan-tasks", TEXTS, FORM_OMITTED,     \
	    "Parts of the plan, to be fetched one by one."),                  \
	FIELD(scan_answer, file_scan_tasks, "file-scan-tasks", RAW,           \
	    FORM_OMITTED, "Files to read, each with its residual-filter."),   \
	FIELD(scan_answer, delete_files, "delete-files", RAW, FORM_OMITTED,   \
	    "What delete-file-references count from 0.")

#define STATUS                                                                 \
	FIELD(scan_answer, status, "status", TEXT, FORM_REQUIRED,             \
	    "completed, submitted, cancelled or failed.")

static const struct form_field plan_table_scan_result[] = {
	STATUS,
	FIELD(scan_answer, plan_id, "plan-id", TEXT, FORM_OMITTED,
	    "Identifies the plan, for an hour."),
	SCAN_TASKS,
	FIELDS_END
};
const struct form form_plan_table_scan_result =
	FORM("PlanTableScanResult", scan_answer, false,
	    plan_table_scan_result);

static const struct form_field fetch_planning_result[] = {
	STATUS,
	SCAN_TASKS,
	FIELD(scan_answer, error, "error", RAW, FORM_OMITTED,
	    "Why it failed, as an ErrorModel."),
	FIELDS_END
};
const struct form form_fetch_planning_result =
	FORM("FetchPlanningResult", scan_answer, false,
	    fetch_planning_result);

static const struct form_field fetch_scan_tasks_result[] = {
	SCAN_TASKS,
	FIELDS_END
};
const struct form form_fetch_scan_tasks_result =
	FORM("FetchScanTasksResult", scan_answer, false,
	    fetch_scan_tasks_result);

/* clang-format on */
