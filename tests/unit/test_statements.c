/* test_statements.c - slow statements, summed by their names. */
#include "shm/statements.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct arena *arena;
static struct statements *statements;

static int
set_up(void **state)
{
	struct error e;
	struct shm *shm;

	(void)state;
	assert_int_equal(shm_new(statements_size(), &shm, &e), OK);
	arena = arena_new();
	statements = statements_new(shm);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct statement_news
add(const char *name, int64_t duration_us, const char *plan, const char *advice)
{
	const struct statement_run run = { .name = str_from(name),
		.duration_us = duration_us,
		.rows = 3,
		.at_us = 1000 + duration_us,
		.plan = str_from(plan),
		.advice = str_from(advice) };

	return statements_add(statements, &run);
}

static void
sums_the_runs_of_each_name(void **state)
{
	struct statement_sum *list;
	size_t count;

	(void)state;
	(void)add("scan users", 10, NULL, NULL);
	(void)add("heads", 25, NULL, NULL);
	(void)add("scan users", 30, NULL, NULL);
	(void)add("scan users", 20, NULL, NULL);
	list = statements_list(statements, arena, &count);
	assert_int_equal(count, 2);
	assert_str(list[0].name, STR("scan users"));
	assert_int_equal(list[0].count, 3);
	assert_int_equal(list[0].total_us, 60);
	assert_int_equal(list[0].max_us, 30);
	assert_int_equal(list[0].last_us, 20);
	assert_int_equal(list[0].at_us, 1020);
	assert_int_equal(list[0].rows, 3);
	assert_str(list[1].name, STR("heads"));
	assert_int_equal(statements_count(statements), 4);
}

static void
a_plan_is_news_once_and_looked_at_again_later(void **state)
{
	const struct str name = STR("scan users");
	int asked = 0;

	(void)state;
	for (int i = 0; i < 150; i++) {
		bool wanted = statements_want_plan(statements, name);
		struct statement_news news =
		    add("scan users", 1, wanted ? "SCAN users" : NULL, NULL);

		assert_int_equal(news.plan, i == 0);
		assert_int_equal(wanted, i == 0 || i == 9 || i == 99);
		asked += wanted;
	}
	assert_int_equal(asked, 3);
}

static void
advice_is_news_when_there_was_none(void **state)
{
	struct statement_sum *list;
	size_t count;

	(void)state;
	assert_false(add("a", 1, "plan", NULL).advice);
	assert_true(add("a", 1, "plan", "an index").advice);
	assert_false(add("a", 1, "plan", "an index").advice);
	assert_false(add("a", 1, NULL, NULL).advice);
	list = statements_list(statements, arena, &count);
	assert_str(list[0].advice, STR("an index"));
	(void)add("a", 1, "a better plan", NULL);
	list = statements_list(statements, arena, &count);
	assert_str(list[0].plan, STR("a better plan"));
	assert_int_equal(list[0].advice.len, 0);
}

static void
long_texts_are_cut_between_characters(void **state)
{
	char name[STATEMENT_NAME + 8];
	struct statement_sum *list;
	size_t count;

	(void)state;
	memset(name, 'n', sizeof(name));
	memcpy(name + STATEMENT_NAME - 1, "\xC3\xA9", 3);
	(void)add(name, 1, NULL, NULL);
	(void)add(name, 1, NULL, NULL);
	list = statements_list(statements, arena, &count);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].name.len, STATEMENT_NAME - 1);
}

static void
those_without_room_are_counted(void **state)
{
	size_t count;

	(void)state;
	for (int i = 0; i < STATEMENTS_MAX + 5; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "number %d", i);
		(void)add(name, 1, NULL, NULL);
	}
	(void)statements_list(statements, arena, &count);
	assert_int_equal(count, STATEMENTS_MAX);
	assert_int_equal(statements_count(statements), STATEMENTS_MAX + 5);
	assert_false(statements_want_plan(statements, STR("one more")));
}

static void
all_processes_see_what_one_adds(void **state)
{
	struct statement_sum *list;
	size_t count;
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)add("of a child", 5, NULL, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	list = statements_list(statements, arena, &count);
	assert_int_equal(count, 1);
	assert_str(list[0].name, STR("of a child"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sums_the_runs_of_each_name),
		TEST(a_plan_is_news_once_and_looked_at_again_later),
		TEST(advice_is_news_when_there_was_none),
		TEST(long_texts_are_cut_between_characters),
		TEST(those_without_room_are_counted),
		TEST(all_processes_see_what_one_adds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
