/*
 * test_history.c - random histories against a full copy.
 *
 * The model keeps, for each branch and position, the state of every key: what
 * a store answers along a chain of links must be what the copy holds, also
 * when links were folded, and at the pins when the rest was pruned.
 */
#include <stdlib.h>

#include "suite.h"

#define BRANCHES 6
#define POSITIONS 40
#define KEYS 5
#define STEPS 60

/* A number stands for the version's location; 0: never, -n: deleted by n. */
struct state {
	int of[KEYS];
};

struct model {
	struct fixture *f;
	uint32_t seed, commit;
	int64_t first; /* the branch of this round that number 0 is */
	int branches;
	int64_t head[BRANCHES];
	struct state at[BRANCHES][POSITIONS + 1];
	struct point parent[BRANCHES]; /* branch -1: none */
};

static const char *const names[KEYS] = { "a", "b", "c", "B", "\xc3\xa9" };

static uint32_t
roll(struct model *m, uint32_t sides)
{
	m->seed = m->seed * 1664525u + 1013904223u;
	return (m->seed >> 10) % sides;
}

static int64_t
real(const struct model *m, int64_t branch)
{
	return m->first + branch;
}

static void
commit_something(struct model *m, int64_t branch)
{
	struct state next = m->at[branch][m->head[branch]];
	struct version puts[KEYS];
	char location[KEYS][16];
	size_t count = 0;
	struct unit u;

	if (m->head[branch] == POSITIONS)
		return;
	m->commit++;
	for (int k = 0; k < KEYS; k++) {
		bool gone = roll(m, 4) == 0;

		if (roll(m, 3) != 0 && !(k == KEYS - 1 && count == 0))
			continue;
		next.of[k] = gone ? -(int)m->commit : (int)m->commit;
		(void)snprintf(
		    location[count], sizeof(location[0]), "%u", m->commit);
		puts[count] = table_version("ns", names[k], location[count]);
		puts[count++].deleted = gone;
	}
	u = unit_of(m->commit, puts, count);
	CHECK(apply_one(m->f, real(m, branch), &u) == VERDICT_APPLIED);
	m->head[branch]++;
	CHECK(u.seq == m->head[branch]);
	m->at[branch][m->head[branch]] = next;
}

/* From any position of any branch, old ones too. */
static void
fork_something(struct model *m)
{
	int child = m->branches;
	int64_t from = roll(m, (uint32_t)m->branches);
	int64_t seq = roll(m, (uint32_t)m->head[from] + 1);

	if (child == BRANCHES)
		return;
	m->branches++;
	m->parent[child] = (struct point){ from, seq };
	m->head[child] = 0;
	m->at[child][0] = m->at[from][seq];
	put_branch(m->f, real(m, child), (struct point){ real(m, from), seq });
}

/* The nearest link's own changes become the base image; the root stays. */
static void
fold_something(struct model *m)
{
	int64_t child = roll(m, (uint32_t)m->branches);
	struct point parent = m->parent[child];
	const struct point link = { real(m, parent.branch), parent.seq };
	struct key after = { .name = STR("") };
	int calls = 0;

	if (parent.branch < 0 || m->parent[parent.branch].branch < 0)
		return;
	do
		CHECK(store_fold(in_time(m->f), (struct chain){ &link, 1 },
			  real(m, child), &after, 2) == OK);
	while (after.name.len != 0 && ++calls < 2 * KEYS);
	CHECK(after.name.len == 0);
	m->parent[child] = m->parent[parent.branch];
}

static struct chain
chain_at(const struct model *m, struct point at, struct point *links)
{
	struct chain chain = { links, 0 };

	while (at.branch >= 0) {
		links[chain.count++] =
		    (struct point){ real(m, at.branch), at.seq };
		at = m->parent[at.branch];
	}
	return chain;
}

static int
number_of(const struct version *v)
{
	int64_t n = 0;

	CHECK(str_to_int(v->location, &n));
	return (int)n;
}

static bool
agrees(const struct version *v, int expected)
{
	if (expected == 0 || v->kind == 0)
		return expected == 0 && v->kind == 0;
	return v->deleted == (expected < 0) && number_of(v) == abs(expected);
}

/* The links of a list, merged as the catalog does: the first one wins. */
static void
check_list(struct model *m, struct chain chain, const struct state *state)
{
	const struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	struct versions list;

	CHECK(store_list(in_time(m->f), chain, after, KEYS + 1, &list) == OK);
	CHECK(!list.more);
	for (int k = 0; k < KEYS; k++) {
		struct version shown = { .kind = 0 };

		for (size_t i = list.count; i > 0; i--)
			if (str_eq(list.at[i - 1].key.name, str_from(names[k])))
				shown = list.at[i - 1];
		CHECK(agrees(&shown, state->of[k]));
	}
}

static void
check_position(struct model *m, struct point at)
{
	struct point links[BRANCHES];
	struct chain chain = chain_at(m, at, links);
	const struct state *state = &m->at[at.branch][at.seq];
	struct key keys[KEYS];
	struct version got[KEYS];

	for (int k = 0; k < KEYS; k++)
		keys[k] = table_key("ns", names[k]);
	CHECK(store_read(in_time(m->f), chain, keys, KEYS, got) == OK);
	for (int k = 0; k < KEYS; k++)
		CHECK(agrees(&got[k], state->of[k]));
	check_list(m, chain, state);
}

/* What the changes say, laid over the state before, is the state after. */
static void
check_changes(struct model *m, int64_t branch)
{
	struct state state = m->at[branch][0];
	int64_t seq = 0;
	struct versions v;

	do {
		CHECK(store_changes(in_time(m->f),
			  (struct point){ real(m, branch), seq },
			  m->head[branch], 4, &v) == OK);
		for (size_t i = 0; i < v.count; i++) {
			int n = number_of(&v.at[i]);

			CHECK(v.at[i].at.seq >= seq);
			seq = v.at[i].at.seq;
			for (int k = 0; k < KEYS; k++)
				if (str_eq(
					v.at[i].key.name, str_from(names[k])))
					state.of[k] = v.at[i].deleted ? -n : n;
		}
	} while (v.more);
	CHECK(seq == m->head[branch]);
	CHECK(memcmp(&state, &m->at[branch][m->head[branch]], sizeof(state)) ==
	      0);
}

/* Forks are pins, and so is a position by chance. */
static size_t
list_pins(struct model *m, int64_t branch, int64_t *pins)
{
	size_t count = 0;

	for (int64_t seq = 0; seq <= m->head[branch]; seq++) {
		bool pinned = seq == m->head[branch] / 2 || roll(m, 10) == 0;

		for (int b = 0; b < m->branches; b++)
			pinned = pinned || (m->parent[b].branch == branch &&
					       m->parent[b].seq == seq);
		if (pinned)
			pins[count++] = seq;
	}
	return count;
}

static size_t
prune_branch(struct model *m, int64_t branch, const int64_t *pins, size_t count)
{
	struct point above = { real(m, branch), -1 };
	struct versions gone = { .more = true };
	size_t dropped = 0;

	for (int calls = 0; gone.more && calls < POSITIONS; calls++) {
		CHECK(store_prune(
			  in_time(m->f), &above, pins, count, 3, &gone) == OK);
		for (size_t i = 0; i < gone.count; i++)
			CHECK(gone.at[i].at.seq < pins[count - 1]);
		dropped += gone.count;
	}
	CHECK(!gone.more);
	return dropped;
}

static void
prune_all_and_check(struct model *m)
{
	int64_t pins[BRANCHES][POSITIONS + 1];
	size_t count[BRANCHES];

	for (int b = 0; b < m->branches; b++) {
		count[b] = list_pins(m, b, pins[b]);
		(void)prune_branch(m, b, pins[b], count[b]);
		CHECK(prune_branch(m, b, pins[b], count[b]) == 0);
	}
	for (int b = 0; b < m->branches; b++) {
		int64_t last = pins[b][count[b] - 1];

		for (size_t i = 0; i < count[b]; i++)
			check_position(m, (struct point){ b, pins[b][i] });
		for (int64_t seq = last; seq <= m->head[b]; seq++)
			check_position(m, (struct point){ b, seq });
	}
}

static void
run_round(struct fixture *f, uint32_t round)
{
	struct model *m = arena_alloc(f->arena, sizeof(*m), 1);

	m->f = f;
	m->seed = round * 7919 + 17;
	m->commit = round * 1000;
	m->first = 100 + round * BRANCHES;
	m->branches = 1;
	m->parent[0] = (struct point){ -1, 0 };
	put_branch(f, real(m, 0), (struct point){ 0, 0 });
	for (int step = 0; step < STEPS; step++) {
		uint32_t what = roll(m, 16);

		if (what < 2)
			fork_something(m);
		else if (what == 2)
			fold_something(m);
		else
			commit_something(m, roll(m, (uint32_t)m->branches));
	}
	for (int b = 0; b < m->branches; b++) {
		for (int64_t seq = 0; seq <= m->head[b]; seq++)
			check_position(m, (struct point){ b, seq });
		check_changes(m, b);
		CHECK(head_of(f, real(m, b)) == m->head[b]);
	}
	prune_all_and_check(m);
}

/* Where many questions at once take long, fewer histories have to do. */
static uint32_t
rounds(void)
{
	return suite_many < 10000 ? 3 : 12;
}

static void
random_histories_read_like_full_copies(struct fixture *f)
{
	for (uint32_t round = 0; round < rounds(); round++)
		run_round(f, round);
}

const struct suite_test history_tests[] = {
	{ "random_histories_read_like_full_copies",
	    random_histories_read_like_full_copies, 0 },
	{ NULL, NULL, 0 },
};
