/* forms_scan.h - the bodies of the Iceberg REST spec about planning scans. */
#ifndef PANGOLIN_FORMS_SCAN_H
#define PANGOLIN_FORMS_SCAN_H

#include "api/form.h"

struct plan_table_scan_request {
	int64_t snapshot_id, start_snapshot_id, end_snapshot_id;
	int64_t min_rows_requested;
	struct form_texts select, stats_fields;
	const yyjson_val *filter;
	enum form_bool case_sensitive, use_snapshot_schema;
};

struct fetch_scan_tasks_request {
	struct str plan_task;
};

/* For the documents: answers are written as they are planned. */
struct scan_answer {
	struct str status, plan_id;
	struct form_texts plan_tasks;
	struct str file_scan_tasks, delete_files, error;
};

extern const struct form form_plan_table_scan_request;
extern const struct form form_fetch_scan_tasks_request;
extern const struct form form_plan_table_scan_result;
extern const struct form form_fetch_planning_result;
extern const struct form form_fetch_scan_tasks_result;

#endif
