/* test_committer_deadlines.c - whose time is over, and what it is told. */
#include "tests/unit/committer_fixture.h"

static void
says_unknown_when_the_deadline_comes_first(void **state)
{
	struct commit t;

	(void)state;
	for (int i = 0; i < GATE_CALLS; i++)
		gate->script[i] = ERR_COMMIT_UNKNOWN;
	prepare(&t, "t");
	t.deadline_us = clock_mono_us() + 200 * CLOCK_MS;
	begin(&t);
	finish(&t);
	assert_int_equal(t.err, ERR_COMMIT_UNKNOWN);
	assert_idle(committer);
}

static void
withdraws_what_nobody_took(void **state)
{
	struct commit leader, t;

	(void)state;
	begin_leader(&leader);
	prepare(&t, "late");
	t.deadline_us = clock_mono_us() + 20 * CLOCK_MS;
	begin(&t);
	finish(&t);
	assert_int_equal(t.err, ERR_SLOW_DOWN);
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	assert_int_equal(table_seq(&call, BRANCH, "late"), 0);
	assert_int_equal(gate->calls, 1);
	assert_idle(committer);
}

static void
does_not_know_of_what_was_taken(void **state)
{
	struct commit leader, other, t;

	(void)state;
	begin_leader(&leader);
	prepare(&other, "other");
	begin(&other);
	until(waiting_units(committer) == 1);
	prepare(&t, "late");
	t.deadline_us = clock_mono_us() + 300 * CLOCK_MS;
	begin(&t);
	until(waiting_units(committer) == 2);
	gate_open(gate, 1); /* the leader's own; the next call stands */
	finish(&leader);
	until(gate_calls(gate) == 2);

	bool led = gate->size[1] == 2;

	until(clock_mono_us() > t.deadline_us + 50 * CLOCK_MS);
	gate_open(gate, GATE_CALLS);
	finish(&t);
	finish(&other);
	assert_true(led);
	assert_applied(&other);
	/* it led itself, and then it knows; or the other did */
	assert_true(t.err == ERR_COMMIT_UNKNOWN || t.err == ERR_SLOW_DOWN);
	assert_int_equal(table_seq(&call, BRANCH, "late"), 0);
	assert_idle(committer);
}

/* A leader whose own time is over, and whose group has more. */
static bool
was_led_by_the_hurried(void)
{
	struct commit leader, hurried, other;

	begin_leader(&leader);
	prepare(&hurried, "hurried");
	hurried.deadline_us = clock_mono_us() + 100 * CLOCK_MS;
	begin(&hurried);
	until(waiting_units(committer) == 1);
	prepare(&other, "other");
	begin(&other);
	until(waiting_units(committer) == 2);
	gate->hurried_us = CLOCK_SECOND;
	gate_open(gate, GATE_CALLS);
	finish(&leader);
	finish(&hurried);
	finish(&other);
	assert_applied(&other);
	assert_idle(committer);

	bool led = hurried.err == ERR_SLOW_DOWN && gate->size[1] == 2;

	assert_true(led || hurried.err == OK);
	return led;
}

static void
answers_only_those_whose_own_time_is_over(void **state)
{
	while (!was_led_by_the_hurried()) {
		(void)stop(state);
		(void)start(state);
	}
}

/* A store that answers nobody in time: whoever waits for it is told before its
 * own time is over, so all know that nothing was done. */
static void
a_group_knows_that_nothing_was_done(void **state)
{
	struct commit leader, t[8];

	(void)state;
	begin_leader(&leader);
	for (int i = 0; i < 8; i++) {
		prepare(&t[i], "late");
		t[i].deadline_us = clock_mono_us() + 200 * CLOCK_MS;
		begin(&t[i]);
		until(waiting_units(committer) == (unsigned)i + 1);
	}
	gate->hurried_us = 10 * CLOCK_SECOND;
	gate_open(gate, GATE_CALLS);
	for (int i = 0; i < 8; i++) {
		finish(&t[i]);
		assert_int_equal(t[i].err, ERR_SLOW_DOWN);
	}
	finish(&leader);
	assert_idle(committer);
}

#define test(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(says_unknown_when_the_deadline_comes_first),
		test(withdraws_what_nobody_took),
		test(does_not_know_of_what_was_taken),
		test(answers_only_those_whose_own_time_is_over),
		test(a_group_knows_that_nothing_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
