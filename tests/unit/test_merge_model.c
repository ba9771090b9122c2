/*
 * test_merge_model.c - random histories of merges, key by key, against a model
 * that writes down every version each branch has ever known.
 */
#include "tests/unit/plan_fixture.h"

#define BRANCHES 5
#define KEYS 4
#define VERSIONS 256
#define STEPS 40
#define RUNS 600

struct model_branch {
	int64_t id;
	int64_t head;
	int shows[KEYS]; /* version; 0: none */
	bool known[VERSIONS];
};

static struct model {
	struct model_branch at[BRANCHES];
	int count, versions;
	uint64_t random;
	int merges, conflicts, takes;
} m;

static unsigned
draw(unsigned n)
{
	m.random = m.random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m.random >> 33) % n;
}

static void
write_key(struct model_branch *b, int k)
{
	int number = ++m.versions;
	struct version put = version_of(k, number);
	struct unit unit = { .puts = &put, .put_count = 1 };

	apply(b->id, &unit);
	b->head = unit.seq;
	b->shows[k] = number;
	b->known[number] = true;
}

static void
fork_branch(const struct model_branch *from)
{
	struct model_branch *b = &m.at[m.count];
	char name[8];

	(void)snprintf(name, sizeof(name), "b%d", m.count++);
	*b = *from;
	b->id = fork_of(name, (struct point){ from->id, SEQ_HEAD }).id;
	b->head = 0;
}

/* What the model says: K, T or C. */
static char
truth(const struct model_branch *s, const struct model_branch *t, int k)
{
	int a = s->shows[k], b = t->shows[k];

	if (a == 0 || a == b || t->known[a])
		return 'K';
	return b == 0 || s->known[b] ? 'T' : 'C';
}

static char
told(const struct merge_item *item)
{
	if (item == NULL || item->outcome == MERGE_KEEP ||
	    item->outcome == MERGE_SAME)
		return 'K';
	return item->outcome == MERGE_TAKE ? 'T' : 'C';
}

static void
record(struct model_branch *s, struct model_branch *t, struct version *puts,
    size_t count)
{
	struct merge_edge edge = { .commit = id_v7(),
		.into = t->id,
		.seq = -1,
		.from = { s->id, s->head } };
	struct batch b = batch_of(&call);
	struct unit unit = { .id = edge.commit,
		.merged = edge.from,
		.puts = puts,
		.put_count = count };

	merge_edge_put(&b, &edge);
	unit.writes = b.at;
	unit.write_count = b.count;
	apply(t->id, &unit);
	t->head = unit.seq;
	if (draw(2) == 0)
		merge_edge_found(&call, edge.commit, unit.seq);
	for (int i = 0; i < VERSIONS; i++)
		t->known[i] |= s->known[i];
}

/* A conflict is decided as a person might.  What decides for the target puts
 * its version again: or there would be no commit that knows of it. */
static void
merge(struct model_branch *s, struct model_branch *t)
{
	struct merge_plan plan = plan_of(
	    (struct point){ s->id, s->head }, (struct point){ t->id, t->head });
	struct version puts[KEYS];
	int shows[KEYS];
	size_t count = 0;

	m.merges++;
	for (int k = 0; k < KEYS; k++) {
		const struct merge_item *item = item_of(&plan, key_of(k));
		char want = truth(s, t, k);

		assert_int_equal(told(item), want);
		shows[k] = t->shows[k];
		m.conflicts += want == 'C';
		m.takes += want == 'T';
		if (want == 'C')
			want = "KTN"[draw(3)];
		if (want == 'T') {
			puts[count] = item->source;
			puts[count++].at = (struct point){ 0 };
			shows[k] = s->shows[k];
		} else if (want == 'K' && told(item) == 'C') {
			puts[count] = item->target;
			puts[count++].at = (struct point){ 0 };
		} else if (want == 'N') {
			shows[k] = ++m.versions;
			puts[count++] = version_of(k, shows[k]);
		}
	}
	if (count == 0)
		return;
	record(s, t, puts, count);
	for (int k = 0; k < KEYS; k++) {
		t->shows[k] = shows[k];
		t->known[shows[k]] = true;
	}
}

static void
step(void)
{
	struct model_branch *b = &m.at[draw((unsigned)m.count)];
	struct model_branch *to = &m.at[draw((unsigned)m.count)];
	unsigned what = draw(100);

	if (what < 50)
		write_key(b, (int)draw(KEYS));
	else if (what < 62 && m.count < BRANCHES)
		fork_branch(b);
	else if (b != to)
		merge(b, to);
}

static void
random_histories_merge_as_who_knows_everything_would(void **state)
{
	int merges = 0, conflicts = 0, takes = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		struct arena_mark mark = arena_mark(call.arena);

		memset(&m, 0, sizeof(m));
		m.random = (uint64_t)run + 1;
		new_sales(run);
		m.at[0].id = sales.main_branch;
		m.count = 1;
		for (int k = 0; k < KEYS; k++)
			write_key(&m.at[0], k);
		for (int i = 0; i < STEPS; i++)
			step();
		merges += m.merges;
		conflicts += m.conflicts;
		takes += m.takes;
		arena_cut(call.arena, mark);
	}
	assert_true(merges > 1000);
	assert_true(conflicts > 500);
	assert_true(takes > 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(random_histories_merge_as_who_knows_everything_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
