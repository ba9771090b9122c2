/*
 * table_merge.c - a merge as a commit on target: what source changed becomes
 * updates, which are applied as those of a client.
 */
#include "iceberg/table_merge.h"

#include <inttypes.h>

#include "iceberg/member.h"
#include "iceberg/merge_inside.h"
#include "iceberg/updates.h"

static struct id_list
snapshots_of(const struct metadata *m)
{
	return (struct id_list){
		.metadata = m, .name = "snapshots", .id_name = "snapshot-id"
	};
}

/* As the reference makes them: 63 bits of a random UUID. */
static int64_t
new_snapshot_id(struct merging *m)
{
	uint64_t high = 0, low = 0;

	for (int i = 0; i < 8; i++) {
		high = high << 8 | m->in->random.b[i];
		low = low << 8 | m->in->random.b[i + 8];
	}

	int64_t id = (int64_t)((high ^ low) & INT64_MAX);

	while (id_list_find(&m->source_snapshots, id) != NULL ||
	       id_list_find(&m->target_snapshots, id) != NULL)
		id = id < INT64_MAX ? id + 1 : 0;
	return id;
}

static void
begin(struct merging *m, const struct table_merge_input *in, struct error *e)
{
	*m = (struct merging){ .arena = in->target->arena,
		.base = in->base,
		.source = in->source,
		.target = in->target,
		.choices = in->choices,
		.doc = json_new(in->target->arena),
		.e = e,
		.base_snapshots = snapshots_of(in->base),
		.source_snapshots = snapshots_of(in->source),
		.target_snapshots = snapshots_of(in->target),
		.in = in };
	m->early = yyjson_mut_arr(m->doc);
	m->updates = yyjson_mut_arr(m->doc);
	m->snapshot_id = new_snapshot_id(m);
}

/* ---- what a merge may be about */
static bool
is_same_table(struct merging *m)
{
	struct str base = metadata_uuid(m->base);
	struct str source = metadata_uuid(m->source);
	struct str target = metadata_uuid(m->target);

	if (str_eq_nocase(source, target) &&
	    (base.ptr == NULL || str_eq_nocase(base, target)))
		return true;
	(void)merge_json_conflict(m, CONFLICT_METADATA, "table-uuid",
	    "These are two different tables.",
	    member_find(m->base->root, "table-uuid"),
	    member_find(m->source->root, "table-uuid"),
	    member_find(m->target->root, "table-uuid"));
	return false;
}

/* A version is only ever raised. */
static void
upgrade(struct merging *m)
{
	int version = metadata_format_version(m->source);

	if (version > metadata_format_version(m->target))
		member_put_number(m->doc,
		    merge_update(m, "upgrade-format-version"), "format-version",
		    version);
}

/* A file that cannot be read any more cannot be merged by anybody. */
static enum err
as_conflict(struct merging *m, enum err err)
{
	if (err != ERR_NOT_FOUND && err != ERR_BAD_REQUEST &&
	    err != ERR_ILLEGAL_ARGUMENT)
		return err;
	(void)merge_conflict(m, CONFLICT_DATA, STR("data"),
	    arena_cstr(m->arena, str_from(m->e->message)));
	return OK;
}

static enum err
collect(struct merging *m)
{
	upgrade(m);
	TRY(merge_schema(m));
	merge_specs(m);
	merge_orders(m);
	merge_encryption_keys(m);
	merge_location(m);
	merge_properties(m);
	TRY(as_conflict(m, merge_data(m)));
	return arena_check(m->arena, m->e);
}

/* ---- the result */
enum err
merge_updates(struct merging *m, yyjson_val **ret)
{
	yyjson_mut_val *update;

	while ((update = yyjson_mut_arr_remove_first(m->updates)) != NULL)
		yyjson_mut_arr_append(m->early, update);
	TRY(arena_check(m->arena, m->e));
	return json_parse(
	    m->arena, json_mut_text(m->arena, m->early), ret, m->e);
}

struct metadata
merge_result(const struct merging *m)
{
	const struct metadata *target = m->target;
	struct metadata copy = *target;

	copy.doc = json_new(target->arena);
	copy.root = yyjson_mut_val_mut_copy(copy.doc, target->root);
	yyjson_mut_doc_set_root(copy.doc, copy.root);
	return copy;
}

/* Ids that source gave out and dropped again are not to be given out anew: its
 * files have them. */
static void
keep_last_ids(const struct merging *m, struct metadata *result)
{
	static const char *const names[] = { "last-column-id",
		"last-partition-id" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int64_t theirs = metadata_number(m->source, names[i], 0);

		if (theirs > metadata_number(result, names[i], 0))
			metadata_put_number(result, names[i], theirs);
	}
}

enum err
merge_refused(struct merging *m, enum err err)
{
	switch ((int)err) {
	case ERR_BAD_REQUEST:
	case ERR_ILLEGAL_ARGUMENT:
	case ERR_VALIDATION:
	case ERR_COMMIT_FAILED:
		(void)merge_conflict(m,
		    m->schema_moved ? CONFLICT_SCHEMA : CONFLICT_METADATA,
		    m->schema_moved ? STR("schema") : STR("metadata"),
		    arena_cstr(m->arena, str_from(m->e->message)));
		return OK;
	default:
		return err;
	}
}

static enum err
apply(struct merging *m, struct table_merge *ret)
{
	struct metadata result = merge_result(m);
	char uuid[ID_TEXT];
	struct update_result applied = { 0 };
	yyjson_val *list = NULL;

	id_format(m->in->random, uuid);

	struct update_context context = { .now_ms = m->in->now_ms,
		.base_file = m->in->target_file,
		.uuid = arena_copy(m->arena, str_from(uuid)) };

	TRY(merge_updates(m, &list));

	enum err err = updates_apply(&result, list, &context, &applied, m->e);

	if (err != OK)
		return merge_refused(m, err);
	merge_layout_check(m, &result);
	keep_last_ids(m, &result);
	ret->changed = applied.changed;
	ret->metadata = result;
	ret->dropped = applied.dropped;
	return OK;
}

enum err
table_merge(const struct table_merge_input *in, struct table_merge *ret,
    struct error *e)
{
	struct table_merge result = { 0 };
	struct merging m;

	begin(&m, in, e);
	if (is_same_table(&m))
		TRY(collect(&m));
	if (m.conflicts.count == 0)
		TRY(apply(&m, &result));
	if (m.conflicts.count != 0)
		result = (struct table_merge){ .conflicts = m.conflicts };
	else
		result.files = m.files;
	if (result.files.count != 0)
		result.snapshot_id = m.snapshot_id;
	*ret = result;
	return OK;
}
