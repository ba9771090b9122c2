/*
 * merge_parts.c - names that a partial branch does not tell of.
 *
 * A partial branch shows a table that was renamed before, but not the tombstone
 * of its old name.  Where one side of a merge has come to know such a branch,
 * and the other has not, the other name is looked for in what led to it.
 */
#include "catalog/moved.h"
#include "versions/merge_steps.h"

struct parts {
	struct merge_plan *plan;
	struct str_map wanted; /* object -> item that brings it */
	struct key_set keys;   /* names that one of these has had: its item */
	struct key_set others; /* names that another object has had */
};

static struct parts
parts_in(struct merge_plan *p)
{
	struct arena *a = p->call->arena;

	return (struct parts){ p, str_map_in(a), key_set_in(a), key_set_in(a) };
}

static struct merge_item *
wanted_item(const struct parts *w, const struct version *v)
{
	return str_map_find(
	    &w->wanted, object_text(w->plan->call->arena, v->object));
}

/* Tables and views that the source has made anew, or dropped, and that the
 * target does not show under this name. */
static void
want_taken(struct parts *w, bool dropped_too)
{
	struct merge_plan *p = w->plan;

	for (size_t i = 0; i < p->count; i++) {
		struct merge_item *item = p->at[i];
		const struct version *v = &item->source;

		if (item->outcome == MERGE_KEEP ||
		    item->key.space == SPACE_NAMESPACE ||
		    !(version_is_live(v) ||
			(dropped_too && is_dropped_here(v))) ||
		    id_eq(v->object, item->target.object))
			continue;
		*str_map_slot(
		    &w->wanted, object_text(p->call->arena, v->object)) = item;
	}
}

static enum err
take_version(void *arg, const struct version *v)
{
	struct parts *w = arg;

	struct merge_item *item = wanted_item(w, v);

	if (v->kind != KIND_NAMESPACE && item != NULL &&
	    key_set_add(&w->keys, v->key))
		*str_map_slot(&w->keys.map,
		    key_text(w->plan->call->arena, v->key)) = item;
	return OK;
}

static enum err
take_any(void *arg, const struct version *v)
{
	struct parts *w = arg;

	if (v->kind != KIND_NAMESPACE && wanted_item(w, v) == NULL)
		(void)key_set_add(&w->others, v->key);
	return take_version(arg, v);
}

static enum err
read_found(struct parts *w, const struct key_set *keys, struct version **ret)
{
	struct call *c = w->plan->call;

	*ret = ARENA_NEW(c->arena, struct version, keys->count + 1);
	return read_many(c, w->plan->target_chain, keys->at, keys->count, *ret);
}

/* ---- of the source */
/* The source has left the name with the version that it shows elsewhere, or
 * has dropped there.  A target that never had the name hears of it for those
 * that it is merged into. */
static void
add_left(struct parts *w, const struct merge_item *now, struct key key,
    const struct version *there)
{
	struct merge_plan *p = w->plan;
	struct merge_item *item = plan_item(p, key);

	item->source = now->source;
	item->source.key = key;
	version_move_away(&item->source);
	item->target = item->there = *there;
	item->target.key = item->there.key = key;
	if (there->kind == 0)
		item_put(item, &item->source);
	if (!version_is_live(there) ||
	    !id_eq(there->object, now->source.object))
		return;
	item->both = !knows(&p->source_knows, there->origin);
	if (item->both)
		item->outcome = MERGE_CONFLICT;
	else
		item_put(item, &item->source);
}

static enum err
add_all_left(struct parts *w, const struct key_set *keys, bool is_other)
{
	struct merge_plan *p = w->plan;
	struct version *there;

	TRY(read_found(w, keys, &there));
	for (size_t i = 0; i < keys->count; i++) {
		const struct merge_item *now = wanted_item(w, &there[i]);

		if (there[i].kind == 0 && !is_other)
			now = str_map_find(
			    &keys->map, key_text(p->call->arena, keys->at[i]));
		if (now == NULL || plan_find(p, keys->at[i]) != NULL)
			continue;
		if (is_other && !(version_is_live(&there[i]) &&
				    knows(&p->source_knows, there[i].origin)))
			continue;
		add_left(w, now, keys->at[i], &there[i]);
	}
	return OK;
}

/* In all that the source knows and the target does not, whichever branches
 * brought it.  A prune forgets the tombstone of a name that another object has
 * taken since; that the source knows the target's name and has the object
 * under another tells as much. */
static enum err
find_left(struct parts *w)
{
	struct merge_plan *p = w->plan;
	struct call *c = p->call;

	TRY(changed_each(c, knowledge_links(c->arena, &p->source_knows),
	    &p->target_knows, take_any, w));
	TRY(add_all_left(w, &w->keys, false));
	return add_all_left(w, &w->others, true);
}

/* ---- of the target */
/* A table that the source has changed under an old name is changed on both
 * sides. */
static enum err
find_renamed(struct parts *w)
{
	struct merge_plan *p = w->plan;
	struct call *c = p->call;
	struct version *there;

	TRY(changed_each(
	    c, p->target_chain, &p->source_knows, take_version, w));
	TRY(read_found(w, &w->keys, &there));
	for (size_t i = 0; i < w->keys.count; i++) {
		struct merge_item *item;

		if (!version_is_live(&there[i]) ||
		    knows(&p->source_knows, there[i].origin))
			continue;
		item = wanted_item(w, &there[i]);
		if (item == NULL || item->both || item->target.kind != 0)
			continue;
		item->both = true;
		item->outcome = MERGE_CONFLICT;
	}
	return OK;
}

/* A branch that takes only what it shows takes what it shows under an earlier
 * name, too. */
static void
take_renamed(struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct str_map shown = str_map_in(a);

	for (size_t i = 0; i < p->count; i++)
		if (version_is_live(&p->at[i]->target))
			*str_map_slot(&shown,
			    object_text(a, p->at[i]->target.object)) = p;
	for (size_t i = 0; i < p->count; i++) {
		struct merge_item *item = p->at[i];

		if (item->target.kind == 0 && item->outcome == MERGE_KEEP &&
		    version_is_live(&item->source) &&
		    item->key.space != SPACE_NAMESPACE &&
		    !knows(&p->target_knows, item->source.origin) &&
		    str_map_find(&shown, object_text(a, item->source.object)) !=
			NULL)
			item->outcome = MERGE_TAKE;
	}
}

enum err
plan_parts(struct merge_plan *p)
{
	struct parts source = parts_in(p), target = parts_in(p);

	if (p->sides->only_there)
		take_renamed(p);
	if (knows_other_part(&p->lineage, &p->source_knows, &p->target_knows)) {
		want_taken(&source, true);
		if (source.wanted.count != 0)
			TRY(find_left(&source));
	}
	if (knows_other_part(&p->lineage, &p->target_knows, &p->source_knows)) {
		want_taken(&target, false);
		if (target.wanted.count != 0)
			TRY(find_renamed(&target));
	}
	return arena_check(p->call->arena, p->call->error);
}
