/*
 * scan_request.h - a client's request for a plan (REST spec,
 * PlanTableScanRequest).
 */
#ifndef PANGOLIN_SCAN_REQUEST_H
#define PANGOLIN_SCAN_REQUEST_H

#include "base/json.h"

#define SNAPSHOT_NONE INT64_MIN /* the request does not say */

struct names {
	const struct str *at;
	size_t count;
};

struct scan_request {
	int64_t snapshot_id;
	int64_t start_snapshot_id, end_snapshot_id;
	struct names stats_fields;
	const yyjson_val *filter; /* NULL: all rows */
	bool case_sensitive, use_snapshot_schema;
	int64_t min_rows; /* 0: all; a part may stop when it has as many */
};

#endif
