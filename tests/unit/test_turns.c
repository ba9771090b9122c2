/* test_turns.c - one holder a key, first come first served, dead ones too. */
#include "shm/turns.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

#define THREADS 6
#define ROUNDS 2000

enum { KEY = 1, OTHER_KEY = 2 };

static struct turns *turns;

static int
start(void **state)
{
	struct error e;
	struct shm *shm;

	(void)state;
	assert_int_equal(shm_new(turns_size(), &shm, &e), OK);
	turns = turns_new(shm);
	return 0;
}

static int64_t
soon(void)
{
	return clock_mono_us() + 60 * CLOCK_SECOND;
}

static void
wait_for(unsigned waiting)
{
	while (turns_count(turns).waiting != waiting)
		(void)sched_yield();
}

static void
assert_idle(void)
{
	struct turns_counts n = turns_count(turns);

	assert_int_equal(n.waiting, 0);
	assert_int_equal(n.held, 0);
}

static void
lets_keys_be_held_beside_each_other(void **state)
{
	(void)state;

	struct turn *a = turn_take(turns, KEY, soon());
	struct turn *b = turn_take(turns, OTHER_KEY, soon());

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(turns_count(turns).held, 2);
	turn_drop(turns, a);
	turn_drop(turns, b);
	assert_idle();
}

static void
gives_up_at_the_deadline(void **state)
{
	(void)state;

	struct turn *a = turn_take(turns, KEY, soon());

	assert_null(turn_take(turns, KEY, clock_mono_us() + 15 * CLOCK_MS));
	assert_int_equal(turns_count(turns).waiting, 0);
	turn_drop(turns, a);
	a = turn_take(turns, KEY, clock_mono_us());
	assert_non_null(a); /* it is free: no deadline matters */
	turn_drop(turns, a);
}

/* ---- threads */
static int order[THREADS], arrived; /* by whoever has the turn */
static long counted;

static void *
arrive(void *number)
{
	struct turn *t = turn_take(turns, KEY, soon());

	order[arrived++] = *(int *)number;
	turn_drop(turns, t);
	return NULL;
}

static void
serves_who_came_first(void **state)
{
	struct turn *first = turn_take(turns, KEY, soon());
	pthread_t thread[THREADS];
	int number[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		number[i] = i;
		(void)pthread_create(&thread[i], NULL, arrive, &number[i]);
		wait_for((unsigned)i + 1);
	}
	turn_drop(turns, first);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(thread[i], NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(order[i], i);
	assert_idle();
}

static void *
count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		struct turn *t = turn_take(turns, KEY, soon());

		counted++;
		turn_drop(turns, t);
	}
	return NULL;
}

static void
has_one_holder_at_a_time(void **state)
{
	pthread_t thread[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		(void)pthread_create(&thread[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(thread[i], NULL);
	assert_int_equal(counted, THREADS * ROUNDS);
	assert_idle();
}

/* ---- processes */
static pid_t
hold_in_a_child(uint64_t key)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);

	pid_t pid = fork();

	if (pid == 0) {
		(void)turn_take(turns, key, soon());
		(void)write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static void
kill_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
takes_the_turn_of_the_dead(void **state)
{
	pid_t holder = hold_in_a_child(KEY);
	pthread_t thread;
	int number = 7;

	(void)state;
	arrived = 0;
	(void)pthread_create(&thread, NULL, arrive, &number);
	wait_for(1);
	kill_child(holder);
	(void)pthread_join(thread, NULL);
	assert_int_equal(order[0], 7);
	assert_idle();
}

static void
sweeps_what_nobody_waits_for(void **state)
{
	(void)state;
	kill_child(hold_in_a_child(KEY));
	assert_int_equal(turns_count(turns).held, 1);
	turns_sweep(turns);
	assert_idle();
}

static void
has_room_again_when_the_dead_filled_it(void **state)
{
	struct turn *held[TURNS_MAX];

	(void)state;

	pid_t holder = hold_in_a_child(0);

	for (unsigned i = 1; i < TURNS_MAX; i++)
		held[i] = turn_take(turns, i, soon());
	assert_null(turn_take(turns, TURNS_MAX, clock_mono_us()));
	kill_child(holder);
	held[0] = turn_take(turns, TURNS_MAX, soon());
	assert_non_null(held[0]);
	for (unsigned i = 0; i < TURNS_MAX; i++)
		turn_drop(turns, held[i]);
	assert_idle();
}

#define test(f) cmocka_unit_test_setup(f, start)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(lets_keys_be_held_beside_each_other),
		test(gives_up_at_the_deadline),
		test(serves_who_came_first),
		test(has_one_holder_at_a_time),
		test(takes_the_turn_of_the_dead),
		test(sweeps_what_nobody_waits_for),
		test(has_room_again_when_the_dead_filled_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
