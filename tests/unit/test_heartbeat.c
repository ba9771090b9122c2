/* test_heartbeat.c - a chunk that lasts keeps its task, and hears of wishes. */
#include "tasks/heartbeat.h"
#include "tests/unit/tasks_fixture.h"

#define PAUSE_US (10 * CLOCK_MS)

static struct task
claimed(void)
{
	(void)submit(acme, clock_now_us());
	return claim(clock_now_us());
}

static void
pause_a_little(void)
{
	const struct timespec some = { .tv_nsec = PAUSE_US * 1000 };

	(void)nanosleep(&some, NULL);
	call.deadline_us = clock_mono_us() + 10 * CLOCK_SECOND;
}

static void
the_lease_of_a_long_chunk_is_prolonged(void **state)
{
	struct task t = claimed();
	struct work w = work_begin(&call, &t);
	struct heartbeat h;

	(void)state;
	assert_ok(heartbeat_start(&h, &w));
	while (get(t.id).lease_us == t.lease_us)
		pause_a_little();
	heartbeat_stop(&h);
	assert_true(get(t.id).lease_us > t.lease_us);
	assert_false(atomic_load(&h.unwanted));
}

static void
a_wish_is_heard_while_a_chunk_lasts(void **state)
{
	struct task t = claimed();
	struct work w = work_begin(&call, &t);
	struct heartbeat h;

	(void)state;
	assert_ok(heartbeat_start(&h, &w));
	(void)change(t.id, TASK_CANCEL, clock_now_us());
	while (!atomic_load(&h.unwanted))
		pause_a_little();
	heartbeat_stop(&h);
}

static void
a_look_tells_of_another_owner_at_once(void **state)
{
	struct task t = claimed(), taken = t;
	struct work w = work_begin(&call, &t), lost = w;
	struct heartbeat h;

	(void)state;
	taken.owner = id_v4();
	lost.task = &taken;
	h = (struct heartbeat){ .work = &w };
	assert_ok(heartbeat_look(&h));
	assert_false(atomic_load(&h.unwanted));
	h.work = &lost;
	assert_ok(heartbeat_look(&h));
	assert_true(atomic_load(&h.unwanted));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(the_lease_of_a_long_chunk_is_prolonged),
		ON_BOTH(a_wish_is_heard_while_a_chunk_lasts),
		ON_BOTH(a_look_tells_of_another_owner_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
