/*
 * snapshots.c - adds and removes snapshots, and the log of current ones.
 *
 * Adding a snapshot moves no branch.  References to removed snapshots are
 * cleaned up once, at the end, by snapshots_finish().
 */
#include <inttypes.h>

#include "iceberg/builder.h"
#include "iceberg/member.h"

static enum err
check_summary(const yyjson_mut_val *snapshot, struct error *e)
{
	yyjson_mut_val *summary = NULL;
	struct str operation;

	TRY(member_get(snapshot, "summary", MEMBER_OBJECT, &summary, e));
	TRY(member_string(summary, "operation", &operation, e));
	return member_strings_only(summary, "summary", e);
}

/* REST spec, Snapshot; v1 snapshots may list manifests instead. */
static enum err
check_shape(const yyjson_mut_val *snapshot, int version, struct error *e)
{
	yyjson_mut_val *ignored = NULL;
	int64_t number = 0;
	struct str list;

	TRY(member_long(snapshot, "timestamp-ms", &number, e));
	if (number < 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'timestamp-ms' must not be negative");
	TRY(member_optional(snapshot, "schema-id", MEMBER_INT, &ignored, e));
	TRY(member_optional(snapshot, "key-id", MEMBER_STRING, &ignored, e));
	TRY(member_optional(snapshot, "manifests", MEMBER_ARRAY, &ignored, e));
	if (version > 1 || ignored == NULL)
		TRY(member_string(snapshot, "manifest-list", &list, e));
	return check_summary(snapshot, e);
}

static enum err
check_table(const struct metadata *m, struct error *e)
{
	static const char *const lists[][2] = { { "schemas", "schema" },
		{ "partition-specs", "partition spec" },
		{ "sort-orders", "sort order" } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (yyjson_mut_arr_size(metadata_list(m, lists[i][0])) == 0)
			return fail(e, ERR_VALIDATION,
			    "Attempting to add a snapshot before a %s is "
			    "added",
			    lists[i][1]);
	return OK;
}

/* Iceberg table spec, "Sequence Numbers".  A first snapshot has no parent;
 * some clients write -1 for it. */
static enum err
take_sequence_number(
    struct metadata *m, const yyjson_mut_val *snapshot, struct error *e)
{
	int64_t last = metadata_number(m, "last-sequence-number", 0);
	int64_t number = 0, parent = -1;

	TRY(member_long_or(snapshot, "sequence-number", 0, &number, e));
	TRY(member_long_or(snapshot, "parent-snapshot-id", -1, &parent, e));
	if (number < 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'sequence-number' must not be negative");
	if (metadata_format_version(m) == 1) {
		if (number != 0)
			return fail(e, ERR_VALIDATION,
			    "Sequence number must be 0 in v1: %" PRId64,
			    number);
		return OK;
	}
	if (number <= last && parent != -1)
		return fail(e, ERR_COMMIT_FAILED,
		    "Validation failed, please retry: Cannot add snapshot "
		    "with sequence number %" PRId64
		    " older than last sequence number %" PRId64,
		    number, last);
	metadata_put_number(m, "last-sequence-number", number);
	return OK;
}

/* Iceberg table spec, "Row Lineage". */
static enum err
take_row_ids(
    struct metadata *m, const yyjson_mut_val *snapshot, struct error *e)
{
	int64_t next = metadata_number(m, "next-row-id", 0);
	int64_t first = 0, added = 0;

	TRY(member_long_or(snapshot, "first-row-id", -1, &first, e));
	TRY(member_long_or(snapshot, "added-rows", -1, &added, e));
	if (metadata_format_version(m) < 3)
		return OK;
	if (member_find(snapshot, "first-row-id") == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot add a snapshot: first-row-id is null");
	if (first < next)
		return fail(e, ERR_COMMIT_FAILED,
		    "Validation failed, please retry: Cannot add a snapshot, "
		    "first-row-id is behind table next-row-id: %" PRId64
		    " < %" PRId64,
		    first, next);
	if (member_find(snapshot, "added-rows") == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot add a snapshot: added-rows is null");
	if (added < 0 || __builtin_add_overflow(next, added, &next))
		return fail(
		    e, ERR_VALIDATION, "Invalid added-rows: %" PRId64, added);
	metadata_put_number(m, "next-row-id", next);
	return OK;
}

enum err
add_snapshot(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *snapshot = NULL;
	int64_t id = 0, parent = -1;

	TRY(member_get(update, "snapshot", MEMBER_OBJECT, &snapshot, e));
	TRY(member_long(snapshot, "snapshot-id", &id, e));
	TRY(check_shape(snapshot, metadata_format_version(m), e));
	TRY(check_table(m, e));
	/* an id this request removed is not free either: refs and logs of the
	 * removed one could not be told from those of the new */
	if (id == -1)
		return fail(e, ERR_VALIDATION,
		    "Invalid snapshot id: -1 stands for no snapshot");
	if (id_list_find(&b->snapshots, id) != NULL ||
	    int_map_find(&b->removed_snapshots, id) != NULL)
		return fail(e, ERR_VALIDATION,
		    "Snapshot already exists for id: %" PRId64, id);
	TRY(take_sequence_number(m, snapshot, e));
	TRY(take_row_ids(m, snapshot, e));
	TRY(member_long_or(snapshot, "parent-snapshot-id", -1, &parent, e));
	if (parent == -1)
		yyjson_mut_obj_remove_key(snapshot, "parent-snapshot-id");
	id_list_put(&b->snapshots, id, snapshot);
	*int_map_slot(&b->added_snapshots, id, m->arena) = snapshot;
	b->changed = true;
	return OK;
}

enum err
remove_snapshots(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	yyjson_mut_val *ids = NULL, *id;

	TRY(member_get(update, "snapshot-ids", MEMBER_ARRAY, &ids, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(ids);

	while ((id = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (!member_is(id, MEMBER_LONG))
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'snapshot-ids' must hold 64-bit integers");
		if (!id_list_remove(&b->snapshots, member_number(id)))
			continue;
		*int_map_slot(&b->removed_snapshots, member_number(id),
		    b->metadata->arena) = id;
		b->any_removed = true;
		b->changed = true;
	}
	return OK;
}

static void
drop_dangling_refs(struct builder *b)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *kept = yyjson_mut_obj(m->doc), *name;
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(m, "refs"));
	int64_t current = -1;

	while ((name = yyjson_mut_obj_iter_next(&it)) != NULL) {
		int64_t id =
		    member_number(member_find(name->next, "snapshot-id"));

		if (int_map_find(&b->removed_snapshots, id) == NULL)
			yyjson_mut_obj_add(kept,
			    json_of(m->doc, json_mut_str(name)),
			    yyjson_mut_val_mut_copy(m->doc, name->next));
	}
	member_put(m->doc, m->root, "refs", kept);
	if (metadata_current_snapshot(m, &current) &&
	    int_map_find(&b->removed_snapshots, current) != NULL)
		metadata_put_current_snapshot(m, false, 0);
}

static void
drop_statistics(struct builder *b, struct id_list *list)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, list->name));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(entry, "snapshot-id"));

		if (int_map_find(&b->removed_snapshots, id) != NULL)
			(void)id_list_remove(list, id);
	}
}

/* Snapshots that were current only within this request leave no trace, and a
 * removed one takes the history before it along: a gap would make time travel
 * answer wrongly. */
static enum err
rebuild_log(struct builder *b, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *log = yyjson_mut_arr(m->doc), *entry;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, "snapshot-log"));
	size_t logged = yyjson_mut_arr_size(metadata_list(m, "snapshot-log"));
	int64_t current = -1, id = -1;

	(void)metadata_current_snapshot(m, &current);
	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		id = member_number(member_find(entry, "snapshot-id"));
		if (id_list_find(&b->snapshots, id) == NULL) {
			if (b->any_removed)
				yyjson_mut_arr_clear(log);
			continue;
		}
		if (id != current && int_map_find(&b->passed, id) != NULL)
			continue;
		yyjson_mut_arr_append(
		    log, yyjson_mut_val_mut_copy(m->doc, entry));
	}
	id = member_number(
	    member_find(yyjson_mut_arr_get_last(log), "snapshot-id"));
	/* a table whose writers never kept a log stays without one */
	if (current != -1 && logged != 0 &&
	    (yyjson_mut_arr_size(log) == 0 || id != current))
		return fail(e, ERR_VALIDATION,
		    "Cannot set invalid snapshot log: latest entry is not the "
		    "current snapshot");
	member_put(m->doc, m->root, "snapshot-log", log);
	return OK;
}

enum err
snapshots_finish(struct builder *b, struct error *e)
{
	refs_sweep(b);
	if (b->any_removed) {
		drop_dangling_refs(b);
		drop_statistics(b, &b->statistics);
		drop_statistics(b, &b->partition_statistics);
	}
	if (b->any_removed || b->any_passed)
		TRY(rebuild_log(b, e));
	id_list_sweep(&b->snapshots);
	id_list_sweep(&b->statistics);
	id_list_sweep(&b->partition_statistics);
	return OK;
}
