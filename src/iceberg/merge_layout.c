/*
 * merge_layout.c - schemas, partition specs and sort orders.
 *
 * Files name specs and orders by their ids, and columns by theirs.  Two sides
 * that gave out ids, even for what they dropped again, mean different things
 * by one id.
 */
#include "iceberg/member.h"
#include "iceberg/merge_inside.h"
#include "iceberg/partition.h"

/* ---- schemas */

/* Where a schema of source is in the result. */
struct schema_place {
	int64_t id;
};

static yyjson_mut_val *
current_schema(const struct metadata *m)
{
	return metadata_entry(m, "schemas", "schema-id",
	    metadata_number(m, "current-schema-id", -1));
}

static enum err
same_schema(struct merging *m, yyjson_mut_val *a, yyjson_mut_val *b, bool *ret)
{
	struct schema x, y;

	*ret = a == b;
	if (a == NULL || b == NULL || a == b)
		return OK;
	if (yyjson_mut_arr_size(member_find(a, "fields")) !=
	    yyjson_mut_arr_size(member_find(b, "fields"))) {
		*ret = false;
		return OK;
	}
	TRY(schema_read(m->arena, a, &x, m->e));
	TRY(schema_read(m->arena, b, &y, m->e));
	*ret = schema_equal(&x, &y);
	return arena_check(m->arena, m->e);
}

/* The same columns, and as many ids given out. */
static enum err
same_columns(struct merging *m, const struct metadata *a,
    const struct metadata *b, bool *ret)
{
	TRY(same_schema(m, current_schema(a), current_schema(b), ret));
	*ret &= metadata_number(a, "last-column-id", 0) ==
		metadata_number(b, "last-column-id", 0);
	return OK;
}

/* The id of a schema that target has; -1: it has no such. */
static enum err
find_in_target(struct merging *m, yyjson_mut_val *schema, int64_t *ret)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->target, "schemas"));
	yyjson_mut_val *other;
	bool same = false;

	*ret = -1;
	while (!same && (other = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (!work_look(m->in->budget))
			return work_check(m->in->budget, m->e);
		TRY(same_schema(m, schema, other, &same));
		if (same)
			*ret = member_number(member_find(other, "schema-id"));
	}
	return OK;
}

static enum err
place_schema(struct merging *m, yyjson_mut_val *schema, int64_t *ret)
{
	yyjson_mut_val *update;

	TRY(find_in_target(m, schema, ret));
	if (*ret != -1)
		return OK;
	update = merge_update(m, "add-schema");
	member_put(m->doc, update, "schema", merge_copy(m, schema));
	*ret = m->next_schema_id++;
	return OK;
}

enum err
merge_schema_id(struct merging *m, int64_t id, int64_t *ret)
{
	yyjson_mut_val *schema =
	    metadata_entry(m->source, "schemas", "schema-id", id);
	void **slot = int_map_slot(&m->schema_ids, id, m->arena);
	struct schema_place *place = *slot;

	if (place == NULL) {
		*slot = place = ARENA_NEW(m->arena, struct schema_place, 1);
		place->id = id;
		if (schema != NULL)
			TRY(place_schema(m, schema, &place->id));
	}
	*ret = place->id;
	return OK;
}

static void
count_schemas(struct merging *m)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->target, "schemas"));
	yyjson_mut_val *schema;

	while ((schema = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(schema, "schema-id"));

		if (id >= m->next_schema_id)
			m->next_schema_id = id + 1;
	}
}

static enum err
take_schema(struct merging *m)
{
	TRY(merge_schema_id(m,
	    metadata_number(m->source, "current-schema-id", -1),
	    &m->schema_id));
	m->schema = current_schema(m->source);
	m->schema_moved = true;
	member_put_number(m->doc, merge_update(m, "set-current-schema"),
	    "schema-id", m->schema_id);
	return OK;
}

enum err
merge_schema(struct merging *m)
{
	bool source_kept = false, target_kept = false, equal = false;

	count_schemas(m);
	m->schema = current_schema(m->target);
	m->schema_id = metadata_number(m->target, "current-schema-id", -1);
	TRY(same_columns(m, m->base, m->source, &source_kept));
	TRY(same_columns(m, m->base, m->target, &target_kept));
	TRY(same_columns(m, m->source, m->target, &equal));
	if (source_kept || equal)
		return OK;
	if (target_kept)
		return take_schema(m);
	(void)merge_json_conflict(m, CONFLICT_SCHEMA, "schema",
	    "Both sides have changed the columns.", current_schema(m->base),
	    current_schema(m->source), m->schema);
	return OK;
}

/* ---- specs and orders, which are alike */
struct layout {
	enum table_conflict_kind kind;
	const char *field, *what; /* of a conflict */
	const char *list, *id_name, *chosen, *last;
	const char *add, *add_member, *choose, *choose_member;
};

static const struct layout specs = { CONFLICT_METADATA, "partition-spec",
	"Both sides have changed the partition spec.", "partition-specs",
	"spec-id", "default-spec-id", "last-partition-id", "add-spec", "spec",
	"set-default-spec", "spec-id" };
static const struct layout orders = { CONFLICT_METADATA, "sort-order",
	"Both sides have changed the sort order.", "sort-orders", "order-id",
	"default-sort-order-id", NULL, "add-sort-order", "sort-order",
	"set-default-sort-order", "sort-order-id" };

static yyjson_mut_val *
chosen(const struct metadata *m, const struct layout *l)
{
	return metadata_entry(
	    m, l->list, l->id_name, metadata_number(m, l->chosen, -1));
}

static bool
same_fields(struct merging *m, const yyjson_mut_val *a, const yyjson_mut_val *b)
{
	yyjson_mut_val *x = member_find(a, "fields");
	yyjson_mut_val *y = member_find(b, "fields");

	return x != NULL && y != NULL && member_equal(m->arena, x, y);
}

/* The same choice, and as many ids given out. */
static bool
same_layout(struct merging *m, const struct layout *l, const struct metadata *a,
    const struct metadata *b)
{
	return same_fields(m, chosen(a, l), chosen(b, l)) &&
	       (l->last == NULL || metadata_number(a, l->last, 0) ==
				       metadata_number(b, l->last, 0));
}

static struct table_conflict *
layout_conflict(struct merging *m, const struct layout *l, const char *what)
{
	return merge_json_conflict(m, l->kind, l->field, what,
	    chosen(m->base, l), chosen(m->source, l), chosen(m->target, l));
}

static struct id_list
list_of(const struct metadata *m, const struct layout *l)
{
	return (struct id_list){
		.metadata = m, .name = l->list, .id_name = l->id_name
	};
}

/* Adds the entries of source that target has not, in order, so that ids come
 * out alike. */
static void
add_entries(struct merging *m, const struct layout *l)
{
	struct id_list base = list_of(m->base, l), ours = list_of(m->target, l);
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->source, l->list));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(entry, l->id_name));
		yyjson_mut_val *known = id_list_find(&ours, id);

		if (id_list_find(&base, id) != NULL)
			continue;
		if (known == NULL)
			member_put(m->doc, merge_update(m, l->add),
			    l->add_member, merge_copy(m, entry));
		else if (!same_fields(m, known, entry))
			(void)layout_conflict(m, l, l->what);
	}
}

static void
merge_layout(struct merging *m, const struct layout *l)
{
	if (!same_layout(m, l, m->base, m->source) &&
	    !same_layout(m, l, m->source, m->target) &&
	    !same_layout(m, l, m->base, m->target)) {
		(void)layout_conflict(m, l, l->what);
		return;
	}
	add_entries(m, l);
	if (!same_fields(m, chosen(m->base, l), chosen(m->source, l)) &&
	    !same_fields(m, chosen(m->source, l), chosen(m->target, l)))
		member_put_number(m->doc, merge_update(m, l->choose),
		    l->choose_member,
		    metadata_number(m->source, l->chosen, -1));
}

void
merge_specs(struct merging *m)
{
	merge_layout(m, &specs);
}

void
merge_orders(struct merging *m)
{
	merge_layout(m, &orders);
}

static void
check_entries(
    struct merging *m, const struct layout *l, const struct metadata *result)
{
	struct id_list base = list_of(m->base, l), now = list_of(result, l);
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m->source, l->list));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(entry, l->id_name));

		if (id_list_find(&base, id) != NULL ||
		    same_fields(m, id_list_find(&now, id), entry))
			continue;
		(void)layout_conflict(m, l, l->what);
		return;
	}
}

void
merge_layout_check(struct merging *m, const struct metadata *result)
{
	check_entries(m, &specs, result);
	check_entries(m, &orders, result);
}
