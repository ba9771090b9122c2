/*
 * merge_objects.c - tables and views that one side or both have renamed.
 *
 * An object that is gone from a name and lives under another of the same side
 * was renamed.  The source's names of an object are among the items; those of
 * the target are looked for only where a name alone does not tell, in what the
 * target has changed and the source does not know.
 */
#include "catalog/moved.h"
#include "versions/merge_steps.h"

struct moves {
	struct merge_plan *plan;
	struct str_map source; /* object -> item under which it lives there */
	struct str_map wanted; /* object -> struct version of the target */
	struct str_map stayed; /* object -> the source has it where the target
				* had it before */
	bool looked;           /* for these */
	struct str_map left;   /* object -> it had a name that shows another
				* or nothing on one side */
};

static bool
is_relation(const struct version *v)
{
	return v->kind == KIND_TABLE || v->kind == KIND_VIEW;
}

static struct merge_item *
lives_in_source(struct moves *m, struct id object)
{
	return str_map_find(
	    &m->source, object_text(m->plan->call->arena, object));
}

/* Where the target has it; NULL: nowhere that it was not before. */
static const struct version *
lives_in_target(struct moves *m, struct id object)
{
	const struct version *v =
	    str_map_find(&m->wanted, object_text(m->plan->call->arena, object));

	return v != NULL && version_is_live(v) ? v : NULL;
}

/* ---- looking for the target's names */
static void
want(struct moves *m, struct id object)
{
	struct arena *a = m->plan->call->arena;
	void **slot = str_map_slot(&m->wanted, object_text(a, object));

	if (*slot == NULL)
		*slot = ARENA_NEW(a, struct version, 1);
}

static void
note_left(struct moves *m, const struct merge_item *item)
{
	const struct version *versions[] = { &item->source, &item->target,
		&item->base };

	for (int i = 0; i < 3; i++) {
		const struct version *v = versions[i];

		if (is_relation(v) && (i != 0 || v->deleted))
			*str_map_slot(&m->left,
			    object_text(m->plan->call->arena, v->object)) = m;
	}
}

/* The key alone does not tell what became of the source's object. */
static void
want_unclear(struct moves *m, const struct merge_item *item)
{
	const struct version *source = &item->source, *target = &item->target;
	bool has_it =
	    version_is_live(target) && id_eq(source->object, target->object);

	if (!is_relation(source) || item->outcome == MERGE_KEEP || has_it)
		return;
	if (item->both || m->plan->sides->restores ||
	    str_map_find(&m->left,
		object_text(m->plan->call->arena, source->object)) != NULL)
		want(m, source->object);
}

struct hunt {
	struct moves *moves;
	struct key_set keys;
};

static enum err
hunt_version(void *arg, const struct version *v)
{
	struct hunt *h = arg;

	if (is_relation(v) && !version_has_moved(v) &&
	    str_map_find(
		&h->moves->wanted, (struct str){ (const char *)v->object.b,
				       sizeof(v->object.b) }) != NULL)
		(void)key_set_add(&h->keys, v->key);
	return OK;
}

static void
note_dropped(struct merge_plan *p, const struct version *v)
{
	struct merge_item *item = plan_item(p, v->key);

	if (item->there.kind == 0)
		item->there = item->target = *v;
}

static enum err
find_wanted(struct moves *m)
{
	struct merge_plan *p = m->plan;
	struct call *c = p->call;
	struct hunt h = { m, key_set_in(c->arena) };

	if (m->wanted.count == 0)
		return OK;
	TRY(changed_each(
	    c, p->target_chain, &p->source_knows, hunt_version, &h));

	struct version *read =
	    ARENA_NEW(c->arena, struct version, h.keys.count + 1);

	TRY(read_many(c, p->target_chain, h.keys.at, h.keys.count, read));
	for (size_t i = 0; i < h.keys.count; i++) {
		struct version *found = str_map_find(
		    &m->wanted, object_text(c->arena, read[i].object));

		if (found == NULL)
			continue;
		read[i].key = h.keys.at[i];
		if (version_is_live(&read[i]))
			*found = read[i];
		else if (is_dropped_here(&read[i]))
			note_dropped(p, &read[i]);
	}
	return OK;
}

/* ---- what comes of it */
static struct str
say(struct moves *m, const char *before, const struct version *v,
    const char *behind)
{
	struct arena *a = m->plan->call->arena;

	return arena_printf(
	    a, "%s " STR_FMT "%s", before, STR_ARG(item_shown(a, v)), behind);
}

static struct str
two_tables(struct moves *m, const struct version *v)
{
	return say(m, "Source and target have different objects named", v, "");
}

static enum err
dropped_here(struct moves *m, struct merge_item *item, bool in_source)
{
	const struct version *v = in_source ? &item->target : &item->source;

	item->deleted_in_source = in_source;
	return plan_conflict(m->plan, item, CONFLICT_OF_DELETION,
	    say(m,
		in_source ? "The source has dropped" : "The target has dropped",
		v,
		in_source ? ", which the target has changed"
			  : ", which the source has changed"));
}

/* The source has renamed what the target has changed under its old name. */
static enum err
follow_source(struct moves *m, struct merge_item *old, struct merge_item *item)
{
	if (version_is_live(&item->there)) {
		old->outcome = MERGE_KEEP;
		item->target = old->target; /* goes with TakeSource */
		return plan_conflict(m->plan, item, CONFLICT_OF_NAME,
		    two_tables(m, &item->there));
	}
	item->target = old->target;
	item->base = old->base;
	item->has_base = old->has_base;
	item->both = true;
	item->outcome = MERGE_CONFLICT;
	if (id_eq(old->source.object, old->target.object))
		item_drop(old); /* the name is free */
	else
		old->outcome = MERGE_TAKE;
	return OK;
}

/* The target has renamed what the source has changed under its old name. */
static enum err
follow_target(
    struct moves *m, struct merge_item *old, const struct version *now)
{
	struct merge_item *item = plan_find(m->plan, now->key);

	if (item != NULL && version_is_live(&item->source) &&
	    !id_eq(item->source.object, now->object))
		return plan_conflict(
		    m->plan, old, CONFLICT_OF_NAME, two_tables(m, now));
	item = plan_item(m->plan, now->key);
	item->source = old->source;
	item->target = item->there = *now;
	item->base = old->base;
	item->has_base = old->has_base;
	item->both = true;
	item->outcome = MERGE_CONFLICT;
	old->outcome = MERGE_KEEP;
	return OK;
}

/* The source's name of the object is new, and so is the target's. */
static enum err
renamed_twice(struct moves *m, struct merge_item *old, struct merge_item *item,
    const struct version *now)
{
	if (key_eq(item->key, now->key)) {
		item->base = old->base;
		item->has_base = old->has_base;
		return OK;
	}
	item->target = *now;
	item->both = true;
	return plan_conflict(m->plan, item, CONFLICT_OF_NAME,
	    say(m, "Both have renamed it: the target has it as", now, ""));
}

static bool
was_in_base(const struct merge_item *item, struct id object)
{
	return item->has_base && version_is_live(&item->base) &&
	       id_eq(item->base.object, object);
}

/* Does the source have it where the target has it now?  That is no change of
 * the source, if both know it. */
static enum err
shows_too(struct moves *m, const struct version *now, bool *ret)
{
	struct merge_plan *p = m->plan;
	struct version v;

	TRY(read_many(p->call, p->source_chain, &now->key, 1, &v));
	*ret = version_is_live(&v) && id_eq(v.object, now->object);
	return OK;
}

static enum err
collect_changed(void *arg, const struct version *v)
{
	struct key_set *keys = arg;

	if (is_relation(v) && keys->count < MERGE_KEYS_MAX)
		(void)key_set_add(keys, v->key);
	return OK;
}

/* Finds what the source shows under names that the target has changed. */
static enum err
find_stayed(struct moves *m)
{
	struct merge_plan *p = m->plan;
	struct call *c = p->call;
	struct key_set keys = key_set_in(c->arena);
	struct version *read;

	m->looked = true;
	TRY(changed_each(
	    c, p->target_chain, &p->source_knows, collect_changed, &keys));
	read = ARENA_NEW(c->arena, struct version, keys.count + 1);
	TRY(read_many(c, p->source_chain, keys.at, keys.count, read));
	for (size_t i = 0; i < keys.count; i++)
		if (is_relation(&read[i]) && version_is_live(&read[i]))
			*str_map_slot(&m->stayed,
			    object_text(c->arena, read[i].object)) = m;
	return OK;
}

/* It is elsewhere in the source, under a name that the target knows: the target
 * is the one that has moved it here since. */
static enum err
was_only_moved(struct moves *m, const struct merge_item *old, bool *ret)
{
	struct arena *a = m->plan->call->arena;

	*ret = false;
	if (!version_has_moved(&old->source))
		return OK;
	if (!m->looked)
		TRY(find_stayed(m));
	*ret = str_map_find(&m->stayed, object_text(a, old->source.object)) !=
	       NULL;
	return OK;
}

/* The source shows the object under this name no more. */
static enum err
gone_in_source(struct moves *m, struct merge_item *old, struct id object)
{
	struct merge_item *item = lives_in_source(m, object);
	const struct version *now = lives_in_target(m, object);
	bool has_it =
	    version_is_live(&old->target) && id_eq(old->target.object, object);
	bool same;

	if (item == old)
		return OK;
	if (now != NULL && key_eq(now->key, old->key))
		now = NULL; /* it is still there */
	if (item != NULL && now != NULL)
		return renamed_twice(m, old, item, now);
	if (item != NULL && has_it && old->both)
		return follow_source(m, old, item);
	if (item != NULL && !has_it && old->both &&
	    item->outcome == MERGE_TAKE) {
		item->target = old->target;
		item->target.object = object;
		item->target.deleted = true;
		return dropped_here(m, item, false);
	}
	if (item == NULL && now != NULL) {
		TRY(shows_too(m, now, &same));
		if (same)
			return OK;
		old->target = *now;
		return dropped_here(m, old, true);
	}
	if (item == NULL && old->both && !version_is_live(&old->source) &&
	    version_is_live(&old->target)) {
		TRY(was_only_moved(m, old, &same));
		if (has_it && same)
			item_put(old, &old->there); /* the source hears of it */
		else if (has_it)
			return dropped_here(m, old, true);
	}
	return OK;
}

/* Both have changed a name under which the source shows an object and the
 * target another, or none. */
static enum err
differs_in_target(struct moves *m, struct merge_item *item)
{
	struct id object = item->source.object;
	const struct version *now = lives_in_target(m, object);
	struct merge_item *old =
	    now != NULL ? plan_find(m->plan, now->key) : NULL;

	if (old != NULL && old->both && old->source.deleted &&
	    was_in_base(old, object))
		return follow_source(m, old, item);
	if (now != NULL)
		return follow_target(m, item, now);
	if (version_is_live(&item->target))
		return plan_conflict(m->plan, item, CONFLICT_OF_NAME,
		    two_tables(m, &item->target));
	if (!id_eq(item->target.object, object) && !was_in_base(item, object)) {
		item->outcome = MERGE_TAKE; /* what was dropped was another */
		return OK;
	}
	return dropped_here(m, item, false);
}

/* The object that left this name last in the source is not the one that the
 * target has there: that is another one, or one that both had before. */
static enum err
dropped_another(struct moves *m, struct merge_item *item)
{
	struct id object = item->target.object;

	if (was_in_base(item, object))
		return gone_in_source(m, item, object);
	item->outcome = MERGE_KEEP;
	if (was_in_base(item, item->source.object))
		return gone_in_source(m, item, item->source.object);
	return OK;
}

static enum err
settle(struct moves *m, struct merge_item *item)
{
	const struct version *source = &item->source, *target = &item->target;
	bool one = id_eq(source->object, target->object);

	if (item->outcome == MERGE_KEEP || !is_relation(source))
		return OK;
	if (!version_is_live(source) && item->both && !one &&
	    version_is_live(target))
		return dropped_another(m, item);
	if (!version_is_live(source))
		return gone_in_source(m, item, source->object);
	if (version_is_live(target) && is_relation(target) && !one &&
	    item->both)
		TRY(gone_in_source(m, item, target->object));
	if (item->outcome != MERGE_CONFLICT || item->conflict != 0 ||
	    !item->both)
		return OK;
	if (version_is_live(target) && one)
		return OK;
	return differs_in_target(m, item);
}

/* While the source's new name of it is not its own, the old one stays, as a new
 * version: the source has left it, and shall hear of it. */
static void
hold_name(struct moves *m, struct merge_item *old)
{
	struct merge_item *item;

	if (old->outcome != MERGE_TAKE || !is_relation(&old->source) ||
	    !old->source.deleted)
		return;
	item = lives_in_source(m, old->source.object);
	if (item == NULL || item->conflict == 0)
		return;
	if (item->outcome == MERGE_CONFLICT)
		old->outcome = MERGE_KEEP;
	else if (item->outcome == MERGE_KEEP && version_is_live(&old->there))
		item_put(old, &old->there);
}

/* An object that the source has made or brings back lives on the target under a
 * name that stays its own. */
static enum err
lives_elsewhere(struct moves *m, struct merge_item *item)
{
	const struct version *now;
	const struct merge_item *there;

	if (!item_is_put(item) || !is_relation(&item->source) ||
	    !version_is_live(&item->source))
		return OK;
	now = lives_in_target(m, item->source.object);
	if (now == NULL || key_eq(now->key, item->key))
		return OK;
	there = plan_find(m->plan, now->key);
	if (there != NULL && item_is_put(there))
		return OK;
	item->target = *now;
	item->both = true;
	return plan_conflict(m->plan, item, CONFLICT_OF_NAME,
	    say(m, "The target has it under another name:", now, ""));
}

enum err
plan_objects(struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct moves m = { .plan = p,
		.source = str_map_in(a),
		.wanted = str_map_in(a),
		.left = str_map_in(a),
		.stayed = str_map_in(a) };
	size_t count = p->count;

	for (size_t i = 0; i < count; i++)
		note_left(&m, p->at[i]);
	for (size_t i = 0; i < count; i++) {
		struct merge_item *item = p->at[i];

		if (is_relation(&item->source) &&
		    version_is_live(&item->source))
			*str_map_slot(&m.source,
			    object_text(a, item->source.object)) = item;
		want_unclear(&m, item);
	}
	TRY(find_wanted(&m));
	for (size_t i = 0; i < count; i++)
		TRY(settle(&m, p->at[i]));
	for (size_t i = 0; i < count; i++) {
		hold_name(&m, p->at[i]);
		TRY(lives_elsewhere(&m, p->at[i]));
	}
	return OK;
}
