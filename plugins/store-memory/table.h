/*
 * table.h - the rows of one entity, in the order of the key and each index.
 *
 * A row is one block of memory and never changes: a write makes a new one
 * and puts it in the place of the old.
 */
#ifndef PANGOLIN_TABLE_H
#define PANGOLIN_TABLE_H

#include "plugins/contract/value.h"
#include "sorted.h"

struct table {
	const struct entity *entity;
	struct sorted by_key;
	struct sorted *by_index;
};

void table_init(struct table *, const struct entity *);
void table_clear(struct table *);

/* A row of copied values; free() it unless the table has it. */
struct value *row_new(const struct entity *, const struct value *);

/* By the key fields of `key`; NULL when there is none. */
struct value *table_find(const struct table *, const struct value *key);

/* Would `fresh`, in the place of `old`, break a unique index? */
bool table_clashes(
    const struct table *, const struct value *old, const struct value *fresh);

/* Either may be NULL: insert, replace, remove.  Frees nothing. */
void table_replace(struct table *, struct value *old, struct value *fresh);

/* Rows that pass, in order, behind `after` (NULL: from the first); tells
 * each to `found` until that returns false. */
typedef bool row_found(void *arg, const struct value *row);
void table_scan(const struct table *, const struct scan *,
    const struct value *after, row_found *found, void *arg);

#endif
