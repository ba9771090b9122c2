/*
 * scan_snapshots.h - chooses the snapshots that a scan reads, and its schema
 * (REST spec, PlanTableScanRequest).
 */
#ifndef PANGOLIN_SCAN_SNAPSHOTS_H
#define PANGOLIN_SCAN_SNAPSHOTS_H

#include "iceberg/metadata.h"
#include "iceberg/scan_request.h"

struct scan_snapshot {
	int64_t id;
	struct str manifest_list; /* ptr NULL: it has none */
};

struct scan_snapshots {
	struct scan_snapshot *at;
	size_t count;
	bool appends;      /* of each only what it has added */
	int64_t schema_id; /* of the (last) snapshot; -1: not known */
};

/*
 * The snapshot that was asked for; without, the current one, which an empty
 * table has not.  Between the start, exclusive, and the end: the appends, the
 * oldest first.  ERR_BAD_REQUEST names the field: there is no such snapshot,
 * the start is no ancestor of the end, or both kinds of scan are asked for.
 */
MUST_CHECK enum err scan_snapshots(const struct metadata *,
    const struct scan_request *, struct scan_snapshots *ret, struct error *);

#endif
