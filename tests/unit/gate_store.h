/*
 * gate_store.h - a store whose apply() waits for the test, and may fail.
 *
 * It counts the calls that came and how many units each had.  Call n begins
 * when gate_open() has let it; what script[n] says happens then.
 */
#ifndef PANGOLIN_GATE_STORE_H
#define PANGOLIN_GATE_STORE_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "catalog/committer.h"
#include "record/batch.h"
#include "tests/unit/unit.h"

#define GATE_CALLS 4096

enum { BRANCH = 7, OTHER_BRANCH = 8 };

/* Look until it is so. */
#define until(condition)                                                       \
	do {                                                                   \
		while (!(condition))                                           \
			(void)sched_yield();                                   \
	} while (0)

struct gate_store {
	struct store base;
	struct store *real;
	pthread_mutex_t lock;
	pthread_cond_t opened;
	int calls, open; /* begun; may begin */
	size_t size[GATE_CALLS];
	enum err script[GATE_CALLS]; /* ERR_COMMIT_UNKNOWN: applied, answer
				      * lost; another: not applied */
	int64_t hurried_us; /* a call with less time than this waits for its
			     * end, and applies nothing */
};

static inline int
gate_enter(struct gate_store *g, size_t count)
{
	(void)pthread_mutex_lock(&g->lock);

	int n = g->calls++;

	assert_true(n < GATE_CALLS);
	g->size[n] = count;
	while (n >= g->open)
		(void)pthread_cond_wait(&g->opened, &g->lock);
	(void)pthread_mutex_unlock(&g->lock);
	return n;
}

/* (fail): cmocka has a macro of this name. */
static inline enum err
gate_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct gate_store *g = (struct gate_store *)c->store;
	enum err script = g->script[gate_enter(g, count)];
	struct call inner = *c;

	for (size_t i = 0; i < count; i++)
		if (str_eq(units[i].message, STR("poison")))
			return (fail)(c->error, ERR_INTERNAL, "It is poisoned");
	if (c->deadline_us - clock_mono_us() < g->hurried_us) {
		until(clock_mono_us() >= c->deadline_us);
		return (fail)(c->error, ERR_SLOW_DOWN, "Not in time");
	}
	if (script != OK && script != ERR_COMMIT_UNKNOWN)
		return (fail)(c->error, script, "As the script says");
	inner.store = g->real;
	TRY(store_apply(&inner, branch, units, count));
	return script == OK ? OK : (fail)(c->error, script, "Answer lost");
}

static inline struct gate_store *
gate_new(struct store *real)
{
	static const struct store_ops ops = { .apply = gate_apply };
	struct gate_store *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	g->base.ops = &ops;
	g->real = real;
	g->open = GATE_CALLS;
	(void)pthread_mutex_init(&g->lock, NULL);
	(void)pthread_cond_init(&g->opened, NULL);
	return g;
}

/* Let `calls` of them begin, all in all. */
static inline void
gate_open(struct gate_store *g, int calls)
{
	(void)pthread_mutex_lock(&g->lock);
	g->open = calls;
	(void)pthread_cond_broadcast(&g->opened);
	(void)pthread_mutex_unlock(&g->lock);
}

static inline int
gate_calls(struct gate_store *g)
{
	(void)pthread_mutex_lock(&g->lock);

	int n = g->calls;

	(void)pthread_mutex_unlock(&g->lock);
	return n;
}

/* ---- units on tables of two branches */
static inline void
make_branch(struct call *c, int64_t id, const char *name)
{
	struct value row[REF_FIELDS] = { [REF_ID] = value_int(id),
		[REF_CATALOG] = value_id(id_v4()),
		[REF_NAME] = value_text(str_from(name)),
		[REF_KIND] = value_int(REF_BRANCH),
		[REF_STATE] = value_int(REF_LIVE) };
	struct write write = { .entity = ENTITY_REFS,
		.op = WRITE_PUT,
		.row = row,
		.set = ((uint64_t)1 << REF_FIELDS) - 2 };
	struct unit unit = {
		.id = id_v7(), .writes = &write, .write_count = 1
	};

	assert_int_equal(store_apply(c, 0, &unit, 1), OK);
	assert_int_equal(unit.verdict, VERDICT_APPLIED);
}

/* A unit that puts one table, which was last written at `seq`. */
struct table_unit {
	char name[24];
	struct expect expect;
	struct version put;
	struct unit unit;
};

static inline void
table_unit_init(struct table_unit *t, const char *name, int64_t seq)
{
	*t = (struct table_unit){ 0 };
	(void)snprintf(t->name, sizeof(t->name), "%s", name);

	struct key key = { SPACE_RELATION, STR("ns"), str_from(t->name) };

	t->expect = (struct expect){ EXPECT_SEQ, key, seq };
	t->put = (struct version){ .key = key,
		.kind = 2,
		.object = id_v4(),
		.location = STR("file:/x"),
		.body = STR("") };
	t->unit = (struct unit){ .id = id_v7(),
		.author = STR("ann"),
		.message = STR("change"),
		.expects = &t->expect,
		.expect_count = 1,
		.puts = &t->put,
		.put_count = 1 };
}

/* Where the branch last wrote the table; 0: never. */
static inline int64_t
table_seq(struct call *c, int64_t branch, const char *name)
{
	const struct key key = { SPACE_RELATION, STR("ns"), str_from(name) };
	const struct point at = { branch, INT64_MAX };
	struct version found;

	assert_int_equal(
	    store_read(c, (struct chain){ &at, 1 }, &key, 1, &found), OK);
	return found.kind != 0 ? found.at.seq : 0;
}

static inline int64_t
log_head(struct call *c, int64_t branch)
{
	struct point at = { branch, 0 };

	assert_int_equal(store_heads(c, &at, 1), OK);
	return at.seq;
}

/* ---- the committer */
static inline struct committer *
new_committer_of(struct slots *ret_slots)
{
	struct error e;
	struct shm *shm;

	assert_int_equal(
	    shm_new(committer_size() + slots_size(2), &shm, &e), OK);
	*ret_slots = slots_new(shm, 2);
	return committer_new(shm, *ret_slots);
}

static inline struct committer *
new_committer(void)
{
	struct slots slots;

	return new_committer_of(&slots);
}

static inline unsigned
waiting_units(struct committer *m)
{
	return committer_count(m).queue.waiting;
}

static inline void
assert_idle(struct committer *m)
{
	struct committer_counts n = committer_count(m);

	assert_int_equal(n.queue.waiting, 0);
	assert_int_equal(n.queue.taken, 0);
	assert_int_equal(n.queue.others, 0);
	assert_int_equal(n.tickets.waiting, 0);
	assert_int_equal(n.tickets.held, 0);
}

#endif
