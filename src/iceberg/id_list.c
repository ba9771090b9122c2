/* id_list.c - the index over a JSON array is built when first asked. */
#include "iceberg/id_list.h"

#include "iceberg/member.h"

static void **
slot_of(struct id_list *l, int64_t id)
{
	return int_map_slot(&l->by_id, id, l->metadata->arena);
}

static int64_t
id_of(const struct id_list *l, const yyjson_mut_val *entry)
{
	return member_number(member_find(entry, l->id_name));
}

static void
ensure_index(struct id_list *l)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(l->metadata, l->name));
	yyjson_mut_val *entry;

	if (l->indexed)
		return;
	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL)
		*slot_of(l, id_of(l, entry)) = entry;
	l->indexed = true;
}

yyjson_mut_val *
id_list_find(struct id_list *l, int64_t id)
{
	ensure_index(l);
	return int_map_find(&l->by_id, id);
}

void
id_list_put(struct id_list *l, int64_t id, yyjson_mut_val *entry)
{
	ensure_index(l);

	void **slot = slot_of(l, id);

	if (*slot != NULL)
		l->stale = true;
	*slot = yyjson_mut_val_mut_copy(l->metadata->doc, entry);
	yyjson_mut_arr_append(metadata_list(l->metadata, l->name), *slot);
}

bool
id_list_remove(struct id_list *l, int64_t id)
{
	if (id_list_find(l, id) == NULL)
		return false;
	*slot_of(l, id) = NULL;
	l->stale = true;
	return true;
}

void
id_list_sweep(struct id_list *l)
{
	const struct metadata *m = l->metadata;
	yyjson_mut_val *kept = yyjson_mut_arr(m->doc), *entry;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, l->name));

	if (!l->stale)
		return;
	/* the iterator has moved past `entry` before append relinks it */
	for (entry = yyjson_mut_arr_iter_next(&it); entry != NULL;) {
		yyjson_mut_val *next = yyjson_mut_arr_iter_next(&it);

		if (int_map_find(&l->by_id, id_of(l, entry)) == entry)
			yyjson_mut_arr_append(kept, entry);
		entry = next;
	}
	member_put(m->doc, m->root, l->name, kept);
	l->stale = false;
}
