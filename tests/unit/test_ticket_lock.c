/* test_ticket_lock.c - one holder a key, first come first served, dead ones
 * too. */
#include "shm/ticket_lock.h"

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

static struct ticket_locks *locks;
static struct slots slots;

static int
start(void **state)
{
	struct error e;
	struct shm *shm;

	(void)state;
	assert_int_equal(
	    shm_new(ticket_locks_size() + slots_size(2), &shm, &e), OK);
	slots = slots_new(shm, 2);
	locks = ticket_locks_new(shm, slots);
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
	while (ticket_locks_count(locks).waiting != waiting)
		(void)sched_yield();
}

static void
assert_idle(void)
{
	struct ticket_lock_counts n = ticket_locks_count(locks);

	assert_int_equal(n.waiting, 0);
	assert_int_equal(n.held, 0);
}

static void
tries_without_standing_in_the_queue(void **state)
{
	(void)state;

	struct ticket *held = ticket_try(locks, KEY);

	assert_non_null(held);
	assert_null(ticket_try(locks, KEY));
	assert_int_equal(ticket_locks_count(locks).waiting, 0);
	ticket_drop(locks, held);
	held = ticket_try(locks, KEY);
	assert_non_null(held);
	ticket_drop(locks, held);
	assert_idle();
}

static void
lets_keys_be_held_beside_each_other(void **state)
{
	(void)state;

	struct ticket *a = ticket_take(locks, KEY, soon());
	struct ticket *b = ticket_take(locks, OTHER_KEY, soon());

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(ticket_locks_count(locks).held, 2);
	ticket_drop(locks, a);
	ticket_drop(locks, b);
	assert_idle();
}

static void
gives_up_at_the_deadline(void **state)
{
	(void)state;

	struct ticket *a = ticket_take(locks, KEY, soon());

	assert_null(ticket_take(locks, KEY, clock_mono_us() + 15 * CLOCK_MS));
	assert_int_equal(ticket_locks_count(locks).waiting, 0);
	ticket_drop(locks, a);
	a = ticket_take(locks, KEY, clock_mono_us());
	assert_non_null(a); /* it is free: no deadline matters */
	ticket_drop(locks, a);
}

/* ---- threads */
static int order[THREADS], arrived; /* by whoever has the turn */
static long counted;

static void *
arrive(void *number)
{
	struct ticket *t = ticket_take(locks, KEY, soon());

	order[arrived++] = *(int *)number;
	ticket_drop(locks, t);
	return NULL;
}

static void
serves_who_came_first(void **state)
{
	struct ticket *first = ticket_take(locks, KEY, soon());
	pthread_t thread[THREADS];
	int number[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		number[i] = i;
		(void)pthread_create(&thread[i], NULL, arrive, &number[i]);
		wait_for((unsigned)i + 1);
	}
	ticket_drop(locks, first);
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
		struct ticket *t = ticket_take(locks, KEY, soon());

		counted++;
		ticket_drop(locks, t);
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
		(void)ticket_take(locks, key, soon());
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

/* Its beat is that of long ago: it stands still. */
static void
fall_silent(pid_t pid)
{
	atomic_store(
	    &slots.at[1].beat_us, clock_mono_us() - SLOT_SILENT_US - 1);
	atomic_store(&slots.at[1].pid, pid);
}

static void
overtakes_the_silent(void **state)
{
	int go[2], done[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);

	pid_t holder = fork();

	if (holder == 0) {
		struct ticket *t = ticket_take(locks, KEY, soon());

		(void)write(done[1], "x", 1);
		(void)read(go[0], &byte, 1);
		ticket_drop(locks, t);
		(void)write(done[1], "x", 1);
		(void)pause();
	}
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_null(ticket_take(locks, KEY, clock_mono_us() + 30 * CLOCK_MS));
	fall_silent(holder);

	struct ticket *own = ticket_take(locks, KEY, soon());

	assert_non_null(own);
	/* it wakes up, and its end ends nobody else's turn */
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(ticket_locks_count(locks).held, 1);
	assert_null(ticket_take(locks, KEY, clock_mono_us() + 15 * CLOCK_MS));
	ticket_drop(locks, own);
	assert_idle();
	kill_child(holder);
}

/* A turn that came to one that was asleep does not stay with it. */
static void
passes_by_the_silent_who_wait(void **state)
{
	struct ticket *first = ticket_take(locks, KEY, soon());
	pid_t waiter = fork();
	pthread_t thread;
	int number = 7, status;

	(void)state;
	if (waiter == 0) {
		struct ticket *t = ticket_take(locks, KEY, soon());

		ticket_drop(locks, t);
		_exit(0);
	}
	wait_for(1);
	assert_int_equal(kill(waiter, SIGSTOP), 0);
	assert_int_equal(waitpid(waiter, &status, WUNTRACED), waiter);
	arrived = 0;
	(void)pthread_create(&thread, NULL, arrive, &number);
	wait_for(2);
	ticket_drop(locks, first); /* to the one that is stopped */
	fall_silent(waiter);
	(void)pthread_join(thread, NULL);
	assert_int_equal(order[0], 7);
	assert_int_equal(kill(waiter, SIGCONT), 0);
	assert_int_equal(waitpid(waiter, &status, 0), waiter);
	assert_int_equal(status, 0);
	assert_idle();
}

static void
sweeps_what_nobody_waits_for(void **state)
{
	(void)state;
	kill_child(hold_in_a_child(KEY));
	assert_int_equal(ticket_locks_count(locks).held, 1);
	ticket_locks_sweep(locks);
	assert_idle();
}

static void
has_room_again_when_the_dead_filled_it(void **state)
{
	struct ticket *held[TICKETS_MAX];

	(void)state;

	pid_t holder = hold_in_a_child(0);

	for (unsigned i = 1; i < TICKETS_MAX; i++)
		held[i] = ticket_take(locks, i, soon());
	assert_null(ticket_take(locks, TICKETS_MAX, clock_mono_us()));
	kill_child(holder);
	held[0] = ticket_take(locks, TICKETS_MAX, soon());
	assert_non_null(held[0]);
	for (unsigned i = 0; i < TICKETS_MAX; i++)
		ticket_drop(locks, held[i]);
	assert_idle();
}

#define test(f) cmocka_unit_test_setup(f, start)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(tries_without_standing_in_the_queue),
		test(lets_keys_be_held_beside_each_other),
		test(gives_up_at_the_deadline),
		test(serves_who_came_first),
		test(has_one_holder_at_a_time),
		test(takes_the_turn_of_the_dead),
		test(overtakes_the_silent),
		test(passes_by_the_silent_who_wait),
		test(sweeps_what_nobody_waits_for),
		test(has_room_again_when_the_dead_filled_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
