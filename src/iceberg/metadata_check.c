/* metadata_check.c - the invariants of table metadata. */
#include "iceberg/metadata_check.h"

#include <inttypes.h>

#include "base/uuid.h"
#include "iceberg/member.h"
#include "iceberg/partition.h"
#include "iceberg/schema.h"
#include "iceberg/sort_order.h"

/* Clocks of two writers may differ by this much; the reference implementation
 * allows the same. */
#define TOLERANCE_MS 60000

static enum err
check_uuid(const struct metadata *m, struct error *e)
{
	struct str uuid = metadata_uuid(m);
	struct id id;

	if (uuid.ptr == NULL && metadata_format_version(m) == 1)
		return OK;
	if (!id_parse(uuid, &id))
		return fail(e, ERR_VALIDATION,
		    "Invalid table-uuid: '" STR_FMT "' is not a UUID",
		    STR_ARG(uuid));
	return OK;
}

static enum err
check_snapshot(
    const struct metadata *m, const yyjson_mut_val *snapshot, struct error *e)
{
	int64_t last = metadata_number(m, "last-sequence-number", 0), n = 0;

	TRY(member_long_or(snapshot, "sequence-number", 0, &n, e));
	if (metadata_format_version(m) > 1 && n > last)
		return fail(e, ERR_VALIDATION,
		    "Invalid snapshot with sequence number %" PRId64
		    " greater than last sequence number %" PRId64,
		    n, last);
	return OK;
}

/* Index the snapshots while looking at each. */
static enum err
check_snapshots(const struct metadata *m, struct int_map *ret, struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, "snapshots"));
	yyjson_mut_val *snapshot;

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id =
		    member_number(member_find(snapshot, "snapshot-id"));
		void **slot = int_map_slot(ret, id, m->arena);

		if (*slot != NULL)
			return fail(e, ERR_VALIDATION,
			    "Snapshot id %" PRId64 " appears twice", id);
		*slot = snapshot;
		TRY(check_snapshot(m, snapshot, e));
	}
	return OK;
}

static enum err
check_refs(
    const struct metadata *m, const struct int_map *snapshots, struct error *e)
{
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(m, "refs"));
	yyjson_mut_val *name;
	int64_t current = -1, main = -1;
	bool branch = true;

	while ((name = yyjson_mut_obj_iter_next(&it)) != NULL) {
		int64_t id =
		    member_number(member_find(name->next, "snapshot-id"));

		if (int_map_find(snapshots, id) == NULL)
			return fail(e, ERR_VALIDATION,
			    "Snapshot for reference " STR_FMT
			    " does not exist in the existing snapshots list",
			    STR_ARG(json_mut_str(name)));
	}
	(void)metadata_current_snapshot(m, &current);
	(void)metadata_ref(m, STR(METADATA_MAIN), &main, &branch);
	if (current != main || !branch)
		return fail(e, ERR_VALIDATION,
		    "Current snapshot ID does not match main branch (%" PRId64
		    " != %" PRId64 ")",
		    current, main);
	return OK;
}

/* Entries in order of time, the last not after the metadata itself. */
static enum err
check_log(const struct metadata *m, const char *list, struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, list));
	int64_t before = INT64_MIN, at = INT64_MIN;
	yyjson_mut_val *entry;

	for (; (entry = yyjson_mut_arr_iter_next(&it)) != NULL; before = at) {
		at = member_number(member_find(entry, "timestamp-ms"));
		if (at < INT64_MIN + TOLERANCE_MS ||
		    at > INT64_MAX - TOLERANCE_MS)
			return fail(e, ERR_VALIDATION,
			    "Invalid timestamp-ms in %s: %" PRId64, list, at);
		if (at + TOLERANCE_MS < before)
			return fail(e, ERR_VALIDATION,
			    "Expected sorted entries in %s: %" PRId64
			    " follows %" PRId64,
			    list, at, before);
	}
	if (at > INT64_MIN && at - TOLERANCE_MS > metadata_last_updated_ms(m))
		return fail(e, ERR_VALIDATION,
		    "Invalid update timestamp %" PRId64
		    ": before the last entry of %s at %" PRId64,
		    metadata_last_updated_ms(m), list, at);
	return OK;
}

static enum err
check_defaults(const struct metadata *m, struct error *e)
{
	/* clang-format off */
	static const struct {
		const char *list, *id_name, *chosen;
	} rows[] = {
		{ "schemas",         "schema-id", "current-schema-id" },
		{ "partition-specs", "spec-id",   "default-spec-id" },
		{ "sort-orders",     "order-id",  "default-sort-order-id" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t id = metadata_number(m, rows[i].chosen, -1);

		if (metadata_entry(m, rows[i].list, rows[i].id_name, id) ==
		    NULL)
			return fail(e, ERR_VALIDATION,
			    "Field '%s' is %" PRId64 ", which is not in '%s'",
			    rows[i].chosen, id, rows[i].list);
	}
	return OK;
}

enum err
metadata_check(const struct metadata *m, struct error *e)
{
	struct int_map snapshots = { 0 };

	TRY(check_uuid(m, e));
	if (metadata_format_version(m) == 1 &&
	    metadata_number(m, "last-sequence-number", 0) != 0)
		return fail(e, ERR_VALIDATION,
		    "Sequence number must be 0 in v1: %" PRId64,
		    metadata_number(m, "last-sequence-number", 0));
	TRY(check_defaults(m, e));
	TRY(check_snapshots(m, &snapshots, e));
	TRY(check_refs(m, &snapshots, e));
	TRY(check_log(m, "snapshot-log", e));
	return check_log(m, "metadata-log", e);
}

enum err
metadata_check_layout(const struct metadata *m, struct error *e)
{
	struct schema schema;
	struct partition_spec spec;
	struct sort_order order;

	TRY(check_defaults(m, e));
	TRY(schema_read(m->arena,
	    metadata_entry(m, "schemas", "schema-id",
		metadata_number(m, "current-schema-id", -1)),
	    &schema, e));
	TRY(partition_spec_read(m->arena,
	    metadata_entry(m, "partition-specs", "spec-id",
		metadata_number(m, "default-spec-id", -1)),
	    &spec, e));
	TRY(partition_spec_check(&spec, &schema, e));
	TRY(sort_order_read(m->arena,
	    metadata_entry(m, "sort-orders", "order-id",
		metadata_number(m, "default-sort-order-id", -1)),
	    &order, e));
	return sort_order_check(&order, &schema, e);
}

/* One schema, spec or order; what was read is not needed. */
static enum err
read_schema(struct arena *a, yyjson_mut_val *json, struct error *e)
{
	struct schema schema;

	return schema_read(a, json, &schema, e);
}

static enum err
read_spec(struct arena *a, yyjson_mut_val *json, struct error *e)
{
	struct partition_spec spec;

	return partition_spec_read(a, json, &spec, e);
}

static enum err
read_order(struct arena *a, yyjson_mut_val *json, struct error *e)
{
	struct sort_order order;

	return sort_order_read(a, json, &order, e);
}

static enum err
check_each(const struct metadata *m, const char *list,
    enum err (*read)(struct arena *, yyjson_mut_val *, struct error *),
    struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, list));
	yyjson_mut_val *json;

	while ((json = yyjson_mut_arr_iter_next(&it)) != NULL)
		TRY(member_within(read(m->arena, json, e), list, e));
	return OK;
}

enum err
metadata_check_all(const struct metadata *m, struct error *e)
{
	TRY(member_names_unique(m->arena, m->root, e));
	TRY(check_each(m, "schemas", read_schema, e));
	TRY(check_each(m, "partition-specs", read_spec, e));
	TRY(check_each(m, "sort-orders", read_order, e));
	return metadata_check(m, e);
}
