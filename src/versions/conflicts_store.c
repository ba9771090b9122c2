/* conflicts_store.c - the conflicts of a plan, in the place of older ones. */
#include "base/clock.h"
#include "record/audit.h"
#include "versions/merge_operations.h"
#include "versions/merge_steps.h"

struct storing {
	struct batch batch;
	struct str_map known; /* key -> row that still holds */
	int64_t order;        /* of the next */
};

static bool
point_eq(struct point a, struct point b)
{
	return a.branch == b.branch && a.seq == b.seq;
}

static bool
still_holds(const struct merge_plan *plan, const struct merge_conflict_row *row)
{
	const struct merge_item *item =
	    str_map_find(&plan->by_key, key_text(plan->call->arena, row->key));

	return item != NULL && item->conflict == row->kind &&
	       point_eq(row->source, item->source.origin) &&
	       point_eq(row->target, item->target.origin);
}

static void
sort_old(struct storing *s, const struct merge_plan *plan,
    const struct conflict_list *old)
{
	struct arena *a = plan->call->arena;

	for (size_t i = 0; i < old->count; i++) {
		struct merge_conflict_row *row = &old->at[i];

		if (row->order >= s->order)
			s->order = row->order + 1;
		if (still_holds(plan, row))
			*str_map_slot(&s->known, key_text(a, row->key)) = row;
		else
			batch_delete(&s->batch, ENTITY_MERGE_CONFLICTS,
			    value_id(row->id));
	}
}

enum err
conflicts_store(struct call *c, const struct merge_plan *plan,
    const struct conflict_list *old, struct merge_operation *io)
{
	struct storing s = { batch_of(c), str_map_in(c->arena), 0 };
	struct merge_operation op = *io;
	enum verdict verdict;
	size_t failed;

	op.conflicts = 0;
	if (old != NULL)
		sort_old(&s, plan, old);
	for (size_t i = 0; i < plan->count; i++) {
		const struct merge_item *item = plan->at[i];
		struct merge_conflict_row row;

		if (item->conflict == 0 || ++op.conflicts > CONFLICTS_MAX ||
		    str_map_find(&s.known, key_text(c->arena, item->key)) !=
			NULL)
			continue;
		row = conflict_of_item(c->arena, item);
		row.operation = op.id;
		row.order = s.order++;
		conflict_insert(&s.batch, &row);
	}
	if (op.conflicts > CONFLICTS_MAX)
		return fail(c->error, ERR_CONFLICT,
		    "The branches have more than %d conflicts: merge an "
		    "earlier commit of the source first",
		    CONFLICTS_MAX);
	if (op.revision == 0)
		operation_insert(&s.batch, &op);
	else
		operation_update(&s.batch, &op);
	audit_add_as(
	    &s.batch, DEED_INITIATE_MERGE, op.tenant, op.id, op.source_name);
	TRY(batch_apply(&s.batch, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED)
		return fail(c->error, ERR_CONFLICT,
		    "Somebody else is working at this merge operation: look "
		    "at it again");
	op.revision++;
	*io = op;
	return OK;
}
