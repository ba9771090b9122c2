/* test_queue.c - claims, leases and chunks; time is what the test says. */
#include "tests/unit/tasks_fixture.h"

#define START ((int64_t)1000000000)

static bool
commit(const struct task *t, const char *cursor, int64_t done, const char *row,
    int64_t now_us)
{
	struct str rows[] = { str_from(row) };
	const struct progress p = { .cursor = str_from(cursor),
		.done = done,
		.total = 10,
		.rows = rows,
		.row_count = row != NULL ? 1 : 0,
		.worked_us = 100 };
	bool written;

	assert_ok(queue_commit(&call, t, &p, now_us, &written));
	return written;
}

static bool
finish(const struct task *t, int64_t now_us)
{
	const struct progress p = { .cursor = STR(""), .finished = true };
	bool written;

	assert_ok(queue_commit(&call, t, &p, now_us, &written));
	return written;
}

static bool
reload(struct task *t)
{
	bool mine;

	assert_ok(queue_reload(&call, t, &mine));
	return mine;
}

static size_t
count_results(struct id id)
{
	struct task_rows rows;

	assert_ok(tasks_results(&call, acme, id, 0, 0, &rows));
	return rows.count;
}

static void
the_oldest_that_waits_is_claimed(void **state)
{
	struct id first = submit(acme, START);
	struct id second = submit(other, START + 1);

	(void)state;
	(void)second;

	struct task t = claim(START + 2);

	assert_true(id_eq(t.id, first));
	assert_int_equal(get(first).state, TASK_RUNNING);
	assert_int_equal(get(first).started_us, START + 2);
}

static void
a_task_is_claimed_once(void **state)
{
	(void)state;
	(void)submit(acme, START);
	assert_false(id_is_nil(claim(START).id));
	assert_true(id_is_nil(claim(START).id));
	assert_true(id_is_nil(claim(START + TASK_LEASE - 1).id));
}

static void
at_most_so_many_run(void **state)
{
	struct task t;
	bool any;

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)submit(acme, START + i);
	for (int i = 0; i < 3; i++) {
		assert_ok(queue_claim(&call, START + 10, 3, &t, &any));
		assert_true(any);
		assert_int_equal(t.slot, i);
	}
	assert_ok(queue_claim(&call, START + 10, 3, &t, &any));
	assert_false(any);
	assert_true(finish(&t, START + 11));
	assert_ok(queue_claim(&call, START + 12, 3, &t, &any));
	assert_true(any);
	assert_int_equal(t.slot, 2);
}

static void
whoever_falls_silent_loses_the_task(void **state)
{
	struct id id = submit(acme, START);
	struct task first = claim(START);

	(void)state;
	assert_true(commit(&first, "a", 3, "{\"n\":1}", START + 1));

	struct task second = claim(START + 1 + TASK_LEASE);

	assert_true(id_eq(second.id, id));
	assert_str(second.cursor, STR("a"));
	assert_int_equal(second.done, 3);
	assert_int_equal(second.results, 1);
	/* the first was only slow: nothing it says counts any more */
	assert_false(commit(&first, "b", 4, "{\"n\":2}", START + 2));
	assert_false(reload(&first));
	assert_int_equal(count_results(id), 1);
	assert_true(reload(&second));
	assert_true(commit(&second, "b", 4, "{\"n\":2}", START + 3));
	assert_int_equal(count_results(id), 2);
	assert_str(get(id).cursor, STR("b"));
}

static void
a_beat_prolongs_the_lease(void **state)
{
	bool mine;

	(void)state;
	(void)submit(acme, START);

	struct task t = claim(START);

	assert_ok(queue_beat(&call, &t, START + TASK_LEASE - 1, &mine));
	assert_true(mine);
	assert_true(id_is_nil(claim(START + TASK_LEASE).id));
	assert_false(id_is_nil(claim(START + 2 * TASK_LEASE).id));
	assert_ok(queue_beat(&call, &t, START + 2 * TASK_LEASE, &mine));
	assert_false(mine);
}

static void
a_clock_that_was_set_back_loses_no_task(void **state)
{
	(void)state;
	(void)submit(acme, START);
	(void)claim(START);
	assert_false(id_is_nil(claim(START - 3600 * CLOCK_SECOND).id));
}

static void
a_chunk_behind_a_wish_never_was(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	(void)change(id, TASK_CANCEL, START + 1);
	assert_false(commit(&t, "a", 3, "{}", START + 2));
	assert_false(finish(&t, START + 2));
	assert_int_equal(count_results(id), 0);
	assert_int_equal(get(id).done, 0);
	assert_true(reload(&t));
	assert_int_equal(t.wish, TASK_WISH_CANCEL);
	assert_ok(
	    queue_end(&call, &t, TASK_CANCELLED, (struct str){ 0 }, START + 3));
	assert_int_equal(get(id).state, TASK_CANCELLED);
	assert_int_equal(get(id).finished_us, START + 3);
}

static void
a_wish_behind_what_stays_comes_too_late(void **state)
{
	const struct progress p = {
		.cursor = STR(""), .finished = true, .is_final = true
	};
	struct id id = submit(acme, START);
	struct task t = claim(START);
	bool written;

	(void)state;
	(void)change(id, TASK_CANCEL, START + 1);
	assert_ok(queue_commit(&call, &t, &p, START + 2, &written));
	assert_true(written);
	assert_int_equal(get(id).state, TASK_COMPLETED);
	assert_int_equal(get(id).wish, TASK_WISH_NONE);
}

static void
a_paused_task_goes_on_where_it_was(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	assert_true(commit(&t, "a", 3, NULL, START + 1));
	(void)change(id, TASK_PAUSE, START + 2);
	assert_true(reload(&t));
	assert_ok(
	    queue_end(&call, &t, TASK_PAUSED, (struct str){ 0 }, START + 3));
	assert_int_equal(get(id).state, TASK_PAUSED);
	assert_int_equal(get(id).finished_us, 0);
	assert_true(id_is_nil(claim(START + 4).id));
	(void)change(id, TASK_RESUME, START + 5);
	t = claim(START + 6);
	assert_true(id_eq(t.id, id));
	assert_str(t.cursor, STR("a"));
	assert_int_equal(t.started_us, START);
}

static void
an_end_that_a_resume_overtook_does_nothing(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	(void)change(id, TASK_PAUSE, START + 1);
	assert_true(reload(&t));
	(void)change(id, TASK_RESUME, START + 2);
	assert_ok(
	    queue_end(&call, &t, TASK_PAUSED, (struct str){ 0 }, START + 3));
	assert_int_equal(get(id).state, TASK_RUNNING);
}

static void
a_failure_is_told(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	assert_ok(
	    queue_end(&call, &t, TASK_FAILED, STR("It is broken"), START + 1));
	assert_int_equal(get(id).state, TASK_FAILED);
	assert_str(get(id).error, STR("It is broken"));
	assert_false(reload(&t));
}

static void
a_released_task_goes_on_at_once(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	assert_ok(queue_release(&call, &t));
	assert_true(id_eq(claim(START + 1).id, id));
	assert_false(reload(&t));
}

static void
put_off(const struct task *t, int64_t pause_us, int64_t now_us)
{
	bool written;

	assert_ok(queue_put_off(
	    &call, t, STR("The bucket refuses"), pause_us, now_us, &written));
	assert_true(written);
}

static void
a_task_whose_bucket_refuses_lets_others_run(void **state)
{
	struct id broken = submit(acme, START);
	struct id healthy = submit(other, START + 1);
	struct task t = claim(START + 2);

	(void)state;
	assert_true(id_eq(t.id, broken));
	assert_true(commit(&t, "a", 3, "{}", START + 3));
	put_off(&t, CLOCK_SECOND, START + 4);
	assert_false(reload(&t));
	t = claim(START + 5);
	assert_true(id_eq(t.id, healthy));
	assert_true(finish(&t, START + 6));
	assert_true(id_is_nil(claim(START + 3 + CLOCK_SECOND).id));
	t = claim(START + 4 + CLOCK_SECOND);
	assert_true(id_eq(t.id, broken));
	assert_str(t.cursor, STR("a"));
	assert_int_equal(t.done, 3);
	assert_int_equal(t.pause_us, CLOCK_SECOND);
}

static void
why_a_task_was_put_off_is_told_until_it_goes_on(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	put_off(&t, CLOCK_SECOND, START + 1);
	assert_int_equal(get(id).state, TASK_PENDING);
	assert_str(get(id).error, STR("The bucket refuses"));
	t = claim(START + 1 + CLOCK_SECOND);
	assert_str(get(id).error, STR("The bucket refuses"));
	assert_true(commit(&t, "a", 1, NULL, START + 2 + CLOCK_SECOND));
	assert_null(get(id).error.ptr);
}

/* Its turn begins when the pause is over, not when it was submitted. */
static void
a_task_that_was_put_off_has_its_turn_behind_older_ones(void **state)
{
	struct id broken = submit(acme, START);
	struct task t = claim(START);
	struct id before, behind;

	(void)state;
	put_off(&t, CLOCK_SECOND, START);
	before = submit(other, START + CLOCK_SECOND - 1);
	behind = submit(other, START + CLOCK_SECOND + 1);
	t = claim(START + 2 * CLOCK_SECOND);
	assert_true(id_eq(t.id, before));
	assert_true(finish(&t, START + 2 * CLOCK_SECOND));
	t = claim(START + 2 * CLOCK_SECOND);
	assert_true(id_eq(t.id, broken));
	assert_true(finish(&t, START + 2 * CLOCK_SECOND));
	assert_true(id_eq(claim(START + 2 * CLOCK_SECOND).id, behind));
}

static void
a_pause_is_cancelled_and_resumed_at_once(void **state)
{
	struct id first = submit(acme, START), second;
	struct task t = claim(START);

	(void)state;
	put_off(&t, TASK_PAUSE_MAX, START);
	(void)change(first, TASK_CANCEL, START + 1);
	assert_int_equal(get(first).state, TASK_CANCELLED);
	second = submit(acme, START + 2);
	t = claim(START + 3);
	put_off(&t, TASK_PAUSE_MAX, START + 3);
	assert_true(id_is_nil(claim(START + 4).id));
	(void)change(second, TASK_RESUME, START + 5);
	assert_true(id_eq(claim(START + 6).id, second));
}

static void
a_task_with_a_wish_is_not_put_off(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);
	bool written;

	(void)state;
	(void)change(id, TASK_CANCEL, START + 1);
	assert_ok(queue_put_off(
	    &call, &t, STR("why"), CLOCK_SECOND, START + 2, &written));
	assert_false(written);
	assert_int_equal(get(id).state, TASK_RUNNING);
}

static void
a_clock_that_was_set_back_lengthens_no_pause(void **state)
{
	struct id id = submit(acme, START);
	struct task t = claim(START);

	(void)state;
	put_off(&t, CLOCK_SECOND, START);
	t = claim(START - 3600 * CLOCK_SECOND);
	assert_true(id_eq(t.id, id));
}

static void
history_goes_with_its_results(void **state)
{
	struct id old = submit(acme, START), new = submit(acme, START + 1);
	struct task t = claim(START + 2);
	bool more;

	(void)state;
	assert_true(commit(&t, "a", 1, "{}", START + 3));
	assert_true(reload(&t));
	assert_true(finish(&t, START + 4));
	t = claim(START + 5);
	assert_true(finish(&t, START + 10));
	assert_ok(queue_purge(&call, START + 4, &more));
	assert_false(more);
	assert_ok(queue_purge(&call, START + 5, &more));
	assert_true(more);
	assert_ok(queue_purge(&call, START + 5, &more));
	assert_false(more);
	assert_int_equal(tasks_get(&call, acme, old, &t), ERR_NOT_FOUND);
	assert_int_equal(get(new).state, TASK_COMPLETED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(the_oldest_that_waits_is_claimed),
		ON_BOTH(a_task_is_claimed_once),
		ON_BOTH(at_most_so_many_run),
		ON_BOTH(whoever_falls_silent_loses_the_task),
		ON_BOTH(a_beat_prolongs_the_lease),
		ON_BOTH(a_clock_that_was_set_back_loses_no_task),
		ON_BOTH(a_chunk_behind_a_wish_never_was),
		ON_BOTH(a_wish_behind_what_stays_comes_too_late),
		ON_BOTH(a_paused_task_goes_on_where_it_was),
		ON_BOTH(an_end_that_a_resume_overtook_does_nothing),
		ON_BOTH(a_failure_is_told),
		ON_BOTH(a_released_task_goes_on_at_once),
		ON_BOTH(a_task_whose_bucket_refuses_lets_others_run),
		ON_BOTH(why_a_task_was_put_off_is_told_until_it_goes_on),
		ON_BOTH(a_task_that_was_put_off_has_its_turn_behind_older_ones),
		ON_BOTH(a_pause_is_cancelled_and_resumed_at_once),
		ON_BOTH(a_task_with_a_wish_is_not_put_off),
		ON_BOTH(a_clock_that_was_set_back_lengthens_no_pause),
		ON_BOTH(history_goes_with_its_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
