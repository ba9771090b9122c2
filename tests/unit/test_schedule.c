/* test_schedule.c - when upkeep is queued; time is what the test says. */
#include "tasks/schedule.h"

#include "record/value.h"
#include "tests/unit/tasks_fixture.h"

#define DAY (24 * 3600 * CLOCK_SECOND)
#define NOW (20000 * DAY + 12345)
#define CATALOGS 100

static void
add_catalogs(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct batch b = batch_of(&call);
		struct value *row = batch_insert(&b, ENTITY_CATALOGS);
		enum verdict verdict;
		size_t failed;

		row[CATALOG_ID] = value_id(id_v7());
		row[CATALOG_TENANT] = value_id(acme);
		row[CATALOG_NAME] =
		    value_text(arena_printf(call.arena, "c%zu", i));
		assert_ok(batch_apply(&b, 0, &verdict, &failed));
		assert_int_equal(verdict, VERDICT_APPLIED);
	}
}

/* Until nothing more is due. */
static void
look(int64_t now_us)
{
	bool more = true;

	while (more)
		assert_ok(schedule_upkeep(&call, DAY, now_us, &more));
}

static size_t
count_tasks(void)
{
	const struct task_filter any = { 0 };
	struct task_list list;

	assert_ok(tasks_list(&call, acme, &any, 1000, 0, &list));
	return list.count;
}

static void
end_all(int64_t now_us)
{
	const struct task_filter waiting = { .state = TASK_PENDING };
	struct task_list list;
	struct task ended;

	assert_ok(tasks_list(&call, acme, &waiting, 1000, 0, &list));
	for (size_t i = 0; i < list.count; i++)
		assert_ok(tasks_change(
		    &call, acme, list.at[i].id, TASK_CANCEL, now_us, &ended));
}

static void
catalogs_are_spread_over_the_interval(void **state)
{
	size_t before = 0;

	(void)state;
	add_catalogs(CATALOGS);
	look(NOW);
	assert_int_equal(count_tasks(), 0);
	for (int hour = 1; hour <= 24; hour++) {
		size_t count;

		look(NOW + hour * DAY / 24);
		count = count_tasks();
		/* a few catalogs in each hour, three tasks of each */
		assert_true(count - before <= (size_t)3 * 20);
		before = count;
		end_all(NOW + hour * DAY / 24);
	}
	assert_int_equal(before, 3 * CATALOGS);
}

static void
no_more_are_queued_while_many_wait(void **state)
{
	(void)state;
	add_catalogs(CATALOGS);
	look(NOW);
	look(NOW + 10 * DAY);
	assert_in_range(count_tasks(), 32, 32 + 3 * 8);
	end_all(NOW + 10 * DAY);
	for (int i = 0; i < CATALOGS; i++) {
		look(NOW + 10 * DAY);
		end_all(NOW + 10 * DAY);
	}
	/* once each, though ten days have gone */
	assert_int_equal(count_tasks(), 3 * CATALOGS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(catalogs_are_spread_over_the_interval),
		ON_BOTH(no_more_are_queued_while_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
