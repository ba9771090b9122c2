/*
 * test_interleave.c - orders of events that lost or mixed up data in designs
 * that were tried, each provoked again and again.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "race.h"

#define ROUNDS 40
#define CLOSINGS 10 /* each against a writer that never rests */

/* One of two sides that start at the same moment. */
struct side {
	struct fixture f;
	pthread_barrier_t *start;
	uint32_t round;
	int64_t seq; /* 0: not applied */
	pthread_t thread;
};

/* Runs two functions against each other, once. */
static void
against(struct fixture *f, uint32_t round, void *(*run[2])(void *),
    int64_t ret_seq[2])
{
	struct side side[2];
	pthread_barrier_t start;

	CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
	for (int i = 0; i < 2; i++) {
		side[i] = (struct side){
			.f = fixture_share(f), .start = &start, .round = round
		};
		CHECK(pthread_create(&side[i].thread, NULL, run[i], &side[i]) ==
		      0);
	}
	for (int i = 0; i < 2; i++) {
		(void)pthread_join(side[i].thread, NULL);
		fixture_unshare(&side[i].f);
		ret_seq[i] = side[i].seq;
	}
	(void)pthread_barrier_destroy(&start);
}

static const char *
namespace_of(struct side *s)
{
	return arena_printf(s->f.arena, "db%u", s->round).ptr;
}

static void *
drop_namespace(void *arg)
{
	struct side *s = arg;
	const struct version gone = tombstone("", namespace_of(s));

	(void)pthread_barrier_wait(s->start);
	s->seq = put_version(&s->f, 1, 1000 + s->round, gone);
	return NULL;
}

/* Two expectations: that the namespace lives, and that the name is free. */
static void *
create_in_namespace(void *arg)
{
	struct side *s = arg;
	const char *ns = namespace_of(s);
	const struct version put = table_version(ns, "t", "x");
	const struct expect x[] = { { EXPECT_LIVE, table_key("", ns), -1 },
		expect_seq(ns, "t", 0) };
	struct unit u = unit_of(2000 + s->round, &put, 1);

	u.expects = x;
	u.expect_count = 2;
	(void)pthread_barrier_wait(s->start);
	if (apply_one(&s->f, 1, &u) == VERDICT_APPLIED)
		s->seq = u.seq;
	return NULL;
}

/* A snapshot older than the lock would still show the namespace. */
static void
a_unit_that_waited_sees_what_it_waited_for(struct fixture *f)
{
	void *(*run[2])(void *) = { drop_namespace, create_in_namespace };

	for (uint32_t i = 1; i <= ROUNDS; i++) {
		char ns[16];
		int64_t seq[2];

		(void)snprintf(ns, sizeof(ns), "db%u", i);
		CHECK(put_version(f, 1, i, table_version("", ns, "x")) != 0);
		against(f, i, run, seq);
		CHECK(seq[0] != 0);
		CHECK(seq[1] == 0 || seq[1] < seq[0]);
	}
}

static void *
write_one(void *arg)
{
	struct side *s = arg;

	(void)pthread_barrier_wait(s->start);
	s->seq = put_version(
	    &s->f, 1, 1000 + s->round, table_version("ns", "t", "x"));
	return NULL;
}

/* Whatever the head is now, a fork of it shows the same for ever. */
static void *
fork_the_tail(void *arg)
{
	struct side *s = arg;
	struct version seen, again;

	(void)pthread_barrier_wait(s->start);
	s->seq = head_of(&s->f, 1);
	seen = read_at(&s->f, (struct point){ 1, s->seq }, "ns", "t");
	put_branch(&s->f, 100 + s->round, (struct point){ 1, s->seq });
	again = read_at(&s->f, (struct point){ 1, s->seq }, "ns", "t");
	CHECK(again.at.seq == seen.at.seq);
	CHECK(again.at.seq <= s->seq);
	return NULL;
}

static void
what_a_fork_saw_does_not_change(struct fixture *f)
{
	void *(*run[2])(void *) = { write_one, fork_the_tail };
	int64_t seen[ROUNDS + 1];

	for (uint32_t i = 1; i <= ROUNDS; i++) {
		int64_t seq[2];

		against(f, i, run, seq);
		CHECK(seq[0] == i);
		seen[i] = seq[1];
		CHECK(seen[i] == i || seen[i] == i - 1);
	}
	/* each write is at its own position: none was filled in later */
	for (uint32_t i = 1; i <= ROUNDS; i++)
		CHECK(read_at(f, (struct point){ 1, seen[i] }, "ns", "t")
			  .at.seq == seen[i]);
	race_check_log(f, 1, ROUNDS);
}

/* Commits until it is refused. */
static void *
write_until_closed(void *arg)
{
	struct side *s = arg;
	const int64_t branch = 100 + s->round;
	enum verdict verdict = VERDICT_APPLIED;
	uint32_t id = 1000000 * s->round; /* memory is quick */

	(void)pthread_barrier_wait(s->start);
	while (verdict == VERDICT_APPLIED) {
		const struct version v = table_version("ns", "t", "x");
		struct unit u = unit_of(++id, &v, 1);

		verdict = apply_one(&s->f, branch, &u);
	}
	CHECK(
	    verdict == (s->round % 2 == 0 ? VERDICT_PROTECTED : VERDICT_GONE));
	return NULL;
}

static void *
close_branch(void *arg)
{
	struct side *s = arg;
	const int64_t branch = 100 + s->round;

	(void)pthread_barrier_wait(s->start);
	if (s->round % 2 == 0)
		protect_branch(&s->f, branch, REF_CLOSED);
	else
		delete_branch(&s->f, branch);
	s->seq = head_of(&s->f, branch);
	return NULL;
}

/* A commit that was judged before must not be seen behind the answer. */
static void
behind_the_answer_of_a_protection_nothing_lands(struct fixture *f)
{
	void *(*run[2])(void *) = { write_until_closed, close_branch };

	for (uint32_t i = 1; i <= CLOSINGS; i++) {
		int64_t seq[2];

		put_branch(f, 100 + i, (struct point){ 0, 0 });
		against(f, i, run, seq);
		CHECK(head_of(f, 100 + i) == seq[1]);
	}
}

/* Killed in the middle of what may or may not become a commit. */
static void
submit_and_die(struct fixture *f, uint32_t id, const struct version *v)
{
	struct timespec moment = { .tv_nsec = (long)(id % 13) * 300000 };
	pid_t pid = fork();

	if (pid == 0) {
		struct unit u = unit_of(id, v, 1);

		fixture_open(f);
		(void)apply_one(f, 1, &u);
		_exit(0);
	}
	CHECK(pid > 0);
	moment.tv_nsec += 1000000 * (long)(id % 7);
	(void)nanosleep(&moment, NULL);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void
a_unit_of_a_dead_writer_is_decided_by_its_id(struct fixture *f)
{
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		const struct version v = table_version("ns", "t", "x");
		struct unit u = unit_of(i, &v, 1);
		enum verdict verdict;

		fixture_close(f);
		submit_and_die(f, i, &v);
		fixture_open(f);
		verdict = apply_one(f, 1, &u);
		CHECK(verdict == VERDICT_APPLIED || verdict == VERDICT_ALREADY);
		CHECK(u.seq == i && head_of(f, 1) == i);
	}
	race_check_log(f, 1, ROUNDS);
}

const struct suite_test interleave_tests[] = {
	{ "a_unit_that_waited_sees_what_it_waited_for",
	    a_unit_that_waited_sees_what_it_waited_for, 0 },
	{ "what_a_fork_saw_does_not_change", what_a_fork_saw_does_not_change,
	    0 },
	{ "behind_the_answer_of_a_protection_nothing_lands",
	    behind_the_answer_of_a_protection_nothing_lands, 0 },
	{ "a_unit_of_a_dead_writer_is_decided_by_its_id",
	    a_unit_of_a_dead_writer_is_decided_by_its_id, PLUGIN_SHARED },
	{ NULL, NULL, 0 },
};
