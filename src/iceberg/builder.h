/*
 * builder.h - metadata while the updates of one request are applied to it.
 *
 * One function per row of the table in updates.c.  The name of an update's
 * function is its action; `update` is the JSON object of the action.
 */
#ifndef PANGOLIN_BUILDER_H
#define PANGOLIN_BUILDER_H

#include "base/str_map.h"
#include "iceberg/id_list.h"
#include "iceberg/schema.h"
#include "iceberg/updates.h"

/* The entry that this request added last to a list, for ids given as -1. */
struct added {
	bool any;
	int32_t last;
	struct int_map ids;
};

struct builder {
	struct metadata *metadata;
	const struct update_context *context;
	bool changed;
	bool layout_changed; /* schema, spec or order: bind them again */
	struct id_list schemas, specs, orders;
	struct id_list snapshots, statistics, partition_statistics;
	struct schema current; /* read when a spec or an order needs it */
	struct added added_schemas, added_specs, added_orders;
	struct int_map added_snapshots;
	struct int_map removed_snapshots;
	bool any_removed;
	struct int_map passed; /* snapshots added and main in this request */
	bool any_passed;       /* main has left one of them */
	struct str_map refs;   /* arena NULL: nobody has asked yet */
	bool refs_stale;       /* some of them were removed */
	int64_t last_updated_ms;
};

typedef enum err update_function(
    struct builder *, yyjson_mut_val *update, struct error *);

/* builder_layout.c */
update_function add_schema, set_current_schema, remove_schemas;
update_function add_spec, set_default_spec, remove_partition_specs;
update_function add_sort_order, set_default_sort_order;

/* A new table whose updates set no current schema has the last one added. */
void complete_current_schema(struct builder *);

/* snapshots.c */
update_function add_snapshot, remove_snapshots;

/* snapshots_refs.c */
update_function set_snapshot_ref, remove_snapshot_ref;

/* Takes out the refs that were removed. */
void refs_sweep(struct builder *);

/* snapshots_statistics.c */
update_function set_statistics, remove_statistics;
update_function set_partition_statistics, remove_partition_statistics;

/* builder_table.c */
update_function assign_uuid, upgrade_format_version, set_location;
update_function set_properties, remove_properties;
update_function add_encryption_key, remove_encryption_key;

/* Drop refs, statistics and log entries of removed snapshots (snapshots.c).
 * ERR_VALIDATION when the log would not end at the current snapshot. */
MUST_CHECK enum err snapshots_finish(struct builder *, struct error *);

#endif
