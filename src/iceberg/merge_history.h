/*
 * merge_history.h - the ancestors of snapshots, for a merge.
 */
#ifndef PANGOLIN_MERGE_HISTORY_H
#define PANGOLIN_MERGE_HISTORY_H

#include "iceberg/id_list.h"

/* A snapshot, its parent and so on.  The last may be one that has expired:
 * its `json` is NULL. */
struct history {
	struct ancestor {
		int64_t id;
		yyjson_mut_val *json;
	} * at;
	size_t count;
	struct int_map by_id; /* struct ancestor */
};

/* Of the current snapshot; empty when the table has none. */
struct history history_of(const struct metadata *);

/* How many of its snapshots are not in the other; all when they have nothing
 * in common. */
size_t history_above(const struct history *, const struct history *other);

/* Those above are all known.  */
bool history_is_whole(const struct history *, size_t above);

/* The first of those above that is no append; NULL: all are. */
const struct ancestor *history_no_append(const struct history *, size_t above);

/* The snapshots above, by id. */
struct int_map history_ids(
    struct arena *, const struct history *, size_t above);

#endif
