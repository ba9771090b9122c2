/* plan_fixture.h - a catalog whose branches hold tables and are merged. */
#ifndef PANGOLIN_PLAN_FIXTURE_H
#define PANGOLIN_PLAN_FIXTURE_H

#include "catalog/branch.h"
#include "record/control.h"
#include "tests/unit/people.h"
#include "versions/merge_plan.h"

static struct catalog sales;

static inline int
begin(void **state)
{
	(void)open_store(state);
	acme = new_tenant("acme");
	return 0;
}

static inline void
new_sales(int run)
{
	const struct catalog new = { .tenant = acme,
		.name = arena_printf(call.arena, "sales%d", run) };

	assert_ok(catalogs_create(&call, &new, &sales));
}

static inline struct key
key_of(int k)
{
	return (struct key){ SPACE_RELATION, STR_INIT(""),
		arena_printf(call.arena, "t%d", k) };
}

static inline struct version
version_of(int k, int number)
{
	struct version v = { .key = key_of(k),
		.kind = KIND_TABLE,
		.location = arena_printf(call.arena, "file:///%d", number),
		.body = STR_INIT("") };

	v.object.b[0] = (uint8_t)(k + 1);
	return v;
}

static inline void
apply(int64_t branch, struct unit *unit)
{
	if (id_is_nil(unit->id))
		unit->id = id_v7();
	assert_ok(store_apply(&call, branch, unit, 1));
	assert_int_equal(unit->verdict, VERDICT_APPLIED);
}

static inline struct ref
fork_of(const char *name, struct point from)
{
	struct ref ref = { .id = branch_number(),
		.name = str_from(name),
		.kind = REF_BRANCH,
		.state = REF_LIVE,
		.type = BRANCH_EXPERIMENTAL,
		.created_us = clock_now_us() };
	struct batch b = batch_of(&call);
	struct commit_mark commit;
	enum verdict verdict;
	size_t failed;

	assert_ok(point_commit(&call, &sales, from, &commit));
	ref.forked = ref.parent = commit.point;
	ref.fork_commit = commit.id;
	ref.fork_us = commit.at_us;
	ref_insert(&b, &sales, &ref);
	assert_ok(control_apply(&b, acme, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
	return ref;
}

static inline struct merge_plan
plan_of(struct point source, struct point target)
{
	static struct merge_sides sides;
	struct merge_plan plan;

	sides = (struct merge_sides){
		.catalog = &sales, .source = source, .target = target
	};
	assert_ok(merge_plan_make(&call, &sides, &plan));
	return plan;
}

static inline const struct merge_item *
item_of(const struct merge_plan *plan, struct key key)
{
	for (size_t i = 0; i < plan->count; i++)
		if (str_eq(plan->at[i]->key.name, key.name) &&
		    plan->at[i]->key.space == key.space)
			return plan->at[i];
	return NULL;
}

#endif
