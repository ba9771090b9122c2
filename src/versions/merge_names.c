/*
 * merge_names.c - the result as a whole: what lives on both sides has one name,
 * whatever was decided about the keys one by one.
 *
 * The result is looked at only where no conflict is open.  What the plan alone
 * would do wrong becomes a conflict that people can decide; decisions that
 * leave an object no name or two are refused.
 */
#include "catalog/moved.h"
#include "versions/merge_steps.h"

#define ROUNDS_MAX 8 /* of names that depend on each other */

/* Where an object lives on the sides and in the result, and the names under
 * which the result lists it as dropped: the target does already, or the merge
 * says so. */
struct name_use {
	struct merge_item *source, *target, *shown, *other;
	struct merge_item *was_dropped, *dropped;
	struct id object;
};

struct names {
	struct merge_plan *plan;
	struct str_map by_object; /* struct name_use */
	struct name_use **at;
	size_t count;
	bool changed;
};

static bool
lives(const struct version *v)
{
	return version_is_live(v) && v->kind != KIND_NAMESPACE;
}

bool
is_dropped_here(const struct version *v)
{
	return v->deleted && v->kind != KIND_NAMESPACE &&
	       !version_has_moved(v) && !id_is_nil(v->object);
}

static struct name_use *
use_of(struct names *n, struct id object)
{
	struct arena *a = n->plan->call->arena;
	void **slot = str_map_slot(&n->by_object, object_text(a, object));

	if (*slot == NULL) {
		struct name_use *use = ARENA_NEW(a, struct name_use, 1);

		use->object = object;
		*slot = n->at[n->count++] = use;
	}
	return *slot;
}

/* Both sides show it, and the result does not. */
static bool
is_lost(const struct names *n, const struct name_use *use)
{
	struct arena *a = n->plan->call->arena;

	if (use->shown != NULL || use->target == NULL)
		return false;
	return use->source != NULL || str_map_find(&n->plan->in_source,
					  object_text(a, use->object)) != NULL;
}

/* An item for the name under which the target keeps what is put elsewhere. */
static void
add_kept(struct merge_plan *p)
{
	size_t count = p->count;

	for (size_t i = 0; i < count; i++) {
		const struct merge_item *item = p->at[i];
		struct merge_item *kept;

		if (!item_is_put(item) || !lives(&item->target) ||
		    plan_find(p, item->target.key) != NULL)
			continue;
		kept = plan_item(p, item->target.key);
		kept->there = kept->target = item->target;
	}
}

static void
note_dropped(
    struct names *n, struct merge_item *item, const struct version *result)
{
	struct name_use *use = use_of(n, result->object);
	const struct version *there = &item->there;
	bool was = there->kind != 0 && id_eq(there->object, result->object);

	if (was)
		use->was_dropped = item;
	else if (item_is_put(item))
		use->dropped = item;
}

static void
note(struct names *n, struct merge_item *item)
{
	const struct version *result = item_result(item);
	struct name_use *use;

	if (lives(&item->source))
		use_of(n, item->source.object)->source = item;
	if (lives(&item->there))
		use_of(n, item->there.object)->target = item;
	if (is_dropped_here(result))
		note_dropped(n, item, result);
	if (!lives(result))
		return;
	use = use_of(n, result->object);
	if (use->shown == NULL)
		use->shown = item;
	else
		use->other = item;
}

static struct str
shown(struct names *n, const struct version *v)
{
	return item_shown(n->plan->call->arena, v);
}

/* The item's own decision stays what it was, if there is one. */
static enum err
ask(struct names *n, struct merge_item *item, struct str reason)
{
	item->both = true;
	return plan_conflict(n->plan, item, CONFLICT_OF_NAME, reason);
}

/* Its name on the target goes to another, and so does that on the source. */
static enum err
no_name(struct names *n, const struct name_use *use)
{
	struct call *c = n->plan->call;
	struct merge_item *item = use->target;
	struct str name = shown(n, &item->there);

	n->changed = true;
	if (!lives(item_result(item))) {
		item_put(item, &item->there); /* nobody else wants the name */
		return OK;
	}
	if (item->conflict == 0) {
		TRY(ask(n, item,
		    arena_printf(c->arena,
			"The source puts something else in the place "
			"of " STR_FMT ", which would be left without a name",
			STR_ARG(name))));
		if (item->outcome == MERGE_KEEP)
			item_put(item, &item->there); /* the source hears it */
		if (item->outcome == MERGE_CONFLICT ||
		    id_eq(item->put.object, item->there.object))
			return OK;
	}
	if (use->source != NULL && !item_is_put(use->source) &&
	    !lives(&use->source->there)) {
		item_put(
		    use->source, &item->there); /* as the source calls it */
		return OK;
	}
	return fail(c->error, ERR_CONFLICT,
	    "The decisions leave " STR_FMT
	    " of the target without a name, and both sides have it: decide for "
	    "the target there, or for the source about its new name",
	    STR_ARG(name));
}

static enum err
two_names(struct names *n, const struct name_use *use)
{
	struct call *c = n->plan->call;
	struct merge_item *new = use->shown, *old = use->other;

	if (new == use->target) {
		new = use->other;
		old = use->shown;
	}
	n->changed = true;
	if (new->conflict == 0) {
		new->target = *item_result(old);
		TRY(ask(n, new,
		    arena_printf(c->arena,
			"The target has it under another name: " STR_FMT,
			STR_ARG(shown(n, &old->there)))));
		return OK;
	}
	if (!item_is_put(old) && item_is_put(new)) {
		item_drop(old); /* it was decided to be called so */
		return OK;
	}
	return fail(c->error, ERR_CONFLICT,
	    "The decisions give one table two names, " STR_FMT " and " STR_FMT
	    ": decide for the source about one of them, and for the target "
	    "about the other",
	    STR_ARG(shown(n, item_result(new))),
	    STR_ARG(shown(n, item_result(old))));
}

/* The result lists it as dropped under a name that the target has not for it,
 * although it lives under another, or is listed there. */
static bool
is_dropped_twice(const struct name_use *use)
{
	return use->dropped != NULL &&
	       (use->shown != NULL || use->was_dropped != NULL);
}

static void
leave_name(struct merge_item *item)
{
	item_put(item, item_result(item));
	version_move_away(&item->put);
}

static enum err
dropped_elsewhere(struct names *n, const struct name_use *use)
{
	struct merge_item *item = use->dropped;

	n->changed = true;
	if (use->shown != NULL && item->conflict == 0 &&
	    !item_is_put(use->shown)) {
		item->deleted_in_source = true;
		item->both = true;
		item->target = *item_result(use->shown);
		return plan_conflict(n->plan, item, CONFLICT_OF_DELETION,
		    arena_printf(n->plan->call->arena,
			"The source has dropped what the target has "
			"as " STR_FMT,
			STR_ARG(shown(n, &item->target))));
	}
	leave_name(item);
	return OK;
}

/* An object that lives again under one name was not dropped under another: a
 * tombstone that says so is put again, for merge_unit.c to mark it. */
static void
put_left_names(struct names *n)
{
	for (size_t i = 0; i < n->plan->count; i++) {
		struct merge_item *item = n->plan->at[i];
		const struct name_use *use;

		if (item_is_put(item) || !is_dropped_here(&item->there))
			continue;
		use = use_of(n, item->there.object);
		if (use->shown != NULL && item_is_put(use->shown))
			item_drop(item);
	}
}

/* ---- all of it */
static void
build(struct names *n)
{
	struct merge_plan *p = n->plan;

	add_kept(p);
	n->by_object = str_map_in(p->call->arena);
	n->at = ARENA_NEW(p->call->arena, struct name_use *, 4 * p->count + 1);
	n->count = 0;
	for (size_t i = 0; i < p->count; i++)
		note(n, p->at[i]);
}

static bool
is_open(const struct merge_item *item)
{
	return item != NULL && item->outcome == MERGE_CONFLICT;
}

static bool
shows(const struct merge_item *item, struct id object)
{
	const struct version *result;

	if (item == NULL)
		return false;
	result = item_result(item);
	return lives(result) && id_eq(result->object, object);
}

/* Another object of this look has asked about one of its names, or had it
 * decided: what comes of it is seen at the next look. */
static bool
is_overtaken(const struct name_use *use)
{
	if (is_open(use->shown) || is_open(use->other) ||
	    is_open(use->source) || is_open(use->target) ||
	    is_open(use->dropped))
		return true;
	if (use->shown == NULL)
		return shows(use->source, use->object) ||
		       shows(use->target, use->object);
	return !shows(use->shown, use->object) ||
	       (use->other != NULL && !shows(use->other, use->object));
}

static enum err
look_once(struct names *n)
{
	struct merge_plan *p = n->plan;

	build(n);
	n->changed = false;
	put_left_names(n);
	for (size_t i = 0; i < n->count; i++) {
		const struct name_use *use = n->at[i];

		if (is_overtaken(use))
			continue;
		if (use->other != NULL)
			TRY(two_names(n, use));
		else if (is_lost(n, use))
			TRY(no_name(n, use));
		else if (is_dropped_twice(use))
			TRY(dropped_elsewhere(n, use));
	}
	return arena_check(p->call->arena, p->call->error);
}

enum err
plan_names(struct merge_plan *p)
{
	struct names n = { .plan = p };

	if (merge_plan_count(p, MERGE_CONFLICT) != 0)
		return OK;
	TRY(plan_other_names(p));
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (merge_plan_count(p, MERGE_CONFLICT) != 0)
			return OK;
		TRY(look_once(&n));
		if (!n.changed)
			return OK;
	}
	return fail(p->call->error, ERR_CONFLICT,
	    "The decisions about the names of tables contradict each other: "
	    "decide for one side about all of them");
}

/* Namespaces that stay dropped may have taken a name away again, or brought a
 * tombstone back. */
enum err
plan_still_named(struct merge_plan *p)
{
	struct names n = { .plan = p };
	struct call *c = p->call;

	if (merge_plan_count(p, MERGE_CONFLICT) != 0)
		return OK;
	build(&n);
	put_left_names(&n);
	for (size_t i = 0; i < n.count; i++) {
		const struct name_use *use = n.at[i];
		bool lost = is_lost(&n, use);

		if (lost || use->other != NULL)
			return fail(c->error, ERR_CONFLICT,
			    "The decisions leave " STR_FMT " %s: decide "
			    "otherwise about its namespace or its names",
			    STR_ARG(shown(&n, lost ? &use->target->there
						   : item_result(use->other))),
			    lost ? "without a name" : "with two names");
		if (is_dropped_twice(use))
			leave_name(use->dropped);
	}
	return OK;
}
