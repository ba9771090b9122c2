/* test_unit_queue.c - slots: who may do what, and who died when. */
#include "shm/unit_queue.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

static struct unit_queue *queue;

static int
start(void **state)
{
	struct error e;
	struct shm *shm;

	(void)state;
	assert_int_equal(shm_new(unit_queue_size(), &shm, &e), OK);
	queue = unit_queue_new(shm);
	return 0;
}

static int64_t
soon(void)
{
	return clock_mono_us() + 60 * CLOCK_SECOND;
}

static struct unit_slot *
post_sized(uint64_t key, size_t size)
{
	const struct unit_label label = {
		.branch = 1, .size = size, .key = { key }, .key_count = 1
	};
	struct unit_slot *s = unit_claim(queue, soon());

	assert_non_null(s);
	unit_post(s, &label);
	return s;
}

static struct unit_slot *
post(uint64_t key)
{
	return post_sized(key, 8);
}

/* Units of this key: bit 0 says that the unit changes it. */
#define CHANGES(n) ((uint64_t)(n) << 1 | 1)
#define READS(n) ((uint64_t)(n) << 1)

static void
assert_counts(unsigned waiting, unsigned taken, unsigned others)
{
	struct unit_queue_counts n = unit_queue_count(queue);

	assert_int_equal(n.waiting, waiting);
	assert_int_equal(n.taken, taken);
	assert_int_equal(n.others, others);
}

static void
answer(struct unit_slot *s)
{
	const struct unit_answer a = { .seq = 5 };

	unit_answer(queue, s, &a);
}

static void
in_a_child(void (*run)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
carries_an_answer_back(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS], *s = post(CHANGES(1));

	(void)state;
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 1);
	assert_ptr_equal(taken[0], s);
	assert_int_equal(unit_take(queue, &taken[1]), 1); /* not answered */
	assert_true(unit_is_doubtful(s));
	answer(s);
	unit_queue_follow(queue);
	assert_int_equal(unit_answered(s)->seq, 5);
	assert_int_equal(unit_withdraw(queue, s), IS_ANSWERED);
	unit_free(queue, s);
	assert_counts(0, 0, 0);
}

static void
keeps_those_of_one_key_in_order(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS];
	struct unit_slot *first = post(CHANGES(1)), *second = post(READS(1)),
			 *third = post(CHANGES(1)), *other = post(READS(2)),
			 *beside = post(READS(2));

	(void)state;
	(void)second;
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 3);
	assert_ptr_equal(taken[0], first);
	assert_ptr_equal(taken[1], other);
	assert_ptr_equal(taken[2], beside);
	for (int i = 0; i < 3; i++)
		answer(taken[i]);
	assert_int_equal(unit_take(queue, taken), 1);
	assert_ptr_equal(taken[0], second);
	answer(second);
	assert_int_equal(unit_take(queue, taken), 1);
	assert_ptr_equal(taken[0], third);
	answer(third);
	unit_queue_follow(queue);
}

static void
takes_no_more_bytes_than_a_batch_has(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS];
	size_t fit = BATCH_BYTES / UNIT_BYTES;

	(void)state;
	for (size_t i = 0; i < fit + 5; i++)
		(void)post_sized(CHANGES(i), UNIT_BYTES);
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), fit);
	for (size_t i = 0; i < fit; i++)
		answer(taken[i]);
	assert_int_equal(unit_take(queue, taken), 5);
	unit_queue_follow(queue);
}

static void
holds_back_who_finds_no_slot(void **state)
{
	struct unit_slot *s = NULL;

	(void)state;
	for (int i = 0; i < UNIT_SLOTS; i++) {
		s = unit_claim(queue, soon());
		assert_non_null(s);
	}
	assert_null(unit_claim(queue, clock_mono_us() + 15 * CLOCK_MS));
	unit_free(queue, s);
	assert_ptr_equal(unit_claim(queue, soon()), s);
}

/* ---- withdrawing */
static void
withdraws_what_waits(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS], *s = post(CHANGES(1));

	(void)state;
	assert_int_equal(unit_withdraw(queue, s), WITHDRAWN);
	assert_counts(0, 0, 0);
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 0);
	unit_queue_follow(queue);
}

static void
leaves_what_is_taken_to_the_leader(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS], *s = post(CHANGES(1));

	(void)state;
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 1);
	assert_int_equal(unit_withdraw(queue, s), TOO_LATE);
	assert_counts(0, 1, 0); /* its bytes are being read */
	answer(s);
	assert_counts(0, 0, 0);
	unit_queue_follow(queue);
}

static void
frees_at_once_what_no_leader_has(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS], *s = post(CHANGES(1));

	(void)state;
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 1);
	unit_queue_follow(queue); /* it gave up */
	assert_int_equal(unit_withdraw(queue, s), TOO_LATE);
	assert_counts(0, 0, 0);
}

/* ---- the dead */
static void
lead_and_die(void)
{
	struct unit_slot *taken[UNIT_SLOTS];

	(void)post(CHANGES(2));
	if (!unit_queue_lead(queue) || unit_take(queue, taken) != 2)
		_exit(1);
}

static void
takes_again_what_a_dead_leader_took(void **state)
{
	struct unit_slot *taken[UNIT_SLOTS], *s = post(CHANGES(1));

	(void)state;
	in_a_child(lead_and_die);
	assert_counts(0, 2, 0);
	assert_true(unit_queue_lead(queue));
	assert_int_equal(unit_take(queue, taken), 1); /* the leader's is gone */
	assert_ptr_equal(taken[0], s);
	assert_true(unit_is_doubtful(s));
	assert_counts(0, 1, 0);
	unit_queue_follow(queue);
}

static void
die_in_every_state(void)
{
	struct unit_slot *taken[UNIT_SLOTS], *done = post(CHANGES(1));

	(void)unit_claim(queue, soon());
	if (!unit_queue_lead(queue) || unit_take(queue, taken) != 1)
		_exit(1);
	answer(done);
	(void)post(CHANGES(2));
	if (unit_take(queue, taken) != 1)
		_exit(1);
	(void)unit_withdraw(queue, taken[0]);
	(void)post(CHANGES(3));
	if (unit_take(queue, taken) != 1)
		_exit(1);
	(void)post(CHANGES(4));
}

static void
sweeps_what_the_dead_left(void **state)
{
	(void)state;
	in_a_child(die_in_every_state);
	assert_counts(1, 1, 2); /* SLOT_LEFT was freed by the next taking */
	unit_queue_sweep(queue);
	assert_counts(0, 0, 0);
}

static void
claim_all(void)
{
	for (int i = 0; i < UNIT_SLOTS; i++)
		(void)unit_claim(queue, soon());
}

static void
claims_what_the_dead_filled(void **state)
{
	(void)state;
	in_a_child(claim_all);
	assert_non_null(unit_claim(queue, soon()));
}

#define test(f) cmocka_unit_test_setup(f, start)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(carries_an_answer_back),
		test(keeps_those_of_one_key_in_order),
		test(takes_no_more_bytes_than_a_batch_has),
		test(holds_back_who_finds_no_slot),
		test(withdraws_what_waits),
		test(leaves_what_is_taken_to_the_leader),
		test(frees_at_once_what_no_leader_has),
		test(takes_again_what_a_dead_leader_took),
		test(sweeps_what_the_dead_left),
		test(claims_what_the_dead_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
