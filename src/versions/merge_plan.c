#include "base/list.h"
#include "catalog/moved.h"
#include "versions/merge_reads.h"
#include "versions/merge_steps.h"

#define READ_AT_ONCE 500
#define BASES_MAX 16 /* beyond it nobody knows which is the newest */

/* ---- items */
bool
key_eq(struct key a, struct key b)
{
	return a.space == b.space && str_eq(a.ns, b.ns) &&
	       str_eq(a.name, b.name);
}

struct merge_item *
plan_find(struct merge_plan *p, struct key key)
{
	return str_map_find(&p->by_key, key_text(p->call->arena, key));
}

struct merge_item *
plan_item(struct merge_plan *p, struct key key)
{
	struct arena *a = p->call->arena;
	void **slot = str_map_slot(&p->by_key, key_text(a, key));
	struct merge_item *item = *slot;

	if (item != NULL)
		return item;
	item = ARENA_NEW(a, struct merge_item, 1);
	item->key = key;
	*slot = item;
	LIST_RESERVE(a, p->at, p->count, p->room, 1);
	p->at[p->count++] = item;
	return item;
}

size_t
merge_plan_count(const struct merge_plan *p, enum merge_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		count += p->at[i]->outcome == outcome;
	return count;
}

bool
item_is_put(const struct merge_item *item)
{
	return item->outcome == MERGE_TAKE || item->outcome == MERGE_PUT;
}

const struct version *
item_result(const struct merge_item *item)
{
	if (item->outcome == MERGE_TAKE)
		return &item->source;
	return item->outcome == MERGE_PUT ? &item->put : &item->there;
}

void
item_put(struct merge_item *item, const struct version *v)
{
	item->put = *v;
	item->put.key = item->key;
	item->put.origin = item->put.at = (struct point){ 0 };
	item->outcome = MERGE_PUT;
}

void
item_drop(struct merge_item *item)
{
	item_put(item, &item->there);
	item->put.deleted = true;
}

struct str
item_shown(struct arena *a, const struct version *v)
{
	struct ident ident = { v->key.ns, v->key.name };

	if (v->key.space == SPACE_NAMESPACE) {
		struct str path = v->key.ns.len != 0
				      ? path_join(a, v->key.ns, v->key.name)
				      : v->key.name;

		return arena_printf(
		    a, "namespace " STR_FMT, STR_ARG(path_shown(a, path)));
	}
	return arena_printf(a, "%s " STR_FMT,
	    v->kind == KIND_VIEW ? "view" : "table",
	    STR_ARG(ident_shown(a, ident)));
}

/* ---- what both show */
enum err
read_many(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	for (size_t done = 0; done < count;) {
		size_t some =
		    count - done < READ_AT_ONCE ? count - done : READ_AT_ONCE;

		TRY(store_read(c, chain, keys + done, some, ret + done));
		TRY(arena_check(c->arena, c->error));
		done += some;
	}
	return OK;
}

static enum err
read_sides(struct merge_plan *p)
{
	struct merge_reads reads;

	TRY(merge_reads_make(p, &reads));
	for (size_t i = 0; i < reads.keys.count; i++) {
		struct merge_item *item = plan_item(p, reads.keys.at[i]);

		item->source = reads.source_shows[i];
		item->target = item->there = reads.target_shows[i];
		item->source.key = item->target.key = item->there.key =
		    item->key;
	}
	return OK;
}

bool
same_state(const struct version *a, const struct version *b)
{
	if (!version_is_live(a) || !version_is_live(b))
		return !version_is_live(a) && !version_is_live(b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == KIND_NAMESPACE)
		return str_eq(a->body, b->body);
	return id_eq(a->object, b->object) && str_eq(a->location, b->location);
}

bool
merge_item_is_seen(const struct merge_item *item)
{
	if (item->outcome == MERGE_TAKE)
		return !same_state(&item->source, &item->there);
	return item->outcome == MERGE_PUT &&
	       !same_state(&item->put, &item->there);
}

/* ---- by origin */
static bool
same_origin(const struct version *a, const struct version *b)
{
	return a->kind != 0 && b->kind != 0 &&
	       a->origin.branch == b->origin.branch &&
	       a->origin.seq == b->origin.seq;
}

/* The target's tombstone alone would say less than both sides know: what else
 * was dropped, or where it went before. */
static bool
dropped_different(const struct version *source, const struct version *target)
{
	return source->deleted && target->deleted &&
	       (!id_eq(source->object, target->object) ||
		   version_tells_move(source, target));
}

/* A version that only the source has made anew is taken even if it shows the
 * same or nothing: the target's own version would not tell those who have what
 * came between, to which the target leads from now on. */
static void
decide(const struct merge_plan *p, struct merge_item *item)
{
	const struct version *source = &item->source, *target = &item->target;

	item->outcome = MERGE_KEEP;
	if (source->kind == 0 || same_origin(source, target) ||
	    knows(&p->target_knows, source->origin))
		return;
	if (target->kind == 0 && p->sides->only_there && !source->deleted)
		return;
	item->both =
	    target->kind != 0 && !knows(&p->source_knows, target->origin);
	if (!item->both)
		item->outcome = MERGE_TAKE;
	else if (dropped_different(source, target))
		item_put(item, source);
	else
		item->outcome =
		    same_state(source, target) ? MERGE_SAME : MERGE_CONFLICT;
}

/* ---- what both knew */
struct base_point {
	struct chain chain;
	struct knowledge knows;
	struct version *read;
};

/* Does another of them come behind this one? */
static bool
is_older(const struct base_point *points, size_t count, size_t i, size_t key)
{
	const struct version *v = &points[i].read[key];

	for (size_t j = 0; j < count; j++) {
		const struct version *w = &points[j].read[key];

		if (w->kind == 0 || same_origin(v, w))
			continue;
		if (knows(&points[j].knows, v->origin) &&
		    !knows(&points[i].knows, w->origin))
			return true;
	}
	return false;
}

/* False: there are several, and none is the newest. */
static bool
choose_base(const struct base_point *points, size_t count, size_t key,
    struct version *ret)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const struct version *v = &points[i].read[key];

		if (v->kind == 0 || is_older(points, count, i, key))
			continue;
		if (any && !same_origin(v, ret) && !same_state(v, ret))
			return false;
		*ret = *v;
		any = true;
	}
	return any;
}

/* Of a branch that was forgotten as a whole, what it showed is not known: an
 * older base would take what one side has undone for a change of the other. */
static enum err
find_lost(struct merge_plan *p)
{
	struct ref ref;

	for (size_t i = 0; i < p->bases.count && !p->base_lost; i++) {
		TRY(ref_get_by_id(
		    p->call, p->sides->catalog, p->bases.at[i].branch, &ref));
		p->base_lost = ref.horizon == HORIZON_NONE;
	}
	return OK;
}

static enum err
read_base(struct merge_plan *p, struct point at, const struct key *keys,
    size_t count, struct base_point *ret)
{
	struct call *c = p->call;

	TRY(chain_of(c, p->sides->catalog, at, &ret->chain));
	TRY(knowledge_of(&p->lineage, at, &ret->knows));
	ret->read = ARENA_NEW(c->arena, struct version, count);
	return read_many(c, ret->chain, keys, count, ret->read);
}

enum err
plan_bases(struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct key *keys = ARENA_NEW(a, struct key, p->count + 1);
	struct base_point points[BASES_MAX] = { 0 };
	size_t count = 0, wanted = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->at[i]->both)
			keys[wanted++] = p->at[i]->key;
	if (wanted == 0 || p->bases.count > BASES_MAX)
		return OK;
	TRY(find_lost(p));
	if (p->base_lost)
		return OK;
	for (; count < p->bases.count; count++)
		TRY(read_base(
		    p, p->bases.at[count], keys, wanted, &points[count]));
	for (size_t i = 0; i < wanted; i++) {
		struct merge_item *item = plan_find(p, keys[i]);

		item->has_base = choose_base(points, count, i, &item->base);
		item->base.key = item->key;
	}
	return OK;
}

/* ---- the plan */
static enum err
look_around(struct merge_plan *p)
{
	const struct merge_sides *s = p->sides;
	struct call *c = p->call;

	p->lineage = lineage_of(c);
	TRY(knowledge_of(&p->lineage, s->source, &p->source_knows));
	TRY(knowledge_of(&p->lineage, s->target, &p->target_knows));
	p->is_known = knows(&p->target_knows, s->source);
	if (p->is_known)
		return OK;
	TRY(common_points(
	    &p->lineage, &p->source_knows, &p->target_knows, &p->bases));
	TRY(chain_of(c, s->catalog, s->source, &p->source_chain));
	return chain_of(c, s->catalog, s->target, &p->target_chain);
}

enum err
merge_plan_make(
    struct call *c, const struct merge_sides *sides, struct merge_plan *ret)
{
	if (c->nowait)
		return usage_would_block(c, "Merges are planned on threads.");
	*ret = (struct merge_plan){ .call = c,
		.sides = sides,
		.by_key = str_map_in(c->arena),
		.in_source = str_map_in(c->arena) };
	TRY(look_around(ret));
	if (ret->is_known)
		return OK;
	TRY(read_sides(ret));
	for (size_t i = 0; i < ret->count; i++)
		decide(ret, ret->at[i]);
	TRY(plan_parts(ret));
	TRY(plan_bases(ret));
	TRY(plan_objects(ret));
	TRY(plan_contents(ret));
	TRY(plan_protected(ret));
	TRY(plan_names(ret));
	TRY(plan_namespaces(ret));
	TRY(plan_still_named(ret));
	return plan_still_protected(ret);
}
