/*
 * id_list.h - finds the entries of a list of table metadata by number.
 *
 * Removing only marks; the JSON array is rebuilt once, by id_list_sweep(), so
 * that a request with thousands of updates stays linear.
 */
#ifndef PANGOLIN_ID_LIST_H
#define PANGOLIN_ID_LIST_H

#include "iceberg/int_map.h"
#include "iceberg/metadata.h"

struct id_list {
	const struct metadata *metadata;
	const char *name, *id_name; /* "snapshots", "snapshot-id" */
	struct int_map by_id;       /* yyjson_mut_val; once `indexed` */
	bool indexed;
	bool stale; /* the array has entries that by_id has not */
};

/* The entry of an id; NULL when there is none. */
yyjson_mut_val *id_list_find(struct id_list *, int64_t id);

/* Append a copy of `entry`, in place of any other with its id. */
void id_list_put(struct id_list *, int64_t id, yyjson_mut_val *entry);

/* False when there was none. */
bool id_list_remove(struct id_list *, int64_t id);

/* Make the array agree; call it before the metadata is read or written. */
void id_list_sweep(struct id_list *);

#endif
