/* merge_fields.c - who changed what; properties, location, keys and refs. */
#include "base/list.h"
#include "iceberg/member.h"
#include "iceberg/merge_inside.h"

static bool
same(const struct merging *m, const yyjson_mut_val *a, const yyjson_mut_val *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return member_equal(m->arena, a, b);
}

enum moved
moved_json(const struct merging *m, const yyjson_mut_val *base,
    const yyjson_mut_val *source, const yyjson_mut_val *target)
{
	if (same(m, base, source) || same(m, source, target))
		return MOVED_NOT;
	return same(m, base, target) ? MOVED_SOURCE : MOVED_BOTH;
}

const struct merge_choice *
merge_choice(const struct merging *m, struct str field)
{
	for (size_t i = 0; i < m->choices.count; i++)
		if (str_eq(m->choices.at[i].field, field))
			return &m->choices.at[i];
	return NULL;
}

yyjson_mut_val *
merge_update(struct merging *m, const char *action)
{
	yyjson_mut_val *update = yyjson_mut_arr_add_obj(m->doc, m->updates);

	member_put_string(m->doc, update, "action", str_from(action));
	return update;
}

yyjson_mut_val *
merge_copy(const struct merging *m, const yyjson_mut_val *v)
{
	return yyjson_mut_val_mut_copy(m->doc, (yyjson_mut_val *)(uintptr_t)v);
}

void
merge_add_file(struct merging *m, struct str location, struct str bytes)
{
	struct new_files *all = &m->files;

	LIST_RESERVE(m->arena, all->at, all->count, m->file_room, 1);
	all->at[all->count++] = (struct new_file){ location, bytes };
}

/* ---- conflicts */
struct table_conflict *
merge_conflict(struct merging *m, enum table_conflict_kind kind,
    struct str field, const char *message)
{
	struct table_conflicts *all = &m->conflicts;

	LIST_RESERVE(m->arena, all->at, all->count, m->conflict_room, 1);

	struct table_conflict *c = &all->at[all->count++];

	*c = (struct table_conflict){
		.kind = kind, .field = field, .message = str_from(message)
	};
	return c;
}

static struct str
text_of(const struct merging *m, const yyjson_mut_val *v)
{
	return v != NULL ? json_mut_text(m->arena, v) : (struct str){ 0 };
}

struct table_conflict *
merge_json_conflict(struct merging *m, enum table_conflict_kind kind,
    const char *field, const char *message, const yyjson_mut_val *base,
    const yyjson_mut_val *source, const yyjson_mut_val *target)
{
	struct table_conflict *c =
	    merge_conflict(m, kind, str_from(field), message);

	c->base = text_of(m, base);
	c->source = text_of(m, source);
	c->target = text_of(m, target);
	return c;
}

/* ---- properties: each by its name */
struct sides {
	yyjson_mut_val *base, *source, *target;
	yyjson_mut_val *name;
};

/* Which of the three an object is. */
enum side { SIDE_BASE, SIDE_SOURCE, SIDE_TARGET, SIDES };

struct by_name {
	struct str_map map; /* struct sides */
	struct sides **at;
	size_t count, room;
};

static void
index_side(struct merging *m, struct by_name *all, enum side side,
    yyjson_mut_val *object)
{
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(object);
	yyjson_mut_val *name;

	while ((name = yyjson_mut_obj_iter_next(&it)) != NULL) {
		void **slot = str_map_slot(&all->map, json_mut_str(name));
		struct sides *s = *slot;

		if (s == NULL) {
			s = *slot = ARENA_NEW(m->arena, struct sides, 1);
			s->name = name;
			LIST_RESERVE(
			    m->arena, all->at, all->count, all->room, 1);
			all->at[all->count++] = s;
		}
		if (side == SIDE_BASE)
			s->base = name->next;
		else if (side == SIDE_SOURCE)
			s->source = name->next;
		else
			s->target = name->next;
	}
}

/* The values that each side has of each name, in the order of source's. */
static struct by_name
by_name(struct merging *m, const char *map)
{
	struct by_name all = { .map = str_map_in(m->arena) };

	index_side(m, &all, SIDE_SOURCE, metadata_list(m->source, map));
	index_side(m, &all, SIDE_TARGET, metadata_list(m->target, map));
	index_side(m, &all, SIDE_BASE, metadata_list(m->base, map));
	return all;
}

struct property_updates {
	yyjson_mut_val *set, *remove;
};

static void
set_property(struct merging *m, struct property_updates *u, struct str name,
    struct str value)
{
	if (value.ptr == NULL)
		yyjson_mut_arr_append(u->remove, json_of(m->doc, name));
	else
		yyjson_mut_obj_add(
		    u->set, json_of(m->doc, name), json_of(m->doc, value));
}

static void
choose_property(
    struct merging *m, struct property_updates *u, const struct sides *s)
{
	struct str name = json_mut_str(s->name);
	struct str field =
	    arena_printf(m->arena, "properties." STR_FMT, STR_ARG(name));
	const struct merge_choice *choice = merge_choice(m, field);

	if (choice == NULL) {
		struct table_conflict *c = merge_conflict(m, CONFLICT_METADATA,
		    field, "Both sides have changed this property.");

		c->base = text_of(m, s->base);
		c->source = text_of(m, s->source);
		c->target = text_of(m, s->target);
	} else if (choice->side == MERGE_SOURCE) {
		set_property(m, u, name, json_mut_str(s->source));
	} else if (choice->side == MERGE_VALUE) {
		set_property(m, u, name, choice->value);
	}
}

void
merge_properties(struct merging *m)
{
	struct by_name all = by_name(m, "properties");
	struct property_updates u = { yyjson_mut_obj(m->doc),
		yyjson_mut_arr(m->doc) };

	for (size_t i = 0; i < all.count; i++) {
		const struct sides *s = all.at[i];
		enum moved moved = moved_json(m, s->base, s->source, s->target);

		if (moved == MOVED_BOTH)
			choose_property(m, &u, s);
		else if (moved == MOVED_SOURCE)
			set_property(m, &u, json_mut_str(s->name),
			    json_mut_str(s->source));
	}
	if (yyjson_mut_obj_size(u.set) != 0)
		member_put(m->doc, merge_update(m, "set-properties"), "updates",
		    u.set);
	if (yyjson_mut_arr_size(u.remove) != 0)
		member_put(m->doc, merge_update(m, "remove-properties"),
		    "removals", u.remove);
}

/* ---- location */
void
merge_location(struct merging *m)
{
	yyjson_mut_val *base = member_find(m->base->root, "location");
	yyjson_mut_val *source = member_find(m->source->root, "location");
	yyjson_mut_val *target = member_find(m->target->root, "location");
	enum moved moved = moved_json(m, base, source, target);
	const struct merge_choice *choice = merge_choice(m, STR("location"));
	struct str taken = { 0 };

	if (moved == MOVED_BOTH && choice == NULL)
		(void)merge_json_conflict(m, CONFLICT_METADATA, "location",
		    "Both sides have moved the table.", base, source, target);
	else if (moved == MOVED_BOTH && choice->side == MERGE_VALUE)
		taken = choice->value;
	else if (moved == MOVED_SOURCE ||
		 (moved == MOVED_BOTH && choice->side == MERGE_SOURCE))
		taken = json_mut_str(source);
	if (taken.ptr != NULL)
		member_put_string(
		    m->doc, merge_update(m, "set-location"), "location", taken);
}

/* ---- encryption keys: the whole list */
static struct str_map
keys_of(struct merging *m, yyjson_mut_val *keys)
{
	struct str_map map = str_map_in(m->arena);
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(keys);
	yyjson_mut_val *key;

	while ((key = yyjson_mut_arr_iter_next(&it)) != NULL)
		*str_map_slot(&map, json_mut_str(member_find(key, "key-id"))) =
		    key;
	return map;
}

static void
take_keys(struct merging *m, yyjson_mut_val *source, yyjson_mut_val *target)
{
	struct str_map theirs = keys_of(m, source), ours = keys_of(m, target);
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(target);
	yyjson_mut_val *key;

	while ((key = yyjson_mut_arr_iter_next(&it)) != NULL) {
		struct str id = json_mut_str(member_find(key, "key-id"));
		yyjson_mut_val *other = str_map_find(&theirs, id);

		if (other == NULL || !same(m, key, other))
			member_put_string(m->doc,
			    merge_update(m, "remove-encryption-key"), "key-id",
			    id);
	}
	it = yyjson_mut_arr_iter_with(source);
	while ((key = yyjson_mut_arr_iter_next(&it)) != NULL) {
		struct str id = json_mut_str(member_find(key, "key-id"));
		yyjson_mut_val *other = str_map_find(&ours, id);

		if (other == NULL || !same(m, key, other))
			member_put(m->doc,
			    merge_update(m, "add-encryption-key"),
			    "encryption-key", merge_copy(m, key));
	}
}

void
merge_encryption_keys(struct merging *m)
{
	yyjson_mut_val *base = metadata_list(m->base, "encryption-keys");
	yyjson_mut_val *source = metadata_list(m->source, "encryption-keys");
	yyjson_mut_val *target = metadata_list(m->target, "encryption-keys");
	enum moved moved = moved_json(m, base, source, target);

	if (moved == MOVED_BOTH)
		(void)merge_conflict(m, CONFLICT_METADATA,
		    STR("encryption-keys"),
		    "Both sides have changed the encryption keys.");
	else if (moved == MOVED_SOURCE)
		take_keys(m, source, target);
}

/* ---- refs: each by its name */
static bool
has_snapshot(struct merging *m, const yyjson_mut_val *ref, bool all)
{
	int64_t id = member_number(member_find(ref, "snapshot-id"));

	return id_list_find(&m->target_snapshots, id) != NULL ||
	       (all && id_list_find(&m->source_snapshots, id) != NULL);
}

static void
take_ref(struct merging *m, const struct sides *s)
{
	struct str name = json_mut_str(s->name);
	yyjson_mut_val *update;

	if (s->source == NULL) {
		update = merge_update(m, "remove-snapshot-ref");
	} else {
		update = merge_copy(m, s->source);
		member_put_string(
		    m->doc, update, "action", STR("set-snapshot-ref"));
		yyjson_mut_arr_append(m->updates, update);
	}
	member_put_string(m->doc, update, "ref-name", name);
}

static void
merge_ref(struct merging *m, const struct sides *s, bool all)
{
	struct str name = json_mut_str(s->name);
	enum moved moved = moved_json(m, s->base, s->source, s->target);
	bool lost = s->source != NULL && !has_snapshot(m, s->source, all);
	struct table_conflict *c;

	if (str_eq(name, STR(METADATA_MAIN)) || moved == MOVED_NOT)
		return;
	if (moved == MOVED_SOURCE && !lost) {
		take_ref(m, s);
		return;
	}
	c = merge_conflict(m, CONFLICT_METADATA,
	    arena_printf(m->arena, "refs." STR_FMT, STR_ARG(name)),
	    lost ? "It names a snapshot that the merged table does not have."
		 : "Both sides have moved this ref.");
	c->base = text_of(m, s->base);
	c->source = text_of(m, s->source);
	c->target = text_of(m, s->target);
}

/* How long main is kept, whatever snapshot it is at. */
static yyjson_mut_val *
retention_of(const struct merging *m, const struct metadata *side)
{
	yyjson_mut_val *main =
	    member_find(metadata_list(side, "refs"), METADATA_MAIN);

	main = main != NULL ? merge_copy(m, main) : yyjson_mut_obj(m->doc);
	yyjson_mut_obj_remove_key(main, "snapshot-id");
	member_put_string(m->doc, main, "type", STR("branch"));
	return main;
}

void
merge_main(struct merging *m, int64_t snapshot_id)
{
	yyjson_mut_val *base = retention_of(m, m->base);
	yyjson_mut_val *source = retention_of(m, m->source);
	yyjson_mut_val *target = retention_of(m, m->target);
	enum moved moved = moved_json(m, base, source, target);
	yyjson_mut_val *update = moved == MOVED_SOURCE ? source : target;

	if (moved == MOVED_BOTH)
		(void)merge_json_conflict(m, CONFLICT_METADATA,
		    "refs." METADATA_MAIN,
		    "Both sides have changed how long snapshots are kept.",
		    base, source, target);
	if (snapshot_id == -1) {
		if (metadata_number(m->target, "current-snapshot-id", -1) == -1)
			return;
		update = yyjson_mut_obj(m->doc);
		member_put_string(
		    m->doc, update, "action", STR("remove-snapshot-ref"));
	} else {
		member_put_string(
		    m->doc, update, "action", STR("set-snapshot-ref"));
		member_put_number(m->doc, update, "snapshot-id", snapshot_id);
	}
	member_put_string(m->doc, update, "ref-name", STR(METADATA_MAIN));
	yyjson_mut_arr_append(m->updates, update);
}

void
merge_refs(struct merging *m, bool all)
{
	struct by_name refs = by_name(m, "refs");

	for (size_t i = 0; i < refs.count; i++)
		merge_ref(m, refs.at[i], all);
}
