/*
 * merge_tables.h - merges the contents of tables and views that both sides have
 * changed, by iceberg/table_merge.h; the files are written before the commit
 * that needs them.
 */
#ifndef PANGOLIN_MERGE_TABLES_H
#define PANGOLIN_MERGE_TABLES_H

#include "catalog/branch.h"
#include "versions/merge_reads.h"

struct merged_table;

/* The tables that an earlier plan of the same merge has merged, by the versions
 * that it merged: a table that has not moved since is not merged again. */
struct merged_before {
	struct merge_reads reads; /* filled by the first plan */
	struct str_map by_versions;
	bool is_filled;
};

/* A merge that runs as a task is asked between two tables whether it is to go
 * on, the last time before its unit: an error ends it.  Its operation keeps the
 * id of the writer's key, with conflicts too. */
struct merge_watch {
	enum err (*go_on)(void *arg, bool is_last);
	void *arg;
};

/* Of one plan. */
struct merge_tables {
	const struct branch *target;
	const struct merge_watch *watch;    /* NULL: nobody asks */
	const struct merged_before *before; /* NULL: nothing */
	struct merged_table **at;
	size_t count, room;
};

static inline enum err
merge_tables_go_on(const struct merge_tables *t, bool is_last)
{
	return t->watch != NULL ? t->watch->go_on(t->watch->arg, is_last) : OK;
}

/* A merge_content_fn of a struct merge_tables. */
MUST_CHECK enum err merge_tables_content(
    struct call *, void *tables, struct merge_item *io);

/* Writes the files of what was merged, durable when this returns, and tells
 * the items where they are; and deletes them, when it is known that the merge
 * has failed. */
MUST_CHECK enum err merge_tables_write(struct call *, struct merge_tables *);
void merge_tables_discard(struct call *, struct merge_tables *);

/* Remembers, in the call's arena, what the first plan has merged. */
void merge_tables_remember(
    struct call *, const struct merge_tables *, struct merged_before *io);

#endif
