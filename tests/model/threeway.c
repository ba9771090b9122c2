/*
 * threeway.c - what a merge comes to, by sets of commits and copies of states.
 *
 * A version is known where the commit that made it is.  What only one side has
 * made anew is taken from it; what both have, is held against the newest states
 * that both know.  Where an object has another name anywhere, the result hangs
 * on more than its key: then it is only held to be sound.
 */
#include "model.h"

#define BASES 64

struct merging {
	const struct state *source, *target;
	const struct known *source_knows, *target_knows;
	const struct naive_commit *base[BASES];
	int bases;
	bool base_lost;
	struct expectation e;
};

/* ---- the newest that both know */
static const struct naive_commit *
of_serial(int serial)
{
	return record_at(m.by_serial[serial]);
}

static void
find_bases(struct merging *g)
{
	struct known common, older = { { 0 } };

	for (int i = 0; i < SERIALS / 64; i++)
		common.bits[i] =
		    g->source_knows->bits[i] & g->target_knows->bits[i];
	for (int s = 1; s <= m.serials; s++) {
		struct known before;

		if (!has(&common, s) || has(&older, s))
			continue;
		before = of_serial(s)->known;
		before.bits[s / 64] &= ~((uint64_t)1 << (s % 64));
		learn(&older, &before);
	}
	for (int s = 1; s <= m.serials; s++) {
		if (!has(&common, s) || has(&older, s))
			continue;
		if (m.branch[m.by_serial[s].branch].horizon == HORIZON_NONE)
			g->base_lost = true;
		if (g->bases < BASES)
			g->base[g->bases++] = of_serial(s);
	}
}

static bool
is_superseded(const struct merging *g, int i, int k)
{
	int made = g->base[i]->state.made[k];

	for (int j = 0; j < g->bases; j++) {
		int other = g->base[j]->state.made[k];

		if (other != 0 && other != made &&
		    has(&g->base[j]->known, made) &&
		    !has(&g->base[i]->known, other))
			return true;
	}
	return false;
}

static bool
same_state(const struct state *a, const struct state *b, int k)
{
	if (a->value[k] != b->value[k])
		return false;
	return k < NAMESPACES || a->value[k] == 0 ||
	       id_eq(a->object[k], b->object[k]);
}

/* NULL: there is none, or several that differ. */
static const struct state *
base_of(const struct merging *g, int k)
{
	const struct state *found = NULL;

	if (g->base_lost || g->bases > 16)
		return NULL;
	for (int i = 0; i < g->bases; i++) {
		const struct state *s = &g->base[i]->state;

		if (s->made[k] == 0 || is_superseded(g, i, k))
			continue;
		if (found != NULL && found->made[k] != s->made[k] &&
		    !same_state(found, s, k))
			return NULL;
		found = s;
	}
	return found;
}

/* ---- one key */
static bool
shows(const struct state *s, int k, struct id object)
{
	return s != NULL && s->value[k] != 0 && id_eq(s->object[k], object);
}

static enum outcome
both_live(const struct merging *g, int k, const struct state *base)
{
	const struct state *s = g->source, *t = g->target;

	if (g->base_lost)
		return OUT_CONFLICT;
	if (k >= NAMESPACES && (!id_eq(s->object[k], t->object[k]) ||
				   !shows(base, k, s->object[k])))
		return OUT_CONFLICT;
	if (base != NULL && base->value[k] != 0) {
		if (base->value[k] == s->value[k])
			return OUT_SAME;
		if (base->value[k] == t->value[k])
			return OUT_PUT;
	}
	return OUT_CONFLICT;
}

/* One side has dropped it: what the other has is in the way of that, unless it
 * is another table, of which this side has never heard. */
static enum outcome
one_live(const struct merging *g, int k, const struct state *base)
{
	bool in_source = g->source->value[k] != 0;
	const struct state *live = in_source ? g->source : g->target;
	const struct state *gone = in_source ? g->target : g->source;

	if (k < NAMESPACES) {
		if (base != NULL && base->value[k] != 0 &&
		    base->value[k] == live->value[k])
			return in_source ? OUT_KEEP : OUT_PUT;
		return OUT_CONFLICT;
	}
	if ((in_source && gone->made[k] == 0) ||
	    id_eq(gone->object[k], live->object[k]) ||
	    shows(base, k, live->object[k]))
		return OUT_CONFLICT;
	return in_source ? OUT_TAKE : OUT_KEEP;
}

static enum outcome
both_changed(const struct merging *g, int k, const struct state *base)
{
	if (g->source->value[k] != 0 && g->target->value[k] != 0)
		return both_live(g, k, base);
	return one_live(g, k, base);
}

static void
decide(struct merging *g, int k, bool only_there)
{
	const struct state *s = g->source, *t = g->target;
	struct expectation *e = &g->e;

	e->at[k] = OUT_KEEP;
	if (s->made[k] == 0 || s->made[k] == t->made[k] ||
	    has(g->target_knows, s->made[k]) ||
	    (t->made[k] == 0 && only_there && s->value[k] != 0))
		return;
	e->both[k] = t->made[k] != 0 && !has(g->source_knows, t->made[k]);
	if (!e->both[k])
		e->at[k] = OUT_TAKE;
	else if (s->value[k] == 0 && t->value[k] == 0 &&
		 (!id_eq(s->object[k], t->object[k]) ||
		     (s->moved[k] && !t->moved[k])))
		e->at[k] = OUT_PUT; /* both drops are known from now on */
	else if (same_state(s, t, k))
		e->at[k] = OUT_SAME;
	else
		e->at[k] = both_changed(g, k, base_of(g, k));
}

/* ---- all of them */
static void
set_result(struct expectation *e, int k, const struct state *s, int made)
{
	e->result.value[k] = s->value[k];
	e->result.object[k] = s->object[k];
	e->result.made[k] = made;
}

/* Something new lives in a namespace that is not there, or what goes is not
 * empty. */
static void
look_at_namespaces(struct expectation *e, const struct state *source,
    const struct state *target)
{
	for (int k = NAMESPACES; k < KEYS; k++) {
		int ns = k % NAMESPACES;

		if (e->result.value[k] == 0 || e->result.value[ns] != 0)
			continue;
		if (target->made[ns] == 0 && source->value[ns] != 0) {
			e->at[ns] = OUT_PUT;
			set_result(e, ns, source, -1);
		} else
			e->in_namespaces = true;
	}
}

static void
sum_up(struct expectation *e, const struct state *source,
    const struct state *target)
{
	e->result = *target;
	for (int k = 0; k < KEYS; k++) {
		if (e->at[k] == OUT_TAKE)
			set_result(e, k, source, source->made[k]);
		else if (e->at[k] == OUT_PUT)
			set_result(e, k, source, -1);
	}
	look_at_namespaces(e, source, target);
	for (int k = 0; k < KEYS; k++) {
		bool puts = e->at[k] == OUT_TAKE || e->at[k] == OUT_PUT;

		e->conflicts += e->at[k] == OUT_CONFLICT;
		e->puts += puts;
		e->agrees |= e->both[k] && !puts;
	}
}

/* ---- names */
static bool
has_other_name(const struct state *s, int k, struct id object)
{
	for (int i = NAMESPACES; i < KEYS; i++)
		if (i != k && s->made[i] != 0 && id_eq(s->object[i], object))
			return true;
	return false;
}

static bool
is_named_once(const struct merging *g, int k, struct id object)
{
	bool other = has_other_name(g->source, k, object) ||
		     has_other_name(g->target, k, object);

	for (int i = 0; i < g->bases; i++)
		other |= has_other_name(&g->base[i]->state, k, object);
	return !other;
}

/* A branch that lacks a name may show the object of it under another. */
static void
look_for_renames(struct merging *g, bool only_there)
{
	g->e.has_one_name = true;
	for (int k = NAMESPACES; k < KEYS; k++) {
		if (g->e.at[k] == OUT_KEEP && !g->e.both[k] &&
		    (!only_there || g->target->made[k] != 0))
			continue;
		if (g->source->made[k] != 0 &&
		    !is_named_once(g, k, g->source->object[k]))
			g->e.is_exact = g->e.has_one_name = false;
		if (g->target->made[k] != 0 &&
		    !is_named_once(g, k, g->target->object[k]))
			g->e.is_exact = g->e.has_one_name = false;
	}
}

/* What was picked was made where its branch has never been: whether a merge
 * sees it depends on where it stands. */
static bool
shows_picked(const struct state *s, const struct known *knows)
{
	for (int k = 0; k < KEYS; k++)
		if (s->made[k] != 0 && !has(knows, s->made[k]))
			return true;
	return false;
}

static void
look_for_picked(struct merging *g)
{
	bool found = shows_picked(g->source, g->source_knows) ||
		     shows_picked(g->target, g->target_knows);

	for (int i = 0; i < g->bases; i++)
		found |= shows_picked(&g->base[i]->state, &g->base[i]->known);
	if (found)
		g->e.is_exact = false;
}

/* A part of a branch brings word of names that were left behind it, which
 * neither side has ever shown. */
static void
allow_left_names(struct state *io)
{
	for (int k = NAMESPACES; k < KEYS; k++)
		io->moved[k] |= io->made[k] == 0;
}

struct expectation
expected_merge(
    struct naive_point source, struct naive_point target, bool only_there)
{
	const struct naive_commit *s = record_at(source),
				  *t = record_at(target);
	struct merging g = { .source = &s->state,
		.target = &t->state,
		.source_knows = &s->known,
		.target_knows = &t->known };

	g.e.is_exact = true;
	g.e.result = t->state;
	if (has(&t->known, s->serial))
		return g.e;
	find_bases(&g);
	for (int k = 0; k < KEYS; k++)
		decide(&g, k, only_there);
	look_for_renames(&g, only_there);
	look_for_picked(&g);
	sum_up(&g.e, g.source, g.target);
	if (knows_partial(s))
		allow_left_names(&g.e.result);
	return g.e;
}

/* ---- picks, reverts and resets */
static void
decide_change(struct merging *g, int k, const struct state *from, bool picks)
{
	const struct state *to = g->source, *now = g->target;

	if (same_state(to, now, k) || same_state(from, to, k)) {
		g->e.at[k] = OUT_KEEP;
	} else if (same_state(from, now, k)) {
		picks = picks && to->made[k] != 0 &&
			!has(g->target_knows, to->made[k]);
		g->e.at[k] = picks ? OUT_TAKE : OUT_PUT;
	} else {
		g->e.both[k] = true;
		g->e.at[k] =
		    both_changed(g, k, from->made[k] != 0 ? from : NULL);
	}
}

struct expectation
expected_change(
    const struct state *from, const struct state *to, int branch, bool picks)
{
	const struct naive_commit *now = record_at(head_of(branch));
	struct naive_commit base = { .state = *from };
	struct merging g = { .source = to,
		.target = &now->state,
		.target_knows = &now->known,
		.base = { &base },
		.bases = 1,
		.e.is_exact = true };

	for (int k = 0; k < KEYS; k++)
		decide_change(&g, k, from, picks);
	look_for_renames(&g, false);
	sum_up(&g.e, g.source, g.target);
	return g.e;
}

void
expect_decision(struct expectation *e, const struct state *source,
    const struct state *target, int k, bool takes_source)
{
	if (!takes_source || (source->value[k] == 0 && target->value[k] == 0))
		return;
	e->at[k] = OUT_PUT;
	set_result(e, k, source, -1);
	look_at_namespaces(e, source, target);
}
