/*
 * merge_tables.h - merges the contents of tables and views that both sides have
 * changed, by iceberg/table_merge.h; the files are written before the commit
 * that needs them.
 */
#ifndef PANGOLIN_MERGE_TABLES_H
#define PANGOLIN_MERGE_TABLES_H

#include "catalog/branch.h"
#include "versions/merge_plan.h"

struct merged_table;

/* Of one plan. */
struct merge_tables {
	const struct branch *target;
	struct merged_table **at;
	size_t count, room;
};

/* A merge_content_fn of a struct merge_tables. */
MUST_CHECK enum err merge_tables_content(
    struct call *, void *tables, struct merge_item *io);

/* Writes the files of what was merged, durable when this returns, and tells
 * the items where they are; and deletes them, when it is known that the merge
 * has failed. */
MUST_CHECK enum err merge_tables_write(struct call *, struct merge_tables *);
void merge_tables_discard(struct call *, struct merge_tables *);

#endif
