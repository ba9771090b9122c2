/*
 * scan_inside.h - the inside of a plan, shared by scan_plan.c and scan_part.c.
 */
#ifndef PANGOLIN_SCAN_INSIDE_H
#define PANGOLIN_SCAN_INSIDE_H

#include "iceberg/data_file.h"
#include "iceberg/id_list.h"
#include "iceberg/scan_plan.h"

struct scan_spec {
	int32_t id;
	struct partition_type type;
};

/* A manifest that may hold files that the plan is about. */
struct scan_manifest {
	size_t place; /* among all rows of the lists that the scan is of */
	struct manifest row; /* without summaries */
	const struct scan_spec *spec;
};

struct scan_plan {
	struct arena *arena;
	const struct metadata *metadata;
	struct work_budget *budget;
	struct scan_snapshots snapshots;
	struct schema *schemas; /* the first is the one that is read by */
	size_t schema_count;
	const struct expression *filter;
	struct file_columns filter_columns, stats;
	int64_t min_rows;
	struct scan_manifest *manifests; /* by place */
	size_t manifest_count, manifest_room;
	size_t places;
	struct id_list specs;      /* of the metadata */
	struct int_map spec_by_id; /* struct scan_spec, those in use */
};

/* Decoded values count as memory of the process. */
static inline struct arena *
scan_arena(void)
{
	struct arena *a = arena_new();

	arena_set_ceiling(a, SCAN_MEMORY_MAX);
	return a;
}

#endif
