/* test_slots.c - shared memory, and the slots of workers in it. */
#include "shm/slots.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct shm *
shm_of(size_t size)
{
	struct error e;
	struct shm *s;

	assert_int_equal(shm_new(size, &s, &e), OK);
	return s;
}

static void
hands_out_zeroed_cache_lines(void **state)
{
	struct shm *s = shm_of(4096);
	char *a = shm_alloc(s, 1, 3), *b = shm_alloc(s, 1, 65);
	char *c = shm_alloc(s, 1, 1);

	(void)state;
	assert_int_equal((uintptr_t)a % 64, 0);
	assert_ptr_equal(b, a + 64);
	assert_ptr_equal(c, b + 128);
	assert_int_equal(a[0] | b[64] | c[0], 0);
}

static void
hands_out_all_that_was_asked_for(void **state)
{
	struct shm *s = shm_of(slots_size(3));

	(void)state;
	assert_non_null(slots_new(s, 3).at);
}

/* A worker: counts in its slot, and dies. */
static void
work(struct slots slots, unsigned index)
{
	struct slot *s = slot_take(slots, index);

	slot_add(s, GAUGE_REQUESTS, 10);
	slot_set(s, GAUGE_CONNECTIONS, 5);
	_exit(0);
}

static void
run_worker(struct slots slots, unsigned index)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		work(slots, index);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
sums_what_workers_counted(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 3);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		run_worker(slots, i);
	assert_int_equal(slots_sum(slots, GAUGE_REQUESTS), 30);
	assert_int_equal(slots_sum(slots, GAUGE_CONNECTIONS), 15);
}

static void
goes_on_counting_when_a_worker_is_born_again(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 2);

	(void)state;
	run_worker(slots, 0);
	assert_int_not_equal(slots.at[0].pid, getpid());
	(void)slot_take(slots, 0);
	assert_int_equal(slots.at[0].pid, getpid());
	assert_int_equal(slots_sum(slots, GAUGE_REQUESTS), 10);
	assert_int_equal(slots_sum(slots, GAUGE_CONNECTIONS), 0);
}

/* The first, while the second serves. */
static int64_t
wait_beside_sibling(struct slots slots, int64_t now_us)
{
	atomic_store(&slots.at[1].beat_us, now_us);
	atomic_store(&slots.at[1].pid, getpid());
	return slot_wait(slots, 0, now_us);
}

static void
makes_wait_who_has_died_three_times_in_ten_seconds(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 2);
	struct slot *s = &slots.at[0];

	(void)state;
	for (int64_t at = 5; at < 5 + DEATHS_MAX; at++) {
		assert_int_equal(wait_beside_sibling(slots, at), 0);
		slot_born(s, at);
	}
	assert_int_equal(wait_beside_sibling(slots, 8), DEATHS_SPAN_US - 3);
	assert_int_equal(wait_beside_sibling(slots, 5 + DEATHS_SPAN_US - 1), 1);
	assert_int_equal(wait_beside_sibling(slots, 5 + DEATHS_SPAN_US), 0);
	slot_born(s, 5 + DEATHS_SPAN_US);
	assert_int_equal(wait_beside_sibling(slots, 5 + DEATHS_SPAN_US), 1);
}

static void
does_not_wait_while_nobody_serves(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 2);
	struct slots alone = { slots.at, 1 };
	struct slot *sibling = &slots.at[1];

	(void)state;
	for (int64_t at = 0; at < DEATHS_MAX; at++)
		slot_born(&slots.at[0], at);
	assert_int_equal(slot_wait(slots, 0, 5), 0); /* it is being born */
	assert_int_not_equal(wait_beside_sibling(slots, 5), 0);
	assert_int_equal(slot_wait(alone, 0, 5), 0);
	assert_int_not_equal(slot_wait(slots, 0, 5 + SLOT_SILENT_US), 0);
	assert_int_equal(slot_wait(slots, 0, 6 + SLOT_SILENT_US), 0);
	assert_int_not_equal(wait_beside_sibling(slots, 5), 0);
	slot_leave(sibling);
	assert_int_equal(slot_wait(slots, 0, 5), 0);

	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	atomic_store(&sibling->pid, pid); /* it beats, and is dead */
	assert_int_equal(slot_wait(slots, 0, 5), 0);
}

static void
tells_who_is_silent(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 2);
	pid_t other = getppid();

	(void)state;
	atomic_store(&slots.at[1].pid, other);
	atomic_store(&slots.at[1].beat_us, 7);
	assert_false(slots_silent(slots, other, 7 + SLOT_SILENT_US));
	assert_true(slots_silent(slots, other, 8 + SLOT_SILENT_US));
	assert_false(slots_silent(slots, other + 1, 8 + SLOT_SILENT_US));
	/* who asks is not */
	atomic_store(&slots.at[1].pid, getpid());
	assert_false(slots_silent(slots, getpid(), 8 + SLOT_SILENT_US));
}

static void
has_no_pid_while_a_worker_is_being_born(void **state)
{
	struct slots slots = slots_new(shm_of(4096), 1);
	struct slot *s = slot_take(slots, 0);

	(void)state;
	assert_int_equal(s->pid, getpid());
	slot_leave(s);
	assert_int_equal(s->pid, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_out_zeroed_cache_lines),
		cmocka_unit_test(hands_out_all_that_was_asked_for),
		cmocka_unit_test(sums_what_workers_counted),
		cmocka_unit_test(goes_on_counting_when_a_worker_is_born_again),
		cmocka_unit_test(
		    makes_wait_who_has_died_three_times_in_ten_seconds),
		cmocka_unit_test(does_not_wait_while_nobody_serves),
		cmocka_unit_test(tells_who_is_silent),
		cmocka_unit_test(has_no_pid_while_a_worker_is_being_born),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
