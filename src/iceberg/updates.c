/*
 * updates.c - the table of table updates, and what a commit does around them.
 */
#include "iceberg/updates.h"

#include <stdio.h>

#include "iceberg/builder.h"
#include "iceberg/member.h"
#include "iceberg/metadata_check.h"
#include "iceberg/update_common.h"

struct update_row {
	const char *action;
	update_function *apply;
	/* Each of these costs as much as the list it searches is long; the
	 * bound keeps a hostile request linear.  0: costs nothing like it. */
	unsigned most_per_request;
};

/* clang-format off */
static const struct update_row rows[] = {
	{ "assign-uuid",                 assign_uuid,                 0 },
	{ "upgrade-format-version",      upgrade_format_version,      0 },
	{ "add-schema",                  add_schema,                  100 },
	{ "set-current-schema",          set_current_schema,          0 },
	{ "add-spec",                    add_spec,                    100 },
	{ "set-default-spec",            set_default_spec,            0 },
	{ "add-sort-order",              add_sort_order,              100 },
	{ "set-default-sort-order",      set_default_sort_order,      0 },
	{ "add-snapshot",                add_snapshot,                0 },
	{ "set-snapshot-ref",            set_snapshot_ref,            10000 },
	{ "remove-snapshots",            remove_snapshots,            0 },
	{ "remove-snapshot-ref",         remove_snapshot_ref,         10000 },
	{ "set-location",                set_location,                0 },
	{ "set-properties",              set_properties,              1000 },
	{ "remove-properties",           remove_properties,           1000 },
	{ "set-statistics",              set_statistics,              0 },
	{ "remove-statistics",           remove_statistics,           0 },
	{ "set-partition-statistics",    set_partition_statistics,    0 },
	{ "remove-partition-statistics", remove_partition_statistics, 0 },
	{ "remove-partition-specs",      remove_partition_specs,      0 },
	{ "remove-schemas",              remove_schemas,              0 },
	{ "add-encryption-key",          add_encryption_key,          1000 },
	{ "remove-encryption-key",       remove_encryption_key,       1000 },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct id_list
list_of(const struct metadata *m, const char *name, const char *id_name)
{
	return (
	    struct id_list){ .metadata = m, .name = name, .id_name = id_name };
}

static struct builder
builder_of(struct metadata *m, const struct update_context *context)
{
	int64_t before = context->create ? 0 : metadata_last_updated_ms(m);

	return (struct builder){
		.metadata = m,
		.context = context,
		.schemas = list_of(m, "schemas", "schema-id"),
		.specs = list_of(m, "partition-specs", "spec-id"),
		.orders = list_of(m, "sort-orders", "order-id"),
		.snapshots = list_of(m, "snapshots", "snapshot-id"),
		.statistics = list_of(m, "statistics", "snapshot-id"),
		.partition_statistics =
		    list_of(m, "partition-statistics", "snapshot-id"),
		/* a clock that was set back must not show */
		.last_updated_ms =
		    context->now_ms > before ? context->now_ms : before,
	};
}

static size_t
row_of(struct str action)
{
	size_t row = 0;

	while (row < ROWS && !str_eq_nocase(action, str_from(rows[row].action)))
		row++;
	return row;
}

static enum err
apply_one(struct builder *b, yyjson_mut_val *update, unsigned counts[ROWS],
    struct error *e)
{
	struct str action;

	if (!member_is(update, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "must be an object");
	TRY(member_within(
	    member_string(update, "action", &action, e), "/action", e));

	size_t row = row_of(action);

	if (row == ROWS)
		return fail(e, ERR_BAD_REQUEST,
		    "/action: Cannot parse unknown table update: " STR_FMT,
		    STR_ARG(action));
	if (rows[row].most_per_request != 0 &&
	    ++counts[row] > rows[row].most_per_request)
		return fail(e, ERR_BAD_REQUEST,
		    "more than %u updates '%s' in one request",
		    rows[row].most_per_request, rows[row].action);
	return member_within(
	    rows[row].apply(b, update, e), rows[row].action, e);
}

static enum err
apply_all(struct builder *b, yyjson_mut_val *updates, struct error *e)
{
	unsigned counts[ROWS] = { 0 };
	size_t index = 0;
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(updates);
	yyjson_mut_val *update;
	char where[32];

	for (; (update = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		TRY(arena_check(b->metadata->arena, e));
		TRY(metadata_in_time(b->metadata, e));
		(void)snprintf(where, sizeof(where), "/updates/%zu", index);
		TRY(member_within(apply_one(b, update, counts, e), where, e));
	}
	return OK;
}

/* A table that is created needs a schema, a spec and an order, even if empty
 * ones. */
static void
complete_layout(struct builder *b)
{
	struct metadata *m = b->metadata;

	/* clang-format off */
	static const struct {
		const char *list, *id_name, *chosen;
	} parts[] = {
		{ "partition-specs", "spec-id",  "default-spec-id" },
		{ "sort-orders",     "order-id", "default-sort-order-id" },
	};
	/* clang-format on */

	complete_current_schema(b);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		yyjson_mut_val *list = metadata_list(m, parts[i].list);

		if (yyjson_mut_arr_size(list) != 0)
			continue;

		yyjson_mut_val *entry = yyjson_mut_arr_add_obj(m->doc, list);

		member_put_number(m->doc, entry, parts[i].id_name, 0);
		member_put(m->doc, entry, "fields", yyjson_mut_arr(m->doc));
		metadata_put_number(m, parts[i].chosen, 0);
	}
}

static enum err
finish(struct builder *b, struct file_names *ret_dropped, struct error *e)
{
	struct metadata *m = b->metadata;
	const struct update_context *context = b->context;
	int64_t before = metadata_last_updated_ms(m);

	id_list_sweep(&b->schemas);
	id_list_sweep(&b->specs);
	TRY(snapshots_finish(b, e));
	if (context->create)
		complete_layout(b);
	if (context->create || b->layout_changed)
		TRY(metadata_check_layout(m, e));
	if (metadata_uuid(m).ptr == NULL)
		member_put_string(m->doc, m->root, "table-uuid", context->uuid);
	metadata_put_number(m, "last-updated-ms", b->last_updated_ms);
	metadata_fit_version(m);
	if (!context->create)
		metadata_log_push(m, context->base_file, before, ret_dropped);
	return metadata_check(m, e);
}

enum err
updates_apply(struct metadata *m, const yyjson_val *updates,
    const struct update_context *context, struct update_result *ret,
    struct error *e)
{
	struct builder b = builder_of(m, context);
	struct update_result result = { 0 };
	yyjson_mut_val *copy = NULL;

	TRY(updates_own(m, updates, &copy, e));
	TRY(apply_all(&b, copy, e));
	result.changed = b.changed || context->create;
	if (result.changed)
		TRY(finish(&b, &result.dropped, e));
	*ret = result;
	return OK;
}
