/* test_shared_lock.c - a lock between processes, also dying ones. */
#include "shm/shared_lock.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/shm.h"
#include "tests/unit/unit.h"

#define PROCESSES 4
#define TURNS 20000
#define LOOKS 1000 /* at one who waits; too short a wait ends meanwhile */

struct shared {
	struct shared_lock lock;
	long count; /* under lock */
};

static struct shared *
shared_new(void)
{
	struct error e;
	struct shm *s;

	assert_int_equal(shm_new(4096, &s, &e), OK);

	struct shared *shared = SHM_NEW(s, struct shared, 1);

	shared_lock_init(&shared->lock);
	return shared;
}

static void
count(struct shared *s)
{
	for (int i = 0; i < TURNS; i++) {
		(void)shared_lock_take(&s->lock);
		s->count++;
		shared_lock_drop(&s->lock);
	}
}

static void
wait_for_children(int count_of_them)
{
	while (count_of_them-- > 0)
		assert_int_not_equal(wait(NULL), -1);
}

static void
lets_one_process_in_at_a_time(void **state)
{
	struct shared *s = shared_new();

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0) {
			count(s);
			_exit(0);
		}
	}
	wait_for_children(PROCESSES);
	assert_int_equal(s->count, PROCESSES * TURNS);
}

static void
tells_once_that_its_owner_died(void **state)
{
	struct shared *s = shared_new();

	(void)state;
	assert_false(shared_lock_take(&s->lock));
	shared_lock_drop(&s->lock);
	if (fork() == 0) {
		(void)shared_lock_take(&s->lock);
		_exit(0);
	}
	wait_for_children(1);
	assert_true(shared_lock_take(&s->lock));
	shared_lock_drop(&s->lock);
	assert_false(shared_lock_take(&s->lock));
	shared_lock_drop(&s->lock);
}

/* A process that waits for the lock, and ends with 0 if it got it. */
static pid_t
start_waiter(struct shared *s, int64_t wait_us)
{
	pid_t pid = fork();
	bool died;

	if (pid == 0)
		_exit(shared_lock_wait(&s->lock, wait_us, &died) ? 0 : 1);
	assert_int_not_equal(pid, -1);
	return pid;
}

/* It sleeps, or has ended. */
static bool
is_at_rest(pid_t pid)
{
	char path[64], state = 'R';
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %*s %c", &state), 1);
	(void)fclose(f);
	return state == 'S' || state == 'Z';
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
waits_until_its_owner_drops_it(void **state)
{
	struct shared *s = shared_new();
	pid_t waiter;

	(void)state;
	(void)shared_lock_take(&s->lock);
	waiter = start_waiter(s, 60 * CLOCK_SECOND);
	for (int looks = 0; looks < LOOKS;)
		looks += is_at_rest(waiter);
	shared_lock_drop(&s->lock);
	assert_int_equal(status_of(waiter), 0);
}

static void
waits_no_longer_than_it_may(void **state)
{
	struct shared *s = shared_new();

	(void)state;
	(void)shared_lock_take(&s->lock);
	assert_int_not_equal(status_of(start_waiter(s, 0)), 0);
	assert_int_not_equal(status_of(start_waiter(s, 1000)), 0);
	shared_lock_drop(&s->lock);
	assert_int_equal(status_of(start_waiter(s, 0)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_one_process_in_at_a_time),
		cmocka_unit_test(tells_once_that_its_owner_died),
		cmocka_unit_test(waits_until_its_owner_drops_it),
		cmocka_unit_test(waits_no_longer_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
