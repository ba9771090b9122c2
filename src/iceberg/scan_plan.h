/*
 * scan_plan.h - plans a scan: finds the files that may hold rows that a filter
 * wants (Iceberg table spec, "Scan Planning"), as functions of the bytes of
 * manifest lists and manifests.
 *
 *     scan_plan_new(), for each snapshot scan_plan_add_list(),
 *     scan_plan_cut(), for each range scan_plan_sources() and,
 *     when they have their bytes, scan_plan_write()
 */
#ifndef PANGOLIN_SCAN_PLAN_H
#define PANGOLIN_SCAN_PLAN_H

#include "base/buf.h"
#include "base/work_budget.h"
#include "iceberg/scan_snapshots.h"

/* Bounds of one part: so many manifests, of so many bytes together. */
#define SCAN_PART_MANIFESTS 1000
#define SCAN_PART_BYTES ((int64_t)8 << 20)

/* Beyond any of these: ERR_BAD_REQUEST. */
#define SCAN_BYTES_MAX ((size_t)256 << 20)  /* that a part reads or answers */
#define SCAN_MEMORY_MAX ((size_t)512 << 20) /* of each arena: ERR_MEMORY */
#define SCAN_MANIFESTS_MAX 200000           /* in all lists of a plan */
#define SCAN_PATH_MAX 8192                  /* bytes of a manifest's path */
#define SCAN_SPEC_FIELDS_MAX 1000           /* of a partition spec in use */

struct scan_plan;

/* Chooses the snapshots and binds the filter.  The plan lives in the arena of
 * the metadata and borrows the request, and the budget for all that follows.
 * ERR_BAD_REQUEST names the field. */
MUST_CHECK enum err scan_plan_new(const struct metadata *,
    const struct scan_request *, struct work_budget *, struct scan_plan **ret,
    struct error *);

/* The snapshots whose lists are wanted. */
const struct scan_snapshots *scan_plan_snapshots(const struct scan_plan *);

/* The manifest list of one of them, in their order.  ERR_BAD_REQUEST names a
 * list that is damaged or too much; ERR_UNAVAILABLE: the time is over. */
MUST_CHECK enum err scan_plan_add_list(struct scan_plan *,
    const struct scan_snapshot *, struct str bytes, struct error *);

/* Manifests by their place in the lists, which never changes. */
struct scan_range {
	size_t from, to;
};

struct scan_ranges {
	struct scan_range *at;
	size_t count;
};

/* The work in at most `most` parts; none: no file is wanted. */
struct scan_ranges scan_plan_cut(const struct scan_plan *, size_t most);

/* The files to read for a range: its manifests, and those of deletes. */
struct scan_source {
	size_t manifest;
	struct str path, bytes;
};

struct scan_sources {
	struct scan_source *at;
	size_t count;
};

struct scan_sources scan_plan_sources(
    const struct scan_plan *, struct scan_range);

/* Appends the members "file-scan-tasks" and "delete-files" (REST spec,
 * ScanTasks).  ERR_BAD_REQUEST names the manifest that is damaged or too much;
 * ERR_UNAVAILABLE: the time is over. */
MUST_CHECK enum err scan_plan_write(const struct scan_plan *,
    struct scan_sources, struct buf *, struct error *);

#endif
