/*
 * committer_fixture.h - commits on threads of their own, whose units meet
 * before a store with a gate.
 */
#ifndef PANGOLIN_COMMITTER_FIXTURE_H
#define PANGOLIN_COMMITTER_FIXTURE_H

#include "catalog/committer.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

static struct gate_store *gate;
static struct committer *committer;

static inline int
start(void **state)
{
	(void)open_store(state);
	make_branch(&call, BRANCH, "main");
	make_branch(&call, OTHER_BRANCH, "other");
	gate = gate_new(call.store);
	committer = new_committer();
	return 0;
}

static inline int
stop(void **state)
{
	free(gate);
	return close_store(state);
}

/* ---- one commit on a thread of its own */
struct commit {
	pthread_t thread;
	struct table_unit table;
	int64_t branch, deadline_us;
	struct usage usage;
	struct error error;
	enum err err;
};

static inline void *
run_commit(void *arg)
{
	struct commit *t = arg;
	struct call c = { .store = &gate->base,
		.arena = arena_new(),
		.error = &t->error,
		.deadline_us = t->deadline_us,
		.usage = &t->usage };

	t->err = committer_apply(committer, &c, t->branch, &t->table.unit);
	arena_free(c.arena);
	return NULL;
}

static inline void
prepare(struct commit *t, const char *name)
{
	*t = (struct commit){ .branch = BRANCH,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	table_unit_init(&t->table, name, 0);
}

static inline void
begin(struct commit *t)
{
	assert_int_equal(pthread_create(&t->thread, NULL, run_commit, t), 0);
}

static inline void
finish(struct commit *t)
{
	assert_int_equal(pthread_join(t->thread, NULL), 0);
}

/* One leads, and stands at the gate. */
static inline void
begin_leader(struct commit *leader)
{
	gate_open(gate, 0);
	prepare(leader, "leader");
	begin(leader);
	until(gate_calls(gate) == 1);
}

/* `count` more, on tables a, b .., wait behind it. */
static inline void
begin_followers(struct commit *t, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		prepare(&t[i], (char[]){ (char)('a' + (int)i), '\0' });
		begin(&t[i]);
		until(waiting_units(committer) == i + 1);
	}
}

#define assert_applied(t)                                                      \
	do {                                                                   \
		assert_int_equal((t)->err, OK);                                \
		assert_int_equal((t)->table.unit.verdict, VERDICT_APPLIED);    \
		assert_int_equal((t)->table.unit.seq,                          \
		    table_seq(&call, (t)->branch, (t)->table.name));           \
	} while (0)

#endif
