/* test_bulkheads.c - who may go on, who waits, and who is told. */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "calls/bulkheads.h"
#include "tests/unit/unit.h"

static struct bulkheads bulkheads;
static struct error error;

/* One request. */
struct asker {
	struct usage usage;
	struct call call;
	struct bulkhead_waiter waiter;
	int told;
};

static void
tell(struct bulkhead_waiter *w)
{
	char *p = (char *)w - offsetof(struct asker, waiter);

	((struct asker *)(void *)p)->told++;
}

static void
asker_init(struct asker *a, bool on_loop)
{
	*a = (struct asker){ .usage = { .bulkheads = &bulkheads,
				 .begun_us = clock_mono_us() },
		.waiter = { .ready = tell } };
	a->call = (struct call){ .error = &error,
		.deadline_us = clock_mono_us() + 10 * CLOCK_SECOND,
		.nowait = on_loop,
		.usage = &a->usage };
}

static bool
waits_for(struct asker *a, enum bulkhead bulkhead)
{
	a->usage.wants = bulkhead;
	return bulkheads_wait(&a->usage, &a->waiter);
}

static int
begin(void **state)
{
	static const unsigned permits[BULKHEAD_COUNT] = { [BULKHEAD_STORE] = 2,
		[BULKHEAD_OBJECT] = 2,
		[BULKHEAD_CPU] = 1,
		[BULKHEAD_WRITE] = 1,
		[BULKHEAD_MEMORY] = 1,
		[BULKHEAD_PASSWORD] = 1,
		[BULKHEAD_TICKET] = 1 };

	(void)state;
	bulkheads.store_is_prompt = false;
	bulkheads_init(&bulkheads, permits);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	bulkheads_clear(&bulkheads);
	return 0;
}

static void
lets_so_many_in_and_sends_the_others_away(void **state)
{
	struct asker a[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		asker_init(&a[i], false);
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_OBJECT), OK);
	assert_int_equal(bulkhead_enter(&a[1].call, BULKHEAD_OBJECT), OK);
	assert_int_equal(
	    bulkhead_enter(&a[2].call, BULKHEAD_OBJECT), ERR_WOULD_BLOCK);
	assert_true(a[2].usage.refused);
	assert_int_equal(a[2].usage.wants, BULKHEAD_OBJECT);
	/* another bulkhead is another matter */
	assert_int_equal(bulkhead_enter(&a[2].call, BULKHEAD_STORE), OK);
	assert_int_equal(bulkhead_leave(&a[0].call, BULKHEAD_OBJECT, OK), OK);
	assert_int_equal(bulkhead_enter(&a[2].call, BULKHEAD_OBJECT), OK);
}

static void
tells_those_who_wait_in_their_order(void **state)
{
	struct asker a[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		asker_init(&a[i], false);
	assert_false(waits_for(&a[1], BULKHEAD_CPU));
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_CPU), OK);
	assert_true(waits_for(&a[1], BULKHEAD_CPU));
	assert_true(waits_for(&a[2], BULKHEAD_CPU));
	(void)bulkhead_leave(&a[0].call, BULKHEAD_CPU, OK);
	assert_int_equal(a[1].told, 1);
	assert_int_equal(a[2].told, 0);

	/* somebody was faster: who was told goes before who was not */
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_CPU), OK);
	assert_true(waits_for(&a[1], BULKHEAD_CPU));
	(void)bulkhead_leave(&a[0].call, BULKHEAD_CPU, OK);
	assert_int_equal(a[1].told, 2);
	assert_int_equal(a[2].told, 0);

	/* and if it needs the room no more, the next is told */
	bulkheads_tell_next(&bulkheads, BULKHEAD_CPU);
	assert_int_equal(a[2].told, 1);
	bulkheads_tell_next(&bulkheads, BULKHEAD_CPU);
}

static void *
enter_store(void *arg)
{
	struct asker *a = arg;

	a->told = bulkhead_enter_write(&a->call, BULKHEAD_STORE) == OK;
	return NULL;
}

static void
tells_who_waits_when_threads_cannot_take_all(void **state)
{
	struct bulkhead_state *l = &bulkheads.bulkhead[BULKHEAD_STORE];
	struct asker a[4];
	pthread_t thread;
	bool waits = false;

	(void)state;
	for (int i = 0; i < 4; i++)
		asker_init(&a[i], false);
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_STORE), OK);
	assert_int_equal(bulkhead_enter(&a[1].call, BULKHEAD_STORE), OK);
	assert_true(waits_for(&a[2], BULKHEAD_STORE));
	assert_int_equal(pthread_create(&thread, NULL, enter_store, &a[3]), 0);
	while (!waits) {
		(void)pthread_mutex_lock(&bulkheads.lock);
		waits = l->threads != NULL;
		(void)pthread_mutex_unlock(&bulkheads.lock);
	}
	(void)bulkhead_leave(&a[0].call, BULKHEAD_STORE, OK);
	(void)pthread_join(thread, NULL);
	assert_true(a[3].told);
	assert_int_equal(a[2].told, 0);
	(void)bulkhead_leave(&a[1].call, BULKHEAD_STORE, OK);
	assert_int_equal(a[2].told, 1);
}

static void
refuses_who_comes_to_a_full_queue(void **state)
{
	struct asker a[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		asker_init(&a[i], false);
	bulkheads_bound(&bulkheads, BULKHEAD_PASSWORD, 1);
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_PASSWORD), OK);
	assert_int_equal(
	    bulkhead_enter(&a[1].call, BULKHEAD_PASSWORD), ERR_WOULD_BLOCK);
	assert_true(waits_for(&a[1], BULKHEAD_PASSWORD));
	assert_int_equal(
	    bulkhead_enter(&a[2].call, BULKHEAD_PASSWORD), ERR_SLOW_DOWN);
	assert_false(a[2].usage.refused);

	struct bulkhead_load load =
	    bulkheads_load(&bulkheads, BULKHEAD_PASSWORD);

	assert_int_equal(load.waiting, 1);
	assert_int_equal(load.refused, 1);

	/* who was told and comes too late has its place behind a new one */
	(void)bulkhead_leave(&a[0].call, BULKHEAD_PASSWORD, OK);
	assert_int_equal(a[1].told, 1);
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_PASSWORD), OK);
	assert_int_equal(
	    bulkhead_enter(&a[3].call, BULKHEAD_PASSWORD), ERR_WOULD_BLOCK);
	assert_true(waits_for(&a[3], BULKHEAD_PASSWORD));
	assert_int_equal(
	    bulkhead_enter(&a[1].call, BULKHEAD_PASSWORD), ERR_WOULD_BLOCK);
	assert_true(waits_for(&a[1], BULKHEAD_PASSWORD));

	load = bulkheads_load(&bulkheads, BULKHEAD_PASSWORD);
	assert_int_equal(load.waiting, 2);
	assert_int_equal(load.refused, 0);
	(void)bulkheads_expire(&bulkheads, clock_mono_us() + 1);
	assert_int_equal(
	    bulkheads_load(&bulkheads, BULKHEAD_PASSWORD).waiting, 0);
}

static void
gives_up_who_has_waited_too_long(void **state)
{
	struct asker a[3];
	int64_t middle;

	(void)state;
	for (int i = 0; i < 3; i++)
		asker_init(&a[i], false);
	assert_int_equal(bulkhead_enter(&a[0].call, BULKHEAD_CPU), OK);
	assert_true(waits_for(&a[1], BULKHEAD_CPU));
	for (middle = clock_mono_us() + 1; clock_mono_us() <= middle;)
		;
	assert_true(waits_for(&a[2], BULKHEAD_CPU));
	assert_ptr_equal(bulkheads_expire(&bulkheads, middle), &a[1].waiter);
	assert_null(bulkheads_expire(&bulkheads, middle));
	(void)bulkhead_leave(&a[0].call, BULKHEAD_CPU, OK);
	assert_int_equal(a[1].told, 0);
	assert_int_equal(a[2].told, 1);
}

static void *
leave_cpu(void *arg)
{
	struct asker *a = arg;

	(void)bulkhead_leave(&a->call, BULKHEAD_CPU, OK);
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
	assert_int_equal(bulkhead_enter(&holder.call, BULKHEAD_CPU), OK);
	assert_true(waits_for(&other, BULKHEAD_CPU));
	assert_int_equal(pthread_create(&thread, NULL, leave_cpu, &holder), 0);
	assert_int_equal(bulkhead_enter(&writer.call, BULKHEAD_CPU), OK);
	(void)pthread_join(thread, NULL);
	(void)bulkhead_leave(&writer.call, BULKHEAD_CPU, OK);

	assert_int_equal(bulkhead_enter(&holder.call, BULKHEAD_CPU), OK);
	writer.call.deadline_us = clock_mono_us();
	assert_int_equal(
	    bulkhead_enter(&writer.call, BULKHEAD_CPU), ERR_SLOW_DOWN);
	assert_false(writer.usage.refused);
}

static void
writes_nothing_for_who_was_given_up(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, false);
	a.usage.fate = FATE_GIVEN_UP;
	assert_int_equal(
	    bulkhead_enter_write(&a.call, BULKHEAD_STORE), ERR_SLOW_DOWN);
	a.usage.fate = FATE_OPEN;
	assert_int_equal(bulkhead_enter_write(&a.call, BULKHEAD_STORE), OK);
	assert_int_equal(a.usage.fate, FATE_WRITES);
	assert_int_equal(bulkhead_enter_write(&a.call, BULKHEAD_STORE), OK);
}

static void
lets_nothing_wait_on_the_loop(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, true);
	assert_int_equal(
	    bulkhead_enter(&a.call, BULKHEAD_STORE), ERR_WOULD_BLOCK);
	bulkheads.store_is_prompt = true;
	assert_int_equal(bulkhead_enter(&a.call, BULKHEAD_STORE), OK);
	assert_int_equal(bulkhead_leave(&a.call, BULKHEAD_STORE, OK), OK);
	assert_int_equal(cpu_enter(&a.call, LOOP_BYTES), OK);
	cpu_leave(&a.call, LOOP_BYTES);
	assert_int_equal(cpu_enter(&a.call, LOOP_BYTES + 1), ERR_WOULD_BLOCK);
	/* a lock that is taken will be free later */
	a.usage.refused = false;
	assert_int_equal(bulkhead_leave(&a.call, BULKHEAD_STORE, ERR_SLOW_DOWN),
	    ERR_WOULD_BLOCK);
	assert_true(a.usage.refused);
	/* nobody stays there for long */
	a.usage.begun_us -= LOOP_SHARE_US + 1;
	assert_int_equal(
	    bulkhead_enter(&a.call, BULKHEAD_STORE), ERR_WOULD_BLOCK);
}

static void
counts_the_time_that_calls_take(void **state)
{
	struct asker a;

	(void)state;
	asker_init(&a, false);
	assert_int_equal(bulkhead_enter(&a.call, BULKHEAD_STORE), OK);
	a.usage.entered_us[BULKHEAD_STORE] -= 5000;
	assert_int_equal(bulkhead_leave(&a.call, BULKHEAD_STORE, ERR_NOT_FOUND),
	    ERR_NOT_FOUND);
	assert_in_range(a.usage.spent_us[BULKHEAD_STORE], 5000, 5000000);
	assert_int_equal(a.usage.spent_us[BULKHEAD_OBJECT], 0);
}

static void
asker_with_arena(struct asker *a, bool on_loop)
{
	asker_init(a, on_loop);
	a->call.arena = arena_new();
	arena_set_ceiling(a->call.arena, 64 << 20);
}

/* Half of the budget for each of two. */
static void
keeps_who_finds_no_memory_until_there_is_some(void **state)
{
	struct asker a[4];
	int64_t held = budget_held(&process_budget);
	size_t half = 40 << 20;

	(void)state;
	budget_set_limit(&process_budget, held + (100 << 20));
	for (int i = 0; i < 4; i++)
		asker_with_arena(&a[i], i == 3);
	assert_int_equal(memory_enter(&a[0].call, half), OK);
	assert_int_equal(memory_enter(&a[1].call, half), OK);
	assert_int_equal(memory_enter(&a[2].call, 1000), OK);
	assert_false(a[2].usage.refused);
	assert_int_equal(memory_enter(&a[2].call, half), ERR_WOULD_BLOCK);
	assert_int_equal(a[2].usage.wants, BULKHEAD_MEMORY);
	assert_int_equal(memory_enter(&a[3].call, half), ERR_WOULD_BLOCK);

	a[2].waiter.bytes = a[2].usage.wants_part;
	assert_true(waits_for(&a[2], BULKHEAD_MEMORY));
	bulkheads_tell_next(&bulkheads, BULKHEAD_MEMORY);
	assert_int_equal(a[2].told, 0);
	arena_free(a[0].call.arena);
	bulkheads_tell_next(&bulkheads, BULKHEAD_MEMORY);
	assert_int_equal(a[2].told, 1);
	assert_int_equal(memory_enter(&a[2].call, half), OK);

	/* who has written cannot come again */
	atomic_store(&a[3].usage.fate, FATE_WRITES);
	assert_int_equal(memory_enter(&a[3].call, half), ERR_SLOW_DOWN);
	budget_set_limit(&process_budget, 0);
	for (int i = 1; i < 4; i++)
		arena_free(a[i].call.arena);
	assert_int_equal(budget_held(&process_budget), held);
}

/* Others hold a little at any time: what needed all of it would never come. */
static void
reserves_for_one_less_than_there_is(void **state)
{
	struct asker a;
	int64_t held = budget_held(&process_budget);

	(void)state;
	asker_with_arena(&a, false);
	arena_set_ceiling(a.call.arena, 70 << 20);
	budget_set_limit(&process_budget, held + (80 << 20));
	(void)ARENA_NEW(a.call.arena, char, 20 << 20);
	budget_add(&process_budget, 8 << 20);
	assert_int_equal(memory_enter(&a.call, 200 << 20), OK);
	budget_add(&process_budget, -(8 << 20));
	assert_in_range(
	    budget_held(&process_budget) - held, 59 << 20, 61 << 20);
	arena_free(a.call.arena);
	budget_set_limit(&process_budget, 0);
}

static void
lets_nobody_go_on_whose_arena_is_over_its_ceiling(void **state)
{
	struct asker a;

	(void)state;
	asker_with_arena(&a, false);
	(void)ARENA_NEW(a.call.arena, char, 65 << 20);
	assert_int_equal(bulkhead_enter(&a.call, BULKHEAD_STORE), ERR_MEMORY);
	assert_int_equal(memory_enter(&a.call, 1), ERR_MEMORY);
	arena_free(a.call.arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lets_so_many_in_and_sends_the_others_away),
		TEST(tells_those_who_wait_in_their_order),
		TEST(tells_who_waits_when_threads_cannot_take_all),
		TEST(refuses_who_comes_to_a_full_queue),
		TEST(gives_up_who_has_waited_too_long),
		TEST(keeps_the_thread_of_who_has_written),
		TEST(writes_nothing_for_who_was_given_up),
		TEST(lets_nothing_wait_on_the_loop),
		TEST(counts_the_time_that_calls_take),
		TEST(keeps_who_finds_no_memory_until_there_is_some),
		TEST(reserves_for_one_less_than_there_is),
		TEST(lets_nobody_go_on_whose_arena_is_over_its_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
