/* test_tasks.c - tasks as their tenant sees and changes them. */
#include "tests/unit/tasks_fixture.h"

static void
a_new_task_waits(void **state)
{
	struct id id = submit(acme, 1000);
	struct task t = get(id);

	(void)state;
	assert_int_equal(t.state, TASK_PENDING);
	assert_str(t.kind, STR("kind"));
	assert_str(t.catalog, STR("catalog"));
	assert_int_equal(t.created_us, 1000);
	assert_int_equal(t.started_us, 0);
	assert_int_equal(t.finished_us, 0);
	assert_int_equal(t.done, 0);
	assert_int_equal(t.total, -1);
	assert_null(t.error.ptr);
}

static void
another_tenant_sees_none_of_it(void **state)
{
	struct id id = submit(acme, 1000);
	struct task_filter all = { 0 };
	struct task_list list;
	struct task_rows rows;
	struct task t;

	(void)state;
	assert_int_equal(tasks_get(&call, other, id, &t), ERR_NOT_FOUND);
	assert_int_equal(
	    tasks_results(&call, other, id, 0, 0, &rows), ERR_NOT_FOUND);
	assert_int_equal(tasks_change(&call, other, id, TASK_CANCEL, 2000, &t),
	    ERR_NOT_FOUND);
	assert_ok(tasks_list(&call, other, &all, 0, 0, &list));
	assert_int_equal(list.count, 0);
	assert_int_equal(get(id).state, TASK_PENDING);
}

static void
a_tenant_has_room_for_so_many_that_are_open(void **state)
{
	struct id first = submit(acme, 1000);

	(void)state;
	(void)submit(acme, 2000);
	(void)change(first, TASK_PAUSE, 3000);
	assert_ok(tasks_have_room(&call, acme, 3));
	assert_ok(tasks_have_room(&call, other, 2));
	assert_fails(tasks_have_room(&call, acme, 2), ERR_SLOW_DOWN,
	    "The tenant has 2 tasks that are not finished, and may have 2 "
	    "(tasks.open): wait for one to end, or cancel one");
	(void)change(first, TASK_CANCEL, 4000);
	assert_ok(tasks_have_room(&call, acme, 2));
}

static void
lists_are_newest_first_and_filtered(void **state)
{
	struct id first = submit(acme, 1000), second = submit(acme, 2000);
	struct task_filter filter = { 0 };
	struct task_list list;

	(void)state;
	assert_ok(tasks_list(&call, acme, &filter, 0, 0, &list));
	assert_int_equal(list.count, 2);
	assert_true(id_eq(list.at[0].id, second));
	assert_ok(tasks_list(&call, acme, &filter, 1, 1, &list));
	assert_int_equal(list.count, 1);
	assert_true(id_eq(list.at[0].id, first));
	(void)change(first, TASK_PAUSE, 3000);
	filter.state = TASK_PAUSED;
	assert_ok(tasks_list(&call, acme, &filter, 0, 0, &list));
	assert_int_equal(list.count, 1);
	assert_true(id_eq(list.at[0].id, first));
	filter.kind = STR("another");
	assert_ok(tasks_list(&call, acme, &filter, 0, 0, &list));
	assert_int_equal(list.count, 0);
}

static void
a_task_that_waits_is_changed_at_once(void **state)
{
	struct id id = submit(acme, 1000);

	(void)state;
	assert_int_equal(change(id, TASK_PAUSE, 2000).state, TASK_PAUSED);
	assert_int_equal(change(id, TASK_PAUSE, 2000).state, TASK_PAUSED);
	assert_int_equal(change(id, TASK_RESUME, 3000).state, TASK_PENDING);
	assert_int_equal(change(id, TASK_CANCEL, 4000).state, TASK_CANCELLED);
	assert_int_equal(get(id).finished_us, 4000);
}

static void
a_running_task_gets_a_wish(void **state)
{
	struct id id = submit(acme, 1000);

	(void)state;
	(void)claim(2000);
	assert_int_equal(change(id, TASK_PAUSE, 3000).state, TASK_RUNNING);
	assert_int_equal(get(id).wish, TASK_WISH_PAUSE);
	assert_int_equal(change(id, TASK_RESUME, 3000).wish, TASK_WISH_NONE);
	assert_int_equal(change(id, TASK_CANCEL, 3000).wish, TASK_WISH_CANCEL);
	assert_int_equal(get(id).finished_us, 0);
}

static void
a_cancel_is_not_taken_back(void **state)
{
	struct id id = submit(acme, 1000);
	struct task t;

	(void)state;
	(void)claim(2000);
	(void)change(id, TASK_CANCEL, 3000);
	assert_int_equal(
	    tasks_change(&call, acme, id, TASK_RESUME, 3000, &t), ERR_CONFLICT);
	assert_int_equal(
	    tasks_change(&call, acme, id, TASK_PAUSE, 3000, &t), ERR_CONFLICT);
	assert_int_equal(get(id).wish, TASK_WISH_CANCEL);
}

static void
what_is_finished_stays_so(void **state)
{
	static const enum task_verb verbs[] = { TASK_CANCEL, TASK_PAUSE,
		TASK_RESUME };
	struct id id = submit(acme, 1000);
	struct task t;
	char text[ID_TEXT];

	(void)state;
	(void)change(id, TASK_CANCEL, 2000);
	id_format(id, text);
	for (size_t i = 0; i < 3; i++)
		assert_fails(tasks_change(&call, acme, id, verbs[i], 3000, &t),
		    ERR_CONFLICT,
		    arena_printf(call.arena, "Task %s is cancelled", text).ptr);
	assert_int_equal(get(id).finished_us, 2000);
}

static void
states_have_names(void **state)
{
	enum task_state s = TASK_FAILED;

	(void)state;
	assert_str(task_state_name(TASK_PENDING), STR("pending"));
	assert_true(task_state_parse(STR("cancelled"), &s));
	assert_int_equal(s, TASK_CANCELLED);
	assert_false(task_state_parse(STR("done"), &s));
	assert_false(task_state_parse(STR(""), &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_new_task_waits),
		ON_BOTH(another_tenant_sees_none_of_it),
		ON_BOTH(a_tenant_has_room_for_so_many_that_are_open),
		ON_BOTH(lists_are_newest_first_and_filtered),
		ON_BOTH(a_task_that_waits_is_changed_at_once),
		ON_BOTH(a_running_task_gets_a_wish),
		ON_BOTH(a_cancel_is_not_taken_back),
		ON_BOTH(what_is_finished_stays_so),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
