#include "iceberg/scan_snapshots.h"

#include "iceberg/id_list.h"
#include "iceberg/member.h"

static int64_t
number_of(const yyjson_mut_val *snapshot, const char *name, int64_t absent)
{
	const yyjson_mut_val *v = member_find(snapshot, name);

	return member_is(v, MEMBER_LONG) ? member_number(v) : absent;
}

static struct scan_snapshot
snapshot_of(const yyjson_mut_val *json)
{
	return (struct scan_snapshot){ number_of(json, "snapshot-id", -1),
		json_mut_str(member_find(json, "manifest-list")) };
}

static enum err
no_snapshot(const char *field, int64_t id, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST, "%s: the table has no snapshot %lld",
	    field, (long long)id);
}

static enum err
one(struct id_list *all, int64_t id, const char *field,
    struct scan_snapshots *ret, struct error *e)
{
	const yyjson_mut_val *json = id_list_find(all, id);

	if (json == NULL)
		return no_snapshot(field, id, e);
	ret->at = ARENA_NEW(all->metadata->arena, struct scan_snapshot, 1);
	ret->at[ret->count++] = snapshot_of(json);
	ret->schema_id = number_of(json, "schema-id", -1);
	return OK;
}

static bool
is_append(const yyjson_mut_val *snapshot)
{
	const yyjson_mut_val *operation =
	    member_find(member_find(snapshot, "summary"), "operation");

	return str_eq(json_mut_str(operation), STR("append"));
}

static void
reverse(struct scan_snapshots *s)
{
	for (size_t i = 0; i < s->count / 2; i++) {
		struct scan_snapshot other = s->at[s->count - 1 - i];

		s->at[s->count - 1 - i] = s->at[i];
		s->at[i] = other;
	}
}

/* From the end back to the start, which itself may have expired.  A history
 * has no more steps than there are snapshots, or it goes in circles. */
static enum err
between(struct id_list *all, const struct scan_request *r,
    struct scan_snapshots *ret, struct error *e)
{
	const struct metadata *m = all->metadata;
	size_t steps = yyjson_mut_arr_size(metadata_list(m, "snapshots"));
	const yyjson_mut_val *json = id_list_find(all, r->end_snapshot_id);
	int64_t id = r->end_snapshot_id;

	if (json == NULL)
		return no_snapshot("/end-snapshot-id", r->end_snapshot_id, e);
	ret->at = ARENA_NEW(m->arena, struct scan_snapshot, steps);
	ret->schema_id = number_of(json, "schema-id", -1);
	while (id != r->start_snapshot_id && json != NULL && steps-- != 0) {
		if (is_append(json))
			ret->at[ret->count++] = snapshot_of(json);
		id = number_of(json, "parent-snapshot-id", SNAPSHOT_NONE);
		json = id_list_find(all, id);
	}
	if (id != r->start_snapshot_id)
		return fail(e, ERR_BAD_REQUEST,
		    "/start-snapshot-id: snapshot %lld is no ancestor of %lld",
		    (long long)r->start_snapshot_id,
		    (long long)r->end_snapshot_id);
	ret->appends = true;
	reverse(ret);
	return OK;
}

enum err
scan_snapshots(const struct metadata *m, const struct scan_request *r,
    struct scan_snapshots *ret, struct error *e)
{
	struct id_list all = {
		.metadata = m, .name = "snapshots", .id_name = "snapshot-id"
	};
	bool starts = r->start_snapshot_id != SNAPSHOT_NONE;
	bool ends = r->end_snapshot_id != SNAPSHOT_NONE;
	int64_t current = 0;

	*ret = (struct scan_snapshots){ .schema_id = -1 };
	if (r->snapshot_id != SNAPSHOT_NONE && (starts || ends))
		return fail(e, ERR_BAD_REQUEST,
		    "/snapshot-id: not together with start-snapshot-id or "
		    "end-snapshot-id");
	if (starts != ends)
		return fail(e, ERR_BAD_REQUEST, "/%s: required with %s",
		    starts ? "end-snapshot-id" : "start-snapshot-id",
		    starts ? "start-snapshot-id" : "end-snapshot-id");
	if (starts)
		return between(&all, r, ret, e);
	if (r->snapshot_id != SNAPSHOT_NONE)
		return one(&all, r->snapshot_id, "/snapshot-id", ret, e);
	if (!metadata_current_snapshot(m, &current))
		return OK;
	return one(&all, current, "current-snapshot-id", ret, e);
}
