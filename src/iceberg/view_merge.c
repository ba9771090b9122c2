/*
 * view_merge.c - the three-way merge of two versions of one view.
 *
 * What a view means is its current version, whatever number and time that has:
 * all of its members, those that nobody here reads, too.
 */
#include "iceberg/member.h"
#include "iceberg/merge_inside.h"
#include "iceberg/view.h"
#include "iceberg/view_builder.h"

static yyjson_mut_val *
schema_of(const struct metadata *m, const yyjson_mut_val *version)
{
	return metadata_entry(m, "schemas", "schema-id",
	    member_number(member_find(version, "schema-id")));
}

/* The current version without what only tells versions apart. */
static yyjson_mut_val *
meaning(const struct merging *m, const struct metadata *view)
{
	static const char *const names[] = { "version-id", "timestamp-ms",
		"summary", "schema-id" };
	yyjson_mut_val *version = merge_copy(m, view_current(view));
	yyjson_mut_val *schema =
	    merge_copy(m, schema_of(view, view_current(view)));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		yyjson_mut_obj_remove_key(version, names[i]);
	yyjson_mut_obj_remove_key(schema, "schema-id");
	if (schema != NULL)
		member_put(m->doc, version, "schema", schema);
	return version;
}

static void
take_version(struct merging *m)
{
	yyjson_mut_val *version = merge_copy(m, view_current(m->source));
	yyjson_mut_val *schema = schema_of(m->source, version);

	if (schema != NULL) {
		member_put(m->doc, merge_update(m, "add-schema"), "schema",
		    merge_copy(m, schema));
		member_put_number(m->doc, version, "schema-id", -1);
	}
	member_put(m->doc, merge_update(m, "add-view-version"), "view-version",
	    version);
	member_put_number(m->doc, merge_update(m, "set-current-view-version"),
	    "view-version-id", -1);
}

static void
merge_version(struct merging *m)
{
	yyjson_mut_val *base = meaning(m, m->base);
	yyjson_mut_val *source = meaning(m, m->source);
	yyjson_mut_val *target = meaning(m, m->target);
	enum moved moved = moved_json(m, base, source, target);

	if (moved == MOVED_SOURCE)
		take_version(m);
	else if (moved == MOVED_BOTH)
		(void)merge_json_conflict(m, CONFLICT_METADATA, "version",
		    "Both sides have changed the view.", base, source, target);
}

static bool
is_same_view(struct merging *m)
{
	if (str_eq_nocase(view_uuid(m->base), view_uuid(m->target)) &&
	    str_eq_nocase(view_uuid(m->source), view_uuid(m->target)))
		return true;
	(void)merge_json_conflict(m, CONFLICT_METADATA, "view-uuid",
	    "These are two different views.",
	    member_find(m->base->root, "view-uuid"),
	    member_find(m->source->root, "view-uuid"),
	    member_find(m->target->root, "view-uuid"));
	return false;
}

static enum err
apply(struct merging *m, int64_t now_ms, struct table_merge *ret)
{
	struct metadata result = merge_result(m);
	yyjson_val *updates = NULL;
	bool changed = false;

	TRY(merge_updates(m, &updates));

	enum err err =
	    view_updates_apply(&result, updates, now_ms, &changed, m->e);

	if (err != OK)
		return merge_refused(m, err);
	*ret = (struct table_merge){ .changed = changed, .metadata = result };
	return OK;
}

enum err
view_merge(
    const struct view_merge_input *in, struct table_merge *ret, struct error *e)
{
	struct merging m = { .arena = in->target->arena,
		.base = in->base,
		.source = in->source,
		.target = in->target,
		.choices = in->choices,
		.doc = json_new(in->target->arena),
		.e = e };
	struct table_merge result = { 0 };

	m.early = yyjson_mut_arr(m.doc);
	m.updates = yyjson_mut_arr(m.doc);
	if (is_same_view(&m)) {
		merge_properties(&m); /* some allow what comes next */
		merge_location(&m);
		merge_version(&m);
		TRY(arena_check(m.arena, e));
	}
	if (m.conflicts.count == 0)
		TRY(apply(&m, in->now_ms, &result));
	result.conflicts = m.conflicts;
	*ret = result;
	return OK;
}
