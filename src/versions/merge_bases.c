#include "versions/merge_bases.h"

#include "base/list.h"

#define PAIRED_MAX 64 /* states: 2016 pairs */

struct point_list {
	struct point *at;
	size_t count, room;
};

struct bases {
	struct arena *arena;
	struct lineage lineage;
	struct point_list states; /* all of them */
	/* Of each branch the head, and the state that knows least. */
	struct point_list heads, lowest;
	struct point_list found;
};

static void
add(struct bases *b, struct point_list *l, struct point p)
{
	LIST_RESERVE(b->arena, l->at, l->count, l->room, 1);
	l->at[l->count++] = p;
}

static void
add_root(struct bases *b, struct point p)
{
	if (p.branch == 0)
		return;
	add(b, &b->states, p);
	add(b, &b->heads, p);
	add(b, &b->lowest, p);
}

/* A branch's knowledge of others changes with its merges only. */
static enum err
add_branch(struct bases *b, const struct ref *r)
{
	const struct point head = { r->id, SEQ_HEAD };
	struct points before;

	TRY(states_before_merges(
	    &b->lineage, (struct point){ r->id, r->horizon }, &before));
	for (size_t i = 0; i < before.count; i++)
		add(b, &b->states, before.at[i]);
	add(b, &b->states, head);
	add(b, &b->heads, head);
	add(b, &b->lowest, before.count != 0 ? before.at[0] : head);
	return OK;
}

static enum err
find_states(
    struct bases *b, const struct ref_list *refs, const struct points *open)
{
	for (size_t i = 0; i < open->count; i++)
		add_root(b, open->at[i]);
	for (size_t i = 0; i < refs->count; i++) {
		const struct ref *r = &refs->at[i];

		if (r->state != REF_LIVE)
			continue;
		add_root(b, r->forked);
		if (r->parent.branch != r->forked.branch ||
		    r->parent.seq != r->forked.seq)
			add_root(b, r->parent);
		if (r->kind == REF_BRANCH)
			TRY(add_branch(b, r));
	}
	return arena_check(b->arena, b->lineage.call->error);
}

/* ---- few states: each with each */
static enum err
find_common(struct bases *b)
{
	struct knowledge known[PAIRED_MAX];
	struct points common;

	for (size_t i = 0; i < b->states.count; i++) {
		TRY(knowledge_of(&b->lineage, b->states.at[i], &known[i]));
		for (size_t k = 0; k < i; k++) {
			TRY(common_points(
			    &b->lineage, &known[i], &known[k], &common));
			for (size_t n = 0; n < common.count; n++)
				add(b, &b->found, common.at[n]);
		}
	}
	return OK;
}

/* ---- many: whatever was merged or forked, if a state knows no more of it */
static void
lower(struct bases *b, struct int_map *floors, int64_t branch, int64_t seq)
{
	void **slot = int_map_slot(floors, branch, b->arena);
	int64_t *floor = *slot;

	if (floor == NULL) {
		*slot = floor = ARENA_NEW(b->arena, int64_t, 1);
		*floor = seq;
	}
	if (seq < *floor)
		*floor = seq;
}

/* A branch that is new to a ref since its lowest state has no floor there. */
static enum err
find_floors(struct bases *b, struct int_map *floors)
{
	struct knowledge head, lowest;

	for (size_t i = 0; i < b->heads.count; i++) {
		TRY(knowledge_of(&b->lineage, b->heads.at[i], &head));
		TRY(knowledge_of(&b->lineage, b->lowest.at[i], &lowest));
		for (size_t k = 0; k < head.count; k++)
			lower(b, floors, head.at[k]->branch,
			    known_upto(&lowest, head.at[k]->branch));
		TRY(arena_check(b->arena, b->lineage.call->error));
	}
	return OK;
}

static enum err
find_merged(struct bases *b)
{
	struct int_map floors = { 0 };
	struct points from;

	TRY(find_floors(b, &floors));
	from = lineage_sources(&b->lineage);
	for (size_t i = 0; i < from.count; i++) {
		const int64_t *floor = int_map_find(&floors, from.at[i].branch);

		if (floor != NULL && from.at[i].seq >= *floor)
			add(b, &b->found, from.at[i]);
	}
	return OK;
}

enum err
merge_bases(struct call *c, const struct ref_list *refs,
    const struct points *open, struct points *ret)
{
	struct bases b = { .arena = c->arena, .lineage = lineage_of(c) };

	TRY(find_states(&b, refs, open));
	TRY(b.states.count <= PAIRED_MAX ? find_common(&b) : find_merged(&b));
	*ret = (struct points){ b.found.at, b.found.count };
	return arena_check(c->arena, c->error);
}
