/* test_backup.c - what fits together is copied, whatever is written beside. */
#include "catalog/idempotency_keys.h"
#include "tests/unit/backup_fixture.h"

/* ---- writers beside it */
/* The cut is the first call. */
static void
make_a_tenant_behind_the_cut(int number)
{
	if (number == 1)
		put_tenant(2, "two");
}

static void
a_control_log_that_moved_is_read_again(void **state)
{
	struct backup_file f;

	(void)state;
	put_tenant(1, "one");
	hook.heads = make_a_tenant_behind_the_cut;
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "tenants"), 2);
	assert_int_equal(rows_of(&f, "commits"), 2);
	assert_int_equal(rows_of(&f, "versions"), 2);
	assert_true(hook.heads_calls > 2);
	end_copy(&f);
}

static int made;

static void
make_another_tenant(int number)
{
	char name[16];

	(void)number;
	(void)snprintf(name, sizeof(name), "t%d", ++made);
	put_tenant(1000 + made, name);
}

static void
who_never_rests_is_told_to(void **state)
{
	struct backup_file f;

	(void)state;
	hook.heads = make_another_tenant;
	assert_fails(copy(&f), ERR_CONFLICT,
	    "Users, catalogs or warehouses are changed all the time: try again "
	    "when less is going on");
	end_copy(&f);
}

static void
fork_behind_the_cut(int number)
{
	if (number != 1)
		return;
	put_commits(BRANCH, 4, 1);
	put_ref(FORK, REF_BRANCH, BRANCH, 4);
	put_commits(FORK, 21, 2);
}

/* Its parent's position is not in the copy. */
static void
what_is_behind_the_cut_is_left_out(void **state)
{
	struct backup_file f;

	(void)state;
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 3);
	hook.heads = fork_behind_the_cut;
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "refs"), 1);
	assert_int_equal(rows_of(&f, "commits"), 3);
	assert_int_equal(rows_of(&f, "versions"), 3);
	end_copy(&f);
}

/* As if the heads of two logs were not of one instant. */
static enum err
skewed_heads(struct call *c, struct point *io, size_t count)
{
	TRY(real->heads(c, io, count));
	for (size_t i = 0; i < count; i++)
		if (io[i].branch == FORK)
			io[i].seq = 1;
	return OK;
}

static void
a_merge_of_what_is_not_copied_is_refused(void **state)
{
	struct backup_file f;

	(void)state;
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_ref(FORK, REF_BRANCH, 0, 0);
	put_commits(FORK, 21, 2);
	assert_int_equal(
	    commit(BRANCH, 1, "a", (struct point){ FORK, 2 }), VERDICT_APPLIED);
	hooked.heads = skewed_heads;
	assert_fails(copy(&f), ERR_CONFLICT,
	    "Branches were merged while they were copied: try again");
	end_copy(&f);
}

static int64_t new_horizon;

static void
prune_while_versions_are_copied(const struct scan *scan)
{
	if (scan->entity == ENTITY_COMMITS && new_horizon != 0)
		set_horizon(BRANCH, new_horizon);
}

static void
pruning_below_the_cut_is_followed(void **state)
{
	struct backup_file f;
	const struct value *row;

	(void)state;
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 3);
	new_horizon = 3;
	hook.scan = prune_while_versions_are_copied;
	assert_ok(copy(&f));
	open_another("memory");
	assert_ok(restore(&f));
	assert_ok(
	    record_find_by_key(&call, ENTITY_REFS, value_int(BRANCH), &row));
	assert_int_equal(row[REF_HORIZON].as.i, 3);
	end_copy(&f);
}

static void
pruning_beyond_the_cut_is_refused(void **state)
{
	struct backup_file f;

	(void)state;
	put_ref(BRANCH, REF_BRANCH, 0, 0);
	put_commits(BRANCH, 1, 3);
	new_horizon = 4;
	hook.scan = prune_while_versions_are_copied;
	assert_fails(copy(&f), ERR_CONFLICT,
	    "A branch was pruned while it was copied: try again");
	end_copy(&f);
}

/* Rows 2 and 3 came with a chunk that the task's row does not tell of. */
static void
results_are_those_that_the_task_counts(void **state)
{
	struct backup_file f;

	(void)state;
	put_task(1, -1, 3, 3);
	put_task(2, -1, 2, 4);
	put_task(3, -1, 0, 1);
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "tasks"), 3);
	assert_int_equal(rows_of(&f, "task_results"), 5);
	end_copy(&f);
}

/* ---- answers that were given without a commit */
static enum err
remember(int n)
{
	const struct idempotency_key o = { .id = id_of(n) };
	const struct answer a = { .body = STR("{}") };
	bool first;

	return idempotency_remember(&call, &o, &a, 1000 + n, &first);
}

/* Behind the claims, before the answers: one more is given, and the oldest is
 * forgotten. */
static void
give_and_forget(const struct scan *scan)
{
	bool more;

	if (scan->entity != ENTITY_COMMITS || scan->where_count != 1)
		return;
	assert_ok(remember(3));
	assert_ok(idempotency_expire(&call, 1002, &more));
}

static void
an_answer_has_its_claim(void **state)
{
	struct backup_file f;
	struct answer a;
	bool any = false;

	(void)state;
	assert_ok(remember(1));
	assert_ok(remember(2));
	hook.scan = give_and_forget;
	assert_ok(copy(&f));
	assert_int_equal(rows_of(&f, "commits"), 0);
	assert_int_equal(rows_of(&f, "answers"), 1);
	assert_int_equal(rows_of(&f, "claims"), 1);
	open_another("memory");
	assert_ok(restore(&f));
	for (int n = 1; n <= 3; n++) {
		const struct idempotency_key o = { .id = id_of(n) };

		assert_ok(idempotency_find(&call, &o, &a, &any));
		assert_int_equal(any, n == 2);
	}
	end_copy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_control_log_that_moved_is_read_again),
		TEST(who_never_rests_is_told_to, "memory"),
		TEST(what_is_behind_the_cut_is_left_out, "memory"),
		TEST(a_merge_of_what_is_not_copied_is_refused, "memory"),
		TEST(pruning_below_the_cut_is_followed, "memory"),
		TEST(pruning_beyond_the_cut_is_refused, "memory"),
		TEST(results_are_those_that_the_task_counts, "memory"),
		BOTH(an_answer_has_its_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
