/* test_shared_ring.c - a queue that processes fill and one empties. */
#include "shm/shared_ring.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define ROOM 8
#define WRITERS 4
#define EACH 5000

static size_t
take(struct shared_ring *r, int *ret, size_t most)
{
	size_t n = shared_ring_look(r, ret, most);

	shared_ring_drop(r, n);
	return n;
}

static struct shared_ring *
ring_of(size_t room)
{
	struct error e;
	struct shm *s;

	assert_int_equal(
	    shm_new(shared_ring_size(sizeof(int), room) + 4096, &s, &e), OK);
	return shared_ring_new(s, sizeof(int), room);
}

static void
gives_the_oldest_first_round_and_round(void **state)
{
	struct shared_ring *r = ring_of(ROOM);
	int out[ROOM], next = 0, seen = 0;

	(void)state;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 5; i++, next++)
			assert_true(shared_ring_put(r, &next));
		for (size_t left = 5; left > 0;) {
			size_t n = take(r, out, 3);

			for (size_t i = 0; i < n; i++)
				assert_int_equal(out[i], seen++);
			left -= n;
		}
	}
	assert_int_equal(take(r, out, ROOM), 0);
	assert_int_equal(shared_ring_lost(r), 0);
}

static void
shows_the_same_until_it_is_dropped(void **state)
{
	struct shared_ring *r = ring_of(ROOM);
	int out[ROOM];

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(shared_ring_put(r, &i));
	assert_int_equal(shared_ring_look(r, out, 3), 3);
	assert_int_equal(shared_ring_look(r, out, 3), 3);
	assert_int_equal(out[0], 0);
	shared_ring_drop(r, 3);
	assert_int_equal(shared_ring_look(r, out, ROOM), 2);
	assert_int_equal(out[0], 3);
}

static void
counts_what_has_no_room(void **state)
{
	struct shared_ring *r = ring_of(ROOM);
	int out[ROOM];

	(void)state;
	for (int i = 0; i < ROOM + 3; i++)
		assert_int_equal(shared_ring_put(r, &i), i < ROOM);
	assert_int_equal(shared_ring_lost(r), 3);
	assert_int_equal(shared_ring_lost(r), 0);
	assert_int_equal(take(r, out, ROOM), ROOM);
	assert_int_equal(out[ROOM - 1], ROOM - 1);
}

static void
loses_nothing_between_processes_that_has_room(void **state)
{
	struct shared_ring *r = ring_of(WRITERS * EACH);
	static int out[WRITERS * EACH];
	int next[WRITERS] = { 0 };

	(void)state;
	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0) {
			for (int i = 0; i < EACH; i++) {
				int entry = w * EACH + i;

				(void)shared_ring_put(r, &entry);
			}
			_exit(0);
		}
	for (int w = 0; w < WRITERS; w++)
		assert_int_not_equal(wait(NULL), -1);
	assert_int_equal(take(r, out, WRITERS * EACH), WRITERS * EACH);
	for (int i = 0; i < WRITERS * EACH; i++) {
		int w = out[i] / EACH;

		assert_int_equal(out[i] % EACH, next[w]++);
	}
	assert_int_equal(shared_ring_lost(r), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_oldest_first_round_and_round),
		cmocka_unit_test(shows_the_same_until_it_is_dropped),
		cmocka_unit_test(counts_what_has_no_room),
		cmocka_unit_test(loses_nothing_between_processes_that_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
