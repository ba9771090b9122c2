/* merging.c - merges and rebases, with conflicts and decisions about them. */
#include "model.h"
#include "versions/merge_resolve.h"
#include "versions/merges.h"

#define ROUNDS 6 /* of decisions that lead to new conflicts */

struct merge {
	int target;
	struct address source;
	struct branch in;
	struct merge_operation op;
	struct expectation e;
	struct naive_commit from; /* copies */
	struct state before;
	bool decided;
	bool drops[NAMESPACES]; /* it was decided, with all that is in it */
};

static struct address
some_source(int target)
{
	const struct naive_branch *t = &m.branch[target];
	int other = live_branch();

	if (draw(4) == 0 && t->fork.branch >= 0 &&
	    m.branch[t->fork.branch].live)
		other = t->fork.branch; /* a rebase */
	else if (draw(4) == 0)
		return random_address();
	return (struct address){ str_from(m.branch[other].name), head_of(other),
		true };
}

/* ---- what has come of it */
static bool
is_in(const struct state *s, int value, struct id object)
{
	for (int k = 0; k < KEYS; k++)
		if (s->value[k] == value && id_eq(s->object[k], object))
			return true;
	return false;
}

static bool
lives(const struct state *s, struct id object)
{
	for (int k = NAMESPACES; k < KEYS; k++)
		if (s->value[k] != 0 && id_eq(s->object[k], object))
			return true;
	return false;
}

/* Nothing is invented, and what both sides have stays. */
static void
check_whole(const struct merge *g, const struct state *now)
{
	for (int k = NAMESPACES; k < KEYS; k++) {
		const struct state *s = &g->from.state, *t = &g->before;

		if (now->value[k] != 0)
			EQUAL(is_in(s, now->value[k], now->object[k]) ||
				  is_in(t, now->value[k], now->object[k]),
			    true);
		if (t->value[k] == 0 || !lives(s, t->object[k]) ||
		    (g->drops[k % NAMESPACES] &&
			now->value[k % NAMESPACES] == 0))
			continue;
		if (!lives(now, t->object[k]))
			STOP("key %d: the object of both is nowhere", k);
	}
}

static void
finish(struct merge *g)
{
	struct naive_branch *b = &m.branch[g->target];

	if (!has_new_commit(g->target)) {
		if (g->e.is_exact && !g->decided) {
			EQUAL(g->e.puts, 0);
			EQUAL(g->op.revision != 0, g->e.agrees);
		}
		if (g->op.revision != 0)
			learn_everywhere(record_at(head_of(g->target))->serial,
			    &g->from.known);
		return;
	}
	adopt_commit(g->target, g->e.is_exact ? &g->e.result : NULL);
	learn(&b->own[b->count - 1].known, &g->from.known);
	EQUAL(id_eq(b->own[b->count - 1].id, g->op.result), true);
	check_whole(g, &b->own[b->count - 1].state);
}

/* ---- conflicts */
static void
check_conflicts(struct merge *g, const struct conflict_list *rows)
{
	if (!g->e.is_exact || g->e.in_namespaces || g->decided)
		return;
	EQUAL(rows->count, g->e.conflicts);
	for (size_t i = 0; i < rows->count; i++)
		EQUAL(g->e.at[key_number(rows->at[i].key)], OUT_CONFLICT);
}

/* What is decided about a namespace is about all that is in it. */
static void
decide_all(struct merge *g, const struct conflict_list *rows)
{
	if (g->decided || g->e.in_namespaces)
		g->e.is_exact = false;
	for (size_t i = 0; i < rows->count; i++) {
		struct merge_decision d = { .conflict = rows->at[i].id };
		int k = key_number(rows->at[i].key);
		bool takes = draw(2) == 0;

		tell("  decide key %d: %s", k, takes ? "source" : "target");
		d.strategy = takes ? STRATEGY_SOURCE : STRATEGY_TARGET;
		GOOD(merges_resolve(&m.call, &g->in, &d));
		if (k < NAMESPACES) {
			g->e.is_exact = false;
			g->drops[k] = takes;
		}
		if (g->e.is_exact)
			expect_decision(
			    &g->e, &g->from.state, &g->before, k, takes);
		counts.resolved++;
	}
	g->decided = true;
}

/* False: the decisions contradict each other, or what lies in a namespace. */
static bool
complete(struct merge *g)
{
	enum err err = merges_complete(&m.call, &g->in, NULL, &g->op);

	if (err == ERR_CONFLICT && !g->e.is_exact) {
		tell("  refused: %s", m.error.message);
		EQUAL(has_new_commit(g->target), false);
		counts.refused++;
		return false;
	}
	GOOD(err);
	return true;
}

/* Whether it waits for a later step; of a branch, whose head may move. */
static bool
leave_open(const struct merge *g)
{
	if (!g->source.is_head || m.opens == OPENS || draw(2) == 0)
		return false;
	tell("  is left open");
	m.open[m.opens++] =
	    (struct naive_open){ g->op.id, g->source.at.branch, g->target };
	return true;
}

static void
resolve(struct merge *g)
{
	struct conflict_list rows;

	for (int i = 0; i < ROUNDS; i++) {
		EQUAL(has_new_commit(g->target), false);
		GOOD(conflicts_all(&m.call, g->op.id, &rows));
		check_conflicts(g, &rows);
		if (draw(3) == 0)
			break;
		decide_all(g, &rows);
		if (!complete(g))
			break;
		if (g->op.status == STATUS_COMPLETED) {
			finish(g);
			return;
		}
	}
	if (leave_open(g))
		return;
	tell("  abort");
	GOOD(merges_abort(&m.call, &g->op));
	EQUAL(has_new_commit(g->target), false);
}

static void
tell_key(const struct merge *g, int k)
{
	const struct state *s = &g->from.state, *t = &g->before;

	if (g->e.at[k] != OUT_KEEP || s->value[k] != t->value[k])
		tell("  key %d: expects %d of %d (%02x) and %d (%02x)", k,
		    g->e.at[k], s->value[k], s->object[k].b[15], t->value[k],
		    t->object[k].b[15]);
}

void
merge_something(void)
{
	struct merge g = { .target = live_branch() };
	const struct naive_branch *t = &m.branch[g.target];
	struct merge_ask ask = { .target = str_from(t->name),
		.squash = draw(3) == 0 };

	g.source = some_source(g.target);
	if (g.source.is_head && g.source.at.branch == g.target)
		return;
	tell("merge " STR_FMT " into %s", STR_ARG(g.source.text), t->name);
	ask.source = g.source.text;
	g.in = open_branch(g.target);
	g.from = *record_at(g.source.at);
	g.before = *state_at(head_of(g.target));
	g.e = expected_merge(g.source.at, head_of(g.target),
	    t->is_partial && t->fork.branch == g.source.at.branch);
	counts.merges++;
	counts.exact += g.e.is_exact;
	for (int k = 0; k < KEYS; k++)
		tell_key(&g, k);
	GOOD(merges_start(&m.call, &g.in, &ask, &g.op));
	if (g.e.is_exact)
		EQUAL(g.op.status == STATUS_COMPLETED,
		    g.e.conflicts == 0 && !g.e.in_namespaces);
	if (g.op.status == STATUS_COMPLETED) {
		finish(&g);
	} else {
		counts.conflicts++;
		resolve(&g);
	}
}

bool
has_open_merge(int branch)
{
	for (int i = 0; i < m.opens; i++)
		if (m.open[i].source == branch || m.open[i].target == branch)
			return true;
	return false;
}

/* An operation that an earlier step has left open: both sides may have moved,
 * so nothing is predicted. */
void
complete_something(void)
{
	struct naive_open open;
	struct merge g = { .decided = true };
	int i;

	if (m.opens == 0)
		return;
	i = (int)draw((unsigned)m.opens);
	open = m.open[i];
	m.open[i] = m.open[--m.opens];
	g.target = open.target;
	g.source = (struct address){ str_from(m.branch[open.source].name),
		head_of(open.source), true };
	tell("go on merging " STR_FMT " into %s", STR_ARG(g.source.text),
	    m.branch[g.target].name);
	g.in = open_branch(g.target);
	g.from = *record_at(g.source.at);
	g.before = *state_at(head_of(g.target));
	GOOD(operations_get(&m.call, m.catalog.tenant, open.id, &g.op));
	counts.reopened++;
	resolve(&g);
}
