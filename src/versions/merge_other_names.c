/*
 * merge_other_names.c - finds the names of objects under keys that the plan
 * does not look at.
 *
 * Where each side knows the other's version of a key neither is the newer; a
 * pick, a revert or a decision can bring that about, and so can a third branch
 * that brings an object back which the target has renamed.  What gets a name
 * that the target has not for it is looked for in what the target has changed
 * since the source knew it, and then in what the two states may show
 * differently: the changes since they parted, whatever the catalog holds.
 *
 * Nothing is searched for a table that is new to the target: none of its
 * places has ever been claimed there.  Views claim none, so both searches are
 * made for each: a revert may have brought back one of which no version that
 * the merge reads tells that the target has known it.
 */
#include "base/list.h"
#include "catalog/location_claims.h"
#include "catalog/moved.h"
#include "catalog/purges.h"
#include "versions/merge_steps.h"
#include "versions/segments.h"

/* An object that is looked for. */
struct wish {
	struct id object;
	struct str places; /* a line each; empty: it claims none */
	bool is_old;       /* the target has known it before */
	bool in_source;    /* its name there is wanted, not the target's */
	bool found;
};

struct search {
	struct merge_plan *plan;
	/* Objects that the sides and the result are known to show. */
	struct str_map source, target, shown;
	struct str_map by_object; /* struct wish */
	struct wish **at;
	size_t count, room;
	struct key_set keys;
};

static bool
is_relation(const struct version *v)
{
	return v->kind == KIND_TABLE || v->kind == KIND_VIEW;
}

static bool
lives(const struct version *v)
{
	return is_relation(v) && version_is_live(v);
}

static struct str
text_of(const struct search *s, struct id object)
{
	return object_text(s->plan->call->arena, object);
}

static bool
same_object(const struct version *a, const struct version *b)
{
	return a->kind != 0 && b->kind != 0 && id_eq(a->object, b->object);
}

/* ---- what the plan tells */
static void
note(struct search *s, struct str_map *map, const struct version *v)
{
	*str_map_slot(map, text_of(s, v->object)) = s;
}

static void
note_item(struct search *s, const struct merge_item *item)
{
	const struct version *there[] = { &item->there, &item->target };

	if (lives(&item->source))
		note(s, &s->source, &item->source);
	for (int i = 0; i < 2; i++)
		if (lives(there[i]) || is_dropped_here(there[i]))
			note(s, &s->target, there[i]);
	if (lives(item_result(item)))
		note(s, &s->shown, item_result(item));
}

static struct wish *
wish_of(const struct search *s, const struct version *v)
{
	return str_map_find(&s->by_object, text_of(s, v->object));
}

static void
wish(struct search *s, const struct version *v, bool in_source)
{
	struct arena *a = s->plan->call->arena;
	void **slot = str_map_slot(&s->by_object, text_of(s, v->object));
	struct wish *new = *slot;

	if (new == NULL) {
		*slot = new = ARENA_NEW(a, struct wish, 1);
		LIST_RESERVE(a, s->at, s->count, s->room, 1);
		s->at[s->count++] = new;
	}
	new->object = v->object;
	new->places = purge_places(v->body);
	new->in_source |= in_source;
	new->is_old |= in_source;
}

/* Two kinds are looked for: an object that gets a name, or is dropped under
 * one, that the target has not for it; and one that loses its name on the
 * target although the source has not simply dropped it there. */
static void
wish_for_item(struct search *s, const struct merge_item *item)
{
	const struct version *v = item_result(item), *there = &item->there;
	const struct version *source = &item->source;

	if (!item_is_put(item))
		return;
	if ((lives(v) || is_dropped_here(v)) &&
	    str_map_find(&s->target, text_of(s, v->object)) == NULL)
		wish(s, v, false);
	if (lives(there) &&
	    str_map_find(&s->shown, text_of(s, there->object)) == NULL &&
	    str_map_find(&s->source, text_of(s, there->object)) == NULL &&
	    !(is_dropped_here(source) && same_object(source, there)))
		wish(s, there, true);
}

/* ---- whether the target has known it */
/* A claim that was given back does not say whose it was. */
static enum err
find_claims(struct search *s)
{
	struct merge_plan *p = s->plan;
	struct arena *a = p->call->arena;
	struct key *keys = NULL;
	struct wish **of = NULL;
	size_t count = 0, keys_room = 0, of_room = 0;
	struct version *read;

	for (size_t i = 0; i < s->count; i++)
		for (struct str rest = s->at[i]->places; rest.len != 0;) {
			struct str path = str_cut(&rest, '\n');

			LIST_RESERVE(a, keys, count, keys_room, 1);
			LIST_RESERVE(a, of, count, of_room, 1);
			keys[count] = location_claim_key(a, path);
			of[count++] = s->at[i];
		}
	read = ARENA_NEW(a, struct version, count + 1);
	TRY(read_many(p->call, p->target_chain, keys, count, read));
	for (size_t i = 0; i < count; i++)
		if (read[i].kind == KIND_LOCATION_CLAIM &&
		    (read[i].deleted || id_eq(read[i].object, of[i]->object)))
			of[i]->is_old = true;
	return OK;
}

static bool
any_open(const struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct wish *w = s->at[i];

		if (!w->found && (w->is_old || w->places.len == 0))
			return true;
	}
	return false;
}

/* ---- the search */
static enum err
take_key(void *arg, const struct version *v)
{
	struct search *s = arg;

	if (is_relation(v))
		(void)key_set_add(&s->keys, v->key);
	return OK;
}

static bool
tells(struct search *s, const struct version *v, bool of_source)
{
	struct wish *w = is_relation(v) ? wish_of(s, v) : NULL;

	if (w == NULL || (of_source && !w->in_source))
		return false;
	if (of_source == w->in_source)
		w->found |= lives(v);
	if (of_source)
		note(s, &s->plan->in_source, v);
	return true;
}

static void
add_found(struct merge_plan *p, struct key key, const struct version *source,
    const struct version *target)
{
	struct merge_item *item = plan_item(p, key);

	if (item->source.kind == 0) {
		item->source = *source;
		item->source.key = item->key;
	}
	if (item->there.kind == 0) {
		item->there = *target;
		item->there.key = item->key;
		item->target = item->there;
	}
}

/* Items for the keys that were taken and tell of what is looked for. */
static enum err
read_taken(struct search *s)
{
	struct merge_plan *p = s->plan;
	struct call *c = p->call;
	size_t count = s->keys.count;
	struct version *source = ARENA_NEW(c->arena, struct version, count + 1);
	struct version *target = ARENA_NEW(c->arena, struct version, count + 1);

	TRY(read_many(c, p->source_chain, s->keys.at, count, source));
	TRY(read_many(c, p->target_chain, s->keys.at, count, target));
	for (size_t i = 0; i < count; i++) {
		bool found =
		    (lives(&target[i]) || is_dropped_here(&target[i])) &&
		    tells(s, &target[i], false);

		found |= lives(&source[i]) && tells(s, &source[i], true);
		if (found)
			add_found(p, s->keys.at[i], &source[i], &target[i]);
	}
	return OK;
}

/* Searches the changes of the target since the source knew it, and all that
 * leads to it where its chain does not tell. */
static enum err
search_changes(struct search *s)
{
	struct merge_plan *p = s->plan;
	struct call *c = p->call;
	struct chain links = p->target_chain;

	if (knows_other_part(&p->lineage, &p->target_knows, &p->source_knows))
		links = knowledge_links(c->arena, &p->target_knows);
	s->keys = key_set_in(c->arena);
	TRY(changed_each(c, links, &p->source_knows, take_key, s));
	return read_taken(s);
}

/* Whatever the two states show differently. */
static enum err
search_differences(struct search *s)
{
	struct merge_plan *p = s->plan;
	struct call *c = p->call;
	struct segments between =
	    segments_between(p->source_chain, p->target_chain);

	s->keys = key_set_in(c->arena);
	for (size_t i = 0; i < between.count; i++) {
		struct point upto = between.at[i].upto;
		struct chain one = { &upto, 1 };
		struct point last = { upto.branch, between.at[i].above };
		struct knowledge known = { 0 };

		*int_map_slot(&known.map, upto.branch, c->arena) = &last;
		TRY(changed_each(c, one, &known, take_key, s));
	}
	return read_taken(s);
}

enum err
plan_other_names(struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct search s = { .plan = p,
		.source = str_map_in(a),
		.target = str_map_in(a),
		.shown = str_map_in(a),
		.by_object = str_map_in(a) };

	for (size_t i = 0; i < p->count; i++)
		note_item(&s, p->at[i]);
	for (size_t i = 0; i < p->count; i++)
		wish_for_item(&s, p->at[i]);
	if (s.count == 0)
		return OK;
	TRY(find_claims(&s));
	if (any_open(&s))
		TRY(search_changes(&s));
	if (any_open(&s))
		TRY(search_differences(&s));
	return arena_check(a, p->call->error);
}
