/*
 * delete_index.h - finds the delete files that apply to a data file (Iceberg
 * table spec, "Scan Planning").
 *
 * A delete file applies to a partition or a path, and to older data: the index
 * is sorted by place and age.
 */
#ifndef PANGOLIN_DELETE_INDEX_H
#define PANGOLIN_DELETE_INDEX_H

#include "base/work_budget.h"
#include "iceberg/manifest.h"

enum delete_scope {
	DELETES_EVERYWHERE,  /* equality, of an unpartitioned spec */
	DELETES_BY_EQUALITY, /* of its partition */
	DELETES_BY_POSITION, /* of its partition */
	DELETES_FROM_FILE,   /* by position, of one file */
	DELETES_BY_VECTOR    /* of one file */
};

struct delete_file {
	enum delete_scope scope;
	int64_t sequence_number;
	struct str partition;    /* partition_key() */
	struct str path;         /* of the one data file, or ptr NULL */
	struct str lower, upper; /* bounds of their paths; ptr NULL: none */
	struct str json;         /* the file, for the answer */
	int64_t number;          /* in the answer; the index begins with -1 */
};

struct delete_index {
	struct arena *arena;
	struct delete_file *at;
	size_t count, room;
};

/* A partition, with its spec, as bytes: equal for equal partitions.  `record`
 * is what the literals were read from. */
struct str partition_key(struct arena *, int32_t spec_id,
    const struct partition_type *, const struct literal *values,
    const struct avro_value *record);

/* A file of a delete manifest.  All of it that is kept is copied, but `key`
 * and `json`. */
void delete_index_add(struct delete_index *, const struct manifest_entry *,
    const struct partition_type *, struct str key, struct str json);

/* Behind the last add.  ERR_VALIDATION: a data file has two deletion vectors
 * (table spec, "Deletion Vectors"). */
MUST_CHECK enum err delete_index_sort(struct delete_index *, struct error *);

/* The numbers in `at` of those that apply to a data file; in `arena`.  All
 * there are, unless the budget is over. */
struct delete_matches {
	size_t *at, count, room;
};
void delete_index_find(const struct delete_index *, struct arena *,
    const struct manifest_entry *data, struct str key, struct work_budget *,
    struct delete_matches *ret);

#endif
