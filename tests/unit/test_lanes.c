/* test_lanes.c - who may go on, who waits, and who is told. */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "plugin/lanes.h"
#include "tests/unit/unit.h"

static struct lanes lanes;
static struct error error;

/* One request. */
struct asker {
	struct usage usage;
	struct call call;
	struct lane_waiter waiter;
	int told;
};

static void
tell(struct lane_waiter *w)
{
	char *p = (char *)w - offsetof(struct asker, waiter);

	((struct asker *)(void *)p)->told++;
}

static void
asker_init(struct asker *a, bool on_loop)
{
	*a = (struct asker){ .usage = { .lanes = &lanes,
				 .begun_us = clock_mono_us() },
		.waiter = { .ready = tell } };
	a->call = (struct call){ .error = &error,
		.deadline_us = clock_mono_us() + 10 * CLOCK_SECOND,
		.nowait = on_loop,
		.usage = &a->usage };
}

static int
begin(void **state)
{
	static const unsigned permits[LANE_COUNT] = { 2, 2, 1, 1 };

	(void)state;
	lanes.store_is_prompt = false;
	lanes_init(&lanes, permits);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	lanes_clear(&lanes);
	return 0;
}

static void
lets_so_many_in_and_sends_the_others_away(void **state)
{
	struct asker a[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		asker_init(&a[i], false);
	assert_int_equal(lane_enter(&a[0].call, LANE_OBJECT), OK);
	assert_int_equal(lane_enter(&a[1].call, LANE_OBJECT), OK);
	assert_int_equal(lane_enter(&a[2].call, LANE_OBJECT), ERR_WOULD_BLOCK);
	assert_true(a[2].usage.refused);
	assert_int_equal(a[2].usage.wants, LANE_OBJECT);
	/* another lane is another matter */
	assert_int_equal(lane_enter(&a[2].call, LANE_STORE), OK);
	assert_int_equal(lane_leave(&a[0].call, LANE_OBJECT, OK), OK);
	assert_int_equal(lane_enter(&a[2].call, LANE_OBJECT), OK);
}

static void
tells_those_who_wait_in_their_order(void **state)
{
	struct asker a[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		asker_init(&a[i], false);
	assert_false(lanes_wait(&lanes, LANE_CPU, &a[1].waiter));
	assert_int_equal(lane_enter(&a[0].call, LANE_CPU), OK);
	assert_true(lanes_wait(&lanes, LANE_CPU, &a[1].waiter));
	assert_true(lanes_wait(&lanes, LANE_CPU, &a[2].waiter));
	(void)lane_leave(&a[0].call, LANE_CPU, OK);
	assert_int_equal(a[1].told, 1);
	assert_int_equal(a[2].told, 0);

	/* somebody was faster: who was told goes before who was not */
	assert_int_equal(lane_enter(&a[0].call, LANE_CPU), OK);
	assert_true(lanes_wait(&lanes, LANE_CPU, &a[1].waiter));
	(void)lane_leave(&a[0].call, LANE_CPU, OK);
	assert_int_equal(a[1].told, 2);
	assert_int_equal(a[2].told, 0);

	/* and if it needs the room no more, the next is told */
	lanes_tell_next(&lanes, LANE_CPU);
	assert_int_equal(a[2].told, 1);
	lanes_tell_next(&lanes, LANE_CPU);
}

static void
gives_up_who_has_waited_too_long(void **state)
{
	struct asker a[3];
	int64_t middle;

	(void)state;
	for (int i = 0; i < 3; i++)
		asker_init(&a[i], false);
	assert_int_equal(lane_enter(&a[0].call, LANE_CPU), OK);
	assert_true(lanes_wait(&lanes, LANE_CPU, &a[1].waiter));
	for (middle = clock_mono_us() + 1; clock_mono_us() <= middle;)
		;
	assert_true(lanes_wait(&lanes, LANE_CPU, &a[2].waiter));
	assert_ptr_equal(lanes_expire(&lanes, middle), &a[1].waiter);
	assert_null(lanes_expire(&lanes, middle));
	(void)lane_leave(&a[0].call, LANE_CPU, OK);
	assert_int_equal(a[1].told, 0);
	assert_int_equal(a[2].told, 1);
}

static void *
leave_cpu(void *arg)
{
	struct asker *a = arg;

	(void)lane_leave(&a->call, LANE_CPU, OK);
	return NULL;
}

static void
keeps_the_thread_of_who_has_written(void **state)
{
	struct asker holder, writer, other;
	pthread_t thread;

	(void)state;
	asker_init(&holder, false);
	asker_init(&writer, false);
	asker_init(&other, false);
	assert_int_equal(usage_writes(&writer.call), OK);
	assert_int_equal(lane_enter(&holder.call, LANE_CPU), OK);
	assert_true(lanes_wait(&lanes, LANE_CPU, &other.waiter));
	assert_int_equal(pthread_create(&thread, NULL, leave_cpu, &holder), 0);
	assert_int_equal(lane_enter(&writer.call, LANE_CPU), OK);
	(void)pthread_join(thread, NULL);
	(void)lane_leave(&writer.call, LANE_CPU, OK);

	assert_int_equal(lane_enter(&holder.call, LANE_CPU), OK);
	writer.call.deadline_us = clock_mono_us();
	assert_int_equal(lane_enter(&writer.call, LANE_CPU), ERR_SLOW_DOWN);
	assert_false(writer.usage.refused);
}

static void
writes_nothing_for_who_was_given_up(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, false);
	a.usage.fate = FATE_GIVEN_UP;
	assert_int_equal(lane_enter_write(&a.call, LANE_STORE), ERR_SLOW_DOWN);
	a.usage.fate = FATE_OPEN;
	assert_int_equal(lane_enter_write(&a.call, LANE_STORE), OK);
	assert_int_equal(a.usage.fate, FATE_WRITES);
	assert_int_equal(lane_enter_write(&a.call, LANE_STORE), OK);
}

static void
lets_nothing_wait_on_the_loop(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, true);
	assert_int_equal(lane_enter(&a.call, LANE_STORE), ERR_WOULD_BLOCK);
	lanes.store_is_prompt = true;
	assert_int_equal(lane_enter(&a.call, LANE_STORE), OK);
	assert_int_equal(lane_leave(&a.call, LANE_STORE, OK), OK);
	assert_int_equal(cpu_enter(&a.call, LOOP_BYTES), OK);
	cpu_leave(&a.call, LOOP_BYTES);
	assert_int_equal(cpu_enter(&a.call, LOOP_BYTES + 1), ERR_WOULD_BLOCK);
	/* a lock that is taken will be free later */
	a.usage.refused = false;
	assert_int_equal(
	    lane_leave(&a.call, LANE_STORE, ERR_SLOW_DOWN), ERR_WOULD_BLOCK);
	assert_true(a.usage.refused);
	/* nobody stays there for long */
	a.usage.begun_us -= LOOP_SHARE_US + 1;
	assert_int_equal(lane_enter(&a.call, LANE_STORE), ERR_WOULD_BLOCK);
}

static void
counts_the_time_that_calls_take(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, false);
	assert_int_equal(lane_enter(&a.call, LANE_STORE), OK);
	a.usage.entered_us[LANE_STORE] -= 5000;
	assert_int_equal(
	    lane_leave(&a.call, LANE_STORE, ERR_NOT_FOUND), ERR_NOT_FOUND);
	assert_in_range(a.usage.spent_us[LANE_STORE], 5000, 5000000);
	assert_int_equal(a.usage.spent_us[LANE_OBJECT], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_so_many_in_and_sends_the_others_away),
		TEST(tells_those_who_wait_in_their_order),
		TEST(gives_up_who_has_waited_too_long),
		TEST(keeps_the_thread_of_who_has_written),
		TEST(writes_nothing_for_who_was_given_up),
		TEST(lets_nothing_wait_on_the_loop),
		TEST(counts_the_time_that_calls_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
