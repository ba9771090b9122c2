/* test_unit_queue.c - slots: who may do what, and who died when. */
#include "shm/unit_queue.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

static struct unit_queue *queue;
static struct slots slots;
static uint64_t token;
static struct taken_unit taken[UNIT_SLOTS];

static int
start(void **state)
{
	struct error e;
	struct shm *shm;

	(void)state;
	assert_int_equal(
	    shm_new(unit_queue_size() + slots_size(2), &shm, &e), OK);
	slots = slots_new(shm, 2);
	queue = unit_queue_new(shm, slots);
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
assert_counts(unsigned waiting, unsigned held, unsigned others)
{
	struct unit_queue_counts n = unit_queue_count(queue);

	assert_int_equal(n.waiting, waiting);
	assert_int_equal(n.taken, held);
	assert_int_equal(n.others, others);
}

static bool
begin_to_lead(void)
{
	token = unit_queue_lead(queue, true);
	return token != 0;
}

static size_t
take_all(void)
{
	return unit_take(queue, token, taken);
}

static void
answer(const struct taken_unit *u)
{
	const struct unit_answer a = { .seq = 5 };

	unit_answer(queue, token, u, &a);
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
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 1);
	assert_ptr_equal(taken[0].slot, s);
	assert_false(taken[0].doubtful);
	assert_int_equal(take_all(), 1); /* not answered */
	assert_true(taken[0].doubtful);
	answer(&taken[0]);
	unit_queue_follow(queue, token);
	assert_int_equal(unit_answered(s)->seq, 5);
	assert_int_equal(unit_withdraw(queue, s), IS_ANSWERED);
	unit_free(queue, s);
	assert_counts(0, 0, 0);
}

static void
keeps_those_of_one_key_in_order(void **state)
{
	struct unit_slot *first = post(CHANGES(1)), *second = post(READS(1)),
			 *third = post(CHANGES(1)), *other = post(READS(2)),
			 *beside = post(READS(2));

	(void)state;
	(void)second;
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 3);
	assert_ptr_equal(taken[0].slot, first);
	assert_ptr_equal(taken[1].slot, other);
	assert_ptr_equal(taken[2].slot, beside);
	for (int i = 0; i < 3; i++)
		answer(&taken[i]);
	assert_int_equal(take_all(), 1);
	assert_ptr_equal(taken[0].slot, second);
	answer(&taken[0]);
	assert_int_equal(take_all(), 1);
	assert_ptr_equal(taken[0].slot, third);
	answer(&taken[0]);
	unit_queue_follow(queue, token);
}

static void
takes_no_more_bytes_than_a_batch_has(void **state)
{
	size_t fit = BATCH_BYTES / UNIT_BYTES;

	(void)state;
	for (size_t i = 0; i < fit + 5; i++)
		(void)post_sized(CHANGES(i), UNIT_BYTES);
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), fit);
	for (size_t i = 0; i < fit; i++)
		answer(&taken[i]);
	assert_int_equal(take_all(), 5);
	unit_queue_follow(queue, token);
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
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	assert_int_equal(unit_withdraw(queue, s), WITHDRAWN);
	assert_counts(0, 0, 0);
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 0);
	unit_queue_follow(queue, token);
}

static void
leaves_what_is_taken_to_the_leader(void **state)
{
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 1);
	assert_int_equal(unit_withdraw(queue, s), TOO_LATE);
	assert_counts(0, 1, 0); /* its bytes are being read */
	answer(&taken[0]);
	assert_counts(0, 0, 0);
	unit_queue_follow(queue, token);
}

static void
frees_at_once_what_no_leader_has(void **state)
{
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 1);
	unit_queue_follow(queue, token); /* it gave up */
	assert_int_equal(unit_withdraw(queue, s), TOO_LATE);
	assert_counts(0, 0, 0);
}

/* ---- the dead */
static void
lead_and_die(void)
{
	(void)post(CHANGES(2));
	if (!begin_to_lead() || take_all() != 2)
		_exit(1);
}

static void
takes_again_what_a_dead_leader_took(void **state)
{
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	in_a_child(lead_and_die);
	assert_counts(0, 2, 0);
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 1); /* the leader's is gone */
	assert_ptr_equal(taken[0].slot, s);
	assert_true(taken[0].doubtful);
	assert_counts(0, 1, 0);
	unit_queue_follow(queue, token);
}

static void
die_in_every_state(void)
{
	(void)post(CHANGES(1));

	(void)unit_claim(queue, soon());
	if (!begin_to_lead() || take_all() != 1)
		_exit(1);
	answer(&taken[0]);
	(void)post(CHANGES(2));
	if (take_all() != 1)
		_exit(1);
	(void)unit_withdraw(queue, taken[0].slot);
	(void)post(CHANGES(3));
	if (take_all() != 1)
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

/* ---- the silent */
static int go[2], done[2];

/* Its beat is that of long ago: it stands still. */
static void
fall_silent(pid_t pid)
{
	atomic_store(
	    &slots.at[1].beat_us, clock_mono_us() - SLOT_SILENT_US - 1);
	atomic_store(&slots.at[1].pid, pid);
}

static void
assert_next_byte(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), 1);
}

/* Takes all, and goes on when it is too late. */
static void
lead_on(void)
{
	char byte, bytes[64];
	const struct unit_answer late = { .seq = 9 };

	if (!begin_to_lead() || take_all() == 0)
		_exit(1);
	(void)write(done[1], "x", 1);
	(void)read(go[0], &byte, 1);
	if (unit_copy(queue, token, &taken[0], bytes) || take_all() != 0)
		_exit(2);
	unit_answer(queue, token, &taken[0], &late);
	unit_return(queue, token, &taken[0]);
	unit_queue_follow(queue, token);
	_exit(0);
}

static pid_t
begin_silent_leader(void)
{
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);

	pid_t pid = fork();

	if (pid == 0)
		lead_on();
	assert_next_byte(done[0]);
	assert_false(begin_to_lead());
	fall_silent(pid);
	assert_int_equal(unit_queue_lead(queue, false), 0);
	assert_true(begin_to_lead());
	return pid;
}

static void
wake(pid_t pid)
{
	int status = -1;

	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
deposes_a_silent_leader(void **state)
{
	struct unit_slot *s = post(CHANGES(1));
	pid_t leader = begin_silent_leader();

	(void)state;
	assert_true(unit_queue_has_zombies(queue));
	assert_int_equal(take_all(), 1);
	assert_true(taken[0].doubtful);
	wake(leader); /* what it says is not heard */
	assert_false(unit_queue_has_zombies(queue));
	assert_null(unit_answered(s));
	answer(&taken[0]);
	assert_int_equal(unit_answered(s)->seq, 5);
	/* nor did it end the time of the one that leads */
	assert_int_equal(unit_queue_lead(queue, true), 0);
	unit_queue_follow(queue, token);
}

/* What the silent one has in its hands is another's by now. */
static void
keeps_a_deposed_leader_off_slots_that_are_used_again(void **state)
{
	struct unit_slot *s = post(CHANGES(1));
	pid_t leader = begin_silent_leader();

	(void)state;
	assert_int_equal(take_all(), 1);
	answer(&taken[0]);
	unit_free(queue, s);
	assert_ptr_equal(post(CHANGES(2)), s);
	wake(leader);
	assert_true(unit_waits(s));
	assert_int_equal(take_all(), 1);
	assert_false(taken[0].doubtful);
	unit_queue_follow(queue, token);
}

static void
frees_what_only_a_deposed_leader_has(void **state)
{
	struct unit_slot *s = post(CHANGES(1));
	pid_t leader = begin_silent_leader();

	(void)state;
	assert_int_equal(unit_withdraw(queue, s), TOO_LATE);
	assert_counts(0, 0, 0);
	wake(leader);
	assert_counts(0, 0, 0);
	unit_queue_follow(queue, token);
}

static void
forgets_a_deposed_leader_that_died(void **state)
{
	(void)post(CHANGES(1));

	pid_t leader = begin_silent_leader();

	(void)state;
	assert_true(unit_queue_has_zombies(queue));
	assert_int_equal(kill(leader, SIGKILL), 0);
	assert_int_equal(waitpid(leader, NULL, 0), leader);
	assert_false(unit_queue_has_zombies(queue));
	unit_queue_follow(queue, token);
}

static void
gives_back_what_waits_for_the_next_leader(void **state)
{
	struct unit_slot *s = post(CHANGES(1));

	(void)state;
	assert_true(begin_to_lead());
	assert_int_equal(take_all(), 1);
	unit_return(queue, token, &taken[0]);
	assert_true(unit_waits(s));
	assert_int_equal(take_all(), 1);
	assert_false(taken[0].doubtful);
	unit_queue_follow(queue, token);
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
		test(deposes_a_silent_leader),
		test(keeps_a_deposed_leader_off_slots_that_are_used_again),
		test(frees_what_only_a_deposed_leader_has),
		test(forgets_a_deposed_leader_that_died),
		test(gives_back_what_waits_for_the_next_leader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
