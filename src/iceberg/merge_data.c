/*
 * merge_data.c - the snapshots of a merge.
 *
 * Where target has no new ones, source's are taken as they are: their sequence
 * numbers and row ids continue those of the base.  Otherwise only appends can
 * be merged (merge_append.c).
 */
#include <inttypes.h>

#include "iceberg/member.h"
#include "iceberg/merge_inside.h"

static int64_t
id_of(const yyjson_mut_val *snapshot)
{
	return member_number(member_find(snapshot, "snapshot-id"));
}

static int64_t
current_of(const struct metadata *m)
{
	int64_t id = -1;

	(void)metadata_current_snapshot(m, &id);
	return id;
}

/* The first snapshot of `of` that is in neither of the others; NULL: none. */
static yyjson_mut_val *
first_new(const struct metadata *of, struct id_list *one, struct id_list *other)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(of, "snapshots"));
	yyjson_mut_val *snapshot;

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (id_list_find(one, id_of(snapshot)) == NULL &&
		    (other == NULL ||
			id_list_find(other, id_of(snapshot)) == NULL))
			break;
	return snapshot;
}

static struct str
number_text(const struct merging *m, int64_t n)
{
	return n != -1 ? arena_printf(m->arena, "%" PRId64, n)
		       : (struct str){ 0 };
}

static struct table_conflict *
data_conflict(struct merging *m, const char *message)
{
	struct table_conflict *c =
	    merge_conflict(m, CONFLICT_DATA, STR("data"), message);

	c->base = number_text(m, current_of(m->base));
	c->source = number_text(m, current_of(m->source));
	c->target = number_text(m, current_of(m->target));
	return c;
}

/* ---- source's snapshots as they are */

/* A snapshot of an older format is to be there before the upgrade. */
static bool
is_older(const struct merging *m, const yyjson_mut_val *snapshot)
{
	int from = metadata_format_version(m->target);
	int to = metadata_format_version(m->source);

	return (to >= 3 && from < 3 &&
		   member_find(snapshot, "first-row-id") == NULL) ||
	       (to >= 2 && from < 2 &&
		   member_number(member_find(snapshot, "sequence-number")) ==
		       0);
}

static enum err
take_snapshot(struct merging *m, const yyjson_mut_val *snapshot)
{
	yyjson_mut_val *copy = merge_copy(m, snapshot), *update;
	yyjson_mut_val *schema = member_find(snapshot, "schema-id");
	int64_t id = 0;

	if (schema != NULL) {
		TRY(merge_schema_id(m, member_number(schema), &id));
		member_put_number(m->doc, copy, "schema-id", id);
	}
	update = yyjson_mut_arr_add_obj(
	    m->doc, is_older(m, snapshot) ? m->early : m->updates);
	member_put_string(m->doc, update, "action", STR("add-snapshot"));
	member_put(m->doc, update, "snapshot", copy);
	return OK;
}

static void
take_statistics(struct merging *m, const char *list, const char *action,
    const char *member, bool all)
{
	struct id_list ours = {
		.metadata = m->target, .name = list, .id_name = "snapshot-id"
	};
	struct id_list old = {
		.metadata = m->base, .name = list, .id_name = "snapshot-id"
	};
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->source, list));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = id_of(entry);

		if ((all || id_list_find(&m->target_snapshots, id) != NULL) &&
		    moved_json(m, id_list_find(&old, id), entry,
			id_list_find(&ours, id)) == MOVED_SOURCE)
			member_put(m->doc, merge_update(m, action), member,
			    merge_copy(m, entry));
	}
}

/* Of snapshots that the result has; `all`: those of source are among them. */
static void
merge_statistics(struct merging *m, bool all)
{
	take_statistics(m, "statistics", "set-statistics", "statistics", all);
	take_statistics(m, "partition-statistics", "set-partition-statistics",
	    "partition-statistics", all);
}

/* A snapshot that a ref of target will still name stays. */
static struct int_map
named_by_target(struct merging *m)
{
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(m->target, "refs"));
	struct int_map named = { 0 };
	yyjson_mut_val *name;

	while ((name = yyjson_mut_obj_iter_next(&it)) != NULL)
		if (!str_eq(json_mut_str(name), STR(METADATA_MAIN)))
			*int_map_slot(&named, id_of(name->next), m->arena) =
			    name;
	return named;
}

static void
take_expiry(struct merging *m)
{
	yyjson_mut_val *ids = yyjson_mut_arr(m->doc), *snapshot;
	struct int_map named = named_by_target(m);
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->target, "snapshots"));

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (id_list_find(&m->source_snapshots, id_of(snapshot)) ==
			NULL &&
		    int_map_find(&named, id_of(snapshot)) == NULL)
			yyjson_mut_arr_add_sint(m->doc, ids, id_of(snapshot));
	if (yyjson_mut_arr_size(ids) != 0)
		member_put(m->doc, merge_update(m, "remove-snapshots"),
		    "snapshot-ids", ids);
}

static enum err
take_all(struct merging *m)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->source, "snapshots"));
	yyjson_mut_val *snapshot;

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (id_list_find(&m->base_snapshots, id_of(snapshot)) == NULL)
			TRY(take_snapshot(m, snapshot));
	merge_main(m, current_of(m->source));
	merge_refs(m, true);
	take_expiry(m);
	return OK;
}

/* ---- or its appends */
static void
not_appended(struct merging *m, const struct metadata *side,
    const struct ancestor *snapshot, const char *message)
{
	struct table_conflict *c = data_conflict(m, message);

	merge_name_files(m, side, snapshot->json, c);
}

/* The snapshots between the base and a side are appends; false: a conflict. */
static bool
only_appends(struct merging *m, const struct history *base,
    const struct history *side, const struct metadata *metadata,
    const char *message)
{
	size_t above = history_above(side, base);
	size_t below = history_above(base, side);
	const struct ancestor *a = NULL, *b = NULL;

	if (!history_is_whole(side, above) || !history_is_whole(base, below)) {
		(void)data_conflict(m,
		    "The history since the common snapshot is not known any "
		    "more: some of its snapshots have expired.");
		return false;
	}
	a = history_no_append(side, above);
	b = history_no_append(base, below);
	if (a != NULL)
		not_appended(m, metadata, a, message);
	else if (b != NULL)
		not_appended(m, m->base, b, message);
	return a == NULL && b == NULL;
}

/* Every snapshot that source made is in the history of its main; else it would
 * be lost. */
static bool
is_all_on_main(struct merging *m, const struct history *source)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->source, "snapshots"));
	yyjson_mut_val *snapshot;

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = id_of(snapshot);

		if (id_list_find(&m->base_snapshots, id) == NULL &&
		    id_list_find(&m->target_snapshots, id) == NULL &&
		    int_map_find(&source->by_id, id) == NULL) {
			(void)data_conflict(m,
			    "Source has a snapshot that is not in the history "
			    "of its main branch.");
			return false;
		}
	}
	return true;
}

/* The files of a side's newest snapshot can be read. */
static bool
is_readable(struct merging *m, const struct history *side)
{
	const yyjson_mut_val *snapshot;

	if (side->count == 0)
		return true;
	snapshot = side->at[0].json;
	if (member_is(member_find(snapshot, "manifest-list"), MEMBER_STRING) &&
	    member_find(snapshot, "key-id") == NULL)
		return true;
	(void)data_conflict(m,
	    "The manifest list of a snapshot is encrypted, or there is none.");
	return false;
}

static enum err
append(struct merging *m)
{
	struct history base = history_of(m->base);
	struct history source = history_of(m->source);
	struct history target = history_of(m->target);
	bool can = is_all_on_main(m, &source);

	can = can && only_appends(m, &base, &source, m->source,
			 "Source has done more than append files, and target "
			 "has changed its data, too.");
	can = can && only_appends(m, &base, &target, m->target,
			 "Target has done more than append files, and source "
			 "has changed its data, too.");
	can = can && is_readable(m, &source) && is_readable(m, &target);
	if (!can)
		return OK;
	merge_refs(m, false);
	return merge_append(m, &base, &source, &target);
}

/* Source's history goes on from where target is.  It may not, if a merge
 * brought what source has of target. */
static bool
goes_on(const struct merging *m)
{
	struct history source = history_of(m->source);
	int64_t target = current_of(m->target);

	return target == -1 || int_map_find(&source.by_id, target) != NULL;
}

/* Target is as it was, but for what has expired, and can have source's
 * snapshots, which are not of an older format. */
static bool
can_take_all(struct merging *m, bool made)
{
	return current_of(m->target) == current_of(m->base) &&
	       first_new(m->target, &m->base_snapshots, NULL) == NULL &&
	       (!made || (metadata_format_version(m->target) <=
				 metadata_format_version(m->source) &&
			     goes_on(m)));
}

enum err
merge_data(struct merging *m)
{
	int64_t source = current_of(m->source), target = current_of(m->target);
	bool made = first_new(m->source, &m->base_snapshots,
			&m->target_snapshots) != NULL;
	bool all = can_take_all(m, made);

	if (all) {
		TRY(take_all(m));
	} else if (made ||
		   (source != current_of(m->base) && source != target)) {
		TRY(append(m));
	} else {
		merge_refs(m, false);
		merge_main(m, target);
	}
	merge_statistics(m, all);
	return OK;
}
