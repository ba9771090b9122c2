/* scan_inside.h - a plan as scan_plan.c makes it; for scan_part.c. */
#ifndef PANGOLIN_SCAN_INSIDE_H
#define PANGOLIN_SCAN_INSIDE_H

#include "iceberg/data_file.h"
#include "iceberg/scan_plan.h"

struct scan_spec {
	int32_t id;
	struct partition_type type;
};

struct scan_manifest {
	struct manifest row;
	const struct scan_spec *spec;
};

struct scan_plan {
	struct arena *arena;
	const struct metadata *metadata;
	struct scan_snapshots snapshots;
	struct schema *schemas; /* the first is the one that is read by */
	size_t schema_count;
	const struct expression *filter;
	struct file_columns filter_columns, stats;
	int64_t min_rows;
	struct scan_manifest *manifests; /* of all lists, in their order */
	size_t manifest_count;
	struct int_map spec_by_id; /* struct scan_spec */
};

#endif
