/*
 * merge_protected.c - what has the property `protected` on the target is
 * neither dropped, renamed nor replaced by a merge.
 *
 * A rename is a conflict of the new name, so that taking the target's leaves
 * the table where it is.  Nobody can decide against the property itself.
 */
#include "catalog/protection.h"
#include "versions/merge_steps.h"

struct guard {
	struct merge_plan *plan;
	struct str_map lives; /* object -> item that puts it */
};

static const struct version *
put_of(const struct merge_item *item)
{
	if (item->outcome == MERGE_TAKE)
		return &item->source;
	return item->outcome == MERGE_PUT ? &item->put : NULL;
}

/* The target shows something under this name, which the merge takes away. */
static bool
goes(const struct merge_item *item)
{
	const struct version *v = put_of(item), *there = &item->there;

	if (v == NULL || !version_is_live(there))
		return false;
	if (!version_is_live(v) || v->kind != there->kind)
		return true;
	return there->kind != KIND_NAMESPACE &&
	       !id_eq(v->object, there->object);
}

static enum err
check(struct call *c, const struct merge_item *item)
{
	const struct key *k = &item->key;
	const struct ident ident = { k->ns, k->name };

	if (item->there.kind != KIND_NAMESPACE)
		return protection_check_relation(c, &item->there, ident);
	return protection_check_namespace(c, &item->there,
	    k->ns.len != 0 ? path_join(c->arena, k->ns, k->name) : k->name);
}

static enum err
find_protected(struct merge_plan *p, struct merge_item *item, bool *ret)
{
	struct call look = *p->call;
	struct arena_mark mark;
	struct error why;

	*ret = false;
	if (item->is_free || !goes(item))
		return OK;
	look.error = &why;
	mark = arena_mark(look.arena);

	enum err err = check(&look, item);

	arena_cut(look.arena, mark);
	*ret = err == ERR_CONFLICT;
	item->is_free = err == OK;
	if (err == OK || *ret)
		return OK;
	*p->call->error = why;
	return err;
}

static enum err
refuse(struct merge_plan *p, const struct merge_item *item)
{
	return fail(p->call->error, ERR_CONFLICT,
	    "The target protects " STR_FMT
	    ": take its property `protected` away there first",
	    STR_ARG(item_shown(p->call->arena, &item->there)));
}

static enum err
keep(struct guard *g, struct merge_item *item)
{
	struct merge_plan *p = g->plan;
	struct arena *a = p->call->arena;
	struct str shown = item_shown(a, &item->there);
	const struct version *v = put_of(item);
	enum merge_conflict kind = CONFLICT_OF_DELETION;
	struct merge_item *other =
	    item->key.space == SPACE_NAMESPACE
		? NULL
		: str_map_find(&g->lives, object_text(a, item->there.object));
	struct merge_item *at = item;
	const char *how = "drops";

	if (other != NULL && other != item) {
		item->outcome = MERGE_KEEP;
		at = other;
		kind = CONFLICT_OF_NAME;
		how = "renames";
	} else if (version_is_live(v)) {
		kind = CONFLICT_OF_NAME;
		how = "replaces";
	} else if (item->key.space == SPACE_NAMESPACE) {
		kind = CONFLICT_OF_NAMESPACE;
	}
	at->deleted_in_source = true;
	TRY(plan_conflict(p, at, kind,
	    arena_printf(a,
		"The target protects " STR_FMT ", and the source %s it",
		STR_ARG(shown), how)));
	v = put_of(at);
	if (v == NULL || (at == other && !version_is_live(v)))
		return OK; /* the new name stays free */
	return refuse(p, item);
}

enum err
plan_protected(struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct guard g = { p, str_map_in(a) };
	size_t count = p->count;
	bool found;

	for (size_t i = 0; i < count; i++) {
		const struct version *v = p->at[i]->outcome == MERGE_CONFLICT
					      ? &p->at[i]->source
					      : put_of(p->at[i]);

		if (v != NULL && version_is_live(v) &&
		    v->kind != KIND_NAMESPACE)
			*str_map_slot(&g.lives, object_text(a, v->object)) =
			    p->at[i];
	}
	for (size_t i = 0; i < count; i++) {
		TRY(find_protected(p, p->at[i], &found));
		if (found)
			TRY(keep(&g, p->at[i]));
		TRY(arena_check(a, p->call->error));
	}
	return OK;
}

enum err
plan_still_protected(struct merge_plan *p)
{
	bool found;

	for (size_t i = 0; i < p->count; i++) {
		TRY(find_protected(p, p->at[i], &found));
		if (found)
			return refuse(p, p->at[i]);
	}
	return OK;
}
