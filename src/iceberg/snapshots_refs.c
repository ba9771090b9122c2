/* snapshots_refs.c - branches and tags (Iceberg table spec, "Snapshot
 * References"). */
#include <inttypes.h>

#include "iceberg/builder.h"
#include "iceberg/member.h"

/* One of a ref's retention settings. */
struct retention {
	const char *name;
	enum member_kind kind;
	const char *not_positive; /* the message */
	const char *not_on_tags;  /* NULL: tags may carry it */
};

static const struct retention retentions[] = {
	{ "max-ref-age-ms", MEMBER_LONG,
	    "Max reference age must be greater than 0", NULL },
	{ "max-snapshot-age-ms", MEMBER_LONG,
	    "Max snapshot age must be greater than 0 ms",
	    "Tags do not support setting maxSnapshotAgeMs" },
	{ "min-snapshots-to-keep", MEMBER_INT,
	    "Min snapshots to keep must be greater than 0",
	    "Tags do not support setting minSnapshotsToKeep" },
};

#define RETENTIONS (sizeof(retentions) / sizeof(retentions[0]))

static enum err
take_retention(struct metadata *m, const yyjson_mut_val *update,
    const struct retention *row, yyjson_mut_val *ref, struct error *e)
{
	yyjson_mut_val *value = NULL;

	TRY(member_optional(update, row->name, row->kind, &value, e));
	if (value == NULL)
		return OK;
	if (row->not_on_tags != NULL &&
	    str_eq(json_mut_str(member_find(ref, "type")), STR("tag")))
		return fail(e, ERR_ILLEGAL_ARGUMENT, "%s", row->not_on_tags);
	if (member_number(value) <= 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT, "%s", row->not_positive);
	member_put_number(m->doc, ref, row->name, member_number(value));
	return OK;
}

static enum err
read_type(const yyjson_mut_val *update, struct str *ret, struct error *e)
{
	struct str type;

	TRY(member_string(update, "type", &type, e));
	if (str_eq_nocase(type, STR("branch")))
		*ret = STR("branch");
	else if (str_eq_nocase(type, STR("tag")))
		*ret = STR("tag");
	else
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid snapshot ref type: " STR_FMT, STR_ARG(type));
	return OK;
}

/* The ref an update describes, in the form metadata keeps. */
static enum err
read_ref(struct builder *b, const yyjson_mut_val *update, yyjson_mut_val **ret,
    struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *ref = yyjson_mut_obj(m->doc);
	struct str type = { 0 };
	int64_t id = 0;

	TRY(member_long(update, "snapshot-id", &id, e));
	TRY(read_type(update, &type, e));
	member_put_number(m->doc, ref, "snapshot-id", id);
	member_put_string(m->doc, ref, "type", type);
	for (size_t i = 0; i < RETENTIONS; i++)
		TRY(take_retention(m, update, &retentions[i], ref, e));
	*ret = ref;
	return OK;
}

static bool
same_ref(const yyjson_mut_val *a, const yyjson_mut_val *b)
{
	if (member_number(member_find(a, "snapshot-id")) !=
		member_number(member_find(b, "snapshot-id")) ||
	    !str_eq_nocase(json_mut_str(member_find(a, "type")),
		json_mut_str(member_find(b, "type"))))
		return false;
	for (size_t i = 0; i < RETENTIONS; i++) {
		yyjson_mut_val *x = member_find(a, retentions[i].name);
		yyjson_mut_val *y = member_find(b, retentions[i].name);

		if ((x == NULL) != (y == NULL) ||
		    member_number(x) != member_number(y))
			return false;
	}
	return true;
}

/* A snapshot this request made current is about to be so no more. */
static void
leave_main(struct builder *b)
{
	int64_t id = -1;

	if (metadata_current_snapshot(b->metadata, &id) &&
	    int_map_find(&b->passed, id) != NULL)
		b->any_passed = true;
}

/* The log says when a snapshot became current: the time a writer gave its new
 * snapshot, else the time of this commit. */
static void
move_main(struct builder *b, int64_t id, const yyjson_mut_val *snapshot)
{
	struct metadata *m = b->metadata;
	int64_t current = -1, at = b->last_updated_ms;
	bool added = int_map_find(&b->added_snapshots, id) != NULL;

	if (metadata_current_snapshot(m, &current) && current == id)
		return;
	leave_main(b);
	if (added)
		at = member_number(member_find(snapshot, "timestamp-ms"));

	yyjson_mut_val *entry =
	    yyjson_mut_arr_add_obj(m->doc, metadata_list(m, "snapshot-log"));

	member_put_number(m->doc, entry, "timestamp-ms", at);
	member_put_number(m->doc, entry, "snapshot-id", id);
	metadata_put_current_snapshot(m, true, id);
	/* a writer's clock may be ahead of ours; readers refuse metadata that
	 * is older than its log */
	if (at > b->last_updated_ms)
		b->last_updated_ms = at;
	if (added)
		*int_map_slot(&b->passed, id, m->arena) = entry;
}

/* ---- by name: a table has as many as clients made */
static struct str_map *
refs_by_name(struct builder *b)
{
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(b->metadata, "refs"));
	yyjson_mut_val *name;

	if (b->refs.arena != NULL)
		return &b->refs;
	b->refs = str_map_in(b->metadata->arena);
	while ((name = yyjson_mut_obj_iter_next(&it)) != NULL)
		*str_map_slot(&b->refs, json_mut_str(name)) = name->next;
	return &b->refs;
}

/* Where the old one stands, or behind all others. */
static void
put_ref(struct builder *b, struct str name, yyjson_mut_val *ref)
{
	struct metadata *m = b->metadata;
	void **slot = str_map_slot(refs_by_name(b), name);
	yyjson_mut_val *old = *slot;

	if (old != NULL) {
		old->tag = ref->tag;
		old->uni = ref->uni;
		return;
	}
	yyjson_mut_obj_add(
	    metadata_list(m, "refs"), json_of(m->doc, name), ref);
	*slot = ref;
}

/* It is a null until refs_sweep(). */
static bool
remove_ref(struct builder *b, struct str name)
{
	yyjson_mut_val *old = str_map_find(refs_by_name(b), name);

	if (old == NULL)
		return false;
	*str_map_slot(&b->refs, name) = NULL;
	(void)yyjson_mut_set_null(old);
	b->refs_stale = true;
	return true;
}

void
refs_sweep(struct builder *b)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *kept = yyjson_mut_obj(m->doc), *name;
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(m, "refs"));

	if (!b->refs_stale)
		return;
	/* the iterator has moved past `name` before it is linked anew */
	for (name = yyjson_mut_obj_iter_next(&it); name != NULL;) {
		yyjson_mut_val *next = yyjson_mut_obj_iter_next(&it);

		if (!yyjson_mut_is_null(name->next))
			yyjson_mut_obj_add(kept, name, name->next);
		name = next;
	}
	member_put(m->doc, m->root, "refs", kept);
	b->refs_stale = false;
}

/* ---- the updates */
enum err
set_snapshot_ref(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	yyjson_mut_val *ref = NULL;
	struct str name;

	TRY(member_string(update, "ref-name", &name, e));
	if (name.len == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "Field 'ref-name' must not be empty");
	TRY(read_ref(b, update, &ref, e));

	int64_t id = member_number(member_find(ref, "snapshot-id"));
	yyjson_mut_val *snapshot = id_list_find(&b->snapshots, id);
	bool main = str_eq(name, STR(METADATA_MAIN));

	if (snapshot == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot set " STR_FMT " to unknown snapshot: %" PRId64,
		    STR_ARG(name), id);
	if (main && str_eq(json_mut_str(member_find(ref, "type")), STR("tag")))
		return fail(e, ERR_VALIDATION,
		    "Cannot set main to a tag, it must be a branch");

	yyjson_mut_val *old = str_map_find(refs_by_name(b), name);

	if (old != NULL && same_ref(old, ref))
		return OK;
	if (main)
		move_main(b, id, snapshot);
	put_ref(b, name, ref);
	b->changed = true;
	return OK;
}

enum err
remove_snapshot_ref(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	struct str name;

	TRY(member_string(update, "ref-name", &name, e));
	if (!remove_ref(b, name))
		return OK;
	if (str_eq(name, STR(METADATA_MAIN))) {
		leave_main(b);
		metadata_put_current_snapshot(m, false, 0);
	}
	b->changed = true;
	return OK;
}
