/*
 * evaluate.h - decides whether a manifest or file can hold rows that a filter
 * wants (Iceberg table spec, "Scan Planning").
 *
 * MATCHES_NONE may be skipped.  Missing or damaged bounds lead to MATCHES_SOME,
 * and so does an exhausted budget: work_check().
 */
#ifndef PANGOLIN_EVALUATE_H
#define PANGOLIN_EVALUATE_H

#include "base/work_budget.h"
#include "iceberg/expression.h"
#include "iceberg/partition_type.h"

enum match {
	MATCHES_NONE,
	MATCHES_SOME, /* or none, or all: it cannot be told */
	MATCHES_ALL,
};

/* A field_summary of a manifest list. */
struct partition_summary {
	bool contains_null;
	int contains_nan;        /* 0, 1; -1: unknown */
	struct str lower, upper; /* ptr NULL: none */
};

/* The metrics of one column in a file. */
struct column_metrics {
	int32_t id;
	int64_t values, nulls, nans; /* -1: unknown */
	struct str lower, upper;     /* ptr NULL: none */
};

struct file_metrics {
	int64_t records;                      /* -1: unknown */
	const struct column_metrics *columns; /* sorted by id */
	size_t count;
};

/* `summaries` has one for each column of the type, or is NULL. */
enum match evaluate_manifest(const struct expression *,
    const struct partition_type *, const struct partition_summary *summaries,
    struct work_budget *);

/* `values` has one for each column of the type. */
enum match evaluate_partition(const struct expression *,
    const struct partition_type *, const struct literal *values,
    struct work_budget *);

enum match evaluate_file(const struct expression *, const struct file_metrics *,
    struct work_budget *);

/* The residual filter of a partition's rows: predicates that the partition
 * decides are gone. */
const struct expression *evaluate_residual(struct arena *,
    const struct expression *, const struct partition_type *,
    const struct literal *values, struct work_budget *);

#endif
