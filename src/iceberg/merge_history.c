#include "iceberg/merge_history.h"

#include "iceberg/member.h"

static int64_t
parent_of(const yyjson_mut_val *snapshot)
{
	const yyjson_mut_val *v = member_find(snapshot, "parent-snapshot-id");

	return member_is(v, MEMBER_LONG) ? member_number(v) : -1;
}

/* It has no more steps than there are snapshots, or it goes in circles. */
struct history
history_of(const struct metadata *m)
{
	struct id_list all = {
		.metadata = m, .name = "snapshots", .id_name = "snapshot-id"
	};
	size_t most = yyjson_mut_arr_size(metadata_list(m, "snapshots")) + 1;
	struct history h = { ARENA_NEW(m->arena, struct ancestor, most), 0,
		{ 0 } };
	int64_t id = -1;

	(void)metadata_current_snapshot(m, &id);
	while (
	    id != -1 && h.count < most && int_map_find(&h.by_id, id) == NULL) {
		struct ancestor *a = &h.at[h.count++];

		a->id = id;
		a->json = id_list_find(&all, id);
		*int_map_slot(&h.by_id, id, m->arena) = a;
		id = a->json != NULL ? parent_of(a->json) : -1;
	}
	return h;
}

size_t
history_above(const struct history *h, const struct history *other)
{
	size_t above = 0;

	while (above < h->count &&
	       int_map_find(&other->by_id, h->at[above].id) == NULL)
		above++;
	return above;
}

bool
history_is_whole(const struct history *h, size_t above)
{
	return above == 0 || h->at[above - 1].json != NULL;
}

const struct ancestor *
history_no_append(const struct history *h, size_t above)
{
	for (size_t i = 0; i < above; i++) {
		const yyjson_mut_val *operation = member_find(
		    member_find(h->at[i].json, "summary"), "operation");

		if (!str_eq(json_mut_str(operation), STR("append")))
			return &h->at[i];
	}
	return NULL;
}

struct int_map
history_ids(struct arena *a, const struct history *h, size_t above)
{
	struct int_map ids = { 0 };

	for (size_t i = 0; i < above; i++)
		*int_map_slot(&ids, h->at[i].id, a) = &h->at[i];
	return ids;
}
