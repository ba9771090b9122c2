/*
 * merge_inside.h - a merge while it is made; for table_merge.c, merge_*.c and
 * view_merge.c.
 *
 * What source changed becomes updates of target, as a client would send them,
 * so that a merge can make nothing that a commit could not.
 */
#ifndef PANGOLIN_MERGE_INSIDE_H
#define PANGOLIN_MERGE_INSIDE_H

#include "base/str_map.h"
#include "iceberg/merge_history.h"
#include "iceberg/schema.h"
#include "iceberg/table_merge.h"

struct merging {
	struct arena *arena; /* target's */
	const struct metadata *base, *source, *target;
	struct merge_choices choices;
	yyjson_mut_doc *doc; /* of the updates */
	yyjson_mut_val *early, *updates;
	struct table_conflicts conflicts;
	size_t conflict_room;
	struct error *e;
	struct id_list base_snapshots, source_snapshots, target_snapshots;

	/* of a table: */
	const struct table_merge_input *in;
	bool schema_moved; /* by source alone */
	int64_t schema_id; /* of the result */
	yyjson_mut_val *schema;
	int64_t next_schema_id;
	struct int_map schema_ids; /* of source: struct schema_place */
	struct new_files files;
	size_t file_room;
	int64_t snapshot_id;
};

/* ---- table_merge.c */

/* The updates; target, to which they are applied. */
MUST_CHECK enum err merge_updates(struct merging *, yyjson_val **ret);
struct metadata merge_result(const struct merging *);

/* An update that no client could have committed on target is a conflict; any
 * other error stays one. */
MUST_CHECK enum err merge_refused(struct merging *, enum err);

/* ---- who changed what (merge_fields.c) */
enum moved {
	MOVED_NOT,    /* or by target, or by both to the same */
	MOVED_SOURCE, /* by source alone */
	MOVED_BOTH,   /* to two different things */
};

/* The snapshot or schema that is not there is NULL, a value like any other. */
enum moved moved_json(const struct merging *, const yyjson_mut_val *base,
    const yyjson_mut_val *source, const yyjson_mut_val *target);

/* The choice that somebody made for a field; NULL: none. */
const struct merge_choice *merge_choice(const struct merging *, struct str);

/* An object with its action, to be completed. */
yyjson_mut_val *merge_update(struct merging *, const char *action);
yyjson_mut_val *merge_copy(const struct merging *, const yyjson_mut_val *);

/* A conflict; the caller may complete it. */
struct table_conflict *merge_conflict(struct merging *,
    enum table_conflict_kind, struct str field, const char *message);
struct table_conflict *merge_json_conflict(struct merging *,
    enum table_conflict_kind, const char *field, const char *message,
    const yyjson_mut_val *base, const yyjson_mut_val *source,
    const yyjson_mut_val *target);

void merge_properties(struct merging *);
void merge_location(struct merging *);
void merge_encryption_keys(struct merging *);

/* Refs but main; `all`: the result will have source's snapshots. */
void merge_refs(struct merging *, bool all);

/* main, which the result has at a snapshot; -1: not at all. */
void merge_main(struct merging *, int64_t snapshot_id);

/* ---- merge_layout.c */
MUST_CHECK enum err merge_schema(struct merging *);
void merge_specs(struct merging *);
void merge_orders(struct merging *);

/* The id that a schema of source has in the result, which is added if need
 * be. */
MUST_CHECK enum err merge_schema_id(struct merging *, int64_t id, int64_t *ret);

/* Checks that added fields got the ids that source's files say. */
void merge_layout_check(struct merging *, const struct metadata *result);

/* ---- merge_data.c */
MUST_CHECK enum err merge_data(struct merging *);

/* A file to be written. */
void merge_add_file(struct merging *, struct str location, struct str bytes);

/* ---- merge_append.c: source's files in a new snapshot of target. */
MUST_CHECK enum err merge_append(struct merging *, const struct history *base,
    const struct history *source, const struct history *target);

/* Some of the files that a snapshot took away, for a conflict. */
void merge_name_files(struct merging *, const struct metadata *,
    const yyjson_mut_val *snapshot, struct table_conflict *);

#endif
