/* test_restore.c - a copy comes back whole, or the store says that it is not.
 */
#include "tests/unit/backup_fixture.h"

/* ---- whole histories */
/* A branch, pruned up to 4; its fork at 6, folded; a merge back; a deleted
 * key on both. */
static void
make_history(void)
{
	static const int64_t pins[] = { 4 };
	struct point above = { BRANCH, -1 };
	struct key after = { .name = STR("") };
	const struct point root = { BRANCH, 6 };
	struct versions dropped;

	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 7);
	put_ref(FORK, REF_BRANCH, BRANCH, 6);
	put_commits(FORK, 21, 2);
	assert_ok(
	    store_fold(&call, (struct chain){ &root, 1 }, FORK, &after, 100));
	assert_int_equal(commit(BRANCH, 30, "a", (struct point){ FORK, 2 }),
	    VERDICT_APPLIED);
	set_horizon(BRANCH, 4);
	assert_ok(store_prune(&call, &above, pins, 1, 100, &dropped));
	assert_true(dropped.count != 0);
	put_tenant(1, "one");
	put_task(40, 3, 2, 2);
}

static void
a_store_comes_back_whole(const char *to)
{
	struct backup_file f, again;

	make_history();
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "refs"), 3); /* with the control log */
	assert_int_equal(rows_of(&f, "commits"), 11);
	open_another(to);
	assert_ok(restore(&f));
	assert_ok(copy(&again));
	check_same(&f, &again);

	/* units are known, and the logs go on */
	assert_int_equal(commit(BRANCH, 5, "b", no_point), VERDICT_ALREADY);
	assert_int_equal(commit(FORK, 22, "b", no_point), VERDICT_ALREADY);
	assert_int_equal(commit(BRANCH, 50, "b", no_point), VERDICT_APPLIED);
	put_tenant(2, "two");
	end_copy(&f);
	end_copy(&again);
}

static void
a_store_comes_back_whole_in_sqlite(void **state)
{
	(void)state;
	a_store_comes_back_whole("sqlite");
}

static void
a_store_comes_back_whole_in_memory(void **state)
{
	(void)state;
	a_store_comes_back_whole("memory");
}

static void
many_rows_of_many_logs_come_back(void **state)
{
	struct backup_file f, again;

	(void)state;
	for (int64_t log = 100; log < 130; log++) {
		put_ref(log, REF_BRANCH, 0, 0);
		put_commits(log, (int)log * 100, 5);
	}
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 1300);
	for (int i = 0; i < 230; i++)
		put_task(i, -1, 1, 1);
	put_task(500, -1, 1200, 1200);
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "versions"), 1450);
	assert_int_equal(rows_of(&f, "task_results"), 1430);
	open_another("memory");
	assert_ok(restore(&f));
	assert_ok(copy(&again));
	check_same(&f, &again);
	end_copy(&f);
	end_copy(&again);
}

/* ---- restores that do not come to their end */
static void
a_store_that_is_not_empty_is_refused(void **state)
{
	struct backup_file f;

	(void)state;
	put_tenant(1, "one");
	assert_ok(copy(&f));
	assert_fails(restore(&f), ERR_CONFLICT,
	    "The store is not empty, it has 1 refs, 1 commits, 1 tenants: "
	    "restore into a new one");
	assert_ok(restore_mark_refuse(&call)); /* it has no mark */
	end_copy(&f);
}

static void
a_restore_that_was_cut_is_made_again(void **state)
{
	struct backup_file f, other, again;

	(void)state;
	make_history();
	assert_ok(copy(&f));
	assert_ok(copy(&other));
	open_another(*state);
	hook.load_fails_at = 4;
	assert_fails(restore(&f), ERR_UNAVAILABLE, "It is away.");
	assert_fails(restore_mark_refuse(&call), ERR_CONFLICT,
	    "The store has only a part of a backup, because a restore did not "
	    "come to its end: restore the same file again, or empty the "
	    "store");
	assert_fails(restore(&other), ERR_CONFLICT,
	    "The store has a part of another backup: empty it, or restore "
	    "that one to the end");
	assert_ok(restore(&f));
	assert_ok(restore_mark_refuse(&call));
	assert_ok(copy(&again));
	check_same(&f, &again);
	end_copy(&f);
	end_copy(&other);
	end_copy(&again);
}

/* A store that loses what it was given. */
static enum err
forgetful_load(struct call *c, int64_t branch, const struct history *h)
{
	struct history less = *h;

	if (less.version_count != 0)
		less.version_count--;
	return real->load(c, branch, &less);
}

static void
a_store_that_is_not_as_the_file_is_told(void **state)
{
	struct backup_file f;

	(void)state;
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 3);
	assert_ok(copy(&f));
	open_another(*state);
	hooked.load = forgetful_load;
	assert_fails(restore(&f), ERR_INTERNAL,
	    "The store is not as it has it: 2 versions instead of 3, or other "
	    "ones");
	assert_int_equal(restore_mark_refuse(&call), ERR_CONFLICT);
	end_copy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_store_comes_back_whole_in_sqlite),
		BOTH(a_store_comes_back_whole_in_memory),
		TEST(many_rows_of_many_logs_come_back, "memory"),
		TEST(a_store_that_is_not_empty_is_refused, "memory"),
		BOTH(a_restore_that_was_cut_is_made_again),
		TEST(a_store_that_is_not_as_the_file_is_told, "memory"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
