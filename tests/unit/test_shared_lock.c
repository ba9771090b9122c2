/* test_shared_lock.c - a lock between processes, also dying ones. */
#include "shm/shared_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include "shm/shm.h"
#include "tests/unit/unit.h"

#define PROCESSES 4
#define TURNS 20000

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_one_process_in_at_a_time),
		cmocka_unit_test(tells_once_that_its_owner_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
